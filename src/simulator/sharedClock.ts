import type { Along, ClockMove, SandboxClock } from '../app/sandboxClock.ts';
import { HOUR_MS, type Instant } from '../core/instant.ts';
import { type ClockState, MovableClock } from './clock.ts';

/** Rounds at one moment, after which something is taken to come due again and again. */
const MOST_ROUNDS_AT_ONCE = 1_000;
const LONGEST_REST_MS = HOUR_MS;

export interface SharedClockParts {
  readonly real: () => Instant;
  /** In real time; an abort ends it. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Where it stood when the last process ended; null: nobody has touched it. */
  readonly state: ClockState | null;
  /** Puts on record where it stands: before anybody sees the time, so that nothing written lies in the future of a restart. */
  readonly keep: (state: ClockState) => void;
  /** Hears of a fault that ended a move, or that kept its end off the record. */
  readonly fault: (error: unknown) => void;
}

/** As the keeper knows it: `held` says that time waits for this work, so nothing of it may be left under way. */
type Work = (held: boolean) => Promise<number>;

interface Task {
  readonly work: Work;
  /** When it wants to be done again, by this clock. */
  at: Instant;
  busy: Promise<void> | null;
  readonly dueAt: Terms['dueAt'];
}

interface Terms {
  /** At the latest after so many milliseconds of real time. */
  readonly longestMs: number;
  readonly signal: AbortSignal;
  /** When there is work again, where others may bring some in between; null: never. Default: as the work itself has said. */
  readonly dueAt?: () => Promise<Instant | null>;
}

/** The one clock of the service and its simulated platforms. What has to happen from time to time is done by it. */
export class SharedClock implements SandboxClock {
  readonly #clock: MovableClock;
  readonly #parts: SharedClockParts;
  readonly #tasks = new Set<Task>();
  readonly #sleepers = new Set<() => void>();
  #moving: Promise<void> | null = null;
  /** What `frozen` was when the move under way began: within it the clock stands still between the steps. */
  #wasFrozen = false;
  #touched: boolean;
  #stopped = false;
  #move: ClockMove | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: SharedClockParts) {
    this.#parts = parts;
    this.#clock = new MovableClock(parts.real, parts.state ?? undefined);
    this.#touched = parts.state !== null;
  }

  readonly now = (): Instant => this.#clock.now();

  readonly realNow = (): Instant => this.#parts.real();

  get frozen(): boolean {
    return this.#moving === null ? this.#clock.frozen : this.#wasFrozen;
  }

  get aheadMs(): number {
    return this.#clock.aheadMs;
  }

  get isApart(): boolean {
    return this.#touched;
  }

  get move(): ClockMove | null {
    return this.#move;
  }

  readonly freeze = (): void => {
    if (this.frozen) return;
    this.#clock.freeze();
    this.#keepOr(() => this.#clock.run());
    this.#wakeAll();
  };

  readonly resume = (): void => {
    if (!this.frozen) return;
    this.#clock.run();
    this.#keepOr(() => this.#clock.freeze());
    this.#wakeAll();
  };

  readonly begin = (to: Instant, along: Along): void => {
    if (this.#moving) throw new Error('The clock is being moved already.');
    this.#wasFrozen = this.#clock.frozen;
    // Before anything begins: where it cannot be put on record, it stays as it is.
    this.#keep();
    this.#clock.freeze();
    this.#stopped = false;
    const from = this.now();
    this.#move = { from, to, at: from, state: 'under_way', renewals: 0, failures: 0 };
    this.#moving = along
      .during(() => this.#go(to, along))
      .then(
        () => this.#end(this.#stopped ? 'stopped' : 'done'),
        (error: unknown) => {
          this.#end('failed');
          this.#parts.fault(error);
        },
      );
  };

  readonly stop = (): void => {
    this.#stopped = true;
  };

  readonly still = async (): Promise<void> => {
    await this.#moving;
  };

  readonly alone = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  };

  /** Counts what happens on the way. */
  readonly noteRenewal = (ok: boolean): void => {
    if (this.#moving === null || this.#move === null) return;
    const { renewals, failures } = this.#move;
    this.#move = ok ? { ...this.#move, renewals: renewals + 1 } : { ...this.#move, failures: failures + 1 };
  };

  /**
   * Does the work again and again until the signal is aborted: each time as many milliseconds after the last as it says,
   * by this clock, or after `longestMs` of real time, if that is sooner.
   */
  readonly repeat = async (work: Work, { longestMs, signal, dueAt }: Terms): Promise<void> => {
    const task: Task = { work, at: this.now(), busy: null, dueAt };
    this.#tasks.add(task);
    while (!signal.aborted) {
      await this.#untilDue(task, longestMs, signal);
      if (this.#moving === null && !signal.aborted) await this.#do(task, false);
    }
    this.#tasks.delete(task);
    this.#stopped = true;
    await this.#moving;
  };

  async #untilDue(task: Task, longestMs: number, signal: AbortSignal): Promise<void> {
    const { real } = this.#parts;
    const lookAt = real() + longestMs;
    while (!signal.aborted) {
      if (this.#moving === null && (task.at <= this.now() || real() >= lookAt)) return;
      const left = this.#clock.frozen ? Number.POSITIVE_INFINITY : task.at - this.now();
      const rest = this.#moving === null ? Math.min(left, lookAt - real()) : LONGEST_REST_MS;
      await this.#sleep(Math.min(rest, LONGEST_REST_MS), signal);
    }
  }

  /** Until then in real time, or until somebody has touched the clock. */
  async #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const wake = () => over.abort();
    this.#sleepers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await this.#parts.sleep(milliseconds, over.signal);
    signal.removeEventListener('abort', wake);
    this.#sleepers.delete(wake);
  }

  #wakeAll(): void {
    for (const wake of this.#sleepers) wake();
  }

  #do(task: Task, held: boolean): Promise<void> {
    const done = task.work(held).then((milliseconds) => {
      task.at = this.now() + Math.max(0, milliseconds);
    });
    task.busy = done.catch(() => undefined);
    return done;
  }

  async #go(to: Instant, { settled, isSettled }: Along): Promise<void> {
    await Promise.all([...this.#tasks].map((task) => task.busy));
    // What a round before the move has left under way is done first.
    for (const task of this.#tasks) if (task.dueAt && !this.#stopped) await this.#do(task, true);
    let rounds = 0;
    while (!this.#stopped) {
      await settled();
      const next = await this.#nextTask();
      // Asked again after the waiting: a process that shuts down has taken its tasks away, and nothing seems to be due.
      if (this.#stopped) return;
      if (!isSettled()) continue;
      const at = Math.max(this.now(), Math.min(next?.at ?? to, to));
      rounds = at > this.now() ? 0 : rounds + 1;
      if (rounds > MOST_ROUNDS_AT_ONCE) throw new Error('Something comes due again and again.');
      if (at > this.now()) this.#step(at);
      if (next === undefined || next.at > at) return;
      await this.#do(next, true);
    }
  }

  /** The first of those that are due first. */
  async #nextTask(): Promise<Task | undefined> {
    let first: Task | undefined;
    for (const task of this.#tasks) {
      if (task.dueAt) task.at = (await task.dueAt()) ?? Number.POSITIVE_INFINITY;
      if (first === undefined || task.at < first.at) first = task;
    }
    return first;
  }

  #step(at: Instant): void {
    const state = { aheadMs: at - this.#parts.real(), frozenAt: this.#wasFrozen ? at : null };
    this.#parts.keep(state);
    this.#touched = true;
    this.#clock.advance(at - this.now());
    if (this.#move) this.#move = { ...this.#move, at };
  }

  #end(state: 'done' | 'stopped' | 'failed'): void {
    this.#moving = null;
    if (!this.#wasFrozen) this.#clock.run();
    if (this.#move) this.#move = { ...this.#move, state };
    this.#wakeAll();
    try {
      this.#keep();
    } catch (error) {
      // What the last step put on record does not lie behind: the way is over all the same.
      this.#parts.fault(error);
    }
  }

  /** Takes the change back where it cannot be put on record. */
  #keepOr(takeBack: () => void): void {
    try {
      this.#keep();
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** Touched even where it fails: some of it may be on the disk. */
  #keep(): void {
    this.#touched = true;
    this.#parts.keep({ aheadMs: this.aheadMs, frozenAt: this.frozen ? this.now() : null });
  }
}
