import type { Instant } from '../core/instant.ts';
import type { AuthorizationAttemptRecord, ConnectSessionRecord } from './records.ts';
import type { Db } from './schema.ts';
import { time, timeOrNull } from './values.ts';

const SESSION = [
  'workspaceId',
  'id',
  'tokenHash',
  'clientId',
  'connectionId',
  'platform',
  'method',
  'appId',
  'scopes',
  'connectionName',
  'allowOtherIdentity',
  'returnUrl',
  'status',
  'cause',
  'detail',
  'resultConnectionId',
  'createdAt',
  'expiresAt',
  'finishedAt',
] as const;

const ATTEMPT = [
  'workspaceId',
  'stateHash',
  'sessionId',
  'codeVerifier',
  'nonce',
  'browserHash',
  'redirectUri',
  'createdAt',
  'expiresAt',
  'usedAt',
] as const;

function sessionRow(record: ConnectSessionRecord) {
  return {
    ...record,
    createdAt: time(record.createdAt),
    expiresAt: time(record.expiresAt),
    finishedAt: timeOrNull(record.finishedAt),
  };
}

export async function insertConnectSession(db: Db, record: ConnectSessionRecord): Promise<void> {
  await db.insertInto('connectSessions').values(sessionRow(record)).execute();
}

export async function updateConnectSession(db: Db, record: ConnectSessionRecord): Promise<boolean> {
  const { workspaceId, id, ...rest } = sessionRow(record);
  const result = await db
    .updateTable('connectSessions')
    .set(rest)
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .where('status', '=', 'open')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function getConnectSession(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<ConnectSessionRecord | null> {
  const row = await db
    .selectFrom('connectSessions')
    .select(SESSION)
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

export async function findConnectSession(db: Db, tokenHash: string): Promise<ConnectSessionRecord | null> {
  const row = await db
    .selectFrom('connectSessions')
    .select(SESSION)
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst();
  return row ?? null;
}

export async function insertAttempt(db: Db, record: AuthorizationAttemptRecord): Promise<void> {
  const values = {
    ...record,
    createdAt: time(record.createdAt),
    expiresAt: time(record.expiresAt),
    usedAt: timeOrNull(record.usedAt),
  };
  await db.insertInto('authorizationAttempts').values(values).execute();
}

export async function getAttempt(db: Db, stateHash: string): Promise<AuthorizationAttemptRecord | null> {
  const row = await db
    .selectFrom('authorizationAttempts')
    .select(ATTEMPT)
    .where('stateHash', '=', stateHash)
    .executeTakeFirst();
  return row ?? null;
}

export async function useAttempt(db: Db, stateHash: string, now: Instant): Promise<boolean> {
  const result = await db
    .updateTable('authorizationAttempts')
    .set({ usedAt: time(now) })
    .where('stateHash', '=', stateHash)
    .where('usedAt', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
