import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getConnection, refreshConnection } from '../src/app/manageConnections.ts';
import { overview } from '../src/app/overview.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { shareGrant } from '../src/app/shareGrant.ts';
import { ALL_CAUSES, CAUSES } from '../src/core/cause.ts';
import { GRANT_STATES } from '../src/core/grantState.ts';
import { reconnectMends } from '../src/core/reconnect.ts';
import { overviewPage } from '../src/server/pages/overviewPage.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import { connected, HOUR, withHouse } from './support/keeping.ts';

const REAUTHORIZE = { code: 'reauthorization_required' };
const PLACES = { platformsUrl: null, hasClock: false };

/** State, cause, and whether a reconnect is offered: in the API and on the operator's page alike. */
async function offered(test: TestHouse, id: string) {
  const { state, cause, reconnect_url } = await getConnection(test.ctx, id);
  const page = overviewPage(await overview(test.ctx), { signedIn: true, places: PLACES }).markup;
  assert.equal(/>Reconnect</.test(page), reconnect_url !== null, 'the page says what the API says');
  return [state, cause, reconnect_url !== null];
}

describe('A link that authorizes anew', () => {
  for (const [platform, how, state, cause] of [
    ['amazon-ads', 'login_rate_limited', 'failing', 'rate_limited'],
    ['google-ads', 'outage', 'failing', 'platform_outage'],
    ['google-ads', 'secret_rotated', 'failing', 'app_misconfigured'],
  ] as const)
    it(`is not offered for what no sign-in mends: ${cause}`, () =>
      withHouse(async (test) => {
        const { connectionId } = await connected(test, platform);
        await test.control('POST', `${platform}/break`, { how });
        test.clock.advance(HOUR);
        await renewConnection(test.ctx, connectionId);
        assert.deepEqual(await offered(test, connectionId), [state, cause, false]);
      }));

  it('is not offered for an ad account that an administrator gives back', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'google-ads');
      await test.control('POST', 'google-ads/break', { how: 'no_access_empty' });
      await refreshConnection(test.ctx, connectionId);
      const lost = ['degraded', 'account_access_removed', false];
      assert.deepEqual(await offered(test, connectionId), lost);
    }));

  for (const [platform, how] of [
    ['google-ads', 'no_access_empty'],
    ['amazon-ads', 'no_account_left'],
  ] as const)
    it(`is not offered where nobody reached an ad account and the platform asks for none: ${platform}`, () =>
      withHouse(async (test) => {
        const app = await sandboxApp(test, platform);
        await test.control('POST', `${platform}/break`, { how });
        const { connection } = await connectOne(test, { appId: app.id });
        for (const step of ['signed in', 'looked again'] as const) {
          if (step === 'looked again') await refreshConnection(test.ctx, connection.id);
          assert.deepEqual(await offered(test, connection.id), ['degraded', 'not_provisioned', false], step);
          const { who, remedy } = await getConnection(test.ctx, connection.id);
          assert.deepEqual([who, remedy], ['account_admin', CAUSES.not_provisioned.remedy], step);
        }
        const empty = { endpoint: 'api', status: 200, headers: {}, body: [] } as const;
        if (platform === 'amazon-ads') await reportFailure(test.ctx, connection.id, empty);
        assert.deepEqual(await offered(test, connection.id), ['degraded', 'not_provisioned', false]);
      }));

  it('stays offered where no ad account was ticked, whoever looks again, and to whoever shares the profile', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'meta');
      const { connection, grant } = await connectOne(test, { appId: app.id }, { accounts: ['nope'] });
      const none = ['degraded', 'not_provisioned', true];
      await refreshConnection(test.ctx, connection.id);
      assert.deepEqual(await offered(test, connection.id), none);
      test.clock.advance(HOUR);
      test.keeper.lookAtLosses();
      await test.keeper.settled();
      assert.deepEqual(await offered(test, connection.id), none);
      const input = { grantId: grant.id, clientId: connection.clientId, connectionName: 'Shared' };
      const shared = await shareGrant(test.ctx, input);
      assert.deepEqual(await offered(test, shared.connection.id), none);
    }));

  it('is offered where a person left out what is needed, and where nobody reached an ad account', () =>
    withHouse(async (test) => {
      const meta = await connected(test, 'meta');
      const missing = {
        code: 200,
        message: 'Ad account owner has NOT granted pages_manage_ads permission',
      };
      await reportFailure(test.ctx, meta.connectionId, {
        endpoint: 'api',
        status: 403,
        headers: {},
        body: { error: missing },
      });
      assert.deepEqual(await offered(test, meta.connectionId), ['degraded', 'permission_missing', true]);
      const app = await sandboxApp(test, 'tiktok');
      const made = await connectOne(
        test,
        { appId: app.id, method: 'advertiser_token' },
        { accounts: ['nope'] },
      );
      assert.equal((await getConnection(test.ctx, made.connection.id)).reconnect_url !== null, true);
    }));

  it('is not offered while a loss waits to be confirmed, and is once it is', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'trade-desk', 'api_token');
      await test.control('POST', 'trade-desk/break', { how: 'token_revoked' });
      await renewConnection(test.ctx, connectionId);
      assert.deepEqual(await offered(test, connectionId), ['suspect', 'revoked_by_user', false]);
      test.clock.advance(HOUR);
      await assert.rejects(renewConnection(test.ctx, connectionId), REAUTHORIZE);
      assert.deepEqual(await offered(test, connectionId), ['expired', 'revoked_by_user', true]);
    }));

  it('follows cause and who acts: never for what passes or is mended elsewhere', () => {
    for (const state of GRANT_STATES)
      for (const cause of ALL_CAUSES) {
        const { permanent, reach, who } = CAUSES[cause];
        const mends = reconnectMends({ state, cause, who });
        if (state === 'expired') assert.ok(mends);
        else if (state !== 'degraded' && state !== 'failing') assert.ok(!mends, state);
        else if (!permanent || reach === 'app' || reach === 'call') assert.ok(!mends, cause);
        assert.ok(state === 'expired' || !reconnectMends({ state, cause, who: 'nobody' }));
      }
    const removed = { state: 'degraded', cause: 'account_access_removed' } as const;
    assert.deepEqual(
      ['account_admin', 'authorizing_user'].map((who) => reconnectMends({ ...removed, who })),
      [false, true],
    );
    const missing = { state: 'degraded', cause: 'permission_missing', who: 'account_admin' } as const;
    assert.deepEqual(
      [undefined, false].map((reconnect) => reconnectMends({ ...missing, reconnect })),
      [true, false],
    );
  });
});
