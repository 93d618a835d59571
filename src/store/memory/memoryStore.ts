import { type Store, StoreUnavailableError } from '../store.ts';
import { connections } from './connections.ts';
import { directory } from './directory.ts';
import { grants } from './grants.ts';
import { keys } from './keys.ts';
import { outcomes } from './outcomes.ts';
import { settledJson } from './rows.ts';
import { keyOf, Tables } from './tables.ts';
import { declarations, visits } from './visits.ts';

export interface MemoryStoreOptions {
  /** Rows of the activity log that are kept for each workspace; older ones are dropped. Default: all. */
  readonly mostActivity?: number;
}

type Contents = Omit<Store, 'migrate' | 'close' | 'transaction' | 'hurriedly'>;

/**
 * A store in this process's memory, for simulated years and tests: nothing outlives it. It says and does what the SQL
 * store does, and is held to that by a differential test. As on the embedded database, nothing else runs while a
 * transaction is open.
 */
export function memoryStore({ mostActivity = Number.POSITIVE_INFINITY }: MemoryStoreOptions = {}): Store {
  const tables = new Tables(mostActivity);
  const inside = contents(tables);
  const gate = new Gate();
  const transactionStore: Store = {
    ...inside,
    migrate: notInside('migrate'),
    close: notInside('close'),
    hurriedly: notInside('hurriedly'),
    transaction: (work) => work(transactionStore),
  };
  return {
    ...gated(inside, gate),
    migrate: async () => {},
    close: async () => gate.shut(),
    hurriedly: (work) => work(),
    transaction: (work) =>
      gate.alone(async () => {
        tables.undo.begin();
        try {
          const result = await work(transactionStore);
          tables.undo.keep();
          return result;
        } catch (error) {
          tables.undo.roll();
          throw error;
        }
      }),
  };
}

function contents(tables: Tables): Contents {
  return {
    ping: async () => {},
    wallProblem: async () => null,
    hasRow: async (list, workspaceId, id) => tables[list].get(keyOf(workspaceId, id)) !== undefined,
    ...keys(tables),
    ...directory(tables),
    ...grants(tables),
    ...outcomes(tables),
    ...connections(tables),
    ...visits(tables),
    ...declarations(tables),
    appendActivity: async (rows) => tables.activity.append(rows),
    listActivity: async (workspaceId, { subject, action }, { limit, beforeSeq }) =>
      tables.activity
        .list(workspaceId)
        .filter(
          (row) =>
            (beforeSeq === null || row.seq < beforeSeq) &&
            (subject === undefined || row.subjects.includes(subject)) &&
            (action === undefined || row.action === action),
        )
        .reverse()
        .slice(0, limit)
        .map(settledJson),
    verifyActivity: async (workspaceId) => tables.activity.verify(workspaceId),
  };
}

function notInside(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`store.${name} cannot be called inside a transaction.`));
}

/** The same methods, each waiting until no transaction is open. */
function gated(methods: Contents, gate: Gate): Contents {
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      while (gate.taken !== null) await gate.taken;
      gate.check();
      return (method as (...given: unknown[]) => Promise<unknown>)(...args);
    },
  ]);
  return Object.fromEntries(entries) as Contents;
}

/** Lets everybody through, unless one is alone inside. */
class Gate {
  #taken: Promise<void> | null = null;
  #isShut = false;

  /** Resolves when the one inside has left; null: nobody is. Look again afterwards: another may have been quicker. */
  get taken(): Promise<void> | null {
    return this.#taken;
  }

  check(): void {
    if (this.#isShut) throw new StoreUnavailableError('The store is closed.');
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#taken !== null) await this.#taken;
    this.check();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taken = promise;
    try {
      return await work();
    } finally {
      this.#taken = null;
      resolve();
    }
  }

  shut(): void {
    this.#isShut = true;
  }
}
