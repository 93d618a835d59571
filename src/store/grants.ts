import { sql } from 'kysely';
import { type GrantState, IS_KEPT } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { DeadlinePage, GrantFilter, Page } from './store.ts';
import { afterRow, json, jsonOrNull, moment, time, timeOrNull } from './values.ts';

/** The columns of the wide row, which is written with each outcome. */
export const IN_RECORD = [
  'workspaceId',
  'id',
  'appId',
  'platform',
  'method',
  'environment',
  'state',
  'cause',
  'stateSince',
  'evidence',
  'pending',
  'identity',
  'facts',
  'secrets',
  'credentialVersion',
  'renewAt',
  'deadlineAt',
  'remindAt',
  'reminded',
  'failures',
  'lastAttemptAt',
  'createdAt',
] as const;

/** The columns of the narrow row beside its key: when a grant is due, and who holds it. */
export const IN_CLAIM = ['dueAt', 'dueReason', 'urgentAt', 'leaseOwner', 'leaseUntil', 'epoch'] as const;

/** The columns that make a {@link GrantRecord}. */
export const GRANT = [...IN_RECORD, ...IN_CLAIM].map((column) => `grants.${column}` as const);

/** The record as the database takes it, wide row and narrow row: times as RFC 3339, structures as JSON text. */
function grantRows(grant: GrantRecord) {
  const { dueAt, dueReason, urgentAt, leaseOwner, leaseUntil, epoch, ...record } = grant;
  const { workspaceId, id, appId, platform, environment } = record;
  return {
    record: {
      ...record,
      stateSince: time(record.stateSince),
      evidence: jsonOrNull(record.evidence),
      pending: jsonOrNull(record.pending),
      identity: jsonOrNull(record.identity),
      facts: json(record.facts),
      secrets: json(record.secrets),
      renewAt: timeOrNull(record.renewAt),
      deadlineAt: timeOrNull(record.deadlineAt),
      remindAt: timeOrNull(record.remindAt),
      reminded: json(record.reminded),
      lastAttemptAt: timeOrNull(record.lastAttemptAt),
      createdAt: time(record.createdAt),
    },
    claim: {
      ...{ workspaceId, id, appId, platform, environment, dueReason, leaseOwner, epoch },
      dueAt: timeOrNull(dueAt),
      urgentAt: timeOrNull(urgentAt),
      leaseUntil: timeOrNull(leaseUntil),
    },
  };
}

/** One statement: there is never one row without the other. */
export async function insertGrant(db: Db, grant: GrantRecord): Promise<void> {
  const { record, claim } = grantRows(grant);
  await db
    .with('record', (inside) => inside.insertInto('grantRecords').values(record))
    .insertInto('grantClaims')
    .values(claim)
    .execute();
}

export async function getGrant(db: Db, workspaceId: string, id: string): Promise<GrantRecord | null> {
  const row = await db
    .selectFrom('grants')
    .select(GRANT)
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

export function listGrants(
  db: Db,
  workspaceId: string,
  filter: GrantFilter,
  page: Page,
): Promise<GrantRecord[]> {
  let query = db
    .selectFrom('grants')
    .select(GRANT)
    .where('workspaceId', '=', workspaceId)
    .where(afterRow('grants', workspaceId, page));
  if (filter.appId !== undefined) query = query.where('appId', '=', filter.appId);
  if (filter.identityId !== undefined) query = query.where('identityId', '=', filter.identityId);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  return query.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}

export function listDeadlines(
  db: Db,
  workspaceId: string,
  until: Instant,
  { limit, after }: DeadlinePage,
): Promise<GrantRecord[]> {
  let query = db
    .selectFrom('grants')
    .select(GRANT)
    .where('workspaceId', '=', workspaceId)
    .where('deadlineAt', '<', moment(until));
  if (after?.deadlineAt != null)
    query = query.where(sql<boolean>`(deadline_at, id) > (${moment(after.deadlineAt)}, ${after.id})`);
  return query.orderBy('deadlineAt').orderBy('id').limit(limit).execute();
}

export async function listUnusedGrants(
  db: Db,
  before: Instant,
  limit: number,
): Promise<{ workspaceId: string; id: string }[]> {
  return db
    .selectFrom('grants')
    .select(['workspaceId', 'id'])
    .where('dueAt', 'is not', null)
    .where('createdAt', '<', moment(before))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('connections')
            .select('connections.id')
            .whereRef('connections.workspaceId', '=', 'grants.workspaceId')
            .whereRef('connections.grantId', '=', 'grants.id')
            .where('connections.status', '=', 'connected'),
        ),
      ),
    )
    .limit(limit)
    .execute();
}

const LIVE_STATES = (Object.keys(IS_KEPT) as GrantState[]).filter((state) => IS_KEPT[state]);

export async function countGrantsOfIdentity(
  db: Db,
  workspaceId: string,
  appId: string,
  identityId: string,
  consentedAfter: Instant,
): Promise<number> {
  const row = await db
    .selectFrom('grants')
    .select(
      sql<number>`coalesce(sum(case when created_at > ${moment(consentedAfter)}
        then coalesce((facts ->> 'consentCount')::bigint, 1) else 1 end), 0)::bigint`.as('count'),
    )
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .where('identityId', '=', identityId)
    .where('state', 'in', LIVE_STATES)
    .where(sql<number>`(facts ->> 'consentedAt')::numeric`, '>', consentedAfter)
    .executeTakeFirstOrThrow();
  return row.count;
}
