import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { ConnectSessionRecord, GrantRecord } from '../store/records.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { sha256Hex } from './hash.ts';
import { methodOf, platformOf } from './startConnect.ts';

/** What the hosted page shows. */
export interface ConnectPage {
  readonly session: ConnectSessionRecord;
  /** Who asks. */
  readonly workspaceName: string;
  readonly platformName: string;
  /** Where the person signs in. */
  readonly signInName: string;
  readonly clientName: string;
  readonly method: AuthMethod;
  readonly reconnect: boolean;
  /** Profiles that this client has already authorized for the same app, to be used again. */
  readonly authorized: readonly { readonly grantId: string; readonly name: string }[];
  /** Who is expected to sign in on a reconnect. */
  readonly expectedIdentity: string | null;
}

/** The session behind a link that is still open. Throws {@link Problem} `link_expired` otherwise. */
export async function openSession(house: House, token: string): Promise<ConnectSessionRecord> {
  const session = await house.store.findConnectSession(sha256Hex(token));
  const open = session && session.status === 'open' && session.expiresAt > house.now();
  const mended = session !== null && (session.status === 'completed' || (await isMended(house, session)));
  if (open && !mended) return session;
  throw new Problem(
    'link_expired',
    mended
      ? 'This link has done its work: the connection is made, and nothing is left to do here.'
      : 'This link is over or was already used. Ask whoever sent it for a new one.',
  );
}

/** Whether what a link was to mend was authorized anew since it was made: of several links, the first ends the others. */
export async function isMended(
  house: House,
  { workspaceId, connectionId, createdAt }: ConnectSessionRecord,
): Promise<boolean> {
  if (connectionId === null) return false;
  const view = await house.store.getConnection(workspaceId, connectionId);
  return view !== null && view.grant.facts.consentedAt > createdAt;
}

export function contextOf(house: House, session: ConnectSessionRecord): Context {
  return { house, workspaceId: session.workspaceId, actor: 'account_holder' };
}

/** Everything that the hosted page needs. */
export async function connectPage(house: House, token: string): Promise<ConnectPage> {
  const session = await openSession(house, token);
  const ctx = contextOf(house, session);
  const platform = await platformOf(ctx, session.platform);
  const client = await house.store.getClient(session.workspaceId, session.clientId);
  if (!client) throw notFound('client', session.clientId);
  const before = session.connectionId
    ? await house.store.getConnection(session.workspaceId, session.connectionId)
    : null;
  const workspace = (await house.store.listWorkspaces()).find((one) => one.id === session.workspaceId);
  return {
    session,
    workspaceName: workspace?.name ?? '',
    platformName: platform.profile.name,
    signInName: platform.profile.signInName ?? platform.profile.name,
    clientName: client.name,
    method: methodOf(platform, session.method),
    reconnect: session.connectionId !== null,
    authorized: session.connectionId ? [] : await authorizedProfiles(ctx, session),
    expectedIdentity: before ? nameOf(before.grant) : null,
  };
}

/**
 * Only grants that work are offered, since an old profile that heals nothing is a trap; and only those of the same client,
 * since whoever holds the link must not learn who signs in for others.
 */
export async function authorizedProfiles(ctx: Context, session: ConnectSessionRecord) {
  const views = await ctx.house.store.listConnections(
    ctx.workspaceId,
    { clientId: session.clientId },
    { limit: 200, after: null },
  );
  const grants = new Map(
    views.filter((view) => view.connection.status === 'connected').map((view) => [view.grant.id, view.grant]),
  );
  return [...grants.values()]
    .filter((grant) => grant.appId === session.appId && grant.method === session.method)
    .filter((grant) => grant.state === 'active' || grant.state === 'degraded')
    .map((grant) => ({ grantId: grant.id, name: nameOf(grant) }));
}

function nameOf(grant: GrantRecord): string {
  return grant.identity?.name ?? grant.identity?.email ?? grant.identity?.id ?? grant.id;
}
