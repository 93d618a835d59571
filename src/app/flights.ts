/** Work that is under way in this process, by key: whoever asks for the same meanwhile joins it. */
export class Flights {
  readonly #flying = new Map<string, Promise<unknown>>();
  readonly #others = new Set<Promise<unknown>>();

  /** Joins the flight of this key, or begins one. */
  join<T>(key: string, begin: () => Promise<T>): Promise<T> {
    return (this.under(key) as Promise<T> | undefined) ?? this.lead(key, begin);
  }

  /** The flight of this key that is under way. */
  under(key: string): Promise<unknown> | undefined {
    return this.#flying.get(key);
  }

  /**
   * Begins a flight, whatever else is under way: for whoever holds the claim. Another flight of the key may be waiting
   * for that very claim, so joining it would be waiting for oneself.
   */
  lead<T>(key: string, begin: () => Promise<T>): Promise<T> {
    const flight: Promise<T> = begin().finally(() => {
      if (this.#flying.get(key) === flight) this.#flying.delete(key);
    });
    if (!this.#flying.has(key)) this.#flying.set(key, flight);
    return flight;
  }

  /** Something that nobody joins, and that is waited for all the same. */
  async besides<T>(work: () => Promise<T>): Promise<T> {
    const other = work();
    this.#others.add(other);
    try {
      return await other;
    } finally {
      this.#others.delete(other);
    }
  }

  /** Whether nothing is in the air. */
  get isEmpty(): boolean {
    return this.#flying.size + this.#others.size === 0;
  }

  /** Waits for everything that is in the air now. */
  async land(): Promise<void> {
    await Promise.allSettled([...this.#flying.values(), ...this.#others]);
  }
}
