import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Meter } from '../src/app/context.ts';
import { getToken } from '../src/app/getToken.ts';
import type { HouseParts } from '../src/app/house.ts';
import { giveBack } from '../src/app/lapse.ts';
import { refreshConnection } from '../src/app/manageConnections.ts';
import { remindOfDeadlines } from '../src/app/remindOfDeadlines.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import type { Endpoint, PlatformAnswer } from '../src/core/answer.ts';
import { replaySpool } from '../src/keeper/replaySpool.ts';
import { openSpool } from '../src/store/spool.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { connectOne, type TestHouse } from './support/house.ts';
import {
  actionsOf,
  callsOf,
  connected,
  DAY,
  failing,
  forgetCalls,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  SECOND,
  secretsOf,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

interface Outage {
  readonly test: TestHouse;
  readonly directory: string;
  readonly connectionId: string;
  readonly grantId: string;
}

/** As a platform refuses a refresh token (RFC 6749 5.2). */
function refusal(endpoint: Endpoint): PlatformAnswer {
  return { kind: 'answer', endpoint, status: 400, headers: {}, body: '{"error":"invalid_grant"}' };
}

/** A renewal's outcome lies in the spool, the database is back, and the claim has run out. */
function afterOutage(
  platform: string,
  ageMs: number,
  work: (outage: Outage) => Promise<void>,
  before: (test: TestHouse, connectionId: string) => Promise<unknown> = async () => {},
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-spool-'));
  return withHouse(async (base) => {
    let away = false;
    const store = failing(base.house.store, () => away);
    const spool = openSpool(directory);
    const test = { ...variant(base, { store, spool }), spool };
    const { connectionId, grantId } = await connected(test, platform);
    await before(test, connectionId);
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
        const { wakeAt } = await test.keeper.tick();
        assert.ok(wakeAt! >= test.clock.now() + 20 * SECOND, 'no round after round');
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

  it('shows as failing, with an outage, once its access token has ended, until it is on record', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test, connectionId, grantId }) => {
      const { accessExpiresAt } = (await grantOf(test, grantId)).facts;
      await test.keep();
      const outages = () =>
        test.house.store.listOutages(test.ctx.workspaceId, { connectionId }, { limit: 10, after: null });
      const [open] = await outages();
      assert.equal((await grantOf(test, grantId)).state, 'failing');
      assert.deepEqual([open?.startedAt, open?.endedAt], [accessExpiresAt, null]);
      test.clock.advance(MINUTE);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      const { state, stateSince, credentialVersion } = await grantOf(test, grantId);
      assert.deepEqual([state, stateSince, credentialVersion], ['active', test.clock.now(), 2]);
      assert.deepEqual(
        (await outages()).map(({ endedAt }) => endedAt),
        [test.clock.now()],
      );
      const actions = (await actionsOf(test, grantId)).filter((action) => /failing|active/.test(action));
      assert.deepEqual(actions, ['grant.active', 'grant.failing']);
    }));

  for (const [platform, ageMs] of [
    ['snapchat', 2 * HOUR],
    ['pinterest', 25 * DAY],
  ] as const)
    it(`is looked at ever more seldom while it stays there (${platform})`, () =>
      afterOutage(platform, ageMs, async ({ test }) => {
        let claimed = 0;
        const { store } = test.house;
        const counting: Store = {
          ...store,
          claimDue: async (claim) => {
            const due = await store.claimDue(claim);
            claimed += due.length;
            return due;
          },
        };
        const counted = variant(test, { store: counting, spool: test.spool });
        await liveUntil(counted, test.clock.now() + 2 * HOUR);
        assert.ok(claimed >= 1 && claimed < 15, `${claimed} claims in two hours`);
        assert.equal(await callsOf(test, platform), 0);
      }));

  it('is not renewed either by a process that cannot read it', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test: before, directory, connectionId }) => {
      const [name] = readdirSync(directory);
      rmSync(join(directory, name!));
      // A folder in its place cannot be read as a file, whoever asks (EISDIR).
      mkdirSync(join(directory, name!));
      const test = variant(before, { spool: openSpool(directory) });
      assert.equal((await renewConnection(test.ctx, connectionId)).held_reason, 'awaits_database');
      await test.keep();
      assert.equal(await callsOf(test, 'snapchat'), 0);
    }));

  it('hands out the token on record meanwhile, where that still works', () =>
    afterOutage('pinterest', 10 * DAY, async ({ test, connectionId, grantId }) => {
      const before = (await secretsOf(test, grantId)).access_token;
      const { access_token } = await getToken(test.ctx, { connectionId, minTtlSeconds: 25 * 86_400 });
      assert.deepEqual([access_token, await callsOf(test, 'pinterest')], [before, 0]);
    }));
});

describe('What another process did while a renewal lay in the spool', () => {
  /** It has the database, and not this folder. */
  const elsewhere = (test: TestHouse, directory: string, parts: Partial<HouseParts> = {}): TestHouse =>
    variant(test, { nodeId: 'node-4', spool: openSpool(join(directory, 'elsewhere')), ...parts });

  it('in reminding of a deadline is not done again after the replay', () =>
    afterOutage('linkedin', 336 * DAY, async ({ test, directory, grantId }) => {
      const remind = async () => (await remindOfDeadlines(elsewhere(test, directory).house)).sent;
      assert.equal(await remind(), 1);
      const { reminded } = await grantOf(test, grantId);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.equal(await remind(), 0);
      assert.deepEqual((await grantOf(test, grantId)).reminded, reminded);
    }));

  it('in taking it for lost is undone on record, and asked of the platform at once', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test, directory, connectionId, grantId }) => {
      const wire = tapped(test.house.wire, ({ endpoint }, pass) =>
        endpoint === 'token' ? refusal(endpoint) : pass(),
      );
      const misled = elsewhere(test, directory, { wire });
      await liveUntil(misled, test.clock.now() + HOUR);
      assert.equal((await grantOf(test, grantId)).state, 'expired');
      assert.equal(await replaySpool(test.house, test.spool), 1);
      const healed = await grantOf(test, grantId);
      const now = test.clock.now();
      assert.deepEqual([healed.state, healed.stateSince, healed.dueAt], ['active', now, now]);
      assert.equal((await actionsOf(test, grantId))[0], 'grant.active');
      await forgetCalls(test, 'snapchat');
      await test.keep();
      assert.ok((await callsOf(test, 'snapchat')) > 0);
      const outages = await test.house.store.listOutages(
        test.ctx.workspaceId,
        { connectionId },
        { limit: 10, after: null },
      );
      assert.deepEqual(
        outages.map(({ endedAt }) => endedAt),
        [now],
      );
    }));

  it('in marking what a caller misses is kept, for the renewal proves nothing of it', () =>
    afterOutage('linkedin', 45 * DAY, async ({ test, directory, connectionId, grantId }) => {
      const body = { message: 'The app is not configured to access the related advertiser account.' };
      const report = { endpoint: 'api', status: 403, headers: {}, body } as const;
      await reportFailure(elsewhere(test, directory).ctx, connectionId, report);
      const { state, cause, evidence } = await grantOf(test, grantId);
      assert.equal(state, 'degraded');
      assert.equal(await replaySpool(test.house, test.spool), 1);
      const after = await grantOf(test, grantId);
      assert.deepEqual([after.state, after.cause, after.evidence], [state, cause, evidence]);
      assert.equal(after.credentialVersion, 2);
    }));

  it('in finding what was missed is kept, though the renewal knew of the mark alone', () => {
    const body = { message: 'The app is not configured to access the related advertiser account.' };
    const report = { endpoint: 'api', status: 403, headers: {}, body } as const;
    return afterOutage(
      'linkedin',
      45 * DAY,
      async ({ test, directory, connectionId, grantId }) => {
        assert.equal((await grantOf(test, grantId)).state, 'degraded');
        await refreshConnection(elsewhere(test, directory).ctx, connectionId);
        assert.equal((await grantOf(test, grantId)).state, 'active');
        assert.equal(await replaySpool(test.house, test.spool), 1);
        const { state, cause, evidence, credentialVersion } = await grantOf(test, grantId);
        assert.deepEqual([state, cause, evidence, credentialVersion], ['active', null, null, 2]);
      },
      (test, connectionId) => reportFailure(test.ctx, connectionId, report),
    );
  });

  it('is not what was marked before: of that the renewal has the last word, as if it had never lain there', () => {
    const report = { endpoint: 'api', status: 403, headers: {}, body: 'unauthorized' } as const;
    return afterOutage(
      'snapchat',
      HOUR / 2,
      async ({ test, directory, grantId }) => {
        const { house, ctx, clock } = elsewhere(test, directory);
        const claim = { now: clock.now(), owner: house.nodeId, leaseMs: MINUTE };
        const claimed = await house.store.claimGrant(ctx.workspaceId, grantId, claim);
        assert.equal(claimed?.state, 'degraded');
        await giveBack(house, [claimed], null);
        assert.equal(await replaySpool(test.house, test.spool), 1);
        const { state, cause, credentialVersion } = await grantOf(test, grantId);
        assert.deepEqual([state, cause, credentialVersion], ['active', null, 2]);
        assert.equal((await actionsOf(test, grantId))[0], 'grant.active');
      },
      (test, connectionId) => reportFailure(test.ctx, connectionId, report),
    );
  });
});

describe('Where the folder of the spool cannot be read', () => {
  const blind = (test: TestHouse, directory: string): TestHouse =>
    variant(test, { spool: openSpool(join(directory, readdirSync(directory)[0]!)) });

  it('nothing that is single use is sent, and the token that still works is handed out', () =>
    afterOutage('pinterest', 25 * DAY, async ({ test: before, directory, connectionId }) => {
      const test = blind(before, directory);
      assert.equal((await renewConnection(test.ctx, connectionId)).held_reason, 'awaits_database');
      await test.keep();
      assert.ok((await getToken(test.ctx, { connectionId, minTtlSeconds: 0 })).access_token);
      assert.equal(await callsOf(test, 'pinterest'), 0);
    }));

  it('what may be sent again and again is renewed', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test: before, directory, connectionId }) => {
      const test = blind(before, directory);
      assert.equal((await renewConnection(test.ctx, connectionId)).outcome, 'renewed');
    }));
});

describe('A person who authorizes while a renewal lies in the spool', () => {
  for (const isFirst of [true, false])
    it(`is not lost against it, though the database went away again (replayed ${isFirst ? 'first' : 'last'})`, () =>
      afterOutage('snapchat', 2 * HOUR, async ({ test, connectionId, grantId }) => {
        let away = false;
        const { store } = test.house;
        const failingWithin: Store = {
          ...store,
          transaction: (work) => store.transaction((inner) => work(failing(inner, () => away))),
        };
        const storming = variant(test, { store: failingWithin, spool: test.spool });
        away = true;
        await assert.rejects(connectOne(storming, { connectionId }), StoreUnavailableError);
        away = false;
        const spooled = await test.spool.all();
        const given = spooled.find(({ outcome }) => outcome?.grant.facts.consentedAt === test.clock.now());
        assert.equal(spooled.length, 2);
        const ordered = {
          ...test.spool,
          all: async () => [given!, ...spooled.filter((one) => one !== given)],
        };
        assert.equal(await replaySpool(test.house, isFirst ? ordered : test.spool), 2);
        const grant = await grantOf(test, grantId);
        assert.deepEqual(grant.secrets, given?.outcome?.grant.secrets);
        assert.equal(grant.credentialVersion, isFirst ? 2 : 3);
        test.clock.advance(2 * HOUR);
        await test.keep();
        assert.equal((await grantOf(test, grantId)).state, 'active');
      }));

  it('and brings no refresh token is asked to come back: the one on record may be spent', () =>
    afterOutage('snapchat', 2 * HOUR, async ({ test, connectionId, grantId }) => {
      const wire = tapped(test.house.wire, async (_request, pass) => {
        const answer = await pass();
        if (answer.kind !== 'answer' || answer.endpoint !== 'token') return answer;
        const { refresh_token: _, ...body } = JSON.parse(answer.body);
        return { ...answer, body: JSON.stringify(body) };
      });
      const keeping = variant(test, { wire, spool: test.spool });
      await assert.rejects(connectOne(keeping, { connectionId }), { code: 'temporarily_unavailable' });
      assert.equal((await grantOf(test, grantId)).leaseOwner, null);
      assert.equal(await replaySpool(test.house, test.spool), 1);
      assert.equal((await connectOne(keeping, { connectionId })).grant.id, grantId);
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
