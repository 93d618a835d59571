import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { CamelCasePlugin, Kysely, PGliteDialect, sql } from 'kysely';
import { copyTemplate, makeTemplate, TEMPLATES_FOLDER } from './databaseTemplate.ts';
import { lockDirectory } from './directoryLock.ts';
import { DurableFiles, durableStartParams, syncPath, syncTree } from './durableFiles.ts';
import { migrate } from './migrate.ts';
import { NAMES, PARSERS } from './postgres.ts';
import type { Db, Schema } from './schema.ts';
import type { SqlStoreParts } from './sqlStore.ts';
import { LOG_BOUNDS, upkeepOf } from './upkeep.ts';
import { takeSides } from './walledPglite.ts';

export interface DirectoryOptions {
  readonly dataDir: string;
  /** Whether a write is on the disk before it is acknowledged (fsync). Default true; false is for tests. */
  readonly durable?: boolean;
  /** Where to look for the template of a new database. Default: where `npm ci` leaves one; null: nowhere. */
  readonly templatesFolder?: string | null;
}

export interface MemoryOptions {
  readonly memory: true;
}

export interface OpenDatabase extends Pick<SqlStoreParts, 'hurriedly' | 'patiently' | 'upkeep'> {
  readonly db: Db;
  readonly close: () => Promise<void>;
}

const SETTINGS = { parsers: { ...PARSERS } };

/** The embedded database as the store takes it. */
export function kyselyOn(pglite: PGlite): Db {
  return new Kysely<Schema>({
    dialect: new PGliteDialect({ pglite, onCreateConnection: takeSides(pglite) }),
    plugins: [new CamelCasePlugin(NAMES)],
  });
}

/** Kysely closes an engine only once something was asked of it, and one that stays open keeps its timers. */
async function closeEngine(db: Db, pglite: PGlite): Promise<void> {
  await db.destroy();
  if (!pglite.closed) await pglite.close();
}

/** PostgreSQL keeps 128 MB of pages unless told otherwise; here the system's own cache is in the same machine behind it. */
const MEMORY = ['-c', 'shared_buffers=32MB'];

function openEngine(directory: string, durable: boolean): Promise<PGlite> {
  const files = durable
    ? {
        fs: new DurableFiles(directory),
        startParams: [...durableStartParams(PGlite.defaultStartParams), ...MEMORY, ...LOG_BOUNDS],
      }
    : {};
  return PGlite.create({ dataDir: directory, ...files, ...SETTINGS });
}

/** A new database is built beside its place and moved there whole: a crash in the middle leaves no half of one. */
async function buildDatabase(
  directory: string,
  durable: boolean,
  fill: (site: string) => Promise<void>,
): Promise<void> {
  const site = `${directory}.new`;
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { mode: 0o700 });
  // What is written is brought onto the disk at the end, all at once.
  await fill(site);
  if (durable) await syncTree(site);
  renameSync(site, directory);
  if (durable) syncPath(join(directory, '..'));
}

/** A copy of the template, or, where there is none that fits, one that the engine makes: that takes it some seconds. */
async function fillNew(site: string, templatesFolder: string | null): Promise<void> {
  if (templatesFolder !== null && (await copyTemplate(templatesFolder, site))) return;
  await (await openEngine(site, false)).close();
}

const databaseIn = (dataDir: string): string => join(dataDir, 'database');

/** Whether a data directory has a database already: whoever opens one that has none makes one. */
export const hasDatabase = (dataDir: string): boolean => existsSync(databaseIn(dataDir));

async function openDirectory(options: DirectoryOptions): Promise<PGlite> {
  const { dataDir, durable = true, templatesFolder = TEMPLATES_FOLDER } = options;
  const directory = databaseIn(dataDir);
  if (!hasDatabase(dataDir))
    await buildDatabase(directory, durable, (site) => fillNew(site, templatesFolder));
  return openEngine(directory, durable);
}

/** Makes the template of a new database, unless one that fits is there: the tables, and nothing in them. */
export function makeDatabaseTemplate(folder: string = TEMPLATES_FOLDER): Promise<void> {
  return makeTemplate(folder, (directory) => buildDatabase(directory, false, fillTemplate));
}

async function fillTemplate(site: string): Promise<void> {
  const db = kyselyOn(await openEngine(site, false));
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

export async function embeddedDatabase(options: DirectoryOptions): Promise<OpenDatabase> {
  const unlock = lockDirectory(options.dataDir);
  try {
    const pglite = await openDirectory(options);
    const db = kyselyOn(pglite);
    const close = () => closeEngine(db, pglite).finally(unlock);
    return { db, close, hurriedly: (work) => hurriedlyOn(db, work), upkeep: upkeepOf(db) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Commits do not wait for the disk meanwhile; the one at the end does, for all of them. The engine has one session. */
async function hurriedlyOn<T>(db: Db, work: () => Promise<T>): Promise<T> {
  await sql`set synchronous_commit = off`.execute(db);
  try {
    return await work();
  } finally {
    await sql`set synchronous_commit = on`.execute(db);
    await sql`select pg_logical_emit_message(true, 'evergrant', 'flush')`.execute(db);
  }
}

export async function memoryDatabase(): Promise<OpenDatabase> {
  const pglite = await PGlite.create(SETTINGS);
  const db = kyselyOn(pglite);
  return { db, close: () => closeEngine(db, pglite) };
}
