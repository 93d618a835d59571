import { HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from './instant.ts';
import { spread } from './jitter.ts';

/** Waiting after the nth failure in a row; the running total is in the comment. The last one repeats. */
const DELAYS_MS = [
  30 * SECOND_MS, //  30 s
  MINUTE_MS, //       1 min 30 s
  2 * MINUTE_MS, //   3 min 30 s
  5 * MINUTE_MS, //   8 min 30 s
  10 * MINUTE_MS, //  18 min 30 s
  20 * MINUTE_MS, //  38 min 30 s
  30 * MINUTE_MS, //  1 h 8 min
  HOUR_MS, //         2 h 8 min
  2 * HOUR_MS, //     4 h 8 min
  4 * HOUR_MS, //     8 h 8 min, then every 4 hours
] as const;

const JITTER_RATIO = 0.2;
/** In an emergency the remaining time is divided into this many tries. */
const EMERGENCY_TRIES = 4;
/** No more often than this, unless the end is nearer still: then by halves of what is left. */
const EMERGENCY_SHORTEST_MS = 30 * SECOND_MS;
/** With less time than this left, no try would come back before the end. */
const EMERGENCY_LAST_MS = 2 * SECOND_MS;
/** A platform's hint is obeyed up to here: one that says "next year" is a fault of its own. */
const LONGEST_HINT_MS = 24 * HOUR_MS;

export interface RetryInput {
  readonly failures: number;
  readonly now: Instant;
  readonly grantId: string;
  /** The platform's own hint (`Retry-After` or its like), in seconds. */
  readonly retryAfterSeconds: number | null;
  /** From when on the renewal is an emergency; null: never. */
  readonly urgentAt: Instant | null;
  /** The end that the renewal must come before; null: none. */
  readonly endsAt: Instant | null;
  /** Since when nothing works any more; null: something does. */
  readonly downSince: Instant | null;
}

/** When to try again: by the table, no sooner than the platform asks, unless time is running out. */
export function retryAt(input: RetryInput): Instant {
  const { now } = input;
  const byTable = DELAYS_MS[Math.min(Math.max(input.failures, 1), DELAYS_MS.length) - 1]!;
  const base = Math.min(byTable, longestWhileDown(input));
  const jittered = base * (1 + JITTER_RATIO * (spread(`${input.grantId}:${input.failures}`) - 0.5));
  const hinted = Math.min((input.retryAfterSeconds ?? 0) * SECOND_MS, LONGEST_HINT_MS);
  const planned = now + Math.round(Math.max(jittered, hinted));
  const emergency = emergencyAt(input);
  return emergency === null ? planned : Math.min(planned, emergency);
}

/**
 * The tries of an emergency count as failures too, so that the table is at its end when the credential ends: from then on
 * the table's wait is no longer than about half of the time that nothing has worked.
 */
function longestWhileDown({ now, downSince }: RetryInput): number {
  return downSince === null ? Number.POSITIVE_INFINITY : Math.max(DELAYS_MS[0], (now - downSince) / 2);
}

/** Null: no emergency, or no time left to come before the end. */
function emergencyAt({ now, urgentAt, endsAt }: RetryInput): Instant | null {
  if (urgentAt === null || endsAt === null) return null;
  const from = Math.max(now, urgentAt);
  const left = endsAt - from;
  if (left < EMERGENCY_LAST_MS) return null;
  return from + Math.round(Math.max(left / EMERGENCY_TRIES, Math.min(EMERGENCY_SHORTEST_MS, left / 2)));
}
