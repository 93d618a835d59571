import type { Instant } from '../core/instant.ts';

/** Where a {@link MovableClock} stands, so that another can go on from there. */
export interface ClockState {
  /** Milliseconds ahead of the real time; below 0 after it has stood still. Without meaning while it stands still. */
  readonly aheadMs: number;
  /** Null: it runs. */
  readonly frozenAt: Instant | null;
}

/** A clock that runs beside the real one, can stand still, and can be moved. It never goes back: tokens would rise again. */
export class MovableClock {
  readonly #real: () => Instant;
  #ahead: number;
  #frozenAt: Instant | null;

  constructor(real: () => Instant, { aheadMs, frozenAt }: ClockState = { aheadMs: 0, frozenAt: null }) {
    this.#real = real;
    this.#ahead = aheadMs;
    this.#frozenAt = frozenAt;
  }

  readonly now = (): Instant => this.#frozenAt ?? this.#real() + this.#ahead;

  get frozen(): boolean {
    return this.#frozenAt !== null;
  }

  /** How far it is ahead of the real time now, in milliseconds. */
  get aheadMs(): number {
    return this.#frozenAt === null ? this.#ahead : this.#frozenAt - this.#real();
  }

  freeze(): void {
    this.#frozenAt = this.now();
  }

  /** Lets the time run on from where it stands. */
  run(): void {
    this.#ahead = this.aheadMs;
    this.#frozenAt = null;
  }

  /** `milliseconds` from 0. */
  advance(milliseconds: number): void {
    if (this.#frozenAt === null) this.#ahead += milliseconds;
    else this.#frozenAt += milliseconds;
  }
}
