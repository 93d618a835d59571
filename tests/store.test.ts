import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import type { GrantState } from '../src/core/grantState.ts';
import { openStore } from '../src/store/open.ts';
import { ConflictError, type DeadlinePage, type Page, type Store } from '../src/store/store.ts';
import { freshPostgresUrl, onBothStores, onEveryStore } from './support/database.ts';
import {
  aClient,
  aConnection,
  aGrant,
  aLoss,
  anActivity,
  anApp,
  anAttempt,
  aSession,
  furnish,
  START_AT,
} from './support/databaseRecords.ts';

const FIRST_PAGE: Page = { limit: 100, after: null };

function ids(records: readonly { readonly id: string }[]): string[] {
  return records.map((record) => record.id);
}

onEveryStore('What is stored comes back as it was', (open) => {
  test('apps, clients, grants and connections come back with every field', async () => {
    const store = await open();
    await furnish(store);
    assert.deepEqual(await store.getApp('ws_one', 'app_one'), anApp());
    assert.deepEqual(await store.getClient('ws_one', 'cl_one'), aClient());
    assert.deepEqual(await store.getGrant('ws_one', 'gr_one'), aGrant());
    assert.deepEqual(await store.getConnection('ws_one', 'co_one'), {
      connection: aConnection(),
      grant: aGrant(),
    });
  });

  test('sessions, attempts and declarations come back with every field', async () => {
    const store = await open();
    await furnish(store);
    const declaration = { grant_types: ['code'], nested: { camelCase: true } };
    const record = {
      workspaceId: 'ws_one',
      id: 'd',
      declaration,
      discovered: null,
      createdAt: START_AT,
      updatedAt: START_AT,
    };
    await store.insertConnectSession(aSession());
    await store.insertAttempt(anAttempt());
    await store.putDeclaration(record);
    await store.putDeclaration({
      ...record,
      discovered: { issuer: 'x' },
      createdAt: START_AT + 5,
      updatedAt: START_AT + 5,
    });
    assert.deepEqual(await store.findConnectSession('a'.repeat(64)), aSession());
    assert.deepEqual(await store.getConnectSession('ws_one', 'cs_one'), aSession());
    assert.deepEqual(await store.getAttempt('b'.repeat(64)), anAttempt());
    assert.deepEqual(await store.getDeclaration('ws_one', 'd'), {
      ...record,
      discovered: { issuer: 'x' },
      updatedAt: START_AT + 5,
    });
    assert.deepEqual(ids(await store.listDeclarations('ws_one')), ['d']);
  });

  test('texts that PostgreSQL cannot hold are made storable instead of failing', async () => {
    const store = await open();
    const evidence = {
      endpoint: null,
      cause: null,
      check: null,
      status: 500,
      code: null,
      message: 'a\0b\ud800c',
      remedy: null,
      who: null,
    };
    const whole = { ...evidence, acceptableOthers: [], confirmedBy: null, missingScopes: [] };
    await furnish(store, 'ws_one', { evidence: whole });
    assert.equal((await store.getGrant('ws_one', 'gr_one'))?.evidence?.message, 'a\uFFFDb\uFFFDc');
  });

  test('what does not exist is null, an empty list or false', async () => {
    const store = await open();
    assert.equal(await store.getApp('ws_one', 'none'), null);
    assert.equal(await store.getGrant('ws_one', 'none'), null);
    assert.equal(await store.getConnection('ws_one', 'none'), null);
    assert.equal(await store.findConnectSession('none'), null);
    assert.equal(await store.findClientByExternalId('ws_one', 'none'), null);
    assert.deepEqual(await store.getApps([]), []);
    assert.deepEqual(await store.getConnections([{ workspaceId: 'ws_one', id: 'none' }]), []);
    assert.deepEqual(await store.findApiKeys([]), []);
    assert.equal(await store.updateApp(anApp()), false);
    assert.equal(await store.deleteClient('ws_one', 'none'), false);
    assert.equal(await store.nextDueAt(), null);
    assert.equal(await store.verifyActivity('ws_one'), null);
  });
});

onEveryStore('Changing what is stored', (open) => {
  test('an update changes the record, and leaves the breaker of an app alone', async () => {
    const store = await open();
    await furnish(store);
    const breaker = {
      failures: 3,
      openUntil: START_AT + 9,
      since: START_AT,
      cause: 'app_disabled',
      check: 'x',
    } as const;
    await store.setBreaker('ws_one', 'app_one', breaker);
    assert.equal(
      await store.updateApp(anApp({ name: 'New', clientSecret: null, updatedAt: START_AT + 1 })),
      true,
    );
    const expected = anApp({ name: 'New', clientSecret: null, updatedAt: START_AT + 1, breaker });
    assert.deepEqual(await store.getApp('ws_one', 'app_one'), expected);
    await store.setBreaker('ws_one', 'app_one', null);
    assert.equal((await store.getApp('ws_one', 'app_one'))?.breaker, null);
  });

  test('an update leaves what it does not give: other settings of an app, the rest of a client', async () => {
    const store = await open();
    await furnish(store);
    const app = { workspaceId: 'ws_one', id: 'app_one', updatedAt: START_AT + 1 };
    await store.updateApp({ ...app, settings: { one: 1, both: { deep: 1 } } });
    await store.updateApp({ ...app, settings: { two: 2, both: { deeper: 2 } } });
    const settings = { ...anApp().settings, one: 1, two: 2, both: { deeper: 2 } };
    assert.deepEqual((await store.getApp('ws_one', 'app_one'))?.settings, settings);
    const client = { workspaceId: 'ws_one', id: 'cl_one' };
    assert.equal(await store.updateClient({ ...client, name: 'New' }), true);
    assert.equal(await store.updateClient({ ...client, externalId: 'crm-1' }), true);
    assert.equal(await store.updateClient(client), true);
    const expected = aClient({ name: 'New', externalId: 'crm-1' });
    assert.deepEqual(await store.getClient('ws_one', 'cl_one'), expected);
    await store.updateClient({ ...client, externalId: null });
    assert.equal((await store.getClient('ws_one', 'cl_one'))?.externalId, null);
  });

  test('a connection is disconnected and keeps its history', async () => {
    const store = await open();
    await furnish(store);
    const gone = aConnection({ status: 'disconnected', disconnectedAt: START_AT + 7 });
    assert.equal(await store.updateConnection(gone), true);
    assert.deepEqual((await store.getConnection('ws_one', 'co_one'))?.connection, gone);
  });

  test('an app that grants rest on and a client with connections cannot be deleted', async () => {
    const store = await open();
    await furnish(store);
    await store.insertApp(anApp({ id: 'app_free' }));
    await store.insertClient(aClient({ id: 'cl_free' }));
    assert.equal(await store.deleteApp('ws_one', 'app_one'), false);
    assert.equal(await store.deleteApp('ws_one', 'app_free'), true);
    assert.equal(await store.deleteClient('ws_one', 'cl_one'), false);
    assert.equal(await store.deleteClient('ws_one', 'cl_free'), true);
  });

  test('a key that is taken and a reference to nothing are conflicts that name the rule', async () => {
    const store = await open();
    await furnish(store);
    await store.insertClient(aClient({ id: 'cl_two', externalId: 'crm-7' }));
    const taken = (error: unknown) =>
      error instanceof ConflictError && error.kind === 'taken' && error.constraint === 'clients_external_id';
    await assert.rejects(store.insertClient(aClient({ id: 'cl_three', externalId: 'crm-7' })), taken);
    await assert.rejects(store.updateClient(aClient({ externalId: 'crm-7' })), taken);
    await assert.rejects(store.insertGrant(aGrant()), ConflictError);
    const dangling = (error: unknown) => error instanceof ConflictError && error.kind === 'reference';
    await assert.rejects(store.insertGrant(aGrant({ id: 'gr_two', appId: 'none' })), dangling);
    assert.equal((await store.findClientByExternalId('ws_one', 'crm-7'))?.id, 'cl_two');
  });
});

onBothStores('A database that refuses', (open) => {
  test('an error holds neither the statement nor what was to be written', async () => {
    const store = await open();
    await furnish(store);
    const failure = await store
      .insertGrant(aGrant({ secrets: { access_token: 'v1.canary' } }))
      .catch((error) => error);
    assert.ok(failure.cause instanceof Error);
    for (const error of [failure, failure.cause]) {
      const told = JSON.stringify(Object.getOwnPropertyNames(error).map((name) => String(error[name])));
      assert.doesNotMatch(told, /canary|insert into|ada@example/);
    }
  });
});

onEveryStore('Lists', (open) => {
  async function withClients(store: Store): Promise<void> {
    await furnish(store);
    for (const [id, age] of [
      ['b', 1],
      ['a', 1],
      ['c', 0],
      ['d', 2],
    ] as const) {
      await store.insertClient(aClient({ id: `cl_${id}`, createdAt: START_AT - age }));
    }
  }

  test('show the newest first, equals by id, and continue after any row', async () => {
    const store = await open();
    await withClients(store);
    const all = ['cl_one', 'cl_c', 'cl_b', 'cl_a', 'cl_d'];
    assert.deepEqual(ids(await store.listClients('ws_one', FIRST_PAGE)), all);
    const paged: string[] = [];
    for (let after: string | null = null; ; after = paged.at(-1) ?? null) {
      const page = await store.listClients('ws_one', { limit: 2, after });
      if (page.length === 0) break;
      paged.push(...ids(page));
    }
    assert.deepEqual(paged, all);
  });

  test('of grants and connections can be filtered', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(
      aGrant({ id: 'gr_two', state: 'expired', identity: null, platform: 'elsewhere' }),
    );
    await store.insertConnection(aConnection({ id: 'co_two', grantId: 'gr_two', createdAt: START_AT + 1 }));
    assert.deepEqual(ids(await store.listGrants('ws_one', { state: 'expired' }, FIRST_PAGE)), ['gr_two']);
    assert.deepEqual(ids(await store.listGrants('ws_one', { identityId: 'person-1' }, FIRST_PAGE)), [
      'gr_one',
    ]);
    assert.deepEqual(ids(await store.listGrants('ws_one', { appId: 'none' }, FIRST_PAGE)), []);
    const found = async (filter: Parameters<Store['listConnections']>[1], page = FIRST_PAGE) =>
      ids((await store.listConnections('ws_one', filter, page)).map((view) => view.connection));
    assert.deepEqual(await found({}), ['co_two', 'co_one']);
    assert.deepEqual(await found({}, { limit: 1, after: 'co_two' }), ['co_one']);
    assert.deepEqual(await found({ platform: 'elsewhere' }), ['co_two']);
    assert.deepEqual(await found({ state: 'active', clientId: 'cl_one' }), ['co_one']);
    assert.deepEqual(await found({ grantId: 'gr_two' }), ['co_two']);
  });

  test('of connections by state show what each lacks of its own', async () => {
    const store = await open();
    await furnish(store);
    await store.insertGrant(aGrant({ id: 'gr_worse', state: 'failing' }));
    const loss = aLoss(START_AT, START_AT);
    await store.insertConnection(aConnection({ id: 'co_lacking', loss }));
    await store.insertConnection(aConnection({ id: 'co_over', status: 'disconnected', loss }));
    await store.insertConnection(aConnection({ id: 'co_worse', grantId: 'gr_worse', loss }));
    const inState = async (state: GrantState) =>
      ids((await store.listConnections('ws_one', { state }, FIRST_PAGE)).map((view) => view.connection));
    assert.deepEqual(await inState('active'), ['co_one']);
    assert.deepEqual(await inState('degraded'), ['co_lacking']);
    assert.deepEqual(await inState('failing'), ['co_worse']);
    assert.deepEqual(await inState('revoked'), ['co_over']);
  });

  test('of deadlines show the soonest first and only those before the moment asked for', async () => {
    const store = await open();
    await furnish(store, 'ws_one', { deadlineAt: START_AT + 30 });
    await store.insertGrant(aGrant({ id: 'gr_two', deadlineAt: START_AT + 10 }));
    await store.insertGrant(aGrant({ id: 'gr_three', deadlineAt: START_AT + 99 }));
    await store.insertGrant(aGrant({ id: 'gr_four' }));
    const soonest = (page: DeadlinePage) => store.listDeadlines('ws_one', START_AT + 50, page);
    assert.deepEqual(ids(await soonest({ limit: 10, after: null })), ['gr_two', 'gr_one']);
    const [first] = await soonest({ limit: 1, after: null });
    assert.deepEqual(ids(await soonest({ limit: 10, after: first! })), ['gr_one']);
  });

  test('the census counts living grants of one identity that were authorized later', async () => {
    const store = await open();
    await furnish(store);
    const facts = { ...aGrant().facts, consentedAt: START_AT + 5 };
    await store.insertGrant(aGrant({ id: 'gr_two', facts }));
    await store.insertGrant(aGrant({ id: 'gr_three', facts, state: 'revoked' }));
    await store.insertGrant(aGrant({ id: 'gr_four', facts, identity: null }));
    assert.equal(await store.countGrantsOfIdentity('ws_one', 'app_one', 'person-1', START_AT), 1);
    assert.equal(await store.countGrantsOfIdentity('ws_one', 'app_one', 'person-1', START_AT - 1), 2);
  });

  test('the census counts each consent: all of a grant made since, the last of one that is older', async () => {
    const store = await open();
    await furnish(store);
    const facts = { ...aGrant().facts, consentedAt: START_AT + 50, consentCount: 60 };
    await store.insertGrant(aGrant({ id: 'gr_new', facts, createdAt: START_AT + 20 }));
    await store.insertGrant(aGrant({ id: 'gr_old', facts, createdAt: START_AT + 5 }));
    assert.equal(await store.countGrantsOfIdentity('ws_one', 'app_one', 'person-1', START_AT + 10), 61);
  });
});

onEveryStore('Keys, sessions and repeated requests', (open) => {
  test('an API key is found by its hash and revoked once', async () => {
    const store = await open();
    await furnish(store);
    const key = {
      workspaceId: 'ws_one',
      id: 'k',
      name: 'CI',
      hash: 'h1',
      scopes: ['read'],
      createdAt: START_AT,
      revokedAt: null,
    };
    await store.insertApiKey(key);
    assert.deepEqual(await store.findApiKeys(['h1', 'h2']), [key]);
    assert.equal(await store.revokeApiKey('ws_one', 'k', START_AT + 1), true);
    assert.equal(await store.revokeApiKey('ws_one', 'k', START_AT + 2), false);
    assert.deepEqual(await store.listApiKeys('ws_one'), [{ ...key, revokedAt: START_AT + 1 }]);
  });

  test('of many who come with the same state, exactly one may use it', async () => {
    const store = await open();
    await store.insertAttempt(anAttempt());
    const uses = await Promise.all(
      Array.from({ length: 8 }, () => store.useAttempt('b'.repeat(64), START_AT)),
    );
    assert.equal(uses.filter(Boolean).length, 1);
  });

  test('the first request with a key begins, the others get what stands', async () => {
    const store = await open();
    const record = {
      workspaceId: 'ws_one',
      key: 'k',
      requestHash: 'r',
      status: null,
      body: null,
      createdAt: START_AT,
    };
    const begun = await Promise.all([1, 2, 3].map(() => store.beginIdempotent(record)));
    assert.equal(begun.filter((standing) => standing === null).length, 1);
    await store.finishIdempotent(record, 201, 'v1.sealed');
    assert.deepEqual(await store.beginIdempotent(record), { ...record, status: 201, body: 'v1.sealed' });
    assert.equal(await store.takeOverIdempotent(record, START_AT), false, 'it has its answer');
    await store.dropIdempotent(record);
    assert.equal(await store.beginIdempotent(record), null);
  });

  test('an attempt whose place another took neither answers nor frees the key any more', async () => {
    const store = await open();
    const first = {
      workspaceId: 'ws_one',
      key: 'k',
      requestHash: 'r',
      status: null,
      body: null,
      createdAt: START_AT,
    };
    const second = { ...first, requestHash: 's', createdAt: START_AT + 9 };
    await store.beginIdempotent(first);
    const taken = await Promise.all([1, 2, 3].map(() => store.takeOverIdempotent(second, START_AT)));
    assert.deepEqual(taken.filter(Boolean), [true], 'one alone takes it');
    await store.finishIdempotent(first, 201, 'v1.first');
    await store.dropIdempotent(first);
    assert.deepEqual(await store.beginIdempotent(first), second);
    await store.finishIdempotent(second, 201, 'v1.second');
    assert.equal((await store.beginIdempotent(first))?.body, 'v1.second');
  });

  test('sweeping removes what has served and nothing else', async () => {
    const store = await open();
    await furnish(store);
    await store.insertConnectSession(aSession());
    await store.insertConnectSession(
      aSession({ id: 'cs_done', tokenHash: 'd', status: 'completed', finishedAt: START_AT }),
    );
    await store.insertAttempt(anAttempt());
    await store.insertAttempt(anAttempt({ stateHash: 'used', usedAt: START_AT }));
    const record = {
      workspaceId: 'ws_one',
      key: 'k',
      requestHash: 'r',
      status: 200,
      body: null,
      createdAt: START_AT,
    };
    await store.beginIdempotent(record);
    await store.sweep(START_AT + 1, START_AT);
    assert.notEqual(await store.beginIdempotent(record), null, 'keys are kept for a time of their own');
    await store.sweep(START_AT, START_AT + 1);
    assert.equal(await store.getConnectSession('ws_one', 'cs_done'), null);
    assert.notEqual(await store.getConnectSession('ws_one', 'cs_one'), null);
    assert.equal(await store.getAttempt('used'), null);
    assert.notEqual(await store.getAttempt('b'.repeat(64)), null);
    assert.equal(await store.beginIdempotent(record), null);
  });
});

onEveryStore('Workspaces and transactions', (open) => {
  test('no workspace sees or changes what belongs to another', async () => {
    const store = await open();
    await furnish(store, 'ws_one', { deadlineAt: START_AT });
    await store.insertWorkspace({ id: 'ws_two', name: 'Two', createdAt: START_AT + 1 });
    await store.insertConnectSession(aSession());
    await store.appendActivity([anActivity()]);
    const two = 'ws_two';
    assert.equal(await store.getApp(two, 'app_one'), null);
    assert.equal(await store.getClient(two, 'cl_one'), null);
    assert.equal(await store.getGrant(two, 'gr_one'), null);
    assert.equal(await store.getConnection(two, 'co_one'), null);
    assert.equal(await store.getConnectSession(two, 'cs_one'), null);
    assert.equal(await store.updateApp(anApp({ workspaceId: two })), false);
    assert.equal(await store.updateClient(aClient({ workspaceId: two })), false);
    assert.equal(await store.updateConnection(aConnection({ workspaceId: two })), false);
    assert.equal(await store.updateConnectSession(aSession({ workspaceId: two })), false);
    assert.equal(await store.deleteApp(two, 'app_one'), false);
    assert.equal(await store.claimGrant(two, 'gr_one', { now: START_AT, owner: 'me', leaseMs: 1 }), null);
    assert.equal(await store.countGrantsOfIdentity(two, 'app_one', 'person-1', 0), 0);
    const lists = [
      store.listApps(two, FIRST_PAGE),
      store.listClients(two, FIRST_PAGE),
      store.listGrants(two, {}, FIRST_PAGE),
      store.listConnections(two, {}, FIRST_PAGE),
      store.listDeadlines(two, START_AT + 9, { limit: 9, after: null }),
      store.listActivity(two, { subject: 'gr_one' }, { limit: 9, beforeSeq: null }),
      store.listOutages(two, {}, FIRST_PAGE),
      store.getConnections([{ workspaceId: two, id: 'co_one' }]),
      store.getApps([{ workspaceId: two, id: 'app_one' }]),
    ];
    for (const list of await Promise.all(lists)) assert.deepEqual(list, []);
    assert.deepEqual(ids(await store.listWorkspaces()), ['ws_one', 'ws_two']);
  });

  test('a transaction takes effect whole or not at all', async () => {
    const store = await open();
    await furnish(store);
    const failed = store.transaction(async (inside) => {
      await inside.insertClient(aClient({ id: 'cl_two' }));
      await inside.appendActivity([anActivity()]);
      assert.notEqual(await inside.getClient('ws_one', 'cl_two'), null);
      throw new Error('changed my mind');
    });
    await assert.rejects(failed, /changed my mind/);
    assert.equal(await store.getClient('ws_one', 'cl_two'), null);
    assert.deepEqual(await store.listActivity('ws_one', {}, { limit: 9, beforeSeq: null }), []);
    const kept = await store.transaction(async (inside) => {
      await inside.transaction((same) => same.insertClient(aClient({ id: 'cl_two' })));
      return 'kept';
    });
    assert.equal(kept, 'kept');
    assert.notEqual(await store.getClient('ws_one', 'cl_two'), null);
  });
});

test('a database that cannot be reached is told as such, with the reason', async () => {
  const url = new URL(await freshPostgresUrl());
  url.port = '9';
  const store = await openStore({ databaseUrl: url.href });
  await assert.rejects(store.ping(), { name: 'StoreUnavailableError' });
  await store.close();
});

test('a connection that the server ends is told as such, and replaced at the next use', async () => {
  const url = await freshPostgresUrl();
  const store = await openStore({ databaseUrl: url, poolSize: 1 });
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  const broken = store.transaction(async (inside) => {
    await inside.ping();
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'evergrant' and datname = current_database()",
    );
    await inside.ping();
  });
  await assert.rejects(broken, { name: 'StoreUnavailableError' });
  await store.ping();
  await admin.end();
  await store.close();
});
