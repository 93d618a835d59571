import type { ConnectionRecord, GrantRecord } from '../store/records.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { newId } from './ids.ts';
import { readAccounts } from './manageConnections.ts';
import { renewGrant } from './renewGrant.ts';

export interface ShareInput {
  readonly grantId: string;
  readonly clientId: string;
  readonly connectionName: string;
}

/** Connects a client by a grant that is already authorized. The grant is proven to work first: an old profile heals nothing. */
export async function shareGrant(
  ctx: Context,
  input: ShareInput,
): Promise<{ connection: ConnectionRecord; grant: GrantRecord }> {
  const { house, workspaceId, actor } = ctx;
  const { grant, kind, diagnosis } = await renewGrant(
    house,
    { workspaceId, id: input.grantId },
    'probe',
    actor,
  );
  if (kind === 'failed' || (grant.state !== 'active' && grant.state !== 'degraded')) {
    throw new Problem(
      'connect_failed',
      'This profile does not work at the moment. Sign in at the platform instead.',
      {
        cause: diagnosis?.cause ?? grant.cause,
      },
    );
  }
  const connection: ConnectionRecord = {
    workspaceId,
    id: newId(house, 'con'),
    clientId: input.clientId,
    grantId: grant.id,
    name: input.connectionName,
    accounts: (await readAccounts(ctx, grant)) as unknown as ConnectionRecord['accounts'],
    status: 'connected',
    createdAt: house.now(),
    disconnectedAt: null,
  };
  const subjects = [connection.id, grant.id, input.clientId];
  await house.store.transaction(async (store) => {
    await store.insertConnection(connection);
    await store.appendActivity([
      {
        workspaceId,
        at: house.now(),
        actor,
        action: 'connection.created',
        subjects,
        detail: { shared: true },
      },
    ]);
  });
  return { connection, grant };
}

/** The grant of that id. Throws {@link Problem} `not_found` where this workspace has none. */
export async function requireGrant(ctx: Context, id: string): Promise<GrantRecord> {
  const grant = await ctx.house.store.getGrant(ctx.workspaceId, id);
  if (!grant) throw notFound('grant', id);
  return grant;
}
