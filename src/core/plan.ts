import type { Cadence } from './cadence.ts';
import { canRenew, deadlineOf } from './deadline.ts';
import type { GrantFacts, HardEnd } from './grantFacts.ts';
import { type Instant, MINUTE_MS, SECOND_MS } from './instant.ts';
import { spread } from './jitter.ts';

/** A renewal falls at this part of the life that is to be continued. */
const RENEW_AT_RATIO = 2 / 3;
/** From this part of its life on, a renewal goes before everything else. */
const URGENT_AT_RATIO = 5 / 6;
/** Renewals are drawn forward by up to this part of the life, so that grants of one hour do not renew in one second. */
const JITTER_RATIO = 0.05;
/** A credential that lives no longer than this is renewed at its end: anything earlier would be a loop. */
const SHORTEST_PLANNED_LIFE_MS = MINUTE_MS;
/** What lives shorter than this (or came back already ended) is as good as over; it is asked for again in a minute. */
const SHORTEST_LIFE_MS = SECOND_MS;

/**
 * Why a renewal is planned, or none.
 * - `access_token`, `renewal_credential`, `idle`: which life it continues.
 * - `not_renewable`: only a person can continue it.
 * - `does_not_end`: nothing ends by time.
 * - `cannot_extend`: what is held already reaches to the end of the renewal credential.
 */
export type PlanReason =
  | 'access_token'
  | 'renewal_credential'
  | 'idle'
  | 'not_renewable'
  | 'does_not_end'
  | 'cannot_extend';

export interface RenewalPlan {
  /** When to renew. Never in the past, never after the end of a credential that still lives; null: no renewal. */
  readonly renewAt: Instant | null;
  /** From here on the renewal outranks budgets and every hint to wait. */
  readonly urgentAt: Instant | null;
  /** The earliest moment that only a person can put off. */
  readonly deadline: HardEnd | null;
  readonly reason: PlanReason;
}

interface Life {
  readonly reason: PlanReason;
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * When to renew a grant, from what is known about it. The moment depends on the credential alone: asking again later
 * gives the same answer, or `now` once it is due. Used or not, a grant is renewed.
 */
export function planRenewal(cadence: Cadence, facts: GrantFacts, now: Instant, grantId: string): RenewalPlan {
  const deadline = deadlineOf(cadence, facts);
  const none = (reason: PlanReason): RenewalPlan => ({ renewAt: null, urgentAt: null, deadline, reason });
  if (!canRenew(cadence, facts)) return none('not_renewable');
  const ends = livesOf(cadence, facts);
  const lives = ends.filter((life) => !reachesTheEnd(cadence, facts, life));
  if (lives.length === 0) return none(ends.length > 0 ? 'cannot_extend' : 'does_not_end');
  const timed = lives.map((life) => ({ life, at: momentIn(life, grantId) }));
  const first = timed.reduce((best, candidate) => (candidate.at < best.at ? candidate : best));
  const urgentAt = Math.floor(
    Math.min(...lives.map((life) => life.from + (life.to - life.from) * URGENT_AT_RATIO)),
  );
  return {
    renewAt: Math.max(first.at, now),
    urgentAt: Math.max(urgentAt, first.at),
    deadline,
    reason: first.life.reason,
  };
}

/** Every life that a renewal might continue. */
function livesOf(cadence: Cadence, facts: GrantFacts): readonly Life[] {
  const from = facts.issuedAt;
  const lives: Life[] = [];
  if (facts.accessExpiresAt !== null) lives.push({ reason: 'access_token', from, to: facts.accessExpiresAt });
  if (facts.renewalExpiresAt !== null && renewalMayRestartClock(cadence)) {
    lives.push({ reason: 'renewal_credential', from, to: facts.renewalExpiresAt });
  }
  const idle = cadence.idleLifetimeSeconds.value;
  if (typeof idle === 'number') lives.push({ reason: 'idle', from, to: from + idle * 1000 });
  return lives;
}

/** What lives until its renewal credential ends, or longer, gains nothing by a renewal, and would be renewed for ever. */
function reachesTheEnd(cadence: Cadence, facts: GrantFacts, life: Life): boolean {
  return (
    facts.renewalExpiresAt !== null && !renewalMayRestartClock(cadence) && life.to >= facts.renewalExpiresAt
  );
}

/** Where nobody says whether a renewal puts the end off, it is tried; if it does not, each try leaves a third of the rest. */
function renewalMayRestartClock(cadence: Cadence): boolean {
  return cadence.renewalClock.value === 'from_renewal' || cadence.renewalClock.value === 'unknown';
}

function momentIn(life: Life, grantId: string): Instant {
  const length = life.to - life.from;
  if (length < SHORTEST_LIFE_MS) return life.from + SHORTEST_PLANNED_LIFE_MS;
  if (length <= SHORTEST_PLANNED_LIFE_MS) return life.to;
  return Math.floor(life.from + length * (RENEW_AT_RATIO - JITTER_RATIO * spread(grantId)));
}

/** When to probe a grant that nothing else has proven to work. The same for the same proof. */
export function planProbe(cadence: Cadence, facts: GrantFacts, now: Instant, grantId: string): Instant {
  const every = cadence.probeEverySeconds * 1000;
  const since = Math.max(facts.lastProofAt ?? facts.issuedAt, facts.issuedAt);
  return Math.max(now, since + Math.floor(every * (1 - JITTER_RATIO * spread(`probe:${grantId}`))));
}
