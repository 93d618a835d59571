import { sql } from 'kysely';
import type { DataKeyRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { MasterKeyCheck } from './store.ts';
import { time } from './values.ts';

const DATA_KEY = ['workspaceId', 'id', 'wrapped', 'masterKeyId', 'createdAt'] as const;

/** Asks whether the table is there first: the key is checked before the migrations run. */
export async function getMasterKeyCheck(db: Db): Promise<MasterKeyCheck | null> {
  const table = await sql<{
    name: string | null;
  }>`select to_regclass('master_key_check')::text as name`.execute(db);
  if (table.rows[0]?.name == null) return null;
  const row = await db.selectFrom('masterKeyCheck').select(['masterKeyId', 'check']).executeTakeFirst();
  return row ?? null;
}

export async function setMasterKeyCheck(
  db: Db,
  check: MasterKeyCheck,
  fromMasterKeyId: string | null,
): Promise<boolean> {
  if (fromMasterKeyId === null) {
    const inserted = await db
      .insertInto('masterKeyCheck')
      .values(check)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
  const updated = await db
    .updateTable('masterKeyCheck')
    .set(check)
    .where('masterKeyId', '=', fromMasterKeyId)
    .executeTakeFirst();
  return updated.numUpdatedRows > 0n;
}

/**
 * The row of the check is locked while the key goes in, so that a rotation that ends at this moment either sees the
 * new key or makes this insert see the new master key.
 */
export async function ensureDataKey(db: Db, record: DataKeyRecord): Promise<DataKeyRecord | null> {
  await sql`
    insert into data_keys (workspace_id, id, wrapped, master_key_id, created_at)
    select ${record.workspaceId}, ${record.id}, ${record.wrapped}, master_key_id, ${time(record.createdAt)}::timestamptz
    from master_key_check where master_key_id = ${record.masterKeyId} for share
    on conflict (workspace_id) do nothing`.execute(db);
  return (await getDataKeys(db, record.workspaceId))[0] ?? null;
}

export function getDataKeys(db: Db, workspaceId: string): Promise<DataKeyRecord[]> {
  return db
    .selectFrom('dataKeys')
    .select(DATA_KEY)
    .where('workspaceId', '=', workspaceId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export function dataKeysNotUnder(db: Db, masterKeyId: string, limit: number): Promise<DataKeyRecord[]> {
  return db
    .selectFrom('dataKeys')
    .select(DATA_KEY)
    .where('masterKeyId', '!=', masterKeyId)
    .orderBy('workspaceId')
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function rewrapDataKey(
  db: Db,
  record: DataKeyRecord,
  fromMasterKeyId: string,
): Promise<boolean> {
  const result = await db
    .updateTable('dataKeys')
    .set({ wrapped: record.wrapped, masterKeyId: record.masterKeyId })
    .where('workspaceId', '=', record.workspaceId)
    .where('id', '=', record.id)
    .where('masterKeyId', '=', fromMasterKeyId)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
