import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runKeeper } from '../src/keeper/run.ts';
import { openStore } from '../src/store/open.ts';
import { connectOne } from './support/house.ts';
import { connected, grantOf, MINUTE, SECOND, variant, withHouse } from './support/keeping.ts';
import { startMain } from './support/service.ts';

const KEY = 'evg_key-of-the-tests-0123456789';

describe('A process that died while it held a grant', () => {
  it('on the embedded database: its successor renews at once, and knows that the outcome is unknown', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'evergrant-restart-'));
    const env = {
      PORT: '0',
      EVERGRANT_SANDBOX: 'on',
      EVERGRANT_SANDBOX_PORT: '0',
      EVERGRANT_DATA_DIR: dataDir,
      EVERGRANT_BOOTSTRAP_API_KEY: KEY,
    };
    try {
      const first = await startMain(env, KEY);
      const { data } = await first.expect(200, 'GET', '/v1/connections?limit=100');
      const made = data.find((one: { platform: string }) => one.platform === 'google-ads');
      assert.equal((await first.stop()).code, 0);
      const store = await openStore({ dataDir });
      const [workspace] = await store.listWorkspaces();
      const claim = { now: Date.now(), owner: 'node-dead:renew', leaseMs: 2 * MINUTE };
      assert.ok(await store.claimGrant(workspace!.id, made.grant_id, claim));
      await store.close();
      const second = await startMain(env, KEY);
      const { outcome } = await second.expect(200, 'POST', `/v1/connections/${made.id}/renew`);
      assert.equal(outcome, 'renewed', 'the dead process’s lease is not waited for');
      assert.equal((await second.stop()).code, 0);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('its ended lease still tells the next holder that it left without an outcome', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'pinterest');
      const { store } = test.house;
      const claim = { now: test.clock.now(), owner: 'node-dead:renew', leaseMs: 2 * MINUTE };
      await store.claimGrant(test.ctx.workspaceId, grantId, claim);
      await store.endLeases(test.clock.now());
      const next = await store.claimGrant(test.ctx.workspaceId, grantId, { ...claim, owner: 'node-1:renew' });
      assert.equal(next?.previousOwner, 'node-dead:renew');
    }));

  it('a person who reconnects meanwhile waits for its lease, and loses nothing', () =>
    withHouse(async (base) => {
      const { connectionId, grantId } = await connected(base, 'snapchat');
      const claim = { now: base.clock.now(), owner: 'node-dead:renew', leaseMs: 2 * MINUTE };
      await base.house.store.claimGrant(base.ctx.workspaceId, grantId, claim);
      const began = base.clock.now();
      const sleep = async (milliseconds: number) => base.clock.advance(Math.max(milliseconds, SECOND));
      const test = variant(base, { sleep });
      const again = await connectOne(test, { connectionId });
      assert.equal(again.connection.id, connectionId);
      assert.equal((await grantOf(base, grantId)).credentialVersion, 2);
      assert.ok(base.clock.now() - began >= 2 * MINUTE);
    }));
});

describe('Token reads', () => {
  it('are written down every few minutes, not every few seconds', () =>
    withHouse(async (base) => {
      const stop = new AbortController();
      const waits: number[] = [];
      const sleep = async (milliseconds: number) => {
        waits.push(milliseconds);
        stop.abort();
      };
      const test = variant(base, { sleep });
      await runKeeper(test.house, test.spool, stop.signal);
      assert.ok(
        waits.some((wait) => wait >= 5 * MINUTE && wait <= 15 * MINUTE),
        waits.join(),
      );
    }));
});
