import { sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { OutageRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { GrantOutcome, Page } from './store.ts';
import { afterRow, atMillisecond, column, json, millisecond, moment, time } from './values.ts';

const OUTAGE = [
  'workspaceId',
  'id',
  'connectionId',
  'grantId',
  'cause',
  'startedAt',
  'startEvidence',
  'noticedAt',
  'endedAt',
] as const;

/** The id follows from connection, grant and the epoch of the claim, so no chance is needed and a repeat cannot double it. */
export async function openOutages(db: Db, outcomes: readonly GrantOutcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ grant, openOutage }) =>
    openOutage === undefined
      ? []
      : {
          workspace_id: grant.workspaceId,
          grant_id: grant.id,
          epoch: grant.epoch,
          cause: openOutage.cause,
          started_at: time(openOutage.startedAt),
          start_evidence: openOutage.startEvidence,
          noticed_at: time(openOutage.noticedAt),
          confirmed: openOutage.confirmed ?? false,
        },
  );
  if (rows.length === 0) return;
  await sql`
    insert into outages (workspace_id, id, connection_id, grant_id, cause, started_at, start_evidence, noticed_at)
    select connections.workspace_id,
      'out_' || substr(encode(sha256(convert_to(
        connections.workspace_id || '/' || connections.id || '/' || connections.grant_id || '/' || new.epoch, 'UTF8')), 'hex'), 1, 24),
      connections.id, connections.grant_id, new.cause, new.started_at, new.start_evidence, new.noticed_at
    from json_to_recordset(${json(rows)}::text::json) as new(workspace_id text, grant_id text, epoch bigint,
      cause text, started_at timestamptz, start_evidence text, noticed_at timestamptz)
    join connections on connections.workspace_id = new.workspace_id and connections.grant_id = new.grant_id
    where connections.status = 'connected'
    on conflict do nothing`.execute(db);
  await confirmCauses(
    db,
    rows.filter((row) => row.confirmed),
  );
}

async function confirmCauses(
  db: Db,
  rows: readonly { workspace_id: string; grant_id: string; cause: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update outages set cause = new.cause
    from json_to_recordset(${json(rows)}::text::json) as new(workspace_id text, grant_id text, cause text)
    where outages.workspace_id = new.workspace_id and outages.grant_id = new.grant_id
      and outages.ended_at is null and outages.cause <> new.cause`.execute(db);
}

export async function closeOutages(db: Db, outcomes: readonly GrantOutcome[]): Promise<void> {
  const ending = outcomes.filter((outcome) => outcome.closeOutageAt !== undefined);
  if (ending.length === 0) return;
  const each = (type: string, read: (outcome: GrantOutcome) => string | number | null) =>
    column(type, ending.map(read));
  await sql`
    update outages set ended_at = greatest(${sql.raw(atMillisecond('new.ended_at'))}, outages.started_at)
    from unnest(
      ${each('text', ({ grant }) => grant.workspaceId)}, ${each('text', ({ grant }) => grant.id)},
      ${each('bigint', ({ closeOutageAt }) => millisecond(closeOutageAt ?? null))}
    ) as new(workspace_id, grant_id, ended_at)
    where outages.workspace_id = new.workspace_id and outages.grant_id = new.grant_id
      and outages.ended_at is null`.execute(db);
}

export async function closeConnectionOutage(
  db: Db,
  workspaceId: string,
  connectionId: string,
  at: Instant,
): Promise<void> {
  await sql`
    update outages set ended_at = greatest(${moment(at)}, started_at)
    where workspace_id = ${workspaceId} and connection_id = ${connectionId} and ended_at is null`.execute(db);
}

export function listOutages(
  db: Db,
  workspaceId: string,
  filter: { readonly connectionId?: string; readonly open?: boolean },
  page: Page,
): Promise<OutageRecord[]> {
  let query = db
    .selectFrom('outages')
    .select(OUTAGE)
    .where('workspaceId', '=', workspaceId)
    .where(afterRow('outages', workspaceId, page, 'noticed_at'));
  if (filter.connectionId !== undefined) query = query.where('connectionId', '=', filter.connectionId);
  if (filter.open !== undefined) query = query.where('endedAt', filter.open ? 'is' : 'is not', null);
  return query.orderBy('noticedAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}
