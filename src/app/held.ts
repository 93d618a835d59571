import type { Instant } from '../core/instant.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { AppRecord, GrantRecord } from '../store/records.ts';
import { holdSingleUse } from './settle.ts';

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

/** What keeps a grant's next renewal back, of whatever lasts longest; null: nothing does. */
export function whatHolds(
  method: AuthMethod,
  grant: GrantRecord,
  app: Pick<AppRecord, 'breaker'> | null,
  now: Instant,
): Held | null {
  const spent = heldBack(method, grant, now);
  const alone = leftAlone(app, now);
  return (spent?.until ?? 0) >= (alone?.until ?? 0) ? spent : alone;
}
