import type { Cause } from '../../core/cause.ts';
import type { Evidence, Finding } from '../../core/diagnosis.ts';
import type { GrantFacts } from '../../core/grantFacts.ts';
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '../../core/instant.ts';

const TESTING_MS = 7 * DAY_MS;
/** Google's clock and ours, and the seconds of the exchange, may lie this far apart. */
const SLACK_MS = 5 * MINUTE_MS;
/** A death just past seven days is noticed by the next renewal, which comes within the hour. */
const NOTICED_WITHIN_MS = 2 * HOUR_MS;
const IDLE_MS = 180 * DAY_MS;
const CAP = 100;

const RECONNECT = 'Reconnect: the person who authorized it signs in at Google and allows access again.';

const NOT_RULED_OUT: readonly Cause[] = [
  'revoked_by_user',
  'renewal_credential_expired',
  'testing_mode_expiry',
  'token_limit_exceeded',
  'session_invalidated',
  'admin_policy',
];

/**
 * "Token has been expired or revoked." is said for five deaths alike, so what we know ourselves decides: the end that
 * the platform named, Testing's seven days, the cap of live tokens, six idle months. What is left is a withdrawal.
 * An unknown outcome plays no part: Google does not rotate refresh tokens, so none can be lost on the way.
 */
export function deadRefreshToken({ facts, now }: Evidence): Finding {
  const found = facts === undefined ? undefined : causeByFacts(facts, now);
  const finding: Finding = found ?? { cause: 'revoked_by_user', remedy: RECONNECT };
  return { ...finding, also: NOT_RULED_OUT.filter((cause) => cause !== finding.cause) };
}

function causeByFacts(facts: GrantFacts, now: Instant): Finding | undefined {
  if (endedByTesting(facts, now)) {
    return {
      cause: 'testing_mode_expiry',
      remedy:
        'The operator sets the OAuth app to “In production” (Google Cloud console, Google Auth Platform, Audience); then the person reconnects. While it is in Testing, every authorization ends after 7 days.',
    };
  }
  if (facts.renewalExpiresAt && now >= facts.renewalExpiresAt - SLACK_MS) {
    return {
      cause: 'renewal_credential_expired',
      remedy:
        'Reconnect: the person signs in at Google and allows access again. They had allowed it for a limited time, which is over.',
    };
  }
  if (facts.newerGrantsOfIdentity >= CAP) {
    return {
      cause: 'token_limit_exceeded',
      remedy:
        'Reconnect: the person signs in at Google again. Let connections of the same person share one authorization: Google keeps a hundred for each account and OAuth client, and ends the oldest.',
    };
  }
  if (now - (facts.lastProofAt ?? facts.issuedAt) >= IDLE_MS) {
    return {
      cause: 'renewal_credential_expired',
      remedy: 'Reconnect: the person signs in at Google again. Google ends what is not used for six months.',
    };
  }
  return undefined;
}

function endedByTesting(facts: GrantFacts, now: Instant): boolean {
  const age = now - facts.consentedAt;
  if (age < TESTING_MS - SLACK_MS || facts.appPublishing === 'production') return false;
  // Nobody declared the status: a death in the very hours after seven days is no coincidence.
  return facts.appPublishing === 'testing' || age <= TESTING_MS + NOTICED_WITHIN_MS;
}
