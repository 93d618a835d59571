import { sql } from 'kysely';
import { appendActivity } from './activity.ts';
import { closeOutages, openOutages } from './outages.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { GrantOutcome } from './store.ts';
import { json, time, timeOrNull } from './values.ts';

/** What an outcome writes, with its type. The keys of the row come first; the lease is released beside them. */
const KEY = { workspace_id: 'text', id: 'text', epoch: 'bigint' } as const;
const WRITTEN = {
  app_id: 'text',
  method: 'text',
  state: 'text',
  cause: 'text',
  state_since: 'timestamptz',
  evidence: 'jsonb',
  pending: 'jsonb',
  identity: 'jsonb',
  facts: 'jsonb',
  secrets: 'jsonb',
  credential_version: 'integer',
  due_at: 'timestamptz',
  due_reason: 'text',
  urgent_at: 'timestamptz',
  renew_at: 'timestamptz',
  deadline_at: 'timestamptz',
  failures: 'integer',
  last_attempt_at: 'timestamptz',
  updated_at: 'timestamptz',
} as const;

type Row = Record<keyof typeof KEY | keyof typeof WRITTEN, unknown>;

function writtenRow(grant: GrantRecord): Row {
  return {
    workspace_id: grant.workspaceId,
    id: grant.id,
    epoch: grant.epoch,
    app_id: grant.appId,
    method: grant.method,
    state: grant.state,
    cause: grant.cause,
    state_since: time(grant.stateSince),
    evidence: grant.evidence,
    pending: grant.pending,
    identity: grant.identity,
    facts: grant.facts,
    secrets: grant.secrets,
    credential_version: grant.credentialVersion,
    due_at: timeOrNull(grant.dueAt),
    due_reason: grant.dueReason,
    urgent_at: timeOrNull(grant.urgentAt),
    renew_at: timeOrNull(grant.renewAt),
    deadline_at: timeOrNull(grant.deadlineAt),
    failures: grant.failures,
    last_attempt_at: timeOrNull(grant.lastAttemptAt),
    updated_at: time(grant.updatedAt),
  };
}

const SETTERS = sql.raw(
  Object.keys(WRITTEN)
    .map((column) => `${column} = new.${column}`)
    .join(', '),
);
const DEFINITION = sql.raw(
  Object.entries({ ...KEY, ...WRITTEN })
    .map(([column, type]) => `${column} ${type}`)
    .join(', '),
);

/** One statement for the whole batch: the database's work per grant is what counts, not the trips. */
async function writeGrants(db: Db, grants: readonly GrantRecord[]): Promise<Set<string>> {
  const { rows } = await sql<{ workspaceId: string; id: string }>`
    update grants set ${SETTERS}, lease_owner = null, lease_until = null
    from json_to_recordset(${json(grants.map(writtenRow))}::text::json) as new(${DEFINITION})
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
