import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getToken } from '../src/app/getToken.ts';
import { createClient } from '../src/app/manageClients.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { diagnoseAnswer, reportFailure } from '../src/app/reportFailure.ts';
import { shareGrant } from '../src/app/shareGrant.ts';
import type { Store } from '../src/store/store.ts';
import type { TestHouse } from './support/house.ts';
import {
  callsOf,
  connected,
  DAY,
  forgetCalls,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  SECOND,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const REFUSED = { endpoint: 'api', status: 401, headers: {}, body: '' } as const;
/** As Pinterest documents it: about a part of what the grant covers, and not an ad account. */
const PERMISSION_MISSING = {
  endpoint: 'api',
  status: 403,
  headers: {},
  body: { code: 3, message: 'Authorization failed.' },
} as const;

const iso = (at: number): string => new Date(at).toISOString();

function claim(test: TestHouse, grantId: string, leaseMs = 2 * MINUTE) {
  const { workspaceId } = test.ctx;
  return test.house.store.claimGrant(workspaceId, grantId, {
    now: test.clock.now(),
    owner: 'node-9:due',
    leaseMs,
  });
}

/** Time between two tries to claim passes as told; whatever else sleeps, sleeps. */
function polling(test: TestHouse, pass: () => unknown): TestHouse['house']['sleep'] {
  return async (milliseconds, signal) =>
    milliseconds > 100 ? test.house.sleep(milliseconds, signal) : void (await pass());
}

describe('A report of a success', () => {
  it('is read as the same answer is read without a connection, and changes nothing', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      const success = { endpoint: 'api', status: 200, headers: {}, body: { items: [{ id: '1' }] } } as const;
      const before = await grantOf(test, grantId);
      await forgetCalls(test, 'pinterest');
      const report = await reportFailure(test.ctx, connectionId, success);
      assert.deepEqual(report.diagnosis, await diagnoseAnswer(test.ctx, 'pinterest', success));
      assert.deepEqual([report.diagnosis.cause, report.diagnosis.meaning], [null, 'success']);
      assert.deepEqual([report.state, report.held_until], ['active', null]);
      assert.deepEqual(await grantOf(test, grantId), before);
      assert.equal(await callsOf(test, 'pinterest'), 0);
      const rows = await test.house.store.listActivity(
        test.ctx.workspaceId,
        { subject: connectionId },
        { limit: 10, beforeSeq: null },
      );
      const told = rows.find((row) => row.action === 'failure.reported');
      assert.deepEqual(told?.detail, { cause: null, check: 'http.success', status: 200 });
    }));
});

describe('A report of what a platform answered', () => {
  it('that falls into the gap after a look is looked into when the gap ends, by itself', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(MINUTE);
      await renewConnection(test.ctx, connectionId);
      await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
      test.clock.advance(4 * SECOND);
      const { held_until } = await reportFailure(test.ctx, connectionId, REFUSED);
      assert.equal(held_until, iso(test.clock.now() + 6 * SECOND));
      const { epoch, dueAt, dueReason } = await grantOf(test, grantId);
      assert.deepEqual([iso(dueAt!), dueReason], [held_until, 'probe']);
      await reportFailure(test.ctx, connectionId, REFUSED);
      assert.equal((await grantOf(test, grantId)).epoch, epoch, 'a second report finds it arranged');
      await forgetCalls(test, 'snapchat');
      test.clock.advance(6 * SECOND);
      await test.keep();
      assert.ok((await callsOf(test, 'snapchat')) > 0);
      assert.equal((await grantOf(test, grantId)).state, 'expired', 'refused by token endpoint and probe');
    }));

  it('says until when an open breaker keeps the platform from being asked, and is looked into then', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(MINUTE);
      const openUntil = test.clock.now() + 2 * MINUTE;
      const breaker = {
        failures: 3,
        openUntil,
        since: test.clock.now(),
        cause: 'app_misconfigured',
        check: 'a',
      };
      await test.house.store.setBreaker(test.ctx.workspaceId, app.id, breaker as never);
      await forgetCalls(test, 'snapchat');
      assert.equal((await reportFailure(test.ctx, connectionId, REFUSED)).held_until, iso(openUntil));
      await test.keep();
      assert.equal(await callsOf(test, 'snapchat'), 0);
      assert.equal((await grantOf(test, grantId)).dueAt, openUntil);
      test.clock.advance(2 * MINUTE);
      await test.keep();
      assert.ok((await callsOf(test, 'snapchat')) > 0);
    }));

  it('says until when somebody else may hold the grant at most', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(MINUTE);
      const held = await claim(test, grantId, HOUR);
      const hasty = variant(test, { sleep: polling(test, () => test.clock.advance(SECOND)) });
      const { held_until } = await reportFailure(hasty.ctx, connectionId, REFUSED);
      assert.equal(held_until, iso(held!.leaseUntil!));
    }));

  it('is looked into at once where whoever held the grant let go of it just when the waiting ended', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(MINUTE);
      const { store } = test.house;
      const held = await claim(test, grantId);
      const startedAt = test.clock.now();
      const hasEnded = () => test.clock.now() >= startedAt + 10 * SECOND;
      const late: Store = {
        ...store,
        getGrant: async (...key) => {
          if (hasEnded()) await store.releaseGrants([held!], null);
          return store.getGrant(...key);
        },
      };
      const hasty = variant(test, { store: late, sleep: polling(test, () => test.clock.advance(SECOND)) });
      const { held_until } = await reportFailure(hasty.ctx, connectionId, REFUSED);
      const { dueAt, dueReason } = await grantOf(test, grantId);
      assert.deepEqual([held_until, dueReason], [iso(dueAt!), 'probe']);
      await forgetCalls(test, 'snapchat');
      await test.keep();
      assert.ok((await callsOf(test, 'snapchat')) > 0);
    }));

  it('about a part of the grant is no look at its token: what was due stays due, and no gap begins', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      test.clock.advance(21 * DAY);
      const before = await grantOf(test, grantId);
      const { state } = await reportFailure(test.ctx, connectionId, PERMISSION_MISSING);
      const after = await grantOf(test, grantId);
      assert.deepEqual([state, after.state, after.cause], ['degraded', 'degraded', 'permission_missing']);
      for (const part of ['lastAttemptAt', 'dueAt', 'dueReason', 'urgentAt', 'failures'] as const)
        assert.equal(after[part], before[part], part);
      await forgetCalls(test, 'pinterest');
      const report = await reportFailure(test.ctx, connectionId, REFUSED);
      assert.equal(report.held_until, null);
      assert.ok((await callsOf(test, 'pinterest')) > 0, 'a report about the whole is looked into at once');
    }));

  it('about a part of the grant waits for whoever holds it', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      const held = await claim(test, grantId);
      let waits = 0;
      const sleep = polling(test, async () => {
        waits += 1;
        if (waits === 3) await test.house.store.releaseGrants([held!], null);
      });
      const patient = variant(test, { sleep });
      const { state } = await reportFailure(patient.ctx, connectionId, PERMISSION_MISSING);
      assert.deepEqual([state, waits], ['degraded', 3]);
    }));
});

describe('A profile that is chosen again and again', () => {
  it('is proven once in ten seconds', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      const client = await createClient(test.ctx, { name: 'Second' });
      const probes: string[] = [];
      const wire = tapped(test.house.wire, (request, pass) => {
        if (request.endpoint === 'probe') probes.push(request.url);
        return pass();
      });
      const { ctx } = variant(test, { wire });
      const choose = () => shareGrant(ctx, { grantId, clientId: client.id, connectionName: 'Second' });
      test.clock.advance(MINUTE);
      await choose();
      const once = probes.length;
      assert.ok(once > 0);
      await choose();
      assert.equal(probes.length, once);
      test.clock.advance(10 * SECOND);
      await choose();
      assert.equal(probes.length, 2 * once);
    }));
});

describe('An access token that is refused although it was just renewed', () => {
  /** A Snapchat that goes on renewing and refuses whoever comes with what it issued. */
  const refusing = (base: TestHouse) => {
    const answers = { refuses: true, probes: 0, renewals: 0 };
    const wire = tapped(base.house.wire, async ({ endpoint }, pass) => {
      if (endpoint === 'token') answers.renewals += 1;
      if (endpoint !== 'probe') return pass();
      answers.probes += 1;
      if (!answers.refuses) return pass();
      return { kind: 'answer', endpoint, status: 401, headers: {}, body: 'unauthorized' };
    });
    return { test: variant(base, { wire }), answers };
  };

  it('is no ended token: the grant comes into doubt, and is lost when it is refused once more', () =>
    withHouse(async (base) => {
      const { connectionId, grantId } = await connected(base, 'snapchat');
      const { test, answers } = refusing(base);
      test.clock.advance(MINUTE);
      const seen: string[] = [];
      const look = async () => {
        const { state, cause } = await grantOf(test, grantId);
        if (seen.at(-1) !== `${state} ${cause}`) seen.push(`${state} ${cause}`);
      };
      await reportFailure(test.ctx, connectionId, REFUSED);
      await look();
      assert.deepEqual([answers.probes, answers.renewals], [1, 1]);
      const until = test.clock.now() + 10 * MINUTE;
      while (test.clock.now() < until) {
        await liveUntil(test, test.clock.now() + MINUTE);
        await look();
      }
      assert.deepEqual(seen, ['active null', 'suspect session_invalidated', 'expired session_invalidated']);
      assert.deepEqual([answers.probes, answers.renewals], [3, 1], 'no renewal hides it');
      const { evidence } = await grantOf(test, grantId);
      assert.deepEqual([evidence?.who, evidence?.confirmedBy], ['authorizing_user', 'second_try']);
      const token = getToken(test.ctx, { connectionId, minTtlSeconds: 0 });
      await assert.rejects(token, { code: 'reauthorization_required' });
    }));

  it('is believed by a caller’s next report at the earliest, and renewed in time meanwhile', () =>
    withHouse(async (base) => {
      const { connectionId, grantId } = await connected(base, 'snapchat');
      const { test, answers } = refusing(base);
      test.clock.advance(MINUTE);
      await reportFailure(test.ctx, connectionId, REFUSED);
      await reportFailure(test.ctx, connectionId, REFUSED);
      assert.equal((await grantOf(test, grantId)).state, 'active', 'it was looked at a moment ago');
      test.clock.advance(10 * SECOND);
      await reportFailure(test.ctx, connectionId, REFUSED);
      assert.equal((await grantOf(test, grantId)).state, 'suspect');
      answers.refuses = false;
      await liveUntil(test, test.clock.now() + 10 * MINUTE);
      assert.equal((await grantOf(test, grantId)).state, 'active', 'and taken back when it is let in');
      const { renewals } = answers;
      await liveUntil(test, test.clock.now() + 2 * HOUR);
      assert.ok(answers.renewals > renewals);
    }));

  it('is asked for once more where it is let in, and no oftener', () =>
    withHouse(async (base) => {
      const { connectionId, grantId } = await connected(base, 'snapchat');
      const { test, answers } = refusing(base);
      test.clock.advance(MINUTE);
      await reportFailure(test.ctx, connectionId, REFUSED);
      answers.refuses = false;
      await liveUntil(test, test.clock.now() + 10 * MINUTE);
      assert.deepEqual([answers.probes, answers.renewals], [2, 1]);
      assert.equal((await grantOf(test, grantId)).state, 'active');
    }));
});
