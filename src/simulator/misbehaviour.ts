import type { SimRequest } from '../platforms/kit/simulator.ts';
import type { FaultKind } from './faults.ts';

/** What befalls a call on a bad day, and how often among the bad ones. */
const SHARES: readonly (readonly [share: number, what: FaultKind | 'slow'])[] = [
  [0.5, 'slow'],
  [0.25, 'outage'],
  [0.05, 'rate_limit'],
  [0.1, 'drop_before'],
  [0.1, 'lose_answer'],
];
const LEAST_SLOW_MS = 200;
const MOST_SLOW_MS = 2_000;

export interface Mishap {
  /** Absent: the answer is only slow. */
  readonly fault?: FaultKind;
  /** How long the answer waits. */
  readonly slowMs: number;
}

/** Makes platforms as unreliable as real ones are: now and then an answer is slow, fails, or is lost. */
export class Misbehaviour {
  /** Share of calls that go wrong, from 0 (none) to 1. */
  rate: number;
  readonly #random: () => number;

  constructor(rate: number, random: () => number) {
    this.rate = rate;
    this.#random = random;
  }

  /** What befalls this call, if anything. People at a consent page, and clients that act for them, are spared. */
  draw({ headers }: SimRequest): Mishap | undefined {
    if (this.rate === 0 || headers['x-simulated-consent'] !== undefined) return undefined;
    if (headers.accept?.includes('text/html') || this.#random() >= this.rate) return undefined;
    const what = pick(this.#random());
    if (what !== 'slow') return { fault: what, slowMs: 0 };
    return { slowMs: LEAST_SLOW_MS + Math.floor(this.#random() * (MOST_SLOW_MS - LEAST_SLOW_MS)) };
  }
}

function pick(drawn: number): FaultKind | 'slow' {
  let left = drawn;
  for (const [share, what] of SHARES) {
    left -= share;
    if (left < 0) return what;
  }
  return 'slow';
}
