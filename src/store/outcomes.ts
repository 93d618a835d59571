import { sql } from 'kysely';
import { appendActivity } from './activity.ts';
import { closeOutages, openOutages } from './outages.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { GrantOutcome } from './store.ts';
import { column, json, jsonOrNull, time, timeOrNull } from './values.ts';

type Read = (grant: GrantRecord) => string | number | null;

/** What an outcome writes: a column, its type, and where its value stands. The lease is released beside them. */
const WRITTEN: readonly (readonly [column: string, type: string, read: Read])[] = [
  ['app_id', 'text', (grant) => grant.appId],
  ['method', 'text', (grant) => grant.method],
  ['state', 'text', (grant) => grant.state],
  ['cause', 'text', (grant) => grant.cause],
  ['state_since', 'timestamptz', (grant) => time(grant.stateSince)],
  ['evidence', 'jsonb', (grant) => jsonOrNull(grant.evidence)],
  ['pending', 'jsonb', (grant) => jsonOrNull(grant.pending)],
  ['identity', 'jsonb', (grant) => jsonOrNull(grant.identity)],
  ['facts', 'jsonb', (grant) => json(grant.facts)],
  ['secrets', 'jsonb', (grant) => json(grant.secrets)],
  ['credential_version', 'integer', (grant) => grant.credentialVersion],
  ['due_at', 'timestamptz', (grant) => timeOrNull(grant.dueAt)],
  ['due_reason', 'text', (grant) => grant.dueReason],
  ['urgent_at', 'timestamptz', (grant) => timeOrNull(grant.urgentAt)],
  ['renew_at', 'timestamptz', (grant) => timeOrNull(grant.renewAt)],
  ['deadline_at', 'timestamptz', (grant) => timeOrNull(grant.deadlineAt)],
  ['failures', 'integer', (grant) => grant.failures],
  ['last_attempt_at', 'timestamptz', (grant) => timeOrNull(grant.lastAttemptAt)],
];
const KEYS: typeof WRITTEN = [
  ['workspace_id', 'text', (grant) => grant.workspaceId],
  ['id', 'text', (grant) => grant.id],
  ['epoch', 'bigint', (grant) => grant.epoch],
];
const SENT = [...KEYS, ...WRITTEN];
const SENT_NAMES = sql.raw(SENT.map(([column]) => column).join(', '));
const SETTERS = sql.raw(WRITTEN.map(([column]) => `${column} = new.${column}`).join(', '));

/** One statement for the whole batch, a column a parameter: the database's work per grant is what counts, and JSON costs it most. */
async function writeGrants(db: Db, grants: readonly GrantRecord[]): Promise<Set<string>> {
  const columns = SENT.map(([, type, read]) => column(type, grants.map(read)));
  const { rows } = await sql<{ workspaceId: string; id: string }>`
    update grants set ${SETTERS}, lease_owner = null, lease_until = null
    from unnest(${sql.join(columns)}) as new(${SENT_NAMES})
    where grants.workspace_id = new.workspace_id and grants.id = new.id
      and grants.epoch = new.epoch and grants.lease_owner is not null
    returning grants.workspace_id, grants.id`.execute(db);
  return new Set(rows.map(keyOf));
}

function keyOf(grant: { readonly workspaceId: string; readonly id: string }): string {
  return `${grant.workspaceId}\n${grant.id}`;
}

/** The first outcome of each grant: two in one batch cannot both have been reached under the same claim. */
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
