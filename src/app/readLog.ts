import { type Instant, toRfc3339 } from '../core/instant.ts';
import type { NewActivity } from '../store/records.ts';

interface Tally {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly actor: string;
  count: number;
  firstAt: Instant;
  lastAt: Instant;
}

/**
 * Token reads, counted in memory and written to the activity log in batches, a row for each connection and reader: a read
 * costs no write. A process that is killed loses the counts since the last flush, never a token.
 */
export class ReadLog {
  readonly #append: (rows: readonly NewActivity[]) => Promise<void>;
  #tallies = new Map<string, Tally>();

  constructor(append: (rows: readonly NewActivity[]) => Promise<void>) {
    this.#append = append;
  }

  add(read: { workspaceId: string; connectionId: string; actor: string }, at: Instant): void {
    const key = keyOf(read);
    const tally = this.#tallies.get(key);
    if (tally) {
      tally.count += 1;
      tally.lastAt = at;
    } else this.#tallies.set(key, { ...read, count: 1, firstAt: at, lastAt: at });
  }

  /** Writes what was counted; on failure it is counted again. */
  async flush(): Promise<void> {
    const batch = this.#tallies;
    if (batch.size === 0) return;
    this.#tallies = new Map();
    try {
      await this.#append([...batch.values()].map(rowOf));
    } catch (error) {
      for (const tally of batch.values()) this.#restore(tally);
      throw error;
    }
  }

  #restore(tally: Tally): void {
    const key = keyOf(tally);
    const since = this.#tallies.get(key);
    const count = tally.count + (since?.count ?? 0);
    this.#tallies.set(key, { ...tally, count, lastAt: since?.lastAt ?? tally.lastAt });
  }
}

function keyOf({ workspaceId, connectionId, actor }: Omit<Tally, 'count' | 'firstAt' | 'lastAt'>): string {
  return `${workspaceId} ${connectionId} ${actor}`;
}

function rowOf(tally: Tally): NewActivity {
  return {
    workspaceId: tally.workspaceId,
    at: tally.lastAt,
    actor: tally.actor,
    action: 'token.read',
    subjects: [tally.connectionId],
    detail: {
      count: tally.count,
      first_at: toRfc3339(tally.firstAt),
      last_at: toRfc3339(tally.lastAt),
    },
  };
}
