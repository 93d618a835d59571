import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { knownMigrations } from '../src/store/migrate.ts';
import { openStore } from '../src/store/open.ts';
import { freshPostgresUrl } from './support/database.ts';
import { START_AT } from './support/databaseRecords.ts';
import { until } from './support/until.ts';

/** Brings an empty database to an earlier version. */
async function migrateUpTo(client: pg.Client, version: number): Promise<void> {
  await client.query(
    'create table schema_migrations (version integer primary key, name text not null, checksum text not null)',
  );
  for (const { text, ...known } of (await knownMigrations()).filter((one) => one.version <= version)) {
    await client.query(text);
    const row = [known.version, known.name, known.checksum];
    await client.query('insert into schema_migrations values ($1, $2, $3)', row);
  }
}

const GRANT_OF_VERSION_4 = `
  insert into workspaces values ('ws_one', 'One', now());
  insert into apps (workspace_id, id, platform, environment, name, client_id, secret_version, settings, created_at, updated_at)
    values ('ws_one', 'app_one', 'acme', 'live', 'App', 'id', 1, '{}', now(), now());
  insert into grants (workspace_id, id, app_id, platform, method, environment, state, state_since, facts, secrets,
      credential_version, due_at, due_reason, failures, epoch, created_at)
    values ('ws_one', 'gr_one', 'app_one', 'acme', 'oauth', 'live', 'active', now(), '{}', '{}', 1, now(), 'renewal', 0, 7, now());`;

test('takes as long as it takes: no limit of a statement ends a migration', async () => {
  const databaseUrl = await freshPostgresUrl({ migrated: false });
  const store = await openStore({ databaseUrl, statementTimeoutMs: 1, silenceTimeoutMs: 1 });
  await store.migrate();
  await store.close();
});

test('what another process claims while two migrate the claims into rows of their own is not lost', async () => {
  const databaseUrl = await freshPostgresUrl({ migrated: false });
  const [writer, watcher] = [1, 2].map(() => new pg.Client({ connectionString: databaseUrl }));
  await Promise.all([writer!.connect(), watcher!.connect()]);
  await migrateUpTo(writer!, 4);
  await writer!.query(GRANT_OF_VERSION_4);
  await writer!.query('begin');
  await writer!.query(
    "update grants set lease_owner = 'the other', lease_until = 'infinity', epoch = 8 where id = 'gr_one'",
  );
  const stores = await Promise.all([1, 2].map(() => openStore({ databaseUrl })));
  const migrated = Promise.all(stores.map((store) => store.migrate()));
  await until('both wait, one for the claim and one for the other', async () => {
    const waiting = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return (await watcher!.query(waiting)).rows[0].count === 2;
  });
  await writer!.query('commit');
  await migrated;
  const { rows } = await watcher!.query('select lease_owner, epoch::int from grant_claims');
  assert.deepEqual(rows, [{ lease_owner: 'the other', epoch: 8 }]);
  const claim = { now: START_AT, owner: 'me', leaseMs: 1_000 };
  assert.equal(await stores[0]!.claimGrant('ws_one', 'gr_one', claim), null, 'it is held');
  await Promise.all([writer!.end(), watcher!.end(), ...stores.map((store) => store.close())]);
});
