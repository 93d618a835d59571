import { sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { ApiKeyRecord, WorkspaceRecord } from './records.ts';
import type { Db } from './schema.ts';
import { time, timeOrNull } from './values.ts';

const API_KEY = ['workspaceId', 'id', 'name', 'hash', 'scopes', 'createdAt', 'revokedAt'] as const;

export async function insertWorkspace(db: Db, record: WorkspaceRecord): Promise<void> {
  await db
    .insertInto('workspaces')
    .values({ ...record, createdAt: time(record.createdAt) })
    .execute();
}

/** Two processes that start at once on an empty database would otherwise make a workspace each. */
export async function lockWorkspaces(db: Db): Promise<void> {
  await sql`lock table workspaces in share row exclusive mode`.execute(db);
}

export function listWorkspaces(db: Db): Promise<WorkspaceRecord[]> {
  return db
    .selectFrom('workspaces')
    .select(['id', 'name', 'createdAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

export async function insertApiKey(db: Db, record: ApiKeyRecord): Promise<void> {
  const values = { ...record, createdAt: time(record.createdAt), revokedAt: timeOrNull(record.revokedAt) };
  await db.insertInto('apiKeys').values(values).execute();
}

export function listApiKeys(db: Db, workspaceId: string): Promise<ApiKeyRecord[]> {
  return db
    .selectFrom('apiKeys')
    .select(API_KEY)
    .where('workspaceId', '=', workspaceId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function findApiKeys(db: Db, hashes: readonly string[]): Promise<ApiKeyRecord[]> {
  if (hashes.length === 0) return [];
  return db.selectFrom('apiKeys').select(API_KEY).where('hash', 'in', hashes).execute();
}

export async function revokeApiKey(db: Db, workspaceId: string, id: string, now: Instant): Promise<boolean> {
  const result = await db
    .updateTable('apiKeys')
    .set({ revokedAt: time(now) })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
