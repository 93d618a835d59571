import {
  type DirectoryOptions,
  embeddedDatabase,
  type MemoryOptions,
  memoryDatabase,
  type OpenDatabase,
} from './embedded.ts';
import { type PostgresOptions, postgresDatabase } from './postgres.ts';
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
    return { db, close: () => db.destroy() };
  }
  return 'memory' in options ? memoryDatabase() : embeddedDatabase(options);
}

/** Opens the store on PostgreSQL, or on an embedded database in a directory or in memory. Runs no migrations yet. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { db, close, hurriedly } = await openDatabase(options);
  return sqlStore(db, close, hurriedly, options.tellOfWall);
}
