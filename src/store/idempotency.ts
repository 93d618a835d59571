import type { IdempotencyRecord } from './records.ts';
import type { Db } from './schema.ts';
import { time } from './values.ts';

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

export async function finishIdempotent(
  db: Db,
  workspaceId: string,
  key: string,
  status: number,
  body: string,
): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ status, body })
    .where('workspaceId', '=', workspaceId)
    .where('key', '=', key)
    .execute();
}

export async function dropIdempotent(db: Db, workspaceId: string, key: string): Promise<void> {
  await db.deleteFrom('idempotency').where('workspaceId', '=', workspaceId).where('key', '=', key).execute();
}
