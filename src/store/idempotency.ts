import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { IdempotencyRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { IdempotentAttempt } from './store.ts';
import { moment, time } from './values.ts';

const IDEMPOTENCY = ['workspaceId', 'key', 'requestHash', 'status', 'body', 'createdAt'] as const;

async function inserted(db: Db, record: IdempotencyRecord): Promise<boolean> {
  const result = await db
    .insertInto('idempotency')
    .values({ ...record, createdAt: time(record.createdAt) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

function standing(db: Db, workspaceId: string, key: string): Promise<IdempotencyRecord | undefined> {
  return db
    .selectFrom('idempotency')
    .select(IDEMPOTENCY)
    .where('workspaceId', '=', workspaceId)
    .where('key', '=', key)
    .executeTakeFirst();
}

export async function beginIdempotent(db: Db, record: IdempotencyRecord): Promise<IdempotencyRecord | null> {
  for (;;) {
    if (await inserted(db, record)) return null;
    const found = await standing(db, record.workspaceId, record.key);
    if (found !== undefined) return found;
    // Dropped between the two statements: the key is free again.
  }
}

export async function takeOverIdempotent(
  db: Db,
  { workspaceId, key, requestHash, createdAt }: IdempotencyRecord,
  begunAt: Instant,
): Promise<boolean> {
  const result = await db
    .updateTable('idempotency')
    .set({ requestHash, createdAt: time(createdAt) })
    .where(isOf({ workspaceId, key, createdAt: begunAt }))
    .where('status', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function finishIdempotent(
  db: Db,
  attempt: IdempotentAttempt,
  status: number,
  body: string,
): Promise<void> {
  await db.updateTable('idempotency').set({ status, body }).where(isOf(attempt)).execute();
}

export async function dropIdempotent(db: Db, attempt: IdempotentAttempt): Promise<void> {
  await db.deleteFrom('idempotency').where(isOf(attempt)).execute();
}

const isOf = ({ workspaceId, key, createdAt }: IdempotentAttempt): RawBuilder<SqlBool> =>
  sql<SqlBool>`(workspace_id = ${workspaceId} and key = ${key} and created_at = ${moment(createdAt)})`;
