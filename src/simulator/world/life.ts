import type { VirtualClock } from './virtualClock.ts';

/** One life of a process, from its start to its kill. What it awaits when it ends never comes. */
export class Life {
  readonly #clock: VirtualClock;
  #over = false;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get isOver(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  /** Nothing that the process awaits comes before the moment: a stopped machine, a long collection of garbage. */
  pauseUntil(moment: number): void {
    this.#pausedUntil = moment;
  }

  /** What the process awaits of the outside world. */
  async live<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over) return never();
    try {
      return await work();
    } finally {
      if (this.#pausedUntil > this.#clock.now())
        await this.#clock.sleep(this.#pausedUntil - this.#clock.now());
      if (this.#over) await never();
    }
  }

  /** The same methods, as this process meets them. */
  guard<T extends object>(methods: T): T {
    const entries = Object.entries(methods).map(([name, member]) =>
      typeof member === 'function'
        ? [
            name,
            (...given: unknown[]) =>
              this.live(async () => (member as (...args: unknown[]) => unknown)(...given)),
          ]
        : [name, member],
    );
    return Object.fromEntries(entries) as T;
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
