import { DAY_MS, type Instant, toRfc3339, toRfc3339OrNull } from '../core/instant.ts';
import { markOf, nextReminderOf } from '../core/reminder.ts';
import type { GrantRecord } from '../store/records.ts';
import type { DeadlinePage, Page } from '../store/store.ts';
import type { Context } from './context.ts';
import { requireCursor } from './listParameters.ts';
import { pages } from './pages.ts';
import { remindableOf } from './schedule.ts';
import { methodOf, platformOf } from './startConnect.ts';

/** The activity log, newest first. */
export async function listActivity(
  ctx: Context,
  filter: { readonly subject?: string; readonly action?: string },
  page: { readonly limit: number; readonly beforeSeq: number | null },
) {
  const rows = await ctx.house.store.listActivity(ctx.workspaceId, filter, page);
  return rows.map(({ seq, at, actor, action, subjects, detail, hash }) => ({
    seq,
    at: toRfc3339(at),
    actor,
    action,
    subjects,
    detail,
    hash,
  }));
}

/** Whether the log is unbroken; where not, the first row that does not follow from its predecessor. */
export async function verifyActivity(ctx: Context) {
  const broken = await ctx.house.store.verifyActivity(ctx.workspaceId);
  return { intact: broken === null, first_broken_seq: broken?.seq ?? null };
}

/** Outages, newest first. The missed span runs from `started_at` to `ended_at`. */
export async function listOutages(
  ctx: Context,
  filter: { readonly connectionId?: string; readonly open?: boolean },
  page: Page,
) {
  await requireCursor(ctx, 'outages', page);
  const rows = await ctx.house.store.listOutages(ctx.workspaceId, filter, page);
  return rows.map((row) => ({
    id: row.id,
    connection_id: row.connectionId,
    grant_id: row.grantId,
    cause: row.cause,
    started_at: toRfc3339(row.startedAt),
    start_evidence: row.startEvidence,
    noticed_at: toRfc3339(row.noticedAt),
    ended_at: toRfc3339OrNull(row.endedAt),
  }));
}

/** Everything that only a person can put off within the next days, soonest first, one row a deadline. */
export async function listDeadlines(ctx: Context, withinDays: number) {
  const until = ctx.house.now() + withinDays * DAY_MS;
  const rows = [];
  const seen = new Set<string>();
  const list = pages(
    (page: DeadlinePage) => ctx.house.store.listDeadlines(ctx.workspaceId, until, page),
    (grant) => grant,
  );
  for await (const grants of list) {
    // A deadline that moved meanwhile may bring its grant once more.
    const fresh = grants.filter(({ id }) => !seen.has(id));
    rows.push(...(await Promise.all(fresh.map((grant) => deadlinesOf(ctx, grant, until)))).flat());
    for (const { id } of fresh) seen.add(id);
  }
  return rows.sort((a, b) => a.at.localeCompare(b.at));
}

async function deadlinesOf(ctx: Context, grant: GrantRecord, until: Instant) {
  const { house } = ctx;
  const { cadence } = methodOf(await platformOf(ctx, grant.platform), grant.method);
  const connection_ids = await connectionsOn(ctx, grant.id);
  const about = remindableOf(cadence, grant);
  return about.ends
    .filter((end) => end.at <= until)
    .map((end) => ({
      grant_id: grant.id,
      platform: grant.platform,
      identity: grant.identity,
      connection_ids,
      kind: end.kind,
      at: toRfc3339(end.at),
      days_left: Math.floor((end.at - house.now()) / DAY_MS),
      ends_grant: end.endsGrant,
      source: end.source,
      last_reminded_at: toRfc3339OrNull(markOf(end, about.marks)?.sentAt ?? null),
      next_reminder_at: toRfc3339OrNull(nextReminderOf(end, about, house.now())),
    }));
}

async function connectionsOn({ house, workspaceId }: Context, grantId: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const filter = { grantId, status: 'connected' } as const;
  const list = pages(
    (page: Page) => house.store.listConnections(workspaceId, filter, page),
    ({ connection }) => connection.id,
  );
  for await (const views of list) ids.push(...views.map(({ connection }) => connection.id));
  return ids;
}
