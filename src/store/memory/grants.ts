import { IS_KEPT } from '../../core/grantState.ts';
import type { Instant } from '../../core/instant.ts';
import type { GrantRecord } from '../records.ts';
import {
  type Claim,
  type ClaimedGrant,
  type ClaimOfMany,
  ConflictError,
  type DeadlinePage,
  type Store,
} from '../store.ts';
import { pageOf, settledJson, truncated } from './rows.ts';
import { keyOf, type Tables } from './tables.ts';

type Grants = Pick<
  Store,
  | 'insertGrant'
  | 'getGrant'
  | 'listGrants'
  | 'listDeadlines'
  | 'listUnusedGrants'
  | 'countGrantsOfIdentity'
  | 'claimDue'
  | 'claimReminders'
  | 'claimGrant'
  | 'releaseGrants'
  | 'endLeases'
  | 'hastenSpared'
  | 'nextDueAt'
>;

/**
 * The grant as the table holds it. Secrets are sealed text, kept as they are.
 * @param standing What is in its place: members that are still the same are as JSON keeps them already.
 */
export function storedGrant(given: GrantRecord & Partial<ClaimedGrant>, standing?: GrantRecord): GrantRecord {
  const { previousOwner: _previousOwner, ...grant } = given;
  const settled = <Name extends 'evidence' | 'pending' | 'identity' | 'facts' | 'reminded'>(name: Name) =>
    grant[name] && (grant[name] === standing?.[name] ? grant[name] : settledJson(grant[name]));
  return {
    ...truncated(grant),
    evidence: settled('evidence') as GrantRecord['evidence'],
    pending: settled('pending') as GrantRecord['pending'],
    identity: settled('identity') as GrantRecord['identity'],
    facts: settled('facts') as GrantRecord['facts'],
    reminded: settled('reminded') as GrantRecord['reminded'],
  };
}

export function grants(tables: Tables): Grants {
  return { ...reading(tables), ...claiming(tables) };
}

function reading(tables: Tables) {
  return {
    insertGrant: async (record) => {
      wantApp(tables, record);
      if (tables.grants.get(keyOf(record.workspaceId, record.id)))
        throw new ConflictError('taken', 'grant_claims_pkey');
      tables.grants.put(storedGrant(record));
    },
    getGrant: async (workspaceId: string, id: string) => tables.grants.get(keyOf(workspaceId, id)) ?? null,
    listGrants: async (workspaceId, { appId, identityId, state }, page) =>
      pageOf(
        tables.grants.all(),
        workspaceId,
        page,
        (grant) =>
          (appId === undefined || grant.appId === appId) &&
          (identityId === undefined || grant.identity?.id === identityId) &&
          (state === undefined || grant.state === state),
      ),
    listDeadlines: async (workspaceId: string, until: Instant, { limit, after }: DeadlinePage) =>
      tables.grants
        .all()
        .filter((grant) => grant.workspaceId === workspaceId && (grant.deadlineAt ?? until) < until)
        .filter((grant) => after === null || bySoonest(grant, after) > 0)
        .sort(bySoonest)
        .slice(0, limit),
    listUnusedGrants: async (before: Instant, limit: number) =>
      tables.grants
        .all()
        .filter(({ dueAt, createdAt }) => dueAt !== null && createdAt < before)
        .filter(
          ({ workspaceId, id }) =>
            !tables.connectionsByGrant
              .of(keyOf(workspaceId, id))
              .some(({ status }) => status === 'connected'),
        )
        .slice(0, limit)
        .map(({ workspaceId, id }) => ({ workspaceId, id })),
    countGrantsOfIdentity: async (workspaceId, appId, identityId, consentedAfter) =>
      tables.grantsByApp
        .of(keyOf(workspaceId, appId))
        .filter(
          ({ identity, state, facts }) =>
            identity?.id === identityId && IS_KEPT[state] && facts.consentedAt > consentedAfter,
        )
        .reduce(
          (sum, { createdAt, facts }) => sum + (createdAt > consentedAfter ? (facts.consentCount ?? 1) : 1),
          0,
        ),
  } satisfies Partial<Store>;
}

function claiming(tables: Tables) {
  const isFree = (grant: GrantRecord, now: Instant): boolean =>
    grant.leaseUntil === null || grant.leaseUntil <= now;
  const taken = (grant: GrantRecord, claim: Claim): ClaimedGrant => {
    const held = {
      ...grant,
      leaseOwner: claim.owner,
      leaseUntil: Math.trunc(claim.now + claim.leaseMs),
      epoch: grant.epoch + 1,
    };
    tables.grants.put(held);
    return { ...held, previousOwner: grant.leaseOwner };
  };
  return {
    claimDue: async (claim: ClaimOfMany) => dueNow(tables, claim).map((grant) => taken(grant, claim)),
    claimReminders: async ({ limit, ...claim }) => {
      const now = Math.trunc(claim.now);
      const due: GrantRecord[] = [];
      tables.reminders.walk((grant, remindAt) => {
        if (remindAt > now || due.length === limit) return false;
        if (isFree(grant, now)) due.push(grant);
        return true;
      });
      return due.map((grant) => taken(grant, claim));
    },
    claimGrant: async (workspaceId: string, id: string, claim: Claim) => {
      const grant = tables.grants.get(keyOf(workspaceId, id));
      return grant !== undefined && isFree(grant, Math.trunc(claim.now)) ? taken(grant, claim) : null;
    },
    releaseGrants: async (held: readonly GrantRecord[], dueAt: Instant | null) => {
      for (const { workspaceId, id, epoch } of held) {
        const grant = tables.grants.get(keyOf(workspaceId, id));
        if (grant?.epoch !== epoch || grant.leaseOwner === null) continue;
        const due = dueAt === null ? grant.dueAt : Math.trunc(dueAt);
        tables.grants.put({ ...grant, leaseOwner: null, leaseUntil: null, dueAt: due });
      }
    },
    endLeases: async (now: Instant) => {
      const leaseUntil = Math.trunc(now);
      for (const grant of tables.grants.all()) {
        if (grant.leaseOwner !== null && (grant.leaseUntil ?? 0) > leaseUntil)
          tables.grants.put({ ...grant, leaseUntil });
      }
    },
    hastenSpared: async (workspaceId: string, appId: string, now: Instant) => {
      const dueAt = Math.trunc(now);
      for (const grant of tables.grantsByApp.of(keyOf(workspaceId, appId))) {
        const waits = grant.leaseOwner === null && grant.dueReason === 'spared' && (grant.dueAt ?? 0) > dueAt;
        if (waits) tables.grants.put({ ...grant, dueAt });
      }
    },
    nextDueAt: async () => nextDueAt(tables),
  } satisfies Partial<Store>;
}

/** The urgent ones by their urgency, then the others by their due time, unless their app's breaker is open. */
function dueNow(tables: Tables, { limit, exceptPlatforms = [], ...claim }: ClaimOfMany): GrantRecord[] {
  const now = Math.trunc(claim.now);
  const urgent: GrantRecord[] = [];
  const others: GrantRecord[] = [];
  const isUrgent = (grant: GrantRecord): boolean => grant.urgentAt !== null && grant.urgentAt <= now;
  const open = breakers(tables);
  tables.due.walk((grant, dueAt) => {
    if (dueAt > now) return false;
    if (grant.leaseUntil !== null && grant.leaseUntil > now) return true;
    if (exceptPlatforms.includes(`${grant.environment} ${grant.platform}`)) return true;
    if (isUrgent(grant)) urgent.push(grant);
    else if ((open.get(keyOf(grant.workspaceId, grant.appId)) ?? now) <= now) others.push(grant);
    return true;
  });
  const first = urgent.sort((a, b) => (a.urgentAt ?? 0) - (b.urgentAt ?? 0)).slice(0, limit);
  const byDueTime = first.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
  return [...byDueTime, ...others.slice(0, limit - first.length)];
}

/** As the SQL store says it: only what stands before the first grant that nothing hinders has to be looked at. */
function nextDueAt(tables: Tables): Instant | null {
  const open = breakers(tables);
  let soonest: Instant | null = null;
  let unhindered: Instant | null = null;
  const consider = (at: Instant): void => {
    soonest = soonest === null ? at : Math.min(soonest, at);
  };
  tables.due.walk((grant, dueAt) => {
    if (unhindered !== null && dueAt > unhindered) return false;
    const openUntil = open.get(keyOf(grant.workspaceId, grant.appId));
    if (grant.leaseUntil === null && openUntil === undefined) {
      unhindered ??= dueAt;
      consider(dueAt);
    } else {
      const breakerEnd = openUntil === undefined ? dueAt : Math.min(openUntil, grant.urgentAt ?? openUntil);
      consider(Math.max(dueAt, grant.leaseUntil ?? dueAt, breakerEnd));
    }
    return true;
  });
  return soonest;
}

type Dated = Pick<GrantRecord, 'deadlineAt' | 'id'>;

function bySoonest(a: Dated, b: Dated): number {
  return (a.deadlineAt ?? 0) - (b.deadlineAt ?? 0) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function breakers(tables: Tables): ReadonlyMap<string, Instant> {
  return new Map(
    tables.appsWithBreaker
      .of('open')
      .map(({ workspaceId, id, breaker }) => [keyOf(workspaceId, id), breaker?.openUntil ?? 0]),
  );
}

/** As the foreign key of the table does. */
export function wantApp(tables: Tables, { workspaceId, appId }: GrantRecord): void {
  if (!tables.apps.get(keyOf(workspaceId, appId)))
    throw new ConflictError('reference', 'grants_workspace_id_app_id_fkey');
}
