import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import { getGrant, IN_CLAIM, IN_RECORD } from './grants.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { Claim, ClaimedGrant, ClaimOfMany } from './store.ts';
import { moment, snakeCase, timeOrNull } from './values.ts';

const CLAIM = sql.raw(['workspace_id', 'id', ...IN_CLAIM.map(snakeCase)].join(', '));
/** Under the record's own names: nobody has to rename thirty members of each of hundreds of rows. */
const named = (table: string, columns: readonly string[]) =>
  columns.map((column) => `${table}.${snakeCase(column)} as "${column}"`).join(', ');
/** What is picked and taken, as it is handed out. For a connection that renames nothing. */
const CLAIMED = sql.raw(`
    select ${named('grant_records', IN_RECORD)}, ${named('taken', IN_CLAIM)}, picked.previous_owner as "previousOwner"
    from taken join picked using (workspace_id, id) join grant_records using (workspace_id, id)`);

/** How a claim changes a row; the epoch fences whoever held it before. */
function setOf(claim: Claim): RawBuilder<unknown> {
  return sql`lease_owner = ${claim.owner}, lease_until = ${moment(claim.now + claim.leaseMs)}, epoch = epoch + 1`;
}

/**
 * Two walks over two small indexes, the urgent ones first, instead of one sort of everything that is due. A row held
 * by somebody is passed over: by its lease, or, while the claim that takes it is still being written, by its lock.
 * The rows picked are written by their place in the table: joined by their keys, a planner that believes in a large
 * claim would read the whole table for each. A row that moved in between is left for the next claim. So the wide row,
 * which never changes without the narrow one, is as it was when the statement began.
 */
export async function claimDue(db: Db, claim: ClaimOfMany): Promise<ClaimedGrant[]> {
  const now = moment(claim.now);
  const except = claim.exceptPlatforms ?? [];
  const closed = sql`select workspace_id, id from apps where (environment || ' ' || platform) = any (${except}::text[])`;
  const open = except.length > 0 ? sql`and (workspace_id, app_id) not in (${closed})` : sql``;
  const free = sql`due_at <= ${now} and (lease_until is null or lease_until <= ${now}) ${open}`;
  const { rows } = await sql<ClaimedGrant>`
    with urgent as materialized (
      select ctid as place, workspace_id, id, lease_owner from grant_claims
      where ${free} and urgent_at <= ${now}
      order by urgent_at limit ${sql.lit(claim.limit)} for update skip locked
    ), others as materialized (
      select ctid as place, workspace_id, id, lease_owner from grant_claims
      where ${free} and (urgent_at is null or urgent_at > ${now})
        and (workspace_id, app_id) not in (
          select workspace_id, id from apps where breaker_open_until > ${Math.trunc(claim.now)}::bigint
        )
      order by due_at limit ${sql.lit(claim.limit)} - (select count(*) from urgent) for update skip locked
    ), picked as (
      select place, workspace_id, id, lease_owner as previous_owner from urgent
      union all select place, workspace_id, id, lease_owner from others
    ), taken as (
      update grant_claims set ${setOf(claim)} where ctid = any (array(select place from picked)) returning ${CLAIM}
    )${CLAIMED}`.execute(db.withoutPlugins());
  return rows.sort((a, b) => rank(a, claim.now) - rank(b, claim.now) || (a.dueAt ?? 0) - (b.dueAt ?? 0));
}

function rank(grant: GrantRecord, now: Instant): number {
  return grant.urgentAt !== null && grant.urgentAt <= now ? 0 : 1;
}

/** As `claimDue`, by the index of the wide rows: one that changes between snapshot and lock is left for the next claim. */
export async function claimReminders(
  db: Db,
  claim: Claim & { readonly limit: number },
): Promise<ClaimedGrant[]> {
  const now = moment(claim.now);
  const { rows } = await sql<ClaimedGrant>`
    with picked as materialized (
      select claims.ctid as place, claims.workspace_id, claims.id, claims.lease_owner as previous_owner
      from grant_records as records join grant_claims as claims using (workspace_id, id)
      where records.remind_at <= ${now} and (claims.lease_until is null or claims.lease_until <= ${now})
      order by records.remind_at limit ${sql.lit(claim.limit)} for update of claims skip locked
    ), taken as (
      update grant_claims set ${setOf(claim)} where ctid = any (array(select place from picked)) returning ${CLAIM}
    )${CLAIMED}`.execute(db.withoutPlugins());
  return rows.sort((a, b) => (a.remindAt ?? 0) - (b.remindAt ?? 0));
}

/**
 * Runs inside a transaction of the caller. Waits for a claim or an outcome that is being written at this moment, so that
 * the answer is right; the wide row is read by a statement of its own, which sees what was waited for.
 */
export async function claimGrant(
  db: Db,
  workspaceId: string,
  id: string,
  claim: Claim,
): Promise<ClaimedGrant | null> {
  const { rows } = await sql<{ previousOwner: string | null }>`
    with picked as materialized (
      select workspace_id, id, lease_owner as previous_owner from grant_claims
      where workspace_id = ${workspaceId} and id = ${id}
        and (lease_until is null or lease_until <= ${moment(claim.now)})
      for update
    )
    update grant_claims set ${setOf(claim)}
    from picked where grant_claims.workspace_id = picked.workspace_id and grant_claims.id = picked.id
    returning picked.previous_owner`.execute(db);
  const grant = rows[0] && (await getGrant(db, workspaceId, id));
  return grant ? { ...grant, previousOwner: rows[0]!.previousOwner } : null;
}

export async function releaseGrants(
  db: Db,
  grants: readonly GrantRecord[],
  dueAt: Instant | null,
): Promise<void> {
  if (grants.length === 0) return;
  const workspaces = grants.map((grant) => grant.workspaceId);
  const ids = grants.map((grant) => grant.id);
  const epochs = grants.map((grant) => String(grant.epoch));
  await sql`
    update grant_claims set lease_owner = null, lease_until = null,
      due_at = coalesce(${timeOrNull(dueAt)}::timestamptz, grant_claims.due_at)
    from unnest(${workspaces}::text[], ${ids}::text[], ${epochs}::text[]) as held(workspace_id, id, epoch)
    where grant_claims.workspace_id = held.workspace_id and grant_claims.id = held.id
      and grant_claims.epoch = held.epoch::bigint and grant_claims.lease_owner is not null`.execute(db);
}

export async function endLeases(db: Db, now: Instant): Promise<void> {
  await sql`
    update grant_claims set lease_until = ${moment(now)}
    where lease_owner is not null and lease_until > ${moment(now)}`.execute(db);
}

export async function hastenSpared(db: Db, workspaceId: string, appId: string, now: Instant): Promise<void> {
  await sql`
    update grant_claims set due_at = ${moment(now)}
    where workspace_id = ${workspaceId} and app_id = ${appId} and lease_owner is null
      and due_reason = 'spared' and due_at > ${moment(now)}`.execute(db);
}

/**
 * A grant that is held, or whose app's breaker is open, can be claimed only when the lease or the breaker ends. Those
 * stand at the head of the index, before the first grant that nothing hinders, so only they have to be looked at.
 */
export async function nextDueAt(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    with breakers as materialized (
      select workspace_id, id, to_timestamp(breaker_open_until / 1000.0) as open_until
      from apps where breaker_open_until is not null
    ), unhindered as materialized (
      select due_at from grant_claims
      where due_at is not null and lease_until is null
        and (workspace_id, app_id) not in (select workspace_id, id from breakers)
      order by due_at limit 1
    ), hindered as materialized (
      select min(greatest(claims.due_at, claims.lease_until, case when breakers.id is not null then least(breakers.open_until, claims.urgent_at) end)) as at
      from grant_claims as claims
        left join breakers on breakers.workspace_id = claims.workspace_id and breakers.id = claims.app_id
      where claims.due_at <= coalesce((select due_at from unhindered), 'infinity')
        and (claims.lease_until is not null or breakers.id is not null)
    )
    select least((select due_at from unhindered), (select at from hindered)) as at`.execute(db);
  return rows[0]?.at ?? null;
}
