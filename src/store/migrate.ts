import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Db } from './schema.ts';
import { DatabaseIsNewerError } from './store.ts';
import { lockSchema, Wall } from './wall.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

const FOLDER = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})_\w+\.sql$/;

/** The migrations that this Evergrant knows, in order. */
export async function knownMigrations(folder: URL = FOLDER): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const checksum = createHash('sha256').update(text).digest('hex');
      return { version: Number(name.slice(0, 4)), name, text, checksum };
    }),
  );
}

async function appliedChecksums(db: Db): Promise<Map<number, string>> {
  await sql`create table if not exists schema_migrations (
    version integer primary key, name text not null, checksum text not null)`.execute(db);
  const { rows } = await sql<{ version: number; checksum: string }>`
    select version, checksum from schema_migrations order by version`.execute(db);
  return new Map(rows.map((row) => [row.version, row.checksum]));
}

/** A script of many statements as one: the embedded engine takes one at a time. */
function asOneStatement(script: string) {
  return sql.raw(`do $migration$ begin execute $script$${script}$script$; end $migration$`);
}

async function apply(db: Db, migration: Migration): Promise<void> {
  await asOneStatement(migration.text).execute(db);
  await sql`insert into schema_migrations (version, name, checksum)
    values (${migration.version}, ${migration.name}, ${migration.checksum})`.execute(db);
}

/** Brings the database up to date in one transaction: all pending migrations or none, and the wall if it does not stand. */
export async function migrate(
  db: Db,
  { wall = new Wall(), folder }: { readonly wall?: Wall; readonly folder?: URL } = {},
): Promise<void> {
  const known = await knownMigrations(folder);
  await db.transaction().execute(async (transaction) => {
    await lockSchema(transaction);
    const applied = await appliedChecksums(transaction);
    const newest = Math.max(0, ...applied.keys());
    const newestKnown = Math.max(0, ...known.map((migration) => migration.version));
    if (newest > newestKnown) throw new DatabaseIsNewerError(newestKnown, newest);
    for (const migration of known) {
      const checksum = applied.get(migration.version);
      if (checksum === undefined) await apply(transaction, migration);
      else if (checksum !== migration.checksum) throw changedMigration(migration);
    }
    await wall.raise(transaction);
  });
}

function changedMigration(migration: Migration): Error {
  return new Error(
    `The migration ${migration.name} is not the one that this database was built with: its checksum differs. ` +
      'A migration that has run must never be edited. Restore the file; put the change into a new migration.',
  );
}
