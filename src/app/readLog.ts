import type { Instant } from '../core/instant.ts';
import type { NewActivity } from '../store/records.ts';

interface Tally {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly actor: string;
  count: number;
  lastAt: Instant;
}

/**
 * Token reads, counted in memory and written to the activity log in batches: a read costs no write. A process that is
 * killed loses the counts since the last flush, never a token.
 */
export class ReadLog {
  readonly #append: (rows: readonly NewActivity[]) => Promise<void>;
  #tallies = new Map<string, Tally>();

  constructor(append: (rows: readonly NewActivity[]) => Promise<void>) {
    this.#append = append;
  }

  add(read: { workspaceId: string; connectionId: string; actor: string }, at: Instant): void {
    const key = `${read.workspaceId} ${read.connectionId} ${read.actor}`;
    const tally = this.#tallies.get(key);
    if (tally) {
      tally.count += 1;
      tally.lastAt = at;
    } else this.#tallies.set(key, { ...read, count: 1, lastAt: at });
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
    for (let index = 0; index < tally.count; index += 1) this.add(tally, tally.lastAt);
  }
}

function rowOf(tally: Tally): NewActivity {
  return {
    workspaceId: tally.workspaceId,
    at: tally.lastAt,
    actor: tally.actor,
    action: 'token.read',
    subjects: [tally.connectionId],
    detail: { count: tally.count },
  };
}
