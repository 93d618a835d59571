import { createHash } from 'node:crypto';
import type { Cause } from '../../core/cause.ts';
import type { Instant } from '../../core/instant.ts';
import type { GrantRecord, OutageRecord } from '../records.ts';
import type { GrantOutcome, Store } from '../store.ts';
import { storedGrant, wantApp } from './grants.ts';
import { pageOf } from './rows.ts';
import { keyOf, type Tables } from './tables.ts';

/** Outcomes of claims, and the outages that they open and close. */
export function outcomes(
  tables: Tables,
): Pick<Store, 'applyOutcomes' | 'closeConnectionOutage' | 'listOutages'> {
  return {
    applyOutcomes: async (batch) => {
      const standing = batch.filter((outcome) => stands(tables, outcome.grant));
      for (const { grant } of standing) wantApp(tables, grant);
      const applied = standing.filter((outcome) => write(tables, outcome.grant));
      for (const outcome of applied) openOutages(tables, outcome);
      for (const outcome of applied) closeOutages(tables, outcome);
      tables.activity.append(applied.flatMap((outcome) => outcome.activity));
      const counted = new Set(applied);
      return batch.map((outcome) => counted.has(outcome));
    },
    closeConnectionOutage: async (workspaceId, connectionId, at) =>
      closeAll(tables, tables.openOutagesByConnection.of(keyOf(workspaceId, connectionId)), at),
    listOutages: async (workspaceId, { connectionId, open }, page) =>
      pageOf(
        tables.outages.all(),
        workspaceId,
        page,
        (outage) =>
          (connectionId === undefined || outage.connectionId === connectionId) &&
          (open === undefined || (outage.endedAt === null) === open),
        (outage) => outage.noticedAt,
      ),
  };
}

function stands(tables: Tables, { workspaceId, id, epoch }: GrantRecord): boolean {
  const current = tables.grants.get(keyOf(workspaceId, id));
  return current?.epoch === epoch && current.leaseOwner !== null;
}

/** Only under the claim that still stands; writing ends the claim, so a second outcome under it finds none. */
function write(tables: Tables, grant: GrantRecord): boolean {
  const current = tables.grants.get(keyOf(grant.workspaceId, grant.id));
  if (current === undefined || !stands(tables, grant)) return false;
  const { platform, environment, createdAt } = current;
  const next = storedGrant(grant, current);
  tables.grants.put({ ...next, platform, environment, createdAt, leaseOwner: null, leaseUntil: null });
  return true;
}

function openOutages(tables: Tables, outcome: GrantOutcome): void {
  const { grant, openOutage } = outcome;
  if (openOutage === undefined) return;
  if (openOutage.confirmed) confirmCause(tables, grant, openOutage.cause);
  for (const { workspaceId, id, status } of tables.connectionsByGrant.of(
    keyOf(grant.workspaceId, grant.id),
  )) {
    if (status !== 'connected' || tables.openOutagesByConnection.of(keyOf(workspaceId, id)).length > 0)
      continue;
    const outageId = outageIdOf([workspaceId, id, grant.id, grant.epoch]);
    if (tables.outages.get(keyOf(workspaceId, outageId))) continue;
    tables.outages.put({
      workspaceId,
      id: outageId,
      connectionId: id,
      grantId: grant.id,
      cause: openOutage.cause,
      startedAt: Math.trunc(openOutage.startedAt),
      startEvidence: openOutage.startEvidence,
      noticedAt: Math.trunc(openOutage.noticedAt),
      endedAt: null,
    });
  }
}

function confirmCause(tables: Tables, { workspaceId, id }: GrantRecord, cause: Cause): void {
  for (const outage of tables.openOutagesByGrant.of(keyOf(workspaceId, id))) {
    if (outage.cause !== cause) tables.outages.put({ ...outage, cause });
  }
}

/** As the SQL store makes it, so that both give an outage the same id. */
function outageIdOf(parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(parts.join('/')).digest('hex');
  return `out_${digest.slice(0, 24)}`;
}

function closeOutages(tables: Tables, { grant, closeOutageAt }: GrantOutcome): void {
  if (closeOutageAt === undefined) return;
  closeAll(tables, tables.openOutagesByGrant.of(keyOf(grant.workspaceId, grant.id)), closeOutageAt);
}

function closeAll(tables: Tables, outages: readonly OutageRecord[], at: Instant): void {
  for (const outage of outages)
    tables.outages.put({ ...outage, endedAt: Math.max(Math.trunc(at), outage.startedAt) });
}
