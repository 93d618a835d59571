import TinyQueue from 'tinyqueue';
import type { Instant } from '../../core/instant.ts';
import type { GrantRecord } from '../records.ts';
import type { Table } from './table.ts';

interface Entry {
  readonly dueAt: Instant;
  readonly key: string;
}

const soonestFirst = (a: Entry, b: Entry): number =>
  a.dueAt - b.dueAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/**
 * Grants by a time of theirs, such as when they are due. An entry whose grant has another due time meanwhile is stale and is dropped when it is met, so
 * that a change costs one entry and no search.
 */
export class DueQueue {
  readonly #grants: Table<GrantRecord>;
  readonly #timeOf: (grant: GrantRecord) => Instant | null;
  readonly #queue = new TinyQueue<Entry>([], soonestFirst);

  constructor(grants: Table<GrantRecord>, timeOf: (grant: GrantRecord) => Instant | null) {
    this.#grants = grants;
    this.#timeOf = timeOf;
    grants.onChange((key, before, after) => {
      const dueAt = after === undefined ? null : timeOf(after);
      const was = before === undefined ? null : timeOf(before);
      if (dueAt !== null && dueAt !== was) this.#queue.push({ dueAt, key });
    });
  }

  /** Due grants, the soonest first, as long as they are wanted. What is looked at stays in the queue. */
  walk(isWanted: (grant: GrantRecord, dueAt: Instant) => boolean): void {
    const seen: Entry[] = [];
    const keys = new Set<string>();
    for (let entry = this.#queue.peek(); entry !== undefined; entry = this.#queue.peek()) {
      const grant = this.#grants.get(entry.key);
      const isStale = grant === undefined || this.#timeOf(grant) !== entry.dueAt || keys.has(entry.key);
      if (!isStale && !isWanted(grant, entry.dueAt)) break;
      this.#queue.pop();
      if (isStale) continue;
      seen.push(entry);
      keys.add(entry.key);
    }
    for (const entry of seen) this.#queue.push(entry);
  }
}
