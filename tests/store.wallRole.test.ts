import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { isAway, refusesContents } from '../src/app/storeFaults.ts';
import { kyselyOn } from '../src/store/embedded.ts';
import { openStore } from '../src/store/open.ts';
import { sqlStore } from '../src/store/sqlStore.ts';
import type { Store } from '../src/store/store.ts';
import { furnish, START_AT } from './support/databaseRecords.ts';
import { type RunningPostgres, startPostgres } from './support/postgres.ts';
import { KEY, startMain } from './support/service.ts';
import { transactionPooler } from './support/transactionPooler.ts';

/** A server of its own: roles are those of all its databases, and here there is none yet. */
let server: RunningPostgres;
const folder = mkdtempSync(join(tmpdir(), 'evergrant-wall-'));
before(async () => {
  server = await startPostgres();
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function asAdmin(text: string, database = 'postgres'): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: urlOf('postgres', database) });
  await client.connect();
  return client.query(text).finally(() => client.end());
}

function urlOf(user: string, database: string): string {
  const url = new URL(server.url);
  url.username = user;
  url.pathname = `/${database}`;
  return url.href;
}

/** A user with the rights, and a database of its own; its address. */
async function newUser(name: string, rights = ''): Promise<string> {
  await asAdmin(`create role "${name}" login password 'postgres' ${rights}`);
  await asAdmin(`create database "${name}" owner "${name}"`);
  return urlOf(name, name);
}

/** The role behind the wall of a database. */
async function tenantOf(database: string): Promise<string> {
  const { rows } = await asAdmin(
    `select distinct grantee as tenant from information_schema.role_table_grants
      where table_name = 'grant_records' and starts_with(grantee, 'evergrant_tenant')`,
    database,
  );
  assert.equal(rows.length, 1, JSON.stringify(rows));
  return rows[0].tenant;
}

/** Takes the role away from under a running process. */
const removeTenant = async (database: string): Promise<unknown> => {
  const tenant = await tenantOf(database);
  return asAdmin(`drop owned by ${tenant}; drop role ${tenant}`, database);
};

/** Runs SQL as a user; rejects with what the server says. */
async function asUser(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query(text).finally(() => client.end());
}

async function withStore<T>(
  databaseUrl: string,
  work: (store: Store) => Promise<T>,
  tellOfWall?: (said: string) => void,
): Promise<T> {
  const store = await openStore({ databaseUrl, tellOfWall });
  return work(store).finally(store.close);
}

const migrated = (databaseUrl: string): Promise<string | null> =>
  withStore(databaseUrl, async (store) => {
    await store.migrate();
    return store.wallProblem();
  });

/** What the words tell to be run. */
const remedyOf = (problem: string | null): string => /“(.+?)”/.exec(problem ?? '')?.[1] ?? '';

async function reachesItsGrant(store: Store): Promise<void> {
  assert.notEqual(await store.getGrant('ws_one', 'gr_one'), null);
}

async function reachesItsRows(store: Store): Promise<void> {
  await furnish(store);
  await reachesItsGrant(store);
  await store.transaction(async (inside) => {
    assert.notEqual(await inside.lockConnection('ws_one', 'co_one'), null);
    assert.equal((await inside.listWorkspaces()).length, 1);
  });
}

/** It can be tried again, and nothing says that what was to be written is to blame. */
function isAwayOnly(error: unknown): boolean {
  assert.ok(isAway(error), String(error));
  assert.ok(!refusesContents(error));
  return true;
}

describe('The role behind the wall', () => {
  test('is made by a user who may make roles, and is no superuser’s', async () => {
    const url = await newUser('maker', 'createrole');
    assert.equal(await migrated(url), null);
    const { rows } = await asAdmin(
      `select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = '${await tenantOf('maker')}'`,
    );
    assert.deepEqual(rows, [{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }]);
    await withStore(url, async (store) => {
      await furnish(store);
      assert.notEqual(await store.getConnection('ws_one', 'co_one'), null);
    });
    const guide = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8');
    const asking = /^select 'evergrant_tenant_'[^;]+/m.exec(guide)![0];
    const named = await asAdmin(asking.replace('the_database', 'maker').replace('the_owner', 'maker'));
    assert.deepEqual(Object.values(named.rows[0]), [await tenantOf('maker')], 'the documents tell its name');
  });

  test('is asked for, in words to be run as they are, by one who may not; until then all works without the wall, and the log says so', async () => {
    const url = await newUser('Plain one');
    const problem = await migrated(url);
    assert.match(problem ?? '', /user Plain one may not make roles/);
    await withStore(url, async (store) => {
      await furnish(store);
      assert.notEqual(await store.getConnection('ws_one', 'co_one'), null);
    });
    const env = {
      DATABASE_URL: url,
      EVERGRANT_DATA_DIR: folder,
      EVERGRANT_BOOTSTRAP_API_KEY: KEY,
      PORT: '0',
    };
    const master = Buffer.alloc(32, 1).toString('base64');
    const service = await startMain({ ...env, EVERGRANT_MASTER_KEY: master });
    assert.match(
      service.child.stdout,
      /Row-level security does not keep the workspaces apart.*may not make roles/,
    );
    await service.stop();
    await asAdmin(remedyOf(problem));
    assert.equal(await migrated(url), null);
    const quiet = await startMain({ ...env, EVERGRANT_MASTER_KEY: master });
    await quiet.expect(200, 'GET', '/v1/clients');
    assert.doesNotMatch(quiet.child.stdout, /Row-level security/);
    await quiet.stop();
  });

  test('may be made by somebody else: a user who may not act as it is told what to run', async () => {
    const url = await newUser('second');
    const making = remedyOf(await migrated(url));
    await asAdmin(making.split(';')[0]!);
    const problem = await migrated(url);
    assert.match(problem ?? '', /user second may not act as the role evergrant_tenant_/);
    await asAdmin(remedyOf(problem));
    assert.equal(await migrated(url), null);
  });

  test('is another one in each database of a server: the user of one reaches no row of the other', async () => {
    const urls = [await newUser('production'), await newUser('staging')];
    for (const url of urls) {
      await asAdmin(remedyOf(await migrated(url)));
      assert.equal(await migrated(url), null);
    }
    await withStore(urls[0]!, (store) => furnish(store));
    const across = urlOf('staging', 'production');
    const read = "set evergrant.workspace = 'ws_one'; select * from connections";
    for (const database of ['production', 'staging']) {
      const entered = asUser(across, `set role ${await tenantOf(database)}; ${read}`);
      await assert.rejects(entered, /permission denied (to set role|for table)/, database);
    }
  });

  test('has no rights in a copy of its database: there another one is made', async () => {
    const url = await newUser('original', 'createrole');
    assert.equal(await migrated(url), null);
    const tenant = await tenantOf('original');
    await asAdmin('create database copied template original owner original');
    assert.equal(await migrated(urlOf('original', 'copied')), null);
    assert.notEqual(await tenantOf('copied'), tenant);
    await asAdmin('alter database original rename to renamed');
    assert.equal(await migrated(urlOf('original', 'renamed')), null);
    assert.notEqual(await tenantOf('renamed'), tenant);
  });

  test('finds the tables in a schema that is named after the user, as the default path has it', async () => {
    const url = await newUser('schemed', 'createrole');
    await asUser(url, 'create schema authorization schemed');
    assert.equal(await migrated(url), null);
    assert.equal(
      (await asUser(url, "select to_regclass('schemed.grants') as found")).rows[0].found,
      'grants',
    );
    await withStore(url, reachesItsRows);
    const engine = await PGlite.create();
    await engine.exec('create schema postgres');
    const store = sqlStore(kyselyOn(engine), () => engine.close());
    await store.migrate();
    assert.equal(await store.wallProblem(), null);
    await reachesItsRows(store).finally(store.close);
  });

  test('is made again when it is removed under a running process: a call fails as if the database were away, the next one not', async () => {
    const url = await newUser('robbed', 'createrole');
    assert.equal(await migrated(url), null);
    const said: string[] = [];
    const work = async (store: Store) => {
      await reachesItsRows(store);
      for (const rob of [
        () => removeTenant('robbed'),
        async () => asAdmin(`revoke ${await tenantOf('robbed')} from robbed granted by robbed`),
        async () =>
          asAdmin(`revoke select on grant_records, grants from ${await tenantOf('robbed')}`, 'robbed'),
      ]) {
        await rob();
        await assert.rejects(store.getGrant('ws_one', 'gr_one'), isAwayOnly);
        assert.notEqual(await store.getGrant('ws_one', 'gr_one'), null);
        assert.equal(await store.wallProblem(), null);
      }
    };
    await withStore(url, work, (words) => void said.push(words));
    assert.equal(said.length, 3);
    for (const words of said) assert.match(words, /had been taken away.*made again/);
  });

  test('that is removed and cannot be made again is gone without, and the log says so', async () => {
    const url = await newUser('poor');
    await asAdmin(remedyOf(await migrated(url)));
    assert.equal(await migrated(url), null);
    const said: string[] = [];
    const work = async (store: Store) => {
      await reachesItsRows(store);
      await removeTenant('poor');
      await assert.rejects(
        store.transaction(async (inside) => {
          await inside.listWorkspaces();
          await inside.getGrant('ws_one', 'gr_one');
        }),
        isAwayOnly,
      );
      await store.transaction(async (inside) => {
        assert.notEqual(await inside.getGrant('ws_one', 'gr_one'), null);
      });
      await Promise.all([1, 2, 3].map(() => reachesItsGrant(store)));
    };
    await withStore(url, work, (words) => void said.push(words));
    assert.match(
      said.join('\n'),
      /^Row-level security does not keep the workspaces apart.*may not make roles[^\n]*$/,
    );
  });

  test('that cannot be had yet costs no start a change of the tables, nor does one that stands', async () => {
    const url = await newUser('waiting');
    const making = remedyOf(await migrated(url));
    const changes = async () =>
      (await asAdmin('select oid, xmin from pg_class order by oid', 'waiting')).rows;
    const [create, grant] = making.split(';');
    for (const remedy of [
      '',
      create,
      `${grant}; alter role ${create!.split(' ')[2]} bypassrls`,
      `alter role ${create!.split(' ')[2]} nobypassrls`,
    ]) {
      await asAdmin(remedy!);
      await migrated(url);
      const before = await changes();
      await migrated(url);
      assert.deepEqual(await changes(), before, remedy);
    }
    assert.equal(await migrated(url), null);
  });

  test('does not count where it has more rights than it should', async () => {
    await asAdmin(`alter role ${await tenantOf('second')} bypassrls`);
    const problem = await migrated(urlOf('second', 'second'));
    assert.match(problem ?? '', /passes over policies/);
    await asAdmin(remedyOf(problem));
    assert.equal(await migrated(urlOf('second', 'second')), null);
  });

  test('who does not own the tables is refused in words: every row would be hidden from them', async () => {
    await newUser('guest');
    await asAdmin(
      'grant all on schema public to guest; grant all on all tables in schema public to guest',
      'second',
    );
    await assert.rejects(migrated(urlOf('guest', 'second')), /guest does not own Evergrant’s tables/);
    await asAdmin('grant second to guest');
    assert.equal(await migrated(urlOf('guest', 'second')), null);
  });
});

test('Behind a pooler that gives each transaction the same connection, no side is left to the next', async (context) => {
  const url = await newUser('pooled', 'superuser');
  assert.equal(await migrated(url), null);
  const pooler = await transactionPooler(url);
  const store = await openStore({ databaseUrl: pooler.url, poolSize: 4 });
  context.after(() => store.close().finally(pooler.close));
  for (const workspaceId of ['ws_one', 'ws_two']) await furnish(store, workspaceId);
  const round = async (workspaceId: string): Promise<void> => {
    const clients = await store.listClients(workspaceId, { limit: 10, after: null });
    assert.deepEqual(
      clients.map((client) => client.workspaceId),
      [workspaceId],
    );
    assert.equal((await store.listWorkspaces()).length, 2, 'the owner’s own');
    await assert.rejects(store.insertClient(clients[0]!));
    await store.transaction(async (inside) => {
      assert.notEqual(await inside.lockConnection(workspaceId, 'co_one'), null);
      assert.equal((await inside.listUnusedGrants(START_AT + 1, 10)).length, 0);
      assert.notEqual(await inside.getGrant(workspaceId, 'gr_one'), null);
    });
  };
  await Promise.all(['ws_one', 'ws_two', 'ws_one', 'ws_two', 'ws_two'].map(round));
  assert.ok(pooler.hands() > 30, `changed hands ${pooler.hands()} times`);
  const other = new pg.Client({ connectionString: pooler.url });
  await other.connect();
  const { rows } = await other.query(
    "select current_user::text as role, current_setting('evergrant.workspace', true) as workspace",
  );
  await other.end();
  assert.deepEqual(rows, [{ role: 'pooled', workspace: '' }]);
});
