import type { ConnectionRecord, ConnectSessionRecord, GrantRecord } from '../store/records.ts';
import { contextOf, openSession } from './connectPage.ts';
import { finishSession } from './completeConnect.ts';
import type { House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { newId } from './ids.ts';
import { renewGrant } from './renewGrant.ts';

/** Connects a client by a profile that is already authorized for the same app. It is proven to work first. */
export async function chooseProfile(
  house: House,
  token: string,
  grantId: string,
): Promise<{ connection: ConnectionRecord; grant: GrantRecord; session: ConnectSessionRecord }> {
  const session = await openSession(house, token);
  const ctx = contextOf(house, session);
  if (session.connectionId) throw new Problem('invalid_request', 'A reconnect needs a fresh sign-in: an old profile would heal nothing.');
  const found = await house.store.getGrant(ctx.workspaceId, grantId);
  if (!found || found.appId !== session.appId || found.method !== session.method) throw notFound('authorized profile', grantId);
  const { grant, kind, diagnosis } = await renewGrant(house, { workspaceId: ctx.workspaceId, id: grantId }, 'probe', ctx.actor);
  if (kind === 'failed' || (grant.state !== 'active' && grant.state !== 'degraded')) {
    throw new Problem('connect_failed', 'This profile does not work at the moment. Sign in at the platform instead.', {
      cause: diagnosis?.cause ?? grant.cause,
    });
  }
  const connection: ConnectionRecord = {
    workspaceId: ctx.workspaceId,
    id: newId(house, 'con'),
    clientId: session.clientId,
    grantId,
    name: session.connectionName,
    accounts: [],
    status: 'connected',
    createdAt: house.now(),
    disconnectedAt: null,
  };
  await house.store.insertConnection(connection);
  const subjects = [connection.id, grantId, session.clientId];
  const row = { workspaceId: ctx.workspaceId, at: house.now(), actor: ctx.actor, action: 'connection.created', subjects, detail: { shared: true } };
  await house.store.appendActivity([row]);
  return { connection, grant, session: await finishSession(ctx, session, { connection, grant }) };
}
