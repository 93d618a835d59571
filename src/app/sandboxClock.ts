import type { Instant } from '../core/instant.ts';
import type { House } from './context.ts';
import { Problem } from './errors.ts';

/** One move goes no further. */
export const LONGEST_MOVE_DAYS = 400;

/** A way that the clock goes or went. */
export interface ClockMove {
  readonly from: Instant;
  readonly to: Instant;
  /** How far it has come. */
  readonly at: Instant;
  /** `stopped`: on request. `failed`: by a fault of ours; what is due stays due. */
  readonly state: 'under_way' | 'done' | 'stopped' | 'failed';
  /** Renewals on the way that succeeded, and that did not. */
  readonly renewals: number;
  readonly failures: number;
}

/** What goes along with a move. */
export interface Along {
  /** Awaited before each step: time never passes for what is under way. */
  readonly settled: () => Promise<void>;
  /** Whether it still is so, asked once more when nothing stands between the answer and the step. */
  readonly isSettled: () => boolean;
  /** Stands around the whole of it. */
  readonly during: (work: () => Promise<void>) => Promise<void>;
}

/** The one clock of a sandbox, which its platforms share. It can stand still and be moved forward; it never goes back. */
export interface SandboxClock {
  readonly frozen: boolean;
  /** The real time, wherever this clock stands: for what is between us and a caller, and has nothing to do with a platform. */
  readonly realNow: () => Instant;
  /** How far it is ahead of the real time, in milliseconds; below 0 after it has stood still. */
  readonly aheadMs: number;
  /** Whether it is not the real time. It may be again one day, but what was written meanwhile stays dated as it is. */
  readonly isApart: boolean;
  /** The move under way, else the last one since the start of the process; null: none. */
  readonly move: ClockMove | null;
  readonly freeze: () => void;
  readonly resume: () => void;
  /**
   * Begins to move it. Everything due up to `to` happens on the way, at its own time and one after the other. No other move
   * may be under way.
   */
  readonly begin: (to: Instant, along: Along) => void;
  /** Ends the move under way after the step that it is at. */
  readonly stop: () => void;
  /** Resolves when no move is under way. */
  readonly still: () => Promise<void>;
  /** Nobody else does anything with the clock until `work` is done. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The time in which callers live: they wait, and ask again, in real time. */
export const realNow = ({ clock, now }: Pick<House, 'clock' | 'now'>): Instant => clock?.realNow() ?? now();

/** Does what is only right in real time, and keeps the clock from being moved meanwhile. No clock, no question. */
export function inRealTime<T>(clock: SandboxClock | null, work: () => Promise<T>): Promise<T> {
  if (clock === null) return work();
  return clock.alone(async () => {
    if (!clock.isApart) return work();
    throw new Problem(
      'clock_moved',
      'The clock of this sandbox was frozen or moved: its data is dated in a time that is not the real one, and a real credential would be renewed at the wrong time. A live app needs an instance whose clock was never touched: start one with another EVERGRANT_DATA_DIR, and with EVERGRANT_SANDBOX=off if it is to hold nothing else.',
    );
  });
}
