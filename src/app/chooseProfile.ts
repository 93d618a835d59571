import type { ConnectionRecord, ConnectSessionRecord, GrantRecord } from '../store/records.ts';
import { finishing } from './completeConnect.ts';
import { authorizedProfiles, contextOf, openSession } from './connectPage.ts';
import type { House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { shareGrant } from './shareGrant.ts';

/** Connects by a profile that this client has already authorized for the same app, as the hosted page offers it. */
export async function chooseProfile(
  house: House,
  token: string,
  grantId: string,
): Promise<{ connection: ConnectionRecord; grant: GrantRecord; session: ConnectSessionRecord }> {
  const session = await openSession(house, token);
  const ctx = contextOf(house, session);
  if (session.connectionId)
    throw new Problem(
      'invalid_request',
      'A reconnect needs a fresh sign-in: an old profile would heal nothing.',
    );
  const offered = await authorizedProfiles(ctx, session);
  if (!offered.some((profile) => profile.grantId === grantId)) throw notFound('authorized profile', grantId);
  const { clientId, connectionName } = session;
  const finish = finishing(ctx, session);
  const shared = await shareGrant(ctx, { grantId, clientId, connectionName }, finish.alongside);
  return { ...shared, session: finish.finished(shared) };
}
