import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getToken } from '../src/app/getToken.ts';
import { updateApp } from '../src/app/manageApps.ts';
import { getConnection, getGrant } from '../src/app/manageConnections.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import type { TestHouse } from './support/house.ts';
import {
  actionsOf,
  callsOf,
  connected,
  DAY,
  forgetCalls,
  grantOf,
  HOUR,
  MINUTE,
  SECOND,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const renew = (test: TestHouse, id: string) =>
  renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id }, 'renew', 'test');

/** A platform whose token endpoint answers so. */
function answering(test: TestHouse, status: number, headers = {}, body = ''): TestHouse {
  const answer = { kind: 'answer', endpoint: 'token', status, headers, body } as const;
  const wire = tapped(test.house.wire, (request, pass) => (request.endpoint === 'token' ? answer : pass()));
  return variant(test, { wire });
}

describe('An app that was mended', () => {
  it('has what was spared tried at once, and what its platform asked to wait waits on', () =>
    withHouse(async (test) => {
      const asked = await connected(test, 'snapchat');
      const other = await connected(test, 'amazon-ads');
      await renew(answering(test, 429, { 'retry-after': '600' }), asked.grantId);
      await renew(answering(test, 401, {}, '{"error":"invalid_client"}'), other.grantId);
      test.clock.advance(SECOND);
      const before = await grantOf(test, asked.grantId);
      assert.ok(before.dueAt! >= test.clock.now() + 599 * SECOND);
      for (const { app } of [asked, other]) await updateApp(test.ctx, app.id, { name: 'Mended' });
      await updateApp(test.ctx, asked.app.id, { clientSecret: 'another' });
      await updateApp(test.ctx, other.app.id, { clientSecret: 'another' });
      assert.equal((await grantOf(test, asked.grantId)).dueAt, before.dueAt, 'Retry-After stands');
      assert.equal((await grantOf(test, other.grantId)).dueAt, test.clock.now(), 'spared: due now');
    }));
});

describe('A grant whose probe and renewal are both due', () => {
  it('is renewed: a probe that keeps finding something missing would put the renewal off to the end', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      test.clock.advance(45 * MINUTE);
      const now = test.clock.now();
      const claim = { now, owner: 'test', leaseMs: SECOND };
      const claimed = await test.house.store.claimGrant(test.ctx.workspaceId, grantId, claim);
      const { previousOwner: _, ...grant } = claimed!;
      await test.house.store.applyOutcomes([
        { grant: { ...grant, dueAt: now, dueReason: 'probe' }, activity: [] },
      ]);
      const asked: string[] = [];
      const wire = tapped(test.house.wire, (request, pass) => {
        asked.push(request.endpoint);
        return pass();
      });
      await variant(test, { wire }).keep();
      assert.deepEqual(asked, ['token']);
    }));
});

describe('A fault of ours', () => {
  const PATH = 'token';

  it('before anything was sent is no unknown outcome, and the single-use refresh token is tried again', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'pinterest');
      const { vault } = test.house;
      const broken = variant(test, {
        vault: { ...vault, forWorkspace: () => Promise.reject(new Error('The key is not at hand.')) },
      });
      await forgetCalls(test, 'pinterest');
      assert.equal((await renew(broken, grantId)).kind, 'failed');
      assert.equal((await grantOf(test, grantId)).facts.unknownOutcomeAt, null);
      test.clock.advance(MINUTE);
      await test.keep();
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
    }));

  it('after the token was asked for is an unknown outcome', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'pinterest');
      const wire = tapped(test.house.wire, async (request, pass) => {
        await pass();
        if (request.url.includes(PATH)) throw new Error('A fault after the answer.');
        return pass();
      });
      await renew(variant(test, { wire }), grantId);
      assert.ok((await grantOf(test, grantId)).facts.unknownOutcomeAt);
    }));

  it('that hides the platform’s rules leaves the grant for later, and its claim is given back', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'pinterest');
      const registry = { ...test.house.registry, find: () => Promise.reject(new Error('Away.')) };
      await renew(variant(test, { registry }), grantId);
      const { dueAt, leaseOwner, facts } = await grantOf(test, grantId);
      assert.deepEqual([dueAt, leaseOwner, facts.unknownOutcomeAt], [test.clock.now() + MINUTE, null, null]);
    }));
});

describe('A chain of slow calls', () => {
  it('is over before its claim is: no call begins that could outlast it', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      let calls = 0;
      const slow = tapped({ ...test.house.wire, longestCallMs: MINUTE }, (request) => {
        calls += 1;
        test.clock.advance(MINUTE);
        const body = '{"error":"invalid_grant"}';
        return { kind: 'answer', endpoint: request.endpoint, status: 400, headers: {}, body };
      });
      const { kind } = await renew(variant(test, { wire: slow }), grantId);
      assert.deepEqual([kind, calls], ['failed', 1], 'refused, and no time for a confirmation by probe');
      assert.equal((await grantOf(test, grantId)).state, 'suspect', 'so it is asked again later');
    }));
});

describe('A gateway that lost the origin’s answer', () => {
  for (const status of [502, 504]) {
    it(`${status}: a single-use refresh token may be spent, and rests`, () =>
      withHouse(async (test) => {
        const { grantId } = await connected(test, 'pinterest');
        await renew(answering(test, status), grantId);
        assert.ok((await grantOf(test, grantId)).facts.unknownOutcomeAt);
        await forgetCalls(test, 'pinterest');
        test.clock.advance(HOUR);
        await test.keep();
        assert.equal((await test.control('GET', 'pinterest/calls')).by_path['/v5/oauth/token'] ?? 0, 0);
      }));

    it(`${status}: a refresh token that is used again and again is tried again soon`, () =>
      withHouse(async (test) => {
        const { grantId } = await connected(test, 'google-ads', 'user_login');
        await renew(answering(test, status), grantId);
        assert.equal((await grantOf(test, grantId)).facts.unknownOutcomeAt, null);
        test.clock.advance(MINUTE);
        await test.keep();
        assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
      }));
  }

  it('503 is the server’s own refusal: nothing was spent', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'pinterest');
      await renew(answering(test, 503), grantId);
      assert.equal((await grantOf(test, grantId)).facts.unknownOutcomeAt, null);
      assert.ok((await actionsOf(test, grantId)).includes('grant.attempt_failed'));
      assert.ok((await callsOf(test, 'pinterest')) > 0);
    }));
});

describe('What is held back', () => {
  it('says why and until when: a refresh token that may be spent', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      assert.equal((await getConnection(test.ctx, connectionId)).held, null);
      await renew(answering(test, 504), grantId);
      test.clock.advance(MINUTE);
      await forgetCalls(test, 'pinterest');
      const { outcome, held_reason, held_until, connection } = await renewConnection(test.ctx, connectionId);
      assert.deepEqual([outcome, held_reason], ['held', 'refresh_token_may_be_spent']);
      assert.equal(await callsOf(test, 'pinterest'), 0);
      const { issuedAt, accessExpiresAt } = (await grantOf(test, grantId)).facts;
      const until = new Date(Math.round(issuedAt + ((accessExpiresAt! - issuedAt) * 5) / 6)).toISOString();
      assert.equal(held_until, until);
      assert.deepEqual(connection.held, { reason: 'refresh_token_may_be_spent', until });
      assert.equal(connection.next_renewal_at, until, 'no sooner than it is let go');
      assert.equal((await getGrant(test.ctx, grantId)).next_renewal_at, until);
      test.clock.advance(Date.parse(until) - test.clock.now());
      assert.equal((await renewConnection(test.ctx, connectionId)).outcome, 'renewed');
      assert.equal((await getConnection(test.ctx, connectionId)).held, null);
    }));

  it('says why and until when: an app that is left alone', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'snapchat');
      const { renewAt, urgentAt } = await grantOf(test, grantId);
      test.clock.advance(renewAt! - test.clock.now());
      const since = test.clock.now();
      const openUntil = since + 5 * MINUTE;
      assert.ok(openUntil < urgentAt!, 'what is urgent is not held');
      const breaker = { failures: 3, openUntil, since, cause: 'app_disabled', check: 'a.check' } as const;
      await test.house.store.setBreaker(test.ctx.workspaceId, app.id, breaker);
      const { outcome, held_reason, held_until, connection } = await renewConnection(test.ctx, connectionId);
      const until = new Date(openUntil).toISOString();
      assert.deepEqual([outcome, held_reason, held_until], ['held', 'app_left_alone', until]);
      assert.deepEqual(connection.held, { reason: 'app_left_alone', until });
      assert.equal(connection.next_renewal_at, until, 'no sooner than it is let go');
    }));

  it('says of an app that is left alone for longer that what becomes urgent goes out before', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'snapchat');
      const since = test.clock.now();
      const openUntil = since + DAY;
      const breaker = { failures: 3, openUntil, since, cause: 'app_disabled', check: 'a.check' } as const;
      await test.house.store.setBreaker(test.ctx.workspaceId, app.id, breaker);
      const { outcome, held_until, connection } = await renewConnection(test.ctx, connectionId);
      const { urgentAt } = await grantOf(test, grantId);
      const until = new Date(urgentAt!).toISOString();
      assert.deepEqual([outcome, held_until, connection.held?.until], ['held', until, until]);
    }));

  it('is not sent again for readers of the token before what was refused is due to be confirmed', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'trade-desk', 'login_exchange');
      await test.control('POST', 'trade-desk/break', { how: 'password_changed' });
      await renew(test, grantId);
      const { pending } = await grantOf(test, grantId);
      assert.ok(pending, 'one refusal is no verdict');
      await forgetCalls(test, 'trade-desk');
      while (test.clock.now() + 11 * SECOND < pending.confirmAt) {
        test.clock.advance(11 * SECOND);
        await getToken(test.ctx, { connectionId, minTtlSeconds: DAY / SECOND });
      }
      assert.equal(await callsOf(test, 'trade-desk'), 0);
    }));
});
