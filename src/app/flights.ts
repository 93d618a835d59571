/** Work that is under way in this process, by key: whoever asks for the same meanwhile joins it. */
export class Flights {
  readonly #flying = new Map<string, Promise<unknown>>();

  /** Joins the flight of this key, or begins one. */
  join<T>(key: string, begin: () => Promise<T>): Promise<T> {
    const flying = this.#flying.get(key);
    if (flying) return flying as Promise<T>;
    const flight = begin().finally(() => this.#flying.delete(key));
    this.#flying.set(key, flight);
    return flight;
  }

  /** Waits for everything that is in the air. */
  async land(): Promise<void> {
    await Promise.allSettled(this.#flying.values());
  }
}
