import { IS_KEPT } from '../core/grantState.ts';
import { type Instant, SECOND_MS, toRfc3339 } from '../core/instant.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { Context, House } from './context.ts';
import { holdSingleUse } from './settle.ts';
import { methodOf, platformOf } from './startConnect.ts';

/** The keeper replays what is on disk at least this often. */
const REPLAY_WAIT_MS = 5 * SECOND_MS;

/**
 * Why a platform is not asked for now.
 * - `refresh_token_may_be_spent`: an answer was lost; the single-use refresh token rests while the access token works.
 * - `app_left_alone`: the app's breaker is open.
 * - `asked_a_moment_ago`: callers do not multiply the calls to a platform.
 * - `awaits_confirmation`: an earlier second try would confirm nothing.
 * - `awaits_database`: it was renewed while the database was away, and that is put on record first.
 */
export const HELD_REASONS = [
  'refresh_token_may_be_spent',
  'app_left_alone',
  'asked_a_moment_ago',
  'awaits_confirmation',
  'awaits_database',
] as const;

export interface Held {
  readonly reason: (typeof HELD_REASONS)[number];
  readonly until: Instant;
}

/** Whether a single-use refresh token that may be spent is held back now, and until when. */
export function heldBack(method: AuthMethod, grant: GrantRecord, now: Instant): Held | null {
  if (grant.facts.unknownOutcomeAt === null) return null;
  const until = holdSingleUse({ grant, method, now }, now);
  return until > now ? { reason: 'refresh_token_may_be_spent', until } : null;
}

/** Whether the app is left alone now, and until when. What is urgent is tried all the same. */
export function leftAlone(app: Pick<AppRecord, 'breaker'> | null, now: Instant): Held | null {
  const until = app?.breaker?.openUntil ?? 0;
  return until > now ? { reason: 'app_left_alone', until } : null;
}

/** Nothing is sent for a grant whose newest credential waits on disk; it is looked at again so soon. */
export function awaitsDatabase(now: Instant): Held {
  return { reason: 'awaits_database', until: now + REPLAY_WAIT_MS };
}

/**
 * Whether the refresh token on record may be spent since a newer credential waits on disk. Where nobody can tell what lies
 * there, that holds for whatever is single use; the others lose nothing by being sent.
 */
export async function awaitsReplay({ committer, registry }: House, grant: GrantRecord): Promise<boolean> {
  const behind = await committer.isBehind(grant);
  if (behind !== null) return behind;
  if (!grant.facts.renewable) return false;
  const platform = await registry.find(grant.workspaceId, grant.platform).catch(() => null);
  const method = platform?.profile.methods.find(({ id }) => id === grant.method);
  return method?.cadence.singleUseRenewal.value !== false;
}

/**
 * What keeps the next renewal of a connection's grant back, of whatever lasts longest; null: nothing does, or there is
 * none to come. What waits on disk is known to the process that put it there.
 */
export async function whatHolds(
  ctx: Context,
  { connection, grant }: ConnectionView,
  app: Pick<AppRecord, 'breaker'> | null,
): Promise<Held | null> {
  if (connection.status !== 'connected' || !IS_KEPT[grant.state]) return null;
  const now = ctx.house.now();
  if (await awaitsReplay(ctx.house, grant)) return awaitsDatabase(now);
  const alone = leftAlone(app, now);
  if (grant.facts.unknownOutcomeAt === null) return alone;
  const spent = heldBack(methodOf(await platformOf(ctx, grant.platform), grant.method), grant, now);
  return (spent?.until ?? 0) >= (alone?.until ?? 0) ? spent : alone;
}

/** A renewal that is held goes out when it is let go, at the earliest. */
export function renewedAfter({ connection, grant }: ConnectionView, held: Held | null): ConnectionView {
  if (held === null || grant.renewAt === null) return { connection, grant };
  return { connection, grant: { ...grant, renewAt: Math.max(grant.renewAt, held.until) } };
}

/** As the API shows it. */
export function viewHeld(held: Held | null) {
  return held && { reason: held.reason, until: toRfc3339(held.until) };
}
