import { type Instant, SECOND_MS } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';

/** Between two looks at one grant that callers ask for: they do not multiply the calls to its platform. */
export const SHORTEST_GAP_MS = 10 * SECOND_MS;

/**
 * Until when the platform is not asked about a grant on a caller's word: shortly after the last look, and before a
 * suspicion is due to be confirmed, since an earlier answer confirms nothing. Null: it may be asked. A person's
 * authorization is no look.
 */
export function restsUntil({ pending, lastAttemptAt, facts }: GrantRecord, now: Instant): Instant | null {
  const looked = lastAttemptAt !== null && lastAttemptAt > facts.consentedAt;
  const until = Math.max(looked ? lastAttemptAt + SHORTEST_GAP_MS : 0, pending?.confirmAt ?? 0);
  return until > now ? until : null;
}
