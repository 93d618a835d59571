import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { templatePath } from '../src/store/databaseTemplate.ts';
import { makeDatabaseTemplate } from '../src/store/embedded.ts';
import { knownMigrations } from '../src/store/migrate.ts';
import { openStore } from '../src/store/open.ts';
import { furnish } from './support/databaseRecords.ts';

describe('the template of a new embedded database', () => {
  const top = mkdtempSync(join(tmpdir(), 'evergrant-template-'));
  const templatesFolder = join(top, 'templates');
  let template: string;
  let made: string;
  after(() => rmSync(top, { recursive: true, force: true }));

  before(async () => {
    mkdirSync(join(templatesFolder, 'of-another-version'), { recursive: true });
    await makeDatabaseTemplate(templatesFolder);
    template = await templatePath(templatesFolder);
    made = await identityOf(template);
  });

  const freshFolder = (): string => mkdtempSync(join(top, 'data-'));

  /** Starts on an empty folder, writes and reads, stops. Returns the folder. */
  async function start(folder: string | null): Promise<string> {
    const dataDir = freshFolder();
    const store = await openStore({ dataDir, templatesFolder: folder });
    await store.migrate();
    await furnish(store);
    await store.close();
    const again = await openStore({ dataDir, templatesFolder: folder });
    assert.notEqual(await again.getConnection('ws_one', 'co_one'), null);
    await again.close();
    return join(dataDir, 'database');
  }

  it('is the only one that stays, and is made once', async () => {
    assert.deepEqual(readdirSync(templatesFolder), [template.slice(templatesFolder.length + 1)]);
    const { ino } = statSync(template);
    await makeDatabaseTemplate(templatesFolder);
    assert.equal(statSync(template).ino, ino);
  });

  it('has all tables, and not a row but the names of the migrations', async () => {
    const copy = await PGlite.create(template);
    try {
      const { rows } = await copy.query<{ name: string }>(
        "select table_name as name from information_schema.tables where table_schema = 'public'",
      );
      const tables = rows.map(({ name }) => name);
      assert.ok(tables.includes('grants') && tables.includes('data_keys'));
      for (const name of tables) {
        const found = await copy.query<{ count: number }>(`select count(*)::int as count from "${name}"`);
        const expected = name === 'schema_migrations' ? (await knownMigrations()).length : 0;
        assert.equal(found.rows[0]?.count, expected, name);
      }
    } finally {
      await copy.close();
    }
  });

  it('is what a first start begins from; it stays as it was, and nobody else can look into the copy', async () => {
    const database = await start(templatesFolder);
    assert.equal(await identityOf(database), made);
    assert.equal(statSync(database).mode & 0o077, 0);
    const another = await openStore({ dataDir: freshFolder(), templatesFolder });
    assert.equal(await another.wallProblem(), null, 'role, rights and policies came with it');
    assert.deepEqual(await another.listWorkspaces(), [], 'nothing of the first went into it');
    await another.close();
  });

  it('is not needed: without one, the engine makes the database', async () => {
    assert.notEqual(await identityOf(await start(null)), made);
  });

  it('is passed over when it is of another version', async () => {
    const others = join(top, 'others');
    mkdirSync(others);
    renameSync(template, join(others, 'pglite-0.0.1-0123456789abcdef'));
    assert.notEqual(await identityOf(await start(others)), made);
  });
});

/** What the engine draws when it makes a database, and a copy keeps. */
async function identityOf(database: string): Promise<string> {
  const engine = await PGlite.create(database);
  try {
    const { rows } = await engine.query<{ id: string }>(
      'select system_identifier::text as id from pg_control_system()',
    );
    return rows[0]?.id ?? '';
  } finally {
    await engine.close();
  }
}
