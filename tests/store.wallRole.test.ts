import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { TENANT } from '../src/store/wall.ts';
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

async function withStore<T>(databaseUrl: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ databaseUrl });
  return work(store).finally(store.close);
}

const migrated = (databaseUrl: string): Promise<string | null> =>
  withStore(databaseUrl, async (store) => {
    await store.migrate();
    return store.wallProblem();
  });

/** What the words tell to be run. */
const remedyOf = (problem: string | null): string => /“(.+?)”/.exec(problem ?? '')?.[1] ?? '';

describe('The role behind the wall', () => {
  test('is made by a user who may make roles, and is no superuser’s', async () => {
    const url = await newUser('maker', 'createrole');
    assert.equal(await migrated(url), null);
    const { rows } = await asAdmin(
      `select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = '${TENANT}'`,
    );
    assert.deepEqual(rows, [{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }]);
    await withStore(url, async (store) => {
      await furnish(store);
      assert.notEqual(await store.getConnection('ws_one', 'co_one'), null);
    });
    await asAdmin('drop database maker');
    await asAdmin(`drop role ${TENANT}`);
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

  test('is shared by the databases of a server: a user who may not act as it is told what to run', async () => {
    const url = await newUser('second');
    const problem = await migrated(url);
    assert.match(problem ?? '', new RegExp(`may not act as the role ${TENANT}`));
    await asAdmin(remedyOf(problem));
    assert.equal(await migrated(url), null);
  });

  test('does not count where it has more rights than it should', async () => {
    await asAdmin(`alter role ${TENANT} bypassrls`);
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
