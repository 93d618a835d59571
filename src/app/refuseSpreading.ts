import { IS_KEPT } from '../core/grantState.ts';
import type { GrantRecord } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { Context } from './context.ts';
import { isUsed } from './endGrant.ts';
import { Problem } from './errors.ts';
import { methodOf, platformOf } from './startConnect.ts';

/**
 * Nobody should learn only afterwards that a platform took more than was asked for. Throws {@link Problem}
 * `confirmation_required` where a disconnect of this connection would end others on other grants.
 */
export async function refuseSpreading(ctx: Context, id: string, grant: GrantRecord): Promise<void> {
  const { profile } = await platformOf(ctx, grant.platform);
  if (!methodOf({ profile }, grant.method).revocationSpreads) return;
  // With another connection on it the grant stays, and nothing is revoked.
  if (await isUsed(ctx.house.store, grant, id)) return;
  const others = await endedWith(ctx, grant);
  if (others.length === 0) return;
  const connections = others.map(({ connection, grant: { platform } }) => ({
    id: connection.id,
    name: connection.name,
    client_id: connection.clientId,
    platform,
  }));
  const names = connections.map(({ id, name }) => `${name} (${id})`).join(', ');
  throw new Problem(
    'confirmation_required',
    `${profile.revocationNotice ?? ''} These would end too: ${names}. Ask again with confirm to end them all.`,
    { connections },
  );
}

/** The connections on other grants of the same person to the same OAuth client, under whichever app it is kept here. */
async function endedWith(ctx: Context, grant: GrantRecord): Promise<readonly ConnectionView[]> {
  const { store } = ctx.house;
  const page = { limit: 1000, after: null };
  const identityId = grant.identity?.id;
  if (identityId === undefined) return [];
  const clients = new Map((await store.listApps(ctx.workspaceId, page)).map((app) => [app.id, app.clientId]));
  const siblings = (await store.listGrants(ctx.workspaceId, { identityId }, page)).filter(
    (other) =>
      other.id !== grant.id &&
      IS_KEPT[other.state] &&
      other.environment === grant.environment &&
      other.method === grant.method &&
      clients.get(other.appId) === clients.get(grant.appId),
  );
  const views = siblings.map((other) =>
    store.listConnections(ctx.workspaceId, { grantId: other.id, status: 'connected' }, page),
  );
  return (await Promise.all(views)).flat();
}
