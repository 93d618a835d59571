import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { CamelCasePlugin, Kysely, PGliteDialect } from 'kysely';
import { lockDirectory } from './directoryLock.ts';
import { DurableFiles, durableStartParams, syncPath, syncTree } from './durableFiles.ts';
import { NAMES, PARSERS } from './postgres.ts';
import type { Db, Schema } from './schema.ts';

export interface DirectoryOptions {
  readonly dataDir: string;
  /** Whether a write is on the disk before it is acknowledged (fsync). Default true; false is for tests. */
  readonly durable?: boolean;
}

export interface MemoryOptions {
  readonly memory: true;
}

export interface OpenDatabase {
  readonly db: Db;
  readonly close: () => Promise<void>;
}

const SETTINGS = { parsers: { ...PARSERS } };

function kyselyOn(pglite: PGlite): Db {
  return new Kysely<Schema>({
    dialect: new PGliteDialect({ pglite }),
    plugins: [new CamelCasePlugin(NAMES)],
  });
}

function openEngine(directory: string, durable: boolean): Promise<PGlite> {
  const files = durable
    ? { fs: new DurableFiles(directory), startParams: durableStartParams(PGlite.defaultStartParams) }
    : {};
  return PGlite.create({ dataDir: directory, ...files, ...SETTINGS });
}

/** A new database is built beside its place and moved there whole: a crash in the middle leaves no half of one. */
async function buildDatabase(directory: string, durable: boolean): Promise<void> {
  const site = `${directory}.new`;
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { mode: 0o700 });
  await (await openEngine(site, durable)).close();
  if (durable) await syncTree(site);
  renameSync(site, directory);
  if (durable) syncPath(join(directory, '..'));
}

async function openDirectory(dataDir: string, durable: boolean): Promise<PGlite> {
  const directory = join(dataDir, 'database');
  if (!existsSync(directory)) await buildDatabase(directory, durable);
  return openEngine(directory, durable);
}

export async function embeddedDatabase(options: DirectoryOptions): Promise<OpenDatabase> {
  const unlock = lockDirectory(options.dataDir);
  try {
    const db = kyselyOn(await openDirectory(options.dataDir, options.durable ?? true));
    return { db, close: () => db.destroy().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

export async function memoryDatabase(): Promise<OpenDatabase> {
  const db = kyselyOn(await PGlite.create(SETTINGS));
  return { db, close: () => db.destroy() };
}
