import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { getToken } from '../src/app/getToken.ts';
import { getApp } from '../src/app/manageApps.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { OwnFaults } from '../src/app/ownFaults.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import type { PlatformAnswer } from '../src/core/answer.ts';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import {
  actionsOf,
  DAY,
  HOUR,
  liveUntil,
  MINUTE,
  secretsOf,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const DENIED = {
  status: 403,
  serviceErrorCode: 100,
  code: 'ACCESS_DENIED',
  message: 'Not enough permissions to access: partnerApiAdAccounts.FINDER-search.NO_VERSION',
};

/** Two members of one app, by the two methods that it may have. */
async function twoMembers(test: TestHouse) {
  const app = await sandboxApp(test, 'linkedin');
  const tomas = { person: 'h3LmZ9sTtR' };
  const a = await connectOne(test, { appId: app.id, method: 'user_login_without_refresh' }, tomas);
  const b = await connectOne(test, { appId: app.id, method: 'user_login' });
  return { app, a, b };
}

const failingOf = async (test: TestHouse, appId: string) => (await getApp(test.ctx, appId)).failing;
const seen = async (test: TestHouse, id: string) => {
  const { state, cause, who, missing_scopes } = await getConnection(test.ctx, id);
  return { state, cause, who, missing_scopes };
};
const probed = (test: TestHouse, id: string) =>
  renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id }, 'probe', 'test');

describe('A member whose authorization lacks a permission', () => {
  const LACKING = {
    state: 'degraded',
    cause: 'permission_missing',
    who: 'authorizing_user',
    missing_scopes: ['r_ads'],
  };

  it('is told so alone: the app is not said to fail, and the other member is renewed as ever', () =>
    withHouse(async (test) => {
      const { app, a, b } = await twoMembers(test);
      const identity = a.grant.identity?.id;
      await test.control('POST', 'linkedin/break', { how: 'permission_missing', identity });
      for (let round = 0; round < 5; round += 1) {
        test.clock.advance(HOUR);
        await renewConnection(test.ctx, a.connection.id);
        assert.deepEqual(await seen(test, a.connection.id), LACKING);
        assert.equal((await renewConnection(test.ctx, b.connection.id)).outcome, 'renewed');
      }
      await liveUntil(test, test.clock.now() + 30 * DAY);
      assert.deepEqual(await seen(test, a.connection.id), LACKING);
      assert.equal((await getConnection(test.ctx, b.connection.id)).state, 'active');
      assert.ok(!(await actionsOf(test, app.id)).includes('app.failing'));
    }));

  it('is looked at as soon as a caller reports it, for only the platform’s own probe can tell whose fault it is', () =>
    withHouse(async (test) => {
      const { app, a } = await twoMembers(test);
      const identity = a.grant.identity?.id;
      await test.control('POST', 'linkedin/break', { how: 'permission_missing', identity });
      test.clock.advance(HOUR);
      const answer = { endpoint: 'api', status: 403, headers: {}, body: DENIED } as const;
      const { state } = await reportFailure(test.ctx, a.connection.id, answer);
      assert.equal(state, 'degraded');
      assert.deepEqual(await seen(test, a.connection.id), LACKING);
      assert.equal(await failingOf(test, app.id), null);
    }));
});

/** LinkedIn refuses the ad accounts to this token, and says that it holds all scopes. */
async function refusing(test: TestHouse, grantId: string): Promise<TestHouse> {
  const { access_token } = await secretsOf(test, grantId);
  const denied = (request: PlatformRequest): PlatformAnswer => {
    const { endpoint } = request;
    return { kind: 'answer', endpoint, status: 403, headers: {}, body: JSON.stringify(DENIED) };
  };
  const wire = tapped(test.house.wire, (request, pass) =>
    request.url.includes('/adAccounts') && JSON.stringify(request.headers).includes(access_token!)
      ? denied(request)
      : pass(),
  );
  return variant(test, { wire });
}

describe('What one grant meets and reads as the app’s fault', () => {
  it('is its own once another grant of the app got through: the mark goes, and does not come back', () =>
    withHouse(async (base) => {
      const { app, a, b } = await twoMembers(base);
      const test = await refusing(base, a.grant.id);
      test.clock.advance(HOUR);
      await probed(test, a.grant.id);
      assert.equal(
        (await failingOf(test, app.id))?.cause,
        'app_misconfigured',
        'nothing speaks against it yet',
      );
      test.clock.advance(MINUTE);
      await probed(test, b.grant.id);
      assert.equal(await failingOf(test, app.id), null);
      for (let round = 0; round < 4; round += 1) {
        test.clock.advance(HOUR);
        await probed(test, a.grant.id);
        assert.equal(await failingOf(test, app.id), null);
        const { state, cause } = await seen(test, a.connection.id);
        assert.deepEqual([state, cause], ['degraded', 'permission_missing']);
      }
      const restarted = await refusing(base, a.grant.id);
      await probed(restarted, a.grant.id);
      await liveUntil(restarted, test.clock.now() + 10 * DAY);
      const told = (await actionsOf(test, app.id)).filter((action) => action.startsWith('app.'));
      assert.deepEqual(told, ['app.recovered', 'app.failing', 'app.created']);
    }));

  it('never has the whole app left alone, however often it comes', () =>
    withHouse(async (base) => {
      const { app, a, b } = await twoMembers(base);
      const test = await refusing(base, a.grant.id);
      for (let round = 0; round < 12; round += 1) {
        test.clock.advance(5 * MINUTE);
        await probed(test, a.grant.id);
        assert.equal((await failingOf(test, app.id))?.retry_at, null);
      }
      assert.equal((await renewConnection(test.ctx, b.connection.id)).outcome, 'renewed');
      assert.ok(await getToken(test.ctx, { connectionId: b.connection.id, minTtlSeconds: 300 }));
    }));

  it('is the app’s where all meet it: shown with the remedy of what the platform said, until it is mended', () =>
    withHouse(async (test) => {
      const { app, a, b } = await twoMembers(test);
      await test.control('POST', 'linkedin/break', { how: 'product_removed' });
      for (let round = 0; round < 2; round += 1) {
        test.clock.advance(HOUR);
        for (const { grant } of [a, b]) await probed(test, grant.id);
      }
      const failing = await failingOf(test, app.id);
      assert.deepEqual([failing?.cause, failing?.who], ['app_misconfigured', 'operator']);
      assert.match(failing?.remedy ?? '', /Advertising API/);
      for (const { connection } of [a, b])
        assert.equal((await getConnection(test.ctx, connection.id)).state, 'active');
      await test.control('POST', 'linkedin/mend', { how: 'product_removed' });
      test.clock.advance(HOUR);
      await test.keep();
      assert.equal(await failingOf(test, app.id), null);
    }));
});

describe('Whose fault it is', () => {
  const knock = (grantId: string, more: object = {}) =>
    ({ appId: 'app_1', grantId, kind: 'oauth', endpoint: 'probe', ...more }) as const;

  it('is shown by others at the same door alone', () => {
    const faults = new OwnFaults();
    assert.equal(faults.isOwn(knock('a'), 'x.100'), false);
    for (const other of [{ endpoint: 'token' }, { kind: 'fields' }, { appId: 'app_2' }])
      faults.gotThrough(knock('b', other));
    assert.equal(faults.isOwn(knock('a'), 'x.100'), false);
    faults.gotThrough(knock('b'));
    assert.equal(faults.isOwn(knock('a'), 'x.100'), true);
    assert.equal(faults.isOwn(knock('a'), 'x.101'), false, 'another finding begins anew');
  });

  it('is open again when another meets it, and forgotten when the grant itself gets through', () => {
    const faults = new OwnFaults();
    faults.isOwn(knock('a'), 'x.100');
    faults.gotThrough(knock('b'));
    assert.equal(faults.isOwn(knock('b'), 'x.100'), false);
    assert.equal(faults.isOwn(knock('a'), 'x.100'), false);
    faults.gotThrough(knock('b'));
    faults.gotThrough(knock('a'));
    assert.equal(faults.isOwn(knock('a'), 'x.100'), false);
  });

  it('is told as a mark on each refusal would tell it, whatever comes in whatever order', () => {
    const step = fc.record({
      grant: fc.constantFrom('a', 'b', 'c', 'd'),
      endpoint: fc.constantFrom('token', 'probe'),
      check: fc.constantFrom('x.100', 'x.101', null),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const faults = new OwnFaults();
        const marks = new Map<string, { check: string; door: string; disproved: boolean }>();
        for (const { grant, endpoint: door, check } of steps) {
          const known = marks.get(grant);
          if (check === null) {
            faults.gotThrough(knock(grant, { endpoint: door }));
            if (known?.door === door) marks.delete(grant);
            for (const mark of marks.values()) mark.disproved ||= mark.door === door;
            continue;
          }
          const own = known?.check === check && known.disproved;
          assert.equal(faults.isOwn(knock(grant, { endpoint: door }), check), own);
          if (own) continue;
          for (const mark of marks.values()) if (mark.check === check) mark.disproved = false;
          marks.set(grant, { check, door, disproved: false });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
