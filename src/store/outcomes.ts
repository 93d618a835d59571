import { sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import { appendActivity } from './activity.ts';
import { closeOutages, openOutages } from './outages.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { GrantOutcome } from './store.ts';
import { atMillisecond, column, jsonOrNull, millisecond, snakeCase } from './values.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  /** What it is made of. */
  readonly of: keyof GrantRecord;
  readonly read: (grant: GrantRecord) => string | number | null;
}

type AsItIs = {
  readonly [K in keyof GrantRecord]: GrantRecord[K] extends string | number | null ? K : never;
};
type Moment = { readonly [K in keyof GrantRecord]: GrantRecord[K] extends Instant | null ? K : never };

const asItIs = (type: string, of: AsItIs[keyof GrantRecord]): Column => ({
  ...{ name: snakeCase(of), type, of },
  read: (grant) => grant[of],
});
const atMoment = (of: Moment[keyof GrantRecord]): Column => ({
  ...{ name: snakeCase(of), type: 'timestamptz', of },
  read: (grant) => millisecond(grant[of]),
});
const asJson = (type: string, of: keyof GrantRecord): Column => ({
  ...{ name: snakeCase(of), type, of },
  read: (grant) => jsonOrNull(grant[of]),
});

const KEYS = [asItIs('text', 'workspaceId'), asItIs('text', 'id'), asItIs('bigint', 'epoch')];
const APP = asItIs('text', 'appId');
/** What an outcome writes into the narrow row. The lease is released beside it. */
const OF_CLAIM = [APP, atMoment('dueAt'), asItIs('text', 'dueReason'), atMoment('urgentAt')];
/** What it writes into the wide row. */
const OF_RECORD = [
  APP,
  asItIs('text', 'method'),
  asItIs('text', 'state'),
  asItIs('text', 'cause'),
  atMoment('stateSince'),
  asJson('jsonb', 'evidence'),
  asJson('jsonb', 'pending'),
  asJson('jsonb', 'identity'),
  asJson('json', 'facts'),
  asJson('json', 'secrets'),
  asItIs('integer', 'credentialVersion'),
  atMoment('renewAt'),
  atMoment('deadlineAt'),
  atMoment('remindAt'),
  asJson('json', 'reminded'),
  asItIs('integer', 'failures'),
  atMoment('lastAttemptAt'),
];

const isMoment = ({ type }: Column): boolean => type === 'timestamptz';
const asSent = (column: Column): string =>
  isMoment(column) ? atMillisecond(`new.${column.name}`) : `new.${column.name}`;
const settersOf = (columns: readonly Column[]): string[] =>
  columns.map((column) => `${column.name} = ${asSent(column)}`);

/** What at least one of them changes: nobody else writes a grant while its claim stands, so the rest is as it was. */
function changedBy(outcomes: readonly GrantOutcome[], columns: readonly Column[]): readonly Column[] {
  return columns.filter(({ of }) =>
    outcomes.some(({ grant, claimed }) => claimed === undefined || grant[of] !== claimed[of]),
  );
}

/**
 * One statement for the whole batch, a column a parameter: the database's work per grant is what counts, and JSON costs
 * it most. Whether the claim still stands is decided at the narrow row; the wide row follows it. The narrow row is looked
 * up by a subquery for each grant and written by its place: in a join, a planner that takes held rows for rare reads the
 * whole table to find them. A row that moved in between has lost its claim.
 */
async function writeGrants(db: Db, outcomes: readonly GrantOutcome[]): Promise<Set<string>> {
  const ofClaim = changedBy(outcomes, OF_CLAIM);
  const ofRecord = changedBy(outcomes, OF_RECORD);
  const sent = [...new Set([...KEYS, ...ofClaim, ...ofRecord])];
  const values = sent.map((each) =>
    column(
      isMoment(each) ? 'bigint' : each.type,
      outcomes.map(({ grant }) => each.read(grant)),
    ),
  );
  const claimSetters = [...settersOf(ofClaim), 'lease_owner = null', 'lease_until = null'];
  const record = sql.raw(`update grant_records as records set ${settersOf(ofRecord).join(', ')}
    from ended as new where records.workspace_id = new.workspace_id and records.id = new.id
    returning records.workspace_id, records.id, new.epoch`);
  const { rows } = await sql<ClaimKey>`
    with new as materialized (
      select sent.*, (
        select ctid from grant_claims as claims
        where claims.workspace_id = sent.workspace_id and claims.id = sent.id
          and claims.epoch = sent.epoch and claims.lease_owner is not null
      ) as place
      from unnest(${sql.join(values)}) as sent(${sql.raw(sent.map(({ name }) => name).join(', '))})
    ), ended as (
      update grant_claims as claims set ${sql.raw(claimSetters.join(', '))}
      from new
      where claims.ctid = any (array(select place from new))
        and claims.workspace_id = new.workspace_id and claims.id = new.id and claims.epoch = new.epoch
        and claims.lease_owner is not null
      returning new.*
    )
    ${ofRecord.length > 0 ? record : sql`select workspace_id, id, epoch from ended`}`.execute(db);
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
  const written = await writeGrants(db, candidates);
  const applied = candidates.filter((outcome) => written.has(keyOf(outcome.grant)));
  await openOutages(db, applied);
  await closeOutages(db, applied);
  await appendActivity(
    db,
    applied.flatMap((outcome) => outcome.activity),
  );
  const counted = new Set(applied);
  return outcomes.map((outcome) => counted.has(outcome));
}
