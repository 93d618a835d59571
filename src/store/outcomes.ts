import { sql } from 'kysely';
import { appendActivity } from './activity.ts';
import { closeOutages, openOutages } from './outages.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { GrantOutcome } from './store.ts';
import { atMillisecond, column, json, jsonOrNull, millisecond } from './values.ts';

type Read = (grant: GrantRecord) => string | number | null;

type Column = readonly [column: string, type: string, read: Read];

const KEYS: readonly Column[] = [
  ['workspace_id', 'text', (grant) => grant.workspaceId],
  ['id', 'text', (grant) => grant.id],
  ['epoch', 'bigint', (grant) => grant.epoch],
];
const APP: Column = ['app_id', 'text', (grant) => grant.appId];
/** What an outcome writes into the narrow row: a column, its type, and where its value stands. The lease is released beside them. */
const OF_CLAIM: readonly Column[] = [
  ['due_at', 'timestamptz', (grant) => millisecond(grant.dueAt)],
  ['due_reason', 'text', (grant) => grant.dueReason],
  ['urgent_at', 'timestamptz', (grant) => millisecond(grant.urgentAt)],
];
/** What it writes into the wide row. */
const OF_RECORD: readonly Column[] = [
  ['method', 'text', (grant) => grant.method],
  ['state', 'text', (grant) => grant.state],
  ['cause', 'text', (grant) => grant.cause],
  ['state_since', 'timestamptz', (grant) => millisecond(grant.stateSince)],
  ['evidence', 'jsonb', (grant) => jsonOrNull(grant.evidence)],
  ['pending', 'jsonb', (grant) => jsonOrNull(grant.pending)],
  ['identity', 'jsonb', (grant) => jsonOrNull(grant.identity)],
  ['facts', 'json', (grant) => json(grant.facts)],
  ['secrets', 'json', (grant) => json(grant.secrets)],
  ['credential_version', 'integer', (grant) => grant.credentialVersion],
  ['renew_at', 'timestamptz', (grant) => millisecond(grant.renewAt)],
  ['deadline_at', 'timestamptz', (grant) => millisecond(grant.deadlineAt)],
  ['remind_at', 'timestamptz', (grant) => millisecond(grant.remindAt)],
  ['reminded', 'json', (grant) => json(grant.reminded)],
  ['failures', 'integer', (grant) => grant.failures],
  ['last_attempt_at', 'timestamptz', (grant) => millisecond(grant.lastAttemptAt)],
];
const SENT = [...KEYS, APP, ...OF_CLAIM, ...OF_RECORD];
const isMoment = (type: string): boolean => type === 'timestamptz';
const SENT_NAMES = sql.raw(SENT.map(([column]) => column).join(', '));
const setters = (columns: readonly Column[]) =>
  sql.raw(columns.map((column) => `${column[0]} = ${asSent(column)}`).join(', '));
const asSent = ([column, type]: Column): string =>
  isMoment(type) ? atMillisecond(`new.${column}`) : `new.${column}`;
const CLAIM_SETTERS = setters([APP, ...OF_CLAIM]);
const RECORD_SETTERS = setters([APP, ...OF_RECORD]);

/**
 * One statement for the whole batch, a column a parameter: the database's work per grant is what counts, and JSON costs
 * it most. Whether the claim still stands is decided at the narrow row; the wide row follows it. The narrow row is looked
 * up by a subquery for each grant and written by its place: in a join, a planner that takes held rows for rare reads the
 * whole table to find them. A row that moved in between has lost its claim.
 */
async function writeGrants(db: Db, grants: readonly GrantRecord[]): Promise<Set<string>> {
  const columns = SENT.map(([, type, read]) => column(isMoment(type) ? 'bigint' : type, grants.map(read)));
  const { rows } = await sql<ClaimKey>`
    with new as materialized (
      select sent.*, (
        select ctid from grant_claims as claims
        where claims.workspace_id = sent.workspace_id and claims.id = sent.id
          and claims.epoch = sent.epoch and claims.lease_owner is not null
      ) as place
      from unnest(${sql.join(columns)}) as sent(${SENT_NAMES})
    ), ended as (
      update grant_claims as claims set ${CLAIM_SETTERS}, lease_owner = null, lease_until = null
      from new
      where claims.ctid = any (array(select place from new))
        and claims.workspace_id = new.workspace_id and claims.id = new.id and claims.epoch = new.epoch
        and claims.lease_owner is not null
      returning new.*
    )
    update grant_records as records set ${RECORD_SETTERS}
    from ended as new where records.workspace_id = new.workspace_id and records.id = new.id
    returning records.workspace_id, records.id, new.epoch`.execute(db);
  return new Set(rows.map(keyOf));
}

type ClaimKey = Pick<GrantRecord, 'workspaceId' | 'id' | 'epoch'>;

function keyOf({ workspaceId, id, epoch }: ClaimKey): string {
  return `${workspaceId}\n${id}\n${epoch}`;
}

/** The first outcome of each claim: a second one was not reached under it. One of an older claim does not stand in its way. */
function firstOfEach(outcomes: readonly GrantOutcome[]): GrantOutcome[] {
  const seen = new Map<string, GrantOutcome>();
  for (const outcome of outcomes) {
    const key = keyOf(outcome.grant);
    if (!seen.has(key)) seen.set(key, outcome);
  }
  return [...seen.values()];
}

/** Runs inside a transaction of the caller. */
export async function applyOutcomes(db: Db, outcomes: readonly GrantOutcome[]): Promise<boolean[]> {
  if (outcomes.length === 0) return [];
  const candidates = firstOfEach(outcomes);
  const written = await writeGrants(
    db,
    candidates.map((outcome) => outcome.grant),
  );
  const applied = candidates.filter((outcome) => written.has(keyOf(outcome.grant)));
  await closeOutages(db, applied);
  await openOutages(db, applied);
  await appendActivity(
    db,
    applied.flatMap((outcome) => outcome.activity),
  );
  const counted = new Set(applied);
  return outcomes.map((outcome) => counted.has(outcome));
}
