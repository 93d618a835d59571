import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LONGEST_WRITE_MS, type Sleep } from '../src/app/committer.ts';
import type { Meter } from '../src/app/context.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { replaySpool } from '../src/keeper/replaySpool.ts';
import { openStore } from '../src/store/open.ts';
import { openSpool } from '../src/store/spool.ts';
import type { GrantOutcome, Store } from '../src/store/store.ts';
import { freshPostgresUrl } from './support/database.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';
import { actionsOf, connected, grantOf, HOUR, MINUTE, variant, withHouse } from './support/keeping.ts';
import { swallowingProxy } from './support/swallowingProxy.ts';

describe('A network that swallows what is sent to the database', () => {
  it('does not keep an outcome from the disk, and a write that comes through late changes nothing twice', async () => {
    const databaseUrl = await freshPostgresUrl();
    const proxy = await swallowingProxy(databaseUrl);
    const direct = await openStore({ databaseUrl });
    const beyond = await openStore({ databaseUrl: proxy.url });
    const test = await openTestHouse(direct);
    try {
      const { grantId } = await connected(test, 'snapchat');
      test.clock.advance(2 * HOUR);
      let late: Promise<readonly boolean[]> | null = null;
      const store: Store = {
        ...direct,
        applyOutcomes: (outcomes) => {
          proxy.swallow();
          late = beyond.applyOutcomes(outcomes);
          return late;
        },
      };
      await beyond.ping();
      const sleep: Sleep = (milliseconds, signal) =>
        test.house.sleep(milliseconds === LONGEST_WRITE_MS ? 200 : milliseconds, signal);
      const cut = variant(test, { store, spool: test.spool, sleep });
      const { kind } = await renewGrant(cut.house, await grantOf(test, grantId), 'renew', 'test');
      assert.equal(kind, 'renewed');
      assert.equal((await test.spool.all()).length, 1, 'on disk before TCP gives up');
      assert.equal((await grantOf(test, grantId)).credentialVersion, 1);
      proxy.relent();
      assert.deepEqual(await late, [true], 'the write came through after all');
      const written = await grantOf(test, grantId);
      const actions = await actionsOf(test, grantId);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.deepEqual([await test.spool.all(), await grantOf(test, grantId)], [[], written]);
      assert.deepEqual(await actionsOf(test, grantId), actions);
    } finally {
      await proxy.close();
      await test.close();
      await beyond.close();
      await direct.close();
    }
  });

  it('does no harm where the write comes through after the replay', () =>
    withSpool(async (test) => {
      const outcome = await unwritten(test);
      await test.spool.put(outcome);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      const written = await grantOf(test, outcome.grant.id);
      assert.deepEqual(await test.house.store.applyOutcomes([outcome]), [false]);
      assert.deepEqual(await grantOf(test, outcome.grant.id), written);
    }));
});

describe('A spooled outcome that can never be written', () => {
  it('is set aside with one line in the log and one count, whatever is wrong with it', () =>
    withSpool(async (test, directory) => {
      const counted: string[] = [];
      const meter: Meter = { count: (name, labels) => counted.push(`${name} ${labels.result}`) };
      const counting = { ...test.house, meter };
      const outcome = await unwritten(test);
      const { grant } = outcome;
      const spoiled: GrantOutcome[] = [
        { ...outcome, grant: { ...grant, id: 'grt_of_nobody' } },
        { ...outcome, grant: { ...grant, failures: 'many' as never } },
        { ...outcome, grant: { ...grant, credentialVersion: 'x' as never } },
        { activity: [] } as never,
      ];
      for (const one of spoiled.slice(0, 3)) await test.spool.put(one);
      test.logged.length = 0;
      for (let round = 0; round < 3; round += 1) assert.equal(await replaySpool(counting, test.spool), 0);
      assert.deepEqual(await test.spool.all(), []);
      assert.equal(readdirSync(join(directory, 'quarantine')).length, 3);
      assert.equal(test.logged.filter(({ level }) => level === 'error').length, 3);
      assert.deepEqual(counted, Array(3).fill('spool_replays set_aside'));
      await test.spool.put(outcome);
      assert.equal(await replaySpool(counting, test.spool), 1, 'and keeps none of the others');
    }));

  it('is dropped where it is outdated, before anything else is tried with it', () =>
    withSpool(async (test) => {
      const outcome = await unwritten(test);
      const { grant } = outcome;
      test.clock.advance(3 * MINUTE);
      await renewGrant(test.house, grant, 'renew', 'test');
      const stored = await grantOf(test, grant.id);
      await test.spool.put({ ...outcome, grant: { ...grant, failures: 'many' as never } });
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.deepEqual([await test.spool.all(), await grantOf(test, grant.id)], [[], stored]);
    }));
});

function withSpool(work: (test: TestHouse, directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-spool-'));
  return withHouse((base) => {
    const spool = openSpool(directory);
    return work({ ...variant(base, { spool }), spool }, directory);
  }).finally(() => rmSync(directory, { recursive: true, force: true }));
}

/** A renewal that a claim has brought, and that is not on record yet. */
async function unwritten(test: TestHouse): Promise<GrantOutcome> {
  const { grantId } = await connected(test, 'snapchat');
  const claim = { now: test.clock.now(), owner: 'node-1:renew', leaseMs: 2 * MINUTE };
  const { previousOwner: _, ...grant } = (await test.house.store.claimGrant(
    test.ctx.workspaceId,
    grantId,
    claim,
  ))!;
  return { grant: { ...grant, credentialVersion: grant.credentialVersion + 1 }, activity: [] };
}
