import { sql } from 'kysely';
import { type GrantState, IS_KEPT } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { GrantFilter, Page } from './store.ts';
import { afterRow, json, jsonOrNull, moment, time, timeOrNull } from './values.ts';

/** The columns that make a {@link GrantRecord}. */
export const GRANT = [
  'grants.workspaceId',
  'grants.id',
  'grants.appId',
  'grants.platform',
  'grants.method',
  'grants.environment',
  'grants.state',
  'grants.cause',
  'grants.stateSince',
  'grants.evidence',
  'grants.pending',
  'grants.identity',
  'grants.facts',
  'grants.secrets',
  'grants.credentialVersion',
  'grants.dueAt',
  'grants.dueReason',
  'grants.urgentAt',
  'grants.renewAt',
  'grants.deadlineAt',
  'grants.failures',
  'grants.lastAttemptAt',
  'grants.leaseOwner',
  'grants.leaseUntil',
  'grants.epoch',
  'grants.createdAt',
] as const;

/** The record as the database takes it: times as RFC 3339, structures as JSON text. */
function grantRow(record: GrantRecord) {
  return {
    ...record,
    stateSince: time(record.stateSince),
    evidence: jsonOrNull(record.evidence),
    pending: jsonOrNull(record.pending),
    identity: jsonOrNull(record.identity),
    facts: json(record.facts),
    secrets: json(record.secrets),
    dueAt: timeOrNull(record.dueAt),
    urgentAt: timeOrNull(record.urgentAt),
    renewAt: timeOrNull(record.renewAt),
    deadlineAt: timeOrNull(record.deadlineAt),
    lastAttemptAt: timeOrNull(record.lastAttemptAt),
    leaseUntil: timeOrNull(record.leaseUntil),
    createdAt: time(record.createdAt),
  };
}

export async function insertGrant(db: Db, record: GrantRecord): Promise<void> {
  await db.insertInto('grants').values(grantRow(record)).execute();
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
  limit: number,
): Promise<GrantRecord[]> {
  return db
    .selectFrom('grants')
    .select(GRANT)
    .where('workspaceId', '=', workspaceId)
    .where('deadlineAt', '<', moment(until))
    .orderBy('deadlineAt')
    .orderBy('id')
    .limit(limit)
    .execute();
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
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .where('identityId', '=', identityId)
    .where('state', 'in', LIVE_STATES)
    .where(sql<number>`(facts ->> 'consentedAt')::numeric`, '>', consentedAfter)
    .executeTakeFirstOrThrow();
  return row.count;
}
