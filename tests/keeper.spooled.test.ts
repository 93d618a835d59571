import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Meter } from '../src/app/context.ts';
import { getToken } from '../src/app/getToken.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { replaySpool } from '../src/keeper/replaySpool.ts';
import { openSpool } from '../src/store/spool.ts';
import type { TestHouse } from './support/house.ts';
import {
  callsOf,
  connected,
  DAY,
  failing,
  forgetCalls,
  grantOf,
  HOUR,
  MINUTE,
  SECOND,
  secretsOf,
  variant,
  withHouse,
} from './support/keeping.ts';

interface Outage {
  readonly test: TestHouse;
  readonly directory: string;
  readonly connectionId: string;
  readonly grantId: string;
}

/** A renewal's outcome lies in the spool, the database is back, and the claim has run out. */
function afterOutage(
  platform: string,
  ageMs: number,
  work: (outage: Outage) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-spool-'));
  return withHouse(async (base) => {
    let away = false;
    const store = failing(base.house.store, () => away);
    const spool = openSpool(directory);
    const test = { ...variant(base, { store, spool }), spool };
    const { connectionId, grantId } = await connected(test, platform);
    test.clock.advance(ageMs);
    away = true;
    await renewConnection(test.ctx, connectionId);
    away = false;
    assert.equal((await spool.all()).length, 1);
    test.clock.advance(3 * MINUTE);
    await forgetCalls(test, platform);
    await work({ test, directory, connectionId, grantId });
  }).finally(() => rmSync(directory, { recursive: true, force: true }));
}

describe('A grant whose newest credential lies in the spool', () => {
  for (const restarted of [false, true]) {
    it(`is not renewed by its spent refresh token before the replay${restarted ? ', nor by the process after it' : ''}`, () =>
      afterOutage('snapchat', 2 * HOUR, async ({ test: before, directory, connectionId, grantId }) => {
        const spool = openSpool(directory);
        const test = restarted ? variant(before, { spool }) : before;
        const { outcome, held_reason, held_until } = await renewConnection(test.ctx, connectionId);
        assert.deepEqual(
          [outcome, held_reason, held_until],
          ['held', 'awaits_database', new Date(test.clock.now() + 5 * SECOND).toISOString()],
        );
        await assert.rejects(getToken(test.ctx, { connectionId, minTtlSeconds: 0 }), {
          code: 'temporarily_unavailable',
        });
        assert.equal(
          (await test.keeper.tick()).wakeAt,
          test.clock.now() + 5 * SECOND,
          'no round after round',
        );
        assert.equal(await callsOf(test, 'snapchat'), 0);
        assert.equal(await replaySpool(test.house, restarted ? spool : test.spool), 1);
        const { access_token } = await getToken(test.ctx, { connectionId, minTtlSeconds: 0 });
        const { credentialVersion, facts } = await grantOf(test, grantId);
        assert.deepEqual([credentialVersion, facts.unknownOutcomeAt], [2, null]);
        assert.equal(access_token, (await secretsOf(test, grantId)).access_token);
        test.clock.advance(2 * HOUR);
        await test.keep();
        assert.equal((await grantOf(test, grantId)).credentialVersion, 3, 'and it is renewed on');
      }));
  }

  it('hands out the token on record meanwhile, where that still works', () =>
    afterOutage('pinterest', 10 * DAY, async ({ test, connectionId, grantId }) => {
      const before = (await secretsOf(test, grantId)).access_token;
      const { access_token } = await getToken(test.ctx, { connectionId, minTtlSeconds: 25 * 86_400 });
      assert.deepEqual([access_token, await callsOf(test, 'pinterest')], [before, 0]);
    }));
});

describe('A spooled outcome that cannot be read', () => {
  it('is kept, said and counted once, and written as soon as it can be read', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test, directory, grantId }) => {
      const counted: string[] = [];
      const meter: Meter = { count: (name, labels) => counted.push(`${name} ${labels.result}`) };
      const { house } = variant(test, { meter, spool: test.spool });
      const [name] = readdirSync(directory);
      const path = join(directory, name!);
      // A folder in its place cannot be read as a file, whoever asks (EISDIR).
      renameSync(path, join(directory, 'elsewhere'));
      mkdirSync(path);
      test.logged.length = 0;
      for (let round = 0; round < 3; round += 1) assert.equal(await replaySpool(house, test.spool), 0);
      assert.deepEqual(counted, ['spool_replays unread']);
      assert.deepEqual(
        test.logged.map(({ level, fields }) => [level, (fields as { code: string }).code]),
        [['error', 'EISDIR']],
      );
      rmSync(path, { recursive: true });
      renameSync(join(directory, 'elsewhere'), path);
      assert.equal(await replaySpool(house, test.spool), 1);
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
    }));

  it('is told too where it is the whole folder', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test, directory }) => {
      const spool = openSpool(join(directory, readdirSync(directory)[0]!));
      test.logged.length = 0;
      for (let round = 0; round < 2; round += 1) assert.equal(await replaySpool(test.house, spool), 0);
      assert.deepEqual(
        test.logged.map(({ level }) => level),
        ['error'],
      );
    }));
});
