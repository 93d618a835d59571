import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { disconnect } from '../src/app/disconnect.ts';
import type { Problem } from '../src/app/errors.ts';
import {
  getConnection,
  listReachableAccounts,
  refreshConnection,
  updateConnection,
} from '../src/app/manageConnections.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { connectOne } from './support/house.ts';
import {
  callsOf,
  connected,
  forgetCalls,
  grantOf,
  HOUR,
  MINUTE,
  SECOND,
  withHouse,
} from './support/keeping.ts';

const REFUSED = { endpoint: 'api', status: 401, headers: {}, body: '' } as const;

describe('Callers who ask again and again', () => {
  it('about one grant make one call in ten seconds, and learn when the next look is', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      test.clock.advance(MINUTE);
      await forgetCalls(test, 'snapchat');
      const first = await renewConnection(test.ctx, connectionId);
      assert.deepEqual([first.outcome, first.held_until], ['renewed', null]);
      test.clock.advance(4 * SECOND);
      const heldUntil = new Date(test.clock.now() + 6 * SECOND).toISOString();
      const again = await renewConnection(test.ctx, connectionId);
      assert.deepEqual([again.outcome, again.held_until], ['held', heldUntil]);
      for (let round = 0; round < 5; round += 1) {
        const report = await reportFailure(test.ctx, connectionId, REFUSED);
        assert.equal(report.held_until, heldUntil);
      }
      assert.equal(await callsOf(test, 'snapchat'), 1);
      test.clock.advance(6 * SECOND);
      assert.equal((await reportFailure(test.ctx, connectionId, REFUSED)).held_until, null);
      assert.equal(await callsOf(test, 'snapchat'), 2, 'and then the platform is asked');
    }));

  it('do not hasten the confirmation of a suspicion', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'amazon-ads');
      await test.control('POST', 'amazon-ads/break', { how: 'false_invalid_grant' });
      await renewConnection(test.ctx, connectionId).catch(() => undefined);
      const { pending, state } = await grantOf(test, grantId);
      assert.ok(state === 'suspect' && pending);
      test.clock.advance(MINUTE);
      await forgetCalls(test, 'amazon-ads');
      const { outcome, held_until } = await renewConnection(test.ctx, connectionId);
      assert.deepEqual([outcome, held_until], ['held', new Date(pending.confirmAt).toISOString()]);
      await reportFailure(test.ctx, connectionId, REFUSED);
      assert.equal(await callsOf(test, 'amazon-ads'), 0);
    }));

  it('learn until when an app is left alone', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      const now = test.clock.now();
      const breaker = {
        failures: 3,
        openUntil: now + MINUTE,
        since: now,
        cause: 'app_misconfigured',
        check: 'a',
      } as const;
      await test.house.store.setBreaker(test.ctx.workspaceId, app.id, breaker);
      const { outcome, held_until } = await renewConnection(test.ctx, connectionId);
      assert.deepEqual([outcome, held_until], ['held', new Date(now + MINUTE).toISOString()]);
    }));
});

describe('A grant that needs a person for what may pass by itself', () => {
  for (const how of ['security_checkpoint', 'blocking_checkpoint'])
    it(`${how}: says when it is looked at again, and is looked at when a renewal is asked for`, () =>
      withHouse(async (test) => {
        const { connectionId } = await connected(test, 'meta');
        await test.control('POST', 'meta/break', { how });
        test.clock.advance(HOUR);
        const refused = await renewConnection(test.ctx, connectionId).catch((error) => error);
        const lost = await getConnection(test.ctx, connectionId);
        assert.deepEqual([lost.state, lost.cause], ['expired', 'security_checkpoint']);
        assert.ok(lost.next_look_at !== null && Date.parse(lost.next_look_at) > test.clock.now());
        assert.equal(refused.extensions.retry_at, lost.next_look_at);
        assert.equal(refused.extensions.held_until, undefined, 'it was asked');

        await test.control('POST', 'meta/mend', { how });
        await forgetCalls(test, 'meta');
        const heldUntil = new Date(test.clock.now() + 10 * SECOND).toISOString();
        await assert.rejects(renewConnection(test.ctx, connectionId), (error: Problem) => {
          assert.equal(error.code, 'reauthorization_required');
          assert.equal(error.extensions.held_until, heldUntil);
          assert.equal(error.extensions.held_reason, 'asked_a_moment_ago');
          assert.ok(error.message.includes(heldUntil), error.message);
          return true;
        });
        assert.equal(await callsOf(test, 'meta'), 0);
        test.clock.advance(10 * SECOND);
        const { outcome, connection } = await renewConnection(test.ctx, connectionId);
        assert.deepEqual([outcome, connection.state, connection.next_look_at], ['proven', 'active', null]);
      }));
});

describe('A disconnected connection', () => {
  it('is refused wherever its credential would be used, though others still rest on the grant', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      await connectOne(test, { appId: app.id });
      await disconnect(test.ctx, connectionId);
      await forgetCalls(test, 'snapchat');
      for (const use of [
        () => listReachableAccounts(test.ctx, connectionId),
        () => refreshConnection(test.ctx, connectionId),
        () => updateConnection(test.ctx, connectionId, { accountIds: [] }),
        () => reportFailure(test.ctx, connectionId, REFUSED),
        () => renewConnection(test.ctx, connectionId),
      ])
        await assert.rejects(use(), { code: 'connection_disconnected', status: 409 });
      assert.equal(await callsOf(test, 'snapchat'), 0);
      assert.equal((await updateConnection(test.ctx, connectionId, { name: 'Old one' })).name, 'Old one');
    }));
});
