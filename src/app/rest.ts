import { type Instant, SECOND_MS } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { Held } from './held.ts';

/** Between two looks at one grant that callers ask for: they do not multiply the calls to its platform. */
export const SHORTEST_GAP_MS = 10 * SECOND_MS;

/**
 * Why and until when the platform is not asked about a grant on a caller's word: shortly after the last look, and before
 * a suspicion is due to be confirmed, since an earlier answer confirms nothing. Null: it may be asked. A person's
 * authorization is no look.
 */
export function rests({ pending, lastAttemptAt, facts }: GrantRecord, now: Instant): Held | null {
  const looked = lastAttemptAt !== null && lastAttemptAt > facts.consentedAt;
  const gapUntil = looked ? lastAttemptAt + SHORTEST_GAP_MS : 0;
  const confirmAt = pending?.confirmAt ?? 0;
  if (confirmAt > now && confirmAt >= gapUntil) return { reason: 'awaits_confirmation', until: confirmAt };
  return gapUntil > now ? { reason: 'asked_a_moment_ago', until: gapUntil } : null;
}
