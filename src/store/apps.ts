import { sql } from 'kysely';
import { isForeignKeyViolation } from './failures.ts';
import type { AppBreaker, AppRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { AppChange, Page } from './store.ts';
import { afterRow, json, jsonOrNull, keyTable, time } from './values.ts';

const APP = [
  'apps.workspaceId',
  'apps.id',
  'apps.platform',
  'apps.environment',
  'apps.name',
  'apps.clientId',
  'apps.clientSecret',
  'apps.secretVersion',
  'apps.settings',
  'apps.breaker',
  'apps.createdAt',
  'apps.updatedAt',
] as const;

function breakerJson(breaker: AppBreaker | null): string | null {
  return jsonOrNull(breaker && { ...breaker, openUntil: Math.trunc(breaker.openUntil) });
}

export async function insertApp(db: Db, record: AppRecord): Promise<void> {
  const values = {
    ...record,
    settings: json(record.settings),
    breaker: breakerJson(record.breaker),
    createdAt: time(record.createdAt),
    updatedAt: time(record.updatedAt),
  };
  await db.insertInto('apps').values(values).execute();
}

export async function updateApp(db: Db, change: AppChange): Promise<boolean> {
  const { workspaceId, id, breaker: _breaker, createdAt: _createdAt, ...rest } = change;
  const settings = change.settings && sql<string>`settings || ${json(change.settings)}::jsonb`;
  const result = await db
    .updateTable('apps')
    .set({ ...rest, settings, updatedAt: time(change.updatedAt) })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function getApp(db: Db, workspaceId: string, id: string): Promise<AppRecord | null> {
  const row = await db
    .selectFrom('apps')
    .select(APP)
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

export async function getApps(
  db: Db,
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<AppRecord[]> {
  if (keys.length === 0) return [];
  return db
    .selectFrom('apps')
    .innerJoin(keyTable(keys), (join) =>
      join.onRef('key.workspaceId', '=', 'apps.workspaceId').onRef('key.id', '=', 'apps.id'),
    )
    .select(APP)
    .distinctOn(['apps.workspaceId', 'apps.id'])
    .execute();
}

export function listApps(db: Db, workspaceId: string, page: Page): Promise<AppRecord[]> {
  return db
    .selectFrom('apps')
    .select(APP)
    .where('workspaceId', '=', workspaceId)
    .where(afterRow('apps', workspaceId, page))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute();
}

export async function setBreaker(
  db: Db,
  workspaceId: string,
  appId: string,
  breaker: AppBreaker | null,
): Promise<void> {
  await db
    .updateTable('apps')
    .set({ breaker: breakerJson(breaker) })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', appId)
    .execute();
}

export async function deleteApp(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const deletion = db
    .deleteFrom('apps')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('grants')
            .select('grants.id')
            .where('grants.workspaceId', '=', workspaceId)
            .where('grants.appId', '=', id),
        ),
      ),
    );
  try {
    return (await deletion.executeTakeFirst()).numDeletedRows > 0n;
  } catch (error) {
    if (isForeignKeyViolation(error)) return false; // a grant came at the same moment
    throw error;
  }
}
