import {
  type DirectoryOptions,
  embeddedDatabase,
  type MemoryOptions,
  memoryDatabase,
  type OpenDatabase,
} from './embedded.ts';
import { type PostgresOptions, postgresDatabase } from './postgres.ts';
import type { Db } from './schema.ts';
import { sqlStore } from './sqlStore.ts';
import type { Store } from './store.ts';

export type StoreOptions = (PostgresOptions | DirectoryOptions | MemoryOptions) & {
  /**
   * Hears it in words when the role behind row-level security, or rights of it, were taken away meanwhile: that they
   * were made again, or why the store goes on without them.
   */
  readonly tellOfWall?: (said: string) => void;
};

async function openDatabase(options: StoreOptions): Promise<OpenDatabase> {
  if ('databaseUrl' in options) {
    const db = postgresDatabase(options);
    return { db, close: () => db.destroy(), patiently: (work) => patientlyOn(options, work) };
  }
  return 'memory' in options ? memoryDatabase() : embeddedDatabase(options);
}

/** A migration of large tables takes its time, and another process's has to be waited for. */
async function patientlyOn(options: PostgresOptions, work: (db: Db) => Promise<void>): Promise<void> {
  const db = postgresDatabase({ ...options, poolSize: 1, statementTimeoutMs: 0, silenceTimeoutMs: 0 });
  try {
    await work(db);
  } finally {
    await db.destroy();
  }
}

/** Opens the store on PostgreSQL, or on an embedded database in a directory or in memory. Runs no migrations yet. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { db, close, ...parts } = await openDatabase(options);
  return sqlStore(db, close, { ...parts, tellOfWall: options.tellOfWall });
}
