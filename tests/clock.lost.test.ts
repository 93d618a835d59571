import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from '../src/config.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/core/instant.ts';
import { REAL_WORLD, type Running, startEvergrant } from '../src/main.ts';
import { readClockFile } from '../src/simulator/clockFile.ts';
import { CLOCK_SKEW_MS, refuseFuture } from '../src/simulator/refuseFuture.ts';
import { freshMemoryStore, freshPostgresUrl } from './support/database.ts';
import { anApp, START_AT } from './support/databaseRecords.ts';

const root = mkdtempSync(join(tmpdir(), 'evergrant-clock-lost-'));
after(() => rmSync(root, { recursive: true, force: true }));

function start(name: string, environment: Readonly<Record<string, string>> = {}, aheadMs = 0) {
  const reading = readConfig({
    EVERGRANT_SANDBOX: 'on',
    PORT: '0',
    EVERGRANT_SANDBOX_PORT: '0',
    EVERGRANT_DATA_DIR: join(root, name),
    EVERGRANT_LOG_LEVEL: 'silent',
    ...environment,
  });
  assert.ok(reading.ok);
  return startEvergrant(reading.config, { ...REAL_WORLD, now: () => Date.now() + aheadMs });
}

interface Clock {
  readonly now: string;
  readonly state: string;
}

/** What the clock says, once everything is up; the service is stopped again. */
async function clockOf(starting: Promise<Running>): Promise<Clock> {
  const running = await starting;
  try {
    const headers = { authorization: `Bearer ${running.apiKey}` };
    return (await (await fetch(`${running.url}/v1/clock`, { headers })).json()) as Clock;
  } finally {
    await running.close();
  }
}

describe('a sandbox whose clock was moved by forty days', () => {
  const path = join(root, 'moved', 'sandbox.clock');
  const state = JSON.stringify({ aheadMs: 40 * DAY_MS, frozenAt: null });
  let line = '';

  it('does not start without the file that says so, as a sandbox or as anything else, and says what to do', async () => {
    mkdirSync(join(root, 'moved'));
    writeFileSync(path, state);
    await clockOf(start('moved'));
    rmSync(path);
    for (const EVERGRANT_SANDBOX of ['on', 'off'])
      await assert.rejects(start('moved', { EVERGRANT_SANDBOX }), ({ message }: Error) => {
        assert.match(
          message,
          /^The data goes up to \S+, and the clock stands at \S+\. The clock of this sandbox was moved/,
        );
        assert.match(
          message,
          /sandbox\.clock, which says how far, is missing.*Put the file back.*EVERGRANT_DATA_DIR/,
        );
        line = /write (\{.*?\}) into it/.exec(message)?.[1] ?? '';
        return true;
      });
    assert.ok(!existsSync(path), 'nothing is put in its place');
  });

  it('goes on where its data ends, with what the refusal says to write', async () => {
    writeFileSync(path, line);
    const { now, state } = await clockOf(start('moved'));
    assert.equal(state, 'frozen');
    const aheadMs = Date.parse(now) - Date.now();
    assert.ok(aheadMs > 39.9 * DAY_MS && aheadMs < 40 * DAY_MS, now);
  });

  it('does not start with a file that would set the clock back', async () => {
    for (const aheadMs of [0, -HOUR_MS, 39 * DAY_MS]) {
      writeFileSync(path, JSON.stringify({ aheadMs, frozenAt: null }));
      await assert.rejects(start('moved'), /The data goes up to .*older than the data, or was changed/);
    }
    writeFileSync(path, JSON.stringify({ aheadMs: 0, frozenAt: Date.now() }));
    await assert.rejects(start('moved'), /The data goes up to /);
  });

  it('does not start with a file that means nothing, and says the same of it', async () => {
    for (const text of [
      '',
      'null',
      '{"aheadMs":',
      '{"aheadMs":"1","frozenAt":null}',
      '{"aheadMs":1e300,"frozenAt":null}',
      '{"aheadMs":-1e300,"frozenAt":null}',
      '{"aheadMs":0,"frozenAt":-1}',
      '{"aheadMs":0,"frozenAt":1e300}',
    ]) {
      writeFileSync(path, text);
      assert.throws(
        () => readClockFile(path),
        /sandbox\.clock does not say where.*on record would lie in the future.*Put the file back.*EVERGRANT_DATA_DIR/,
      );
    }
    await assert.rejects(start('moved'), /sandbox\.clock does not say where/);
    writeFileSync(path, state);
    assert.ok(Date.parse((await clockOf(start('moved'))).now) > Date.now() + 39 * DAY_MS);
    assert.equal(readFileSync(path, 'utf8'), state);
  });
});

describe('a clock that says less than the data beside it', () => {
  const open = async () => {
    const store = await freshMemoryStore();
    await store.insertWorkspace({ id: 'ws_none', name: 'None', createdAt: START_AT });
    await store.insertWorkspace({ id: 'ws_one', name: 'One', createdAt: START_AT });
    const row = { workspaceId: 'ws_one', actor: 'system', action: 'grant.renewed', subjects: [], detail: {} };
    await store.appendActivity([{ ...row, at: START_AT }]);
    return store;
  };

  it('starts within the five minutes by which a machine’s clock may be set back', async () => {
    const store = await open();
    const warn = () => assert.fail();
    await refuseFuture({ store, now: START_AT - CLOCK_SKEW_MS, path: 'sandbox.clock', warn });
    await assert.rejects(
      refuseFuture({ store, now: START_AT - CLOCK_SKEW_MS - 1, path: 'sandbox.clock', warn }),
    );
    await store.close();
  });

  it('starts with a warning, however much it is, where something real is renewed by it', async () => {
    const store = await open();
    await store.insertApp(anApp({ environment: 'live' }));
    const warned: string[] = [];
    const warn = (text: string) => warned.push(text);
    await refuseFuture({ store, now: START_AT - 40 * DAY_MS, path: 'sandbox.clock', warn });
    assert.equal(warned.length, 1);
    assert.match(warned[0]!, /this machine’s clock is behind, or was ahead once\. Set it right/);
    await store.close();
  });

  it('starts behind the real time as it stood still before, which is no going back', async () => {
    mkdirSync(join(root, 'behind'));
    writeFileSync(
      join(root, 'behind', 'sandbox.clock'),
      JSON.stringify({ aheadMs: -HOUR_MS, frozenAt: null }),
    );
    for (let time = 1; time <= 2; time += 1) {
      const { now, state } = await clockOf(start('behind'));
      assert.equal(state, 'running');
      assert.ok(Math.abs(Date.now() - HOUR_MS - Date.parse(now)) < 10 * MINUTE_MS);
    }
  });

  it('starts on a PostgreSQL that another node writes to, however far their clocks are apart', async () => {
    const shared = {
      DATABASE_URL: await freshPostgresUrl({ migrated: false }),
      EVERGRANT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      EVERGRANT_BOOTSTRAP_API_KEY: 'evg_key-of-the-tests-0123456789',
      EVERGRANT_SANDBOX: 'off',
    };
    const ahead = await start('ahead', shared, DAY_MS);
    const other = await start('other', shared);
    await Promise.all([ahead.close(), other.close()]);
  });
});
