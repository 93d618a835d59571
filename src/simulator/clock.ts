import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '../core/instant.ts';

const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** A clock that runs beside the real one, can stand still, and can be moved. It never goes back: tokens would rise again. */
export class MovableClock {
  readonly #real: () => Instant;
  #ahead = 0;
  #frozenAt: Instant | null = null;

  constructor(real: () => Instant) {
    this.#real = real;
  }

  readonly now = (): Instant => this.#frozenAt ?? this.#real() + this.#ahead;

  get frozen(): boolean {
    return this.#frozenAt !== null;
  }

  freeze(): void {
    this.#frozenAt = this.now();
  }

  /** Lets the time run on from where it stands. */
  run(): void {
    this.#ahead = this.now() - this.#real();
    this.#frozenAt = null;
  }

  /** `milliseconds` from 0. */
  advance(milliseconds: number): void {
    if (this.#frozenAt === null) this.#ahead += milliseconds;
    else this.#frozenAt += milliseconds;
  }
}

/** A span such as `90d`, `36h`, `15m`, `30s` or `2w`, in milliseconds; undefined where the text is none. */
export function readSpan(text: string): number | undefined {
  const parts = /^(\d{1,6})([smhdw])$/.exec(text.trim());
  return parts ? Number(parts[1]) * UNITS[parts[2]!]! : undefined;
}
