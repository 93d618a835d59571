import type { Meaning } from '../../core/diagnosis.ts';
import { type Instant, MINUTE_MS } from '../../core/instant.ts';
import type { SeenGrant, SeenWrite } from './checker.ts';
import type { Truths } from './truths.ts';

/** An answer that never came is known to be lost after the timeout; somebody may be slow to write it down. */
const LOOK_BACK_MS = 2 * MINUTE_MS;

export interface MeaningTally {
  /** Verdicts of this meaning. */
  told: number;
  /** Of those, how many are true at the platform. */
  right: number;
  /** Verdicts where this, and nothing else, was true. */
  truly: number;
  /** Of those, how many say so. */
  found: number;
}

export type MeaningTallies = Readonly<Record<Meaning, MeaningTally>>;

export function noVerdicts(): MeaningTallies {
  const none = (): MeaningTally => ({ told: 0, right: 0, truly: 0, found: 0 });
  return { transient: none(), person_needed: none(), app_fault: none(), unknown_outcome: none() };
}

/** Compares what was made of a failed attempt with what the platform knows. A suspicion is no verdict yet. */
export function judgeVerdict(
  tallies: MeaningTallies,
  truths: Truths,
  { after, activity, at }: SeenWrite,
  seen: SeenGrant,
): void {
  const row = activity.find(({ action }) => action === 'grant.attempt_failed' || action === 'grant.spared');
  if (row === undefined || after.state === 'suspect') return;
  const told = row.detail.meaning as Meaning;
  const truth = trueMeanings(truths, seen, at);
  tallies[told].told += 1;
  if (truth.has(told)) tallies[told].right += 1;
  const [only, ...more] = truth;
  if (only === undefined || more.length > 0) return;
  tallies[only].truly += 1;
  if (only === told) tallies[only].found += 1;
}

/** All that a failure of this grant may truly mean by now. */
export function trueMeanings(truths: Truths, seen: SeenGrant, at: Instant): ReadonlySet<Meaning> {
  const truth = new Set(truths.between(seen, at - LOOK_BACK_MS, at + 1));
  if (!seen.lives || !seen.takes) truth.add('person_needed');
  return truth;
}
