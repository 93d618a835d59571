import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { openStore } from '../src/store/open.ts';
import { clientGivingUpAfter } from '../src/store/postgres.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { freshPostgresUrl } from './support/database.ts';
import { swallowingProxy } from './support/swallowingProxy.ts';

/** Short, yet far above what a busy machine needs to connect and to answer. */
const SILENCE_MS = 1_000;
const claim = { now: 0, owner: 'node-1:due', leaseMs: 1_000 };

/** A store whose network can swallow everything, and what is to be tried on it. */
async function acrossNetwork(
  work: (store: Store, proxy: Awaited<ReturnType<typeof swallowingProxy>>) => Promise<void>,
): Promise<void> {
  const proxy = await swallowingProxy(await freshPostgresUrl());
  const store = await openStore({
    databaseUrl: proxy.url,
    poolSize: 2,
    silenceTimeoutMs: SILENCE_MS,
    connectTimeoutMs: SILENCE_MS,
  });
  try {
    await work(store, proxy);
  } finally {
    await store.close();
    await proxy.close();
  }
}

const SILENT = /did not answer within 1000 ms, so the connection was closed/;
/** Where a new connection was waited for. */
const NO_CONNECTION = /connection timeout|timeout exceeded when trying to connect/;

async function refusedInTime(asked: Promise<unknown>, ...reasons: readonly RegExp[]): Promise<void> {
  const begun = performance.now();
  await assert.rejects(asked, (error: Error) => {
    assert.ok(error instanceof StoreUnavailableError, String(error));
    assert.ok(
      reasons.some((reason) => reason.test(error.message)),
      error.message,
    );
    return true;
  });
  assert.ok(performance.now() - begun < 10 * SILENCE_MS, 'it ends');
}

describe('A database that the network hides', () => {
  it('is away in a bounded time for every call, and the pool is free for what comes after it', () =>
    acrossNetwork(async (store, proxy) => {
      await store.ping();
      proxy.swallow();
      const calls: (() => Promise<unknown>)[] = [
        () => store.claimDue({ ...claim, limit: 10 }),
        () => store.claimGrant('wsp_1', 'grt_1', claim),
        () => store.nextDueAt(),
        () => store.getGrant('wsp_1', 'grt_1'),
        () => store.transaction((inside) => inside.getGrant('wsp_1', 'grt_1')),
        () => store.ping(),
      ];
      await refusedInTime(calls[0]!(), SILENT);
      await Promise.all(calls.map((call) => refusedInTime(call(), NO_CONNECTION)));
      proxy.relent();
      for (let round = 0; round < 5; round += 1) assert.equal(await store.getGrant('wsp_1', 'grt_1'), null);
    }));

  it('is away in the midst of a transaction too, and says so', () =>
    acrossNetwork(async (store, proxy) => {
      await refusedInTime(
        store.transaction(async (inside) => {
          await inside.getGrant('wsp_1', 'grt_1');
          proxy.swallow();
          await inside.getGrant('wsp_1', 'grt_1');
        }),
        SILENT,
      );
      proxy.relent();
      await store.ping();
    }));

  it('is given up by the last of several statements on one connection, too, as a rollback is', async () => {
    const connectionString = await freshPostgresUrl();
    const Client = clientGivingUpAfter(SILENCE_MS);
    const [asking, holding] = [new Client({ connectionString }), new pg.Client({ connectionString })];
    asking.on('error', () => {});
    await Promise.all([asking.connect(), holding.connect()]);
    await holding.query('select pg_advisory_lock(1)');
    const [first, last] = [asking.query('select 1'), asking.query('select pg_advisory_lock(1)')];
    await first;
    const letGo = setTimeout(() => void holding.query('select pg_advisory_unlock(1)'), 5 * SILENCE_MS);
    await assert.rejects(last, SILENT).finally(() => clearTimeout(letGo));
    await Promise.all([asking.end(), holding.end()]);
  });

  it('does not keep the store from being closed', () =>
    acrossNetwork(async (store, proxy) => {
      await store.ping();
      proxy.swallow();
    }));
});
