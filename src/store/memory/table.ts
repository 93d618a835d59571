/** What has to be undone, newest last, should the work at hand fail. Null: nothing is recorded. */
export class Undo {
  #steps: (() => void)[] | null = null;

  /** From here on changes are recorded, until `keep` or `roll`. */
  begin(): void {
    this.#steps = [];
  }

  record(step: () => void): void {
    this.#steps?.push(step);
  }

  keep(): void {
    this.#steps = null;
  }

  /** Takes everything back that was recorded. */
  roll(): void {
    const steps = this.#steps ?? [];
    this.#steps = null;
    for (const step of steps.reverse()) step();
  }
}

type Listener<R> = (key: string, before: R | undefined, after: R | undefined) => void;

/** Records by key, in the order in which they came; who must know of changes listens. */
export class Table<R extends object> {
  readonly #rows = new Map<string, R>();
  readonly #listeners: Listener<R>[] = [];
  readonly #undo: Undo;
  readonly #keyOf: (record: R) => string;

  constructor(undo: Undo, keyOf: (record: R) => string) {
    this.#undo = undo;
    this.#keyOf = keyOf;
  }

  get(key: string): R | undefined {
    return this.#rows.get(key);
  }

  all(): R[] {
    return [...this.#rows.values()];
  }

  /** Inserts, or replaces what has the same key. */
  put(record: R): void {
    const key = this.#keyOf(record);
    const before = this.#rows.get(key);
    this.#set(key, record);
    this.#undo.record(() => this.#set(key, before));
  }

  delete(key: string): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.#set(key, undefined);
    this.#undo.record(() => this.#set(key, before));
    return true;
  }

  onChange(listener: Listener<R>): void {
    this.#listeners.push(listener);
  }

  #set(key: string, record: R | undefined): void {
    const before = this.#rows.get(key);
    if (record === undefined) this.#rows.delete(key);
    else this.#rows.set(key, record);
    for (const listener of this.#listeners) listener(key, before, record);
  }
}

/** The records of a table that share a value. A record whose value is null is in none. */
export class Index<R extends object> {
  readonly #byValue = new Map<string, Map<string, R>>();

  constructor(table: Table<R>, groupOf: (record: R) => string | null) {
    table.onChange((key, before, after) => {
      const from = before && groupOf(before);
      const to = after && groupOf(after);
      if (from != null && from !== to) this.#byValue.get(from)?.delete(key);
      if (from != null && this.#byValue.get(from)?.size === 0) this.#byValue.delete(from);
      if (to != null && after !== undefined) this.#group(to).set(key, after);
    });
  }

  of(value: string): R[] {
    const group = this.#byValue.get(value);
    return group === undefined ? [] : [...group.values()];
  }

  #group(value: string): Map<string, R> {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    const fresh = new Map<string, R>();
    this.#byValue.set(value, fresh);
    return fresh;
  }
}
