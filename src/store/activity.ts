import { hash as hashOnce } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { ActivityRecord, NewActivity } from './records.ts';
import type { Db, Schema } from './schema.ts';
import { atMillisecond, column, json, storable } from './values.ts';

const ACTIVITY = ['workspaceId', 'seq', 'at', 'actor', 'action', 'subjects', 'detail', 'hash'] as const;

/** What the first row's hash follows from. */
export const BEGINNING = '';
const VERIFY_BATCH = 1_000;
/** Keeps the log's lock apart from other advisory locks. */
const LOCK_SPACE = 0x41637469;

type ActivityRow = Selectable<Schema['activity']>;

export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** JSON with sorted keys: the same value always gives the same text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** A row as {@link canonical} writes it, without sorting names that are known. */
function canonicalRow({
  workspaceId,
  seq,
  at,
  actor,
  action,
  subjects,
  detail,
}: Omit<ActivityRecord, 'hash'>) {
  const whoAndWhat = `"action":${JSON.stringify(action)},"actor":${JSON.stringify(actor)}`;
  const onWhat = `"subjects":${JSON.stringify(subjects)},"workspaceId":${JSON.stringify(workspaceId)}`;
  return `{${whoAndWhat},"at":${at},"detail":${canonical(detail)},"seq":${seq},${onWhat}}`;
}

/** SHA-256, hex, over the previous row's hash and this row. */
export function activityHash(previousHash: string, row: Omit<ActivityRecord, 'hash'>): string {
  return hashOnce('sha256', `${previousHash}\n${canonicalRow(row)}`, 'hex');
}

/** The rows as they will be read back, chained to the head. */
export function chained(head: Head, rows: readonly NewActivity[]): ActivityRecord[] {
  let { seq, hash } = head;
  return rows.map((row) => {
    seq += 1;
    const stored = asStored(row, seq);
    hash = activityHash(hash, stored);
    return { ...stored, hash };
  });
}

/** The row as the database gives it back: what it cannot hold is replaced, what is undefined is gone. */
function asStored(row: NewActivity, seq: number): Omit<ActivityRecord, 'hash'> {
  return {
    workspaceId: storable(row.workspaceId),
    seq,
    at: Math.trunc(row.at),
    actor: storable(row.actor),
    action: storable(row.action),
    subjects: row.subjects.map(storable),
    detail: JSON.parse(json(row.detail)),
  };
}

/** The first row that does not follow from the one before it; null: all do. */
export function firstBreak(head: Head, rows: readonly ActivityRecord[]): { readonly seq: number } | null {
  let reached = head;
  for (const row of rows) {
    const isNext = row.seq === reached.seq + 1 && row.hash === activityHash(reached.hash, row);
    if (!isNext) return { seq: reached.seq + 1 };
    reached = row;
  }
  return null;
}

/** Makes the writers of one workspace's chain queue until the transaction ends. A statement of its own: the next one must see what the former holder wrote. */
async function lockChain(db: Db, workspaceId: string): Promise<Head> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_SPACE)}, hashtext(${workspaceId}))`.execute(db);
  const head = await db
    .selectFrom('activityHeads')
    .select(['seq', 'hash'])
    .where('workspaceId', '=', workspaceId)
    .executeTakeFirst();
  return head ?? { seq: 0, hash: BEGINNING };
}

async function appendToChain(db: Db, workspaceId: string, rows: readonly NewActivity[]): Promise<void> {
  const records = chained(await lockChain(db, workspaceId), rows);
  const last = records[records.length - 1] as ActivityRecord;
  const each = (type: string, read: (record: ActivityRecord) => string | number) =>
    column(type, records.map(read));
  await sql`
    with head as (
      insert into activity_heads (workspace_id, seq, hash) values (${workspaceId}, ${last.seq}, ${last.hash})
      on conflict (workspace_id) do update set seq = excluded.seq, hash = excluded.hash
    )
    insert into activity (workspace_id, seq, at, actor, action, subjects, detail, hash)
    select ${workspaceId}::text, seq, ${sql.raw(atMillisecond('at'))}, actor, action, subjects::text[], detail, hash
    from unnest(
      ${each('bigint', ({ seq }) => seq)}, ${each('bigint', ({ at }) => at)},
      ${each('text', ({ actor }) => actor)}, ${each('text', ({ action }) => action)},
      ${each('text', ({ subjects }) => arrayText(subjects))}, ${each('jsonb', ({ detail }) => json(detail))},
      ${each('text', ({ hash }) => hash)}
    ) as new(seq, at, actor, action, subjects, detail, hash)`.execute(db);
}

/** An array as PostgreSQL writes it: rows with arrays of different lengths cannot be one array of arrays. */
function arrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** Runs inside a transaction of the caller. Workspaces go in one order, so that two writers cannot block each other. */
export async function appendActivity(db: Db, rows: readonly NewActivity[]): Promise<void> {
  const byWorkspace = Map.groupBy(rows, (row) => row.workspaceId);
  for (const workspaceId of [...byWorkspace.keys()].sort()) {
    await appendToChain(db, workspaceId, byWorkspace.get(workspaceId) ?? []);
  }
}

export function listActivity(
  db: Db,
  workspaceId: string,
  filter: { readonly subject?: string; readonly action?: string },
  page: { readonly limit: number; readonly beforeSeq: number | null },
): Promise<ActivityRecord[]> {
  const { action = null, subject } = filter;
  const rows =
    subject === undefined
      ? sql<ActivityRow>`activity`
      : sql<ActivityRow>`activity_about(${workspaceId}, ${subject}, ${action}, ${page.beforeSeq}, ${page.limit})`;
  let query = db
    .selectFrom(rows.as<'activity'>('activity'))
    .select(ACTIVITY)
    .where('workspaceId', '=', workspaceId);
  if (action !== null) query = query.where('action', '=', action);
  if (page.beforeSeq !== null) query = query.where('seq', '<', page.beforeSeq);
  return query.orderBy('seq', 'desc').limit(page.limit).execute();
}

function chainAfter(db: Db, workspaceId: string, seq: number): Promise<ActivityRecord[]> {
  return db
    .selectFrom('activity')
    .select(ACTIVITY)
    .where('workspaceId', '=', workspaceId)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(VERIFY_BATCH)
    .execute();
}

/** Walks up to the head as it stood at the start, so that rows that are being written meanwhile do not matter. */
export async function verifyActivity(db: Db, workspaceId: string): Promise<{ readonly seq: number } | null> {
  const end = await db
    .selectFrom('activityHeads')
    .select(['seq', 'hash'])
    .where('workspaceId', '=', workspaceId)
    .executeTakeFirst();
  let reached: Head = { seq: 0, hash: BEGINNING };
  for (;;) {
    const rows = await chainAfter(db, workspaceId, reached.seq);
    const upToEnd = rows.filter((row) => end === undefined || row.seq <= end.seq);
    const broken = firstBreak(reached, upToEnd);
    if (broken !== null) return broken;
    reached = upToEnd.at(-1) ?? reached;
    if (rows.length < VERIFY_BATCH || reached.seq === end?.seq) break;
  }
  return reached.seq === (end?.seq ?? 0) && reached.hash === (end?.hash ?? BEGINNING)
    ? null
    : { seq: reached.seq + 1 };
}
