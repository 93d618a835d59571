import type { Cadence } from './cadence.ts';
import { CAUSES, type Cause } from './cause.ts';
import { canRenew, endedByTime } from './deadline.ts';
import type { Diagnosis } from './diagnosis.ts';
import { valueOr } from './fact.ts';
import type { GrantFacts, PendingVerdict } from './grantFacts.ts';
import { HOUR_MS, type Instant, MINUTE_MS } from './instant.ts';

const DEFAULT_CONFIRM_AFTER_SECONDS = 5 * 60;
/** A second try that comes earlier than this after the first is the same answer twice, not a confirmation. */
export const SHORTEST_CONFIRMATION_MS = MINUTE_MS;
/**
 * A second try that comes later than this after it was due confirms nothing: two refusals so far apart, with answers about
 * something else between them, may be two faults of the platform's own. It is a first refusal again.
 */
const SUSPICION_LASTS_MS = 6 * HOUR_MS;

/** What the platform's own probe said when it was asked to confirm. */
export type ProbeWord = 'alive' | 'dead' | 'unclear' | 'not_asked';

export interface Attempt {
  readonly cadence: Cadence;
  readonly facts: GrantFacts;
  readonly diagnosis: Diagnosis;
  readonly probe: ProbeWord;
  /** The probe's own cause, where it named one; it outranks a refusal that does not tell why. */
  readonly probeCause: Cause | null;
  readonly pending: PendingVerdict | null;
  readonly now: Instant;
}

/**
 * What follows from a failed attempt.
 * - `spare`: the app's or our own fault; the grant is not touched.
 * - `passing`: try again by the table.
 * - `limited`: it works, a part is missing.
 * - `suspect`: it may be dead; asked again at `confirmAt`.
 * - `dead`: a person is needed. Never reached on one answer alone.
 */
export type Verdict =
  | { readonly kind: 'spare' }
  | { readonly kind: 'passing'; readonly outcomeUnknown: boolean }
  | { readonly kind: 'limited'; readonly cause: Cause }
  | { readonly kind: 'suspect'; readonly pending: PendingVerdict }
  | {
      readonly kind: 'dead';
      readonly cause: Cause;
      readonly confirmedBy: 'end_by_time' | 'probe' | 'second_try';
    };

/** Decides what a failed attempt means for the grant. One answer alone never kills it. */
export function decideVerdict(attempt: Attempt): Verdict {
  const { diagnosis, facts, now, cadence } = attempt;
  if (diagnosis.meaning === 'app_fault') return { kind: 'spare' };
  const ended = endedByTime(cadence, facts, now);
  const refused = refusesGrant(cadence, facts, diagnosis);
  if (ended && refused)
    return { kind: 'dead', cause: causeAtEnd(ended.kind, diagnosis.cause), confirmedBy: 'end_by_time' };
  if (refused) return judgeDeath(attempt);
  if (diagnosis.meaning === 'person_needed') return { kind: 'limited', cause: diagnosis.cause };
  return { kind: 'passing', outcomeUnknown: diagnosis.meaning === 'unknown_outcome' };
}

/** Whether the answer says that the authorization itself is over. An ended access token says so where nothing can renew it. */
export function refusesGrant(cadence: Cadence, facts: GrantFacts, diagnosis: Diagnosis): boolean {
  if (diagnosis.meaning === 'person_needed') return diagnosis.reach === 'grant';
  if (diagnosis.cause !== 'access_token_expired') return false;
  return !canRenew(cadence, facts) || valueOr(cadence.mechanism, 'none') === 'token_exchange';
}

function judgeDeath({ cadence, facts, diagnosis, probe, probeCause, pending: noted, now }: Attempt): Verdict {
  const pending = noted && now <= noted.confirmAt + SUSPICION_LASTS_MS ? noted : null;
  if (probe === 'dead' && probeProves(facts, probeCause, now)) {
    return { kind: 'dead', cause: moreTelling(diagnosis.cause, probeCause), confirmedBy: 'probe' };
  }
  // The token is the grant here: while it lives, a refused extension is no death.
  if (probe === 'alive' && valueOr(cadence.mechanism, 'none') === 'token_exchange')
    return { kind: 'passing', outcomeUnknown: false };
  if (pending && now >= pending.confirmAt) {
    return { kind: 'dead', cause: moreTelling(diagnosis.cause, probeCause), confirmedBy: 'second_try' };
  }
  const wait = valueOr(cadence.confirmAfterSeconds, DEFAULT_CONFIRM_AFTER_SECONDS) * 1000;
  const fresh = {
    cause: diagnosis.cause,
    firstSeenAt: now,
    confirmAt: now + Math.max(wait, SHORTEST_CONFIRMATION_MS),
  };
  return { kind: 'suspect', pending: pending ?? fresh };
}

/** A refused access token proves nothing once it would have ended anyway, unless the probe says why. */
function probeProves(facts: GrantFacts, probeCause: Cause | null, now: Instant): boolean {
  if (probeCause !== null && probeCause !== 'access_token_expired') return true;
  return facts.accessExpiresAt === null || facts.accessExpiresAt > now;
}

/** `rotation_lost` is our own record of what happened and outranks the platform's "revoked". */
function moreTelling(refusal: Cause, probe: Cause | null): Cause {
  const silent =
    probe === null ||
    probe === 'unknown' ||
    probe === 'access_token_expired' ||
    CAUSES[probe].reach !== 'grant';
  return ofDeath(refusal === 'rotation_lost' || silent ? refusal : probe);
}

/** An access token that nothing can renew is a renewal credential that has ended. */
function ofDeath(cause: Cause): Cause {
  return cause === 'access_token_expired' ? 'renewal_credential_expired' : cause;
}

/** The cause when an end has passed: the end itself, unless the platform names something more telling. */
function causeAtEnd(kind: string, refusal: Cause): Cause {
  if (kind === 'testing_mode') return 'testing_mode_expiry';
  return refusal === 'revoked_by_user' ? 'renewal_credential_expired' : ofDeath(refusal);
}
