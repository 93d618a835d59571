import { connectFields } from './connectFields.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { getConnection } from './manageConnections.ts';
import { refuseContradiction } from './refuseContradiction.ts';
import { requireGrant, shareGrant } from './shareGrant.ts';
import { chooseForConnect, platformOf, type StartConnectInput } from './startConnect.ts';

export interface CreateConnectionInput
  extends Pick<StartConnectInput, 'clientId' | 'platform' | 'appId' | 'method' | 'name'> {
  /** What the method asks for, by field id. Proven at the platform, then sealed. */
  readonly fields?: Readonly<Record<string, string>>;
  /** A profile that is already authorized, to be used for this client too: platform, app and method are its own. */
  readonly grantId?: string;
}

/** Connects without a page: by fields (a token, a login, a key), or by a profile that is already authorized. */
export async function createConnection(ctx: Context, input: CreateConnectionInput) {
  if (input.grantId !== undefined) return createShared(ctx, input, input.grantId);
  if (!input.fields)
    throw new Problem(
      'invalid_request',
      'Give fields (what the method asks for) or grant_id (an authorized profile).',
    );
  const chosen = await chooseForConnect(ctx, input);
  const { connection } = await connectFields(
    ctx,
    { ...chosen, allowOtherIdentity: false, before: null },
    input.fields,
  );
  return getConnection(ctx, connection.id);
}

async function createShared(ctx: Context, input: CreateConnectionInput, grantId: string) {
  if (input.fields) throw new Problem('invalid_request', 'Give either fields or grant_id, not both.');
  const client = await ctx.house.store.getClient(ctx.workspaceId, input.clientId ?? '');
  if (!client) throw notFound('client', input.clientId ?? '');
  const grant = await requireGrant(ctx, grantId);
  const { profile } = await platformOf(ctx, grant.platform);
  const { platform, appId: app_id, method } = input;
  const settled = { platform: grant.platform, app_id: grant.appId, method: grant.method };
  await refuseContradiction(ctx, 'grant_id', settled, { platform, app_id, method });
  const connectionName = input.name ?? `${profile.name} for ${client.name}`;
  const { connection } = await shareGrant(ctx, { grantId, clientId: client.id, connectionName });
  return getConnection(ctx, connection.id);
}
