/** Ids kept at most. With more than that written, everything counts as written: nothing is trusted wrongly. */
const MOST_IDS = 10_000;

/** Where the ids of what was written go. */
export interface Noted {
  readonly note: (ids: readonly string[]) => void;
  /** More was written than can be named. */
  readonly noteAll: () => void;
}

/** What this process has written, by id and in order, so that nothing older is taken from memory. */
export class Changes implements Noted {
  readonly #lastOf = new Map<string, number>();
  #count = 0;
  #allAt = 0;

  /** How much was written so far: what is read from now on is at least as new. */
  get count(): number {
    return this.#count;
  }

  note(ids: readonly string[]): void {
    this.#count += 1;
    for (const id of ids) this.#lastOf.set(id, this.#count);
    if (this.#lastOf.size > MOST_IDS) this.noteAll();
  }

  noteAll(): void {
    this.#count += 1;
    this.#allAt = this.#count;
    this.#lastOf.clear();
  }

  /** Whether one of the ids was written after that count was taken. */
  since(count: number, ids: readonly string[]): boolean {
    if (this.#count === count) return false;
    return this.#allAt > count || ids.some((id) => (this.#lastOf.get(id) ?? 0) > count);
  }
}
