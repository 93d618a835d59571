import TinyQueue from 'tinyqueue';
import type { Instant } from '../../core/instant.ts';

interface Timer {
  readonly at: Instant;
  /** Timers of one moment go off in the order in which they were set. */
  readonly order: number;
  job: (() => void) | null;
}

/**
 * Time that passes only when nobody has anything left to do. Sleepers and appointments are woken in the order of their
 * time, each after everything that the one before it set off has come to rest.
 */
export class VirtualClock {
  readonly #timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at || a.order - b.order);
  readonly #atRest: () => Promise<void>;
  #now: Instant;
  #set = 0;

  /** @param atRest Resolves when all work that needs no time is done. */
  constructor(startAt: Instant, atRest: () => Promise<void>) {
    this.#now = startAt;
    this.#atRest = atRest;
  }

  readonly now = (): Instant => this.#now;

  /** Does the job at the moment, or at once where that has passed. Returns how to call it off. */
  at(moment: Instant, job: () => void): () => void {
    this.#set += 1;
    const timer: Timer = { at: Math.max(Math.trunc(moment), this.#now), order: this.#set, job };
    this.#timers.push(timer);
    return () => {
      timer.job = null;
    };
  }

  /** As the real one: resolves after the time, or as soon as the signal is aborted. */
  readonly sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const callOff = this.at(this.#now + Math.max(0, milliseconds), () => {
        signal?.removeEventListener('abort', awake);
        resolve();
      });
      const awake = (): void => {
        callOff();
        resolve();
      };
      signal?.addEventListener('abort', awake, { once: true });
    });
  };

  /** Lets time pass until the moment. `onTime` hears of each step. */
  async runUntil(end: Instant, onTime: (now: Instant) => void = () => {}): Promise<void> {
    await this.#atRest();
    for (
      let timer = this.#timers.peek();
      timer !== undefined && timer.at <= end;
      timer = this.#timers.peek()
    ) {
      this.#timers.pop();
      if (timer.job === null) continue;
      this.#now = timer.at;
      onTime(timer.at);
      timer.job();
      await this.#atRest();
    }
    this.#now = Math.max(this.#now, end);
  }
}
