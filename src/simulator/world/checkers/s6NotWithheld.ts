import { HOUR_MS, MINUTE_MS } from '../../../core/instant.ts';
import type { CheckerFactory } from '../checker.ts';

/** How far the clock of a process may be ahead: it takes a token for ended that much too early. */
const AHEAD_MS = 4 * MINUTE_MS;
/** After the platform has lied, or refused the app or the person, it may take so long to hear that the token works. */
const AFTER_MS = 2 * HOUR_MS;

export const s6NotWithheld: CheckerFactory = ({ report, judged, truths }) => {
  /** Tokens that were truly dead when they were declared so: a platform that takes them again has not said so. */
  const wereDead = new Map<string, number>();
  return {
    id: 'S6',
    promise: 'A token that still works is never withheld.',
    onVerdict: ({ after }, { takes }) => {
      if (!takes) wereDead.set(after.id, after.credentialVersion);
    },
    onRead: ({ at, seen, handedOut, problem }) => {
      const { id, facts, state, credentialVersion } = seen.grant;
      const endsAt = facts.accessExpiresAt ?? Number.POSITIVE_INFINITY;
      if (!seen.takes || endsAt <= at + AHEAD_MS || state === 'revoked') return;
      const excused =
        wereDead.get(id) === credentialVersion || truths.between(seen, at - AFTER_MS, at + 1).size > 0;
      if (!handedOut && excused) return;
      judged();
      if (!handedOut)
        report(
          `The platform takes the token until ${facts.accessExpiresAt}, and it was withheld: ${problem}.`,
          id,
        );
    },
  };
};
