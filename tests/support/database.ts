import { createHash, randomUUID } from 'node:crypto';
import { existsSync, openAsBlob } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { kyselyOn } from '../../src/store/embedded.ts';
import { memoryStore } from '../../src/store/memory/memoryStore.ts';
import { knownMigrations, migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { PARSERS, postgresDatabase } from '../../src/store/postgres.ts';
import type { Db } from '../../src/store/schema.ts';
import { sqlStore } from '../../src/store/sqlStore.ts';
import type { Store } from '../../src/store/store.ts';
import { startPostgres } from './postgres.ts';

/** Runs SQL on the database of the store that was opened last, and gives its rows. */
export type RawSql = (text: string) => Promise<readonly Record<string, unknown>[]>;

let serverUrl: Promise<string> | undefined;
const endings: (() => Promise<unknown>)[] = [];

after(async () => {
  while (endings.length > 0) await endings.pop()?.();
});

/** The server of the test runner; or, when a file is run by hand, one of its own. */
function server(): Promise<string> {
  serverUrl ??= (async () => {
    const given = process.env.TEST_DATABASE_URL;
    if (given !== undefined) return given;
    const own = await startPostgres();
    endings.push(own.stop);
    return own.url;
  })();
  return serverUrl;
}

function urlOf(base: string, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A migrated database to copy, made once for each state of the migrations. */
async function ensureTemplate(admin: pg.Client, base: string): Promise<string> {
  const checksums = (await knownMigrations()).map((migration) => migration.checksum).join();
  const name = `template_${createHash('sha256').update(checksums).digest('hex').slice(0, 12)}`;
  const found = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (found.rowCount === 0) {
    await admin.query(`create database ${name}_draft`);
    const store = await openStore({ databaseUrl: urlOf(base, `${name}_draft`), poolSize: 1 });
    await store.migrate();
    await store.close();
    await admin.query(`alter database ${name}_draft rename to ${name}`);
  }
  return name;
}

/** The address of a fresh PostgreSQL database; migrated unless told otherwise. Dropped when the file is done. */
export async function freshPostgresUrl(options = { migrated: true }): Promise<string> {
  const base = await server();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(base, async (admin) => {
    await admin.query('select pg_advisory_lock(1)');
    const template = options.migrated ? await ensureTemplate(admin, base) : 'template1';
    await admin.query(`create database ${name} template ${template}`);
  });
  endings.push(() =>
    withClient(base, (admin) => admin.query(`drop database if exists ${name} with (force)`)),
  );
  return urlOf(base, name);
}

/** What a test does to the database on which its store is opened. */
type Change = (db: Db) => Db;
const same: Change = (db) => db;

function postgresStores() {
  let url = '';
  return {
    open: async (change: Change = same) => {
      url = await freshPostgresUrl();
      const db = postgresDatabase({ databaseUrl: url });
      endings.push(() => db.destroy());
      return sqlStore(change(db), () => db.destroy());
    },
    raw: ((text) => withClient(url, async (client) => (await client.query(text)).rows)) as RawSql,
  };
}

/** A migrated database to start engines from: making one takes seconds, and the files of one run share it. */
async function snapshot(): Promise<Blob> {
  const shared = process.env.TEST_SHARED_DIR;
  const path = shared === undefined ? null : join(shared, 'embedded.tar');
  if (path !== null && existsSync(path)) return openAsBlob(path);
  const engine = await PGlite.create();
  await migrate(kyselyOn(engine));
  const made = await engine.dumpDataDir('none');
  await engine.close();
  if (path !== null) {
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, Buffer.from(await made.arrayBuffer()));
    await rename(draft, path);
  }
  return made;
}

let snapshotOfFile: Promise<Blob> | undefined;

async function startEngine(): Promise<PGlite> {
  snapshotOfFile ??= snapshot();
  const engine = await PGlite.create({ loadDataDir: await snapshotOfFile, parsers: { ...PARSERS } });
  endings.push(() => (engine.closed ? Promise.resolve() : engine.close()));
  return engine;
}

/** A migrated, empty embedded store in memory, of its own engine; quicker than `openStore` and `migrate`. */
export async function freshMemoryStore(): Promise<Store> {
  const engine = await startEngine();
  return sqlStore(kyselyOn(engine), () => engine.close());
}

/** One engine for the whole file; each `open` empties it. */
function embeddedStores() {
  let engine: Promise<PGlite> | undefined;
  return {
    open: async (change: Change = same) => {
      engine ??= startEngine();
      const pglite = await engine;
      await pglite.exec('drop schema public cascade; create schema public');
      const db = kyselyOn(pglite);
      await migrate(db);
      return sqlStore(change(db), async () => {});
    },
    raw: (async (text) => {
      const results = await (await engine)?.exec(text);
      return results?.at(-1)?.rows ?? [];
    }) as RawSql,
  };
}

const BOTH = [
  ['PostgreSQL', postgresStores()],
  ['PGlite', embeddedStores()],
] as const;

/**
 * The same suite on PostgreSQL and on the embedded database. `open` gives a migrated, empty store that nobody else
 * uses; on the embedded database it ends the one that was opened before.
 */
export function onBothStores(
  name: string,
  suite: (open: (change?: Change) => Promise<Store>, raw: RawSql) => void,
): void {
  for (const [where, stores] of BOTH) {
    describe(`${name} (${where})`, () => suite(stores.open, stores.raw));
  }
}

/** The same suite on every store there is: those of {@link onBothStores}, and the one in memory. */
export function onEveryStore(name: string, suite: (open: () => Promise<Store>) => void): void {
  onBothStores(name, suite);
  describe(`${name} (memory)`, () => suite(async () => memoryStore()));
}
