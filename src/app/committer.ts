import { SECOND_MS } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { GrantOutcome, Store } from '../store/store.ts';
import { StoreUnavailableError } from '../store/store.ts';

export interface Spooled {
  readonly name: string;
  /** Null: the file holds no outcome, or could not be read. */
  readonly outcome: GrantOutcome | null;
  /** Why it could not be read, where it may still be sound: the system's code. */
  readonly unread?: string;
}

/** Where outcomes go while the database is away: sealed, on disk, fsynced. */
export interface Spool {
  readonly put: (outcome: GrantOutcome) => Promise<void>;
  readonly all: () => Promise<readonly Spooled[]>;
  readonly drop: (name: string) => Promise<void>;
  /** Moves one that can never be written out of the way, for a person to look at. Resolves to its new path. */
  readonly setAside: (name: string) => Promise<string>;
  /** Whether a newer credential of the grant lies there than this one; null: that cannot be told now. */
  readonly hasNewer: (grant: GrantRecord) => Promise<boolean | null>;
}

/** Waits; an abort ends the waiting. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** `stored`: on record. `outrun`: somebody else claimed the grant meanwhile; nothing changed. `spooled`: on disk, to be replayed. */
export type CommitResult = 'stored' | 'outrun' | 'spooled';

interface Waiting {
  readonly outcome: GrantOutcome;
  readonly done: (result: CommitResult) => void;
  readonly failed: (error: unknown) => void;
}

const LARGEST_BATCH = 500;
const MOST_WRITERS = 2;
/** A second writer begins when so many wait: two small batches cost the database more than one of both. */
const ANOTHER_WRITER_FROM = 250;
/**
 * A database that says nothing for so long is away: where a network swallows what is sent, nobody else tells. Shorter
 * than a caller waits for a renewal, who then gets the token that is safe on disk.
 */
export const LONGEST_WRITE_MS = 8 * SECOND_MS;

/** Writes outcomes in groups: what arrives while a write is under way goes into the next one. */
export class Committer {
  readonly #store: Store;
  readonly #spool: Spool;
  readonly #sleep: Sleep;
  #queue: Waiting[] = [];
  #writers = 0;

  constructor(store: Store, spool: Spool, sleep: Sleep) {
    this.#store = store;
    this.#spool = spool;
    this.#sleep = sleep;
  }

  /** Resolves when the outcome is safe; until then nobody may see its access token. */
  commit(outcome: GrantOutcome): Promise<CommitResult> {
    return new Promise((done, failed) => {
      this.#queue.push({ outcome, done, failed });
      const wanted = this.#queue.length < ANOTHER_WRITER_FROM ? 1 : MOST_WRITERS;
      if (this.#writers < wanted) void this.#drain();
    });
  }

  /**
   * Puts a renewal that was outrun aside. Whoever claimed the grant meanwhile may hold a refresh token that this renewal
   * spent; the replay writes it if nobody stored a newer credential.
   */
  keep(outcome: GrantOutcome): Promise<void> {
    return this.#spool.put(outcome);
  }

  /**
   * Whether a newer credential of the grant than this one waits in the spool: then this one may be spent. Null: that
   * cannot be told now.
   */
  isBehind(grant: GrantRecord): Promise<boolean | null> {
    return this.#spool.hasNewer(grant);
  }

  async #drain(): Promise<void> {
    this.#writers += 1;
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#write(this.#queue.splice(0, LARGEST_BATCH));
    this.#writers -= 1;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const stood = await this.#writeInTime(batch.map((waiting) => waiting.outcome));
      batch.forEach((waiting, index) => {
        waiting.done(stood[index] ? 'stored' : 'outrun');
      });
    } catch (error) {
      if (batch.length > 1 && !(error instanceof StoreUnavailableError)) {
        for (const waiting of batch) await this.#write([waiting]);
        return;
      }
      for (const waiting of batch) await this.#spoolOne(waiting, error);
    }
  }

  /**
   * A write that is given up may still come through later. That is harmless: it counts under its own claim alone, and
   * the replay of what was spooled finds it done.
   */
  async #writeInTime(outcomes: readonly GrantOutcome[]): Promise<readonly boolean[]> {
    const done = new AbortController();
    const write = this.#store.applyOutcomes(outcomes);
    const silence = this.#sleep(LONGEST_WRITE_MS, done.signal).then(() => {
      if (done.signal.aborted) return write;
      throw new StoreUnavailableError(`The database did not answer within ${LONGEST_WRITE_MS} ms.`);
    });
    write.catch(() => undefined);
    silence.catch(() => undefined);
    try {
      return await Promise.race([write, silence]);
    } finally {
      // With a reason: the one that is made up otherwise is an error with a stack, for every write.
      done.abort('done');
    }
  }

  async #spoolOne(waiting: Waiting, reason: unknown): Promise<void> {
    try {
      await this.#spool.put(waiting.outcome);
      waiting.done('spooled');
    } catch (error) {
      waiting.failed(new AggregateError([reason, error], 'The outcome could neither be stored nor spooled.'));
    }
  }
}
