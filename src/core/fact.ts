/**
 * How far a fact about the outside world can be trusted: `sure` was read in an official page or source or seen
 * in recorded traffic, `likely` is agreed on by several independent public sources, `unverified` rests on one.
 */
export type Confidence = 'sure' | 'likely' | 'unverified';

/** Where a statement about a platform was read, and when. */
export interface Sourced {
  /** A page, a repository path or a thread that a reader can open. */
  readonly source: string;
  /** The day on which the source was read, `YYYY-MM-DD`. */
  readonly checked: string;
  readonly confidence: Confidence;
  readonly note?: string;
}

/** One statement about a platform. What nobody published is `'unknown'`, never a guess. */
export interface Fact<T> extends Sourced {
  readonly value: T | 'unknown';
  /** Sources that say otherwise. Both stand, each with its date. */
  readonly conflicting?: readonly (Sourced & { readonly value: T | 'unknown' })[];
}

/** The fact's value, or `fallback` where nobody published one. */
export function valueOr<T>(fact: Fact<T>, fallback: T): T {
  return fact.value === 'unknown' ? fallback : (fact.value as T);
}
