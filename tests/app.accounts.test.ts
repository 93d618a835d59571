import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getToken } from '../src/app/getToken.ts';
import { lookAtLosses } from '../src/app/lookAtLosses.ts';
import { getConnection, listConnections, refreshConnection } from '../src/app/manageConnections.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { type Repeat, runKeeper } from '../src/keeper/run.ts';
import type { AppBreaker } from '../src/store/records.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import {
  actionsOf,
  callsOf,
  connected,
  forgetCalls,
  HOUR,
  SECOND,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const PAGE = { limit: 10, after: null };
/** As Amazon documents it (src/platforms/amazon-ads/fixtures). */
const LOST_PROFILE = {
  endpoint: 'api',
  status: 401,
  headers: {},
  body: { code: 'UNAUTHORIZED', details: 'No matching advertiser found for scope' },
} as const;

describe('A connection whose ad accounts are out of reach', () => {
  it('is degraded, names them, still hands out its token, and comes back with them', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'amazon-ads');
      const chosen = (await getConnection(test.ctx, connectionId)).accounts.map((account) => account.id);
      assert.ok(chosen.length > 0);
      await test.control('POST', 'amazon-ads/break', { how: 'no_account_left' });
      const lost = await refreshConnection(test.ctx, connectionId);
      assert.deepEqual(
        [lost.state, lost.cause, lost.who, lost.missing_accounts],
        ['degraded', 'account_access_removed', 'account_admin', chosen],
      );
      for (const { name } of lost.accounts) assert.ok(lost.remedy?.includes(name), lost.remedy ?? '');
      assert.ok((await getToken(test.ctx, { connectionId, minTtlSeconds: 0 })).access_token);
      const listed = async (state: 'active' | 'degraded') =>
        (await listConnections(test.ctx, { state }, PAGE)).map((one) => one.id);
      assert.deepEqual([await listed('degraded'), await listed('active')], [[connectionId], []]);
      await test.control('POST', 'amazon-ads/mend', { how: 'no_account_left' });
      const back = await refreshConnection(test.ctx, connectionId);
      assert.deepEqual([back.state, back.cause, back.missing_accounts], ['active', null, []]);
      const told = (await actionsOf(test, connectionId)).filter((action) => /degraded|restored/.test(action));
      assert.deepEqual(told.sort(), ['connection.degraded', 'connection.restored']);
    }));

  it('may have lost them one by one or all at once where none is listed any more, and says so', () =>
    withHouse(async (test) => {
      for (const [platform, how, others] of [
        ['google-ads', 'no_access_empty', ['not_provisioned']],
        ['google-ads', 'no_access_refused', ['not_provisioned']],
        ['google-ads', 'role_removed', []],
        ['amazon-ads', 'no_account_left', ['not_provisioned']],
        ['amazon-ads', 'account_access_removed', []],
      ] as const) {
        const { connectionId } = await connected(test, platform);
        await test.control('POST', `${platform}/break`, { how });
        const { cause, evidence } = await refreshConnection(test.ctx, connectionId);
        assert.deepEqual([cause, evidence?.acceptable_others], ['account_access_removed', others], how);
        await test.control('POST', `${platform}/mend`, { how });
      }
    }));

  it('is degraded from the start where whoever signed in reaches none', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'amazon-ads');
      await test.control('POST', 'amazon-ads/break', { how: 'no_account_left' });
      const { connection } = await connectOne(test, { appId: app.id });
      const empty = await getConnection(test.ctx, connection.id);
      assert.deepEqual([empty.state, empty.cause, empty.accounts], ['degraded', 'not_provisioned', []]);
      await test.control('POST', 'amazon-ads/mend', { how: 'no_account_left' });
      const back = await refreshConnection(test.ctx, connection.id);
      assert.equal(back.state, 'active');
      assert.ok(back.accounts.length > 0);
    }));
});

describe('A grant that reaches no ad account', () => {
  const shown = async (test: TestHouse, id: string) => {
    const { state, cause, who } = await getConnection(test.ctx, id);
    return [state, cause, who];
  };
  const looked = async (test: TestHouse, id: string) => {
    test.clock.advance(HOUR);
    return renewConnection(test.ctx, id);
  };

  it('has lost none where it never reached one, however often it is probed', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'tiktok');
      const input = { appId: app.id, method: 'advertiser_token' };
      const { connection } = await connectOne(test, input, { accounts: ['nope'] });
      const never = ['degraded', 'not_provisioned', 'authorizing_user'];
      assert.deepEqual(await shown(test, connection.id), never);
      const { diagnosis } = await looked(test, connection.id);
      assert.equal(diagnosis?.cause, 'not_provisioned');
      assert.deepEqual(await shown(test, connection.id), never);
      await connectOne(test, { connectionId: connection.id });
      assert.deepEqual(await shown(test, connection.id), ['active', null, null]);
    }));

  it('has lost them where it reached some, shows what was used, and is whole once a probe finds them again', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'tiktok', 'advertiser_token');
      await test.control('POST', 'tiktok/break', { how: 'account_access_removed' });
      await looked(test, connectionId);
      const gone = ['degraded', 'account_access_removed', 'account_admin'];
      assert.deepEqual(await shown(test, connectionId), gone);
      await refreshConnection(test.ctx, connectionId);
      const lost = await getConnection(test.ctx, connectionId);
      for (const { name } of lost.accounts) assert.ok(lost.remedy?.includes(name), lost.remedy ?? '');
      await test.control('POST', 'tiktok/mend', { how: 'account_access_removed' });
      await looked(test, connectionId);
      await refreshConnection(test.ctx, connectionId);
      assert.deepEqual(await shown(test, connectionId), ['active', null, null]);
    }));
});

describe('A loss that a connection’s own call has seen', () => {
  it('is its own: the others on the grant do not feel it, and what they read does not lift it', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'amazon-ads');
      const second = await connectOne(test, { appId: app.id });
      assert.equal(second.grant.id, grantId);
      const other = second.connection.id;
      const report = await reportFailure(test.ctx, connectionId, LOST_PROFILE);
      assert.deepEqual([report.state, report.diagnosis.cause], ['degraded', 'account_access_removed']);
      const stateOf = async (id: string) => (await getConnection(test.ctx, id)).state;
      assert.deepEqual([await stateOf(connectionId), await stateOf(other)], ['degraded', 'active']);
      await refreshConnection(test.ctx, other);
      assert.equal(await stateOf(connectionId), 'degraded', 'another’s accounts prove nothing for it');
      await refreshConnection(test.ctx, connectionId);
      assert.deepEqual([await stateOf(connectionId), await stateOf(other)], ['active', 'active']);
    }));
});

describe('A loss that nobody refreshes', () => {
  const losing = async (test: TestHouse) => {
    const { app, connectionId } = await connected(test, 'amazon-ads');
    const second = (await connectOne(test, { appId: app.id })).connection.id;
    await test.control('POST', 'amazon-ads/break', { how: 'no_account_left' });
    for (const id of [connectionId, second])
      assert.equal((await refreshConnection(test.ctx, id)).state, 'degraded');
    await test.control('POST', 'amazon-ads/mend', { how: 'no_account_left' });
    return { app, ids: [connectionId, second] };
  };
  const statesOf = (test: TestHouse, ids: readonly string[]) =>
    Promise.all(ids.map(async (id) => (await getConnection(test.ctx, id)).state));
  const looked = async ({ keeper }: TestHouse) => {
    keeper.lookAtLosses();
    await keeper.settled();
  };

  it('is lifted by the keeper within the hour, one list for all connections on the grant, and is told', () =>
    withHouse(async (test) => {
      const { ids } = await losing(test);
      test.clock.advance(HOUR - SECOND);
      await test.keep();
      await forgetCalls(test, 'amazon-ads');
      await looked(test);
      assert.equal(await callsOf(test, 'amazon-ads'), 0, 'its hour is not over');
      assert.deepEqual(await statesOf(test, ids), ['degraded', 'degraded']);
      test.clock.advance(SECOND);
      await looked(test);
      assert.deepEqual(await statesOf(test, ids), ['active', 'active']);
      const once = await callsOf(test, 'amazon-ads');
      await forgetCalls(test, 'amazon-ads');
      await refreshConnection(test.ctx, ids[0]!);
      assert.equal(once, await callsOf(test, 'amazon-ads'), 'as many calls as one refresh');
      const told = (await actionsOf(test, ids[0]!)).filter((action) => /degraded|restored/.test(action));
      assert.deepEqual(told.sort(), ['connection.degraded', 'connection.restored']);
    }));

  it('stays while the accounts are gone, and is asked for by one process, each hour', () =>
    withHouse(async (test) => {
      const { ids } = await losing(test);
      await test.control('POST', 'amazon-ads/break', { how: 'no_account_left' });
      test.clock.advance(HOUR);
      await test.keep();
      await forgetCalls(test, 'amazon-ads');
      const sibling = variant(test, { nodeId: 'node-2' });
      await Promise.all([looked(test), looked(sibling)]);
      const calls = await callsOf(test, 'amazon-ads');
      assert.ok(calls > 0);
      test.clock.advance(HOUR / 2);
      await Promise.all([looked(test), looked(sibling)]);
      assert.equal(await callsOf(test, 'amazon-ads'), calls);
      assert.deepEqual(await statesOf(test, ids), ['degraded', 'degraded']);
      const { missing_accounts, since } = await getConnection(test.ctx, ids[0]!);
      assert.ok(missing_accounts.length > 0);
      assert.equal(Date.parse(since!), test.clock.now() - 1.5 * HOUR, 'as long as before');
    }));

  it('is not asked for beyond the app’s budget, nor while the app is left alone', () =>
    withHouse(async (test) => {
      const { app, ids } = await losing(test);
      const look = async (breaker: AppBreaker | null, mayAsk: boolean) => {
        test.clock.advance(HOUR);
        await test.keep();
        await test.house.store.setBreaker(test.ctx.workspaceId, app.id, breaker);
        await forgetCalls(test, 'amazon-ads');
        await lookAtLosses(test.house, () => mayAsk);
        return callsOf(test, 'amazon-ads');
      };
      assert.equal(await look(null, false), 0);
      const since = test.clock.now();
      const openUntil = since + 2 * HOUR;
      assert.equal(await look({ failures: 3, openUntil, since, cause: 'app_disabled', check: 'x' }, true), 0);
      assert.deepEqual(await statesOf(test, ids), ['degraded', 'degraded']);
      assert.ok((await look(null, true)) > 0);
      assert.deepEqual(await statesOf(test, ids), ['active', 'active']);
    }));

  it('is looked at in the keeper’s own rounds', () =>
    withHouse(async (test) => {
      const { ids } = await losing(test);
      test.clock.advance(HOUR);
      await test.keep();
      const stop = new AbortController();
      const repeat: Repeat = async (work, { longestMs }) => {
        if (Number.isFinite(longestMs)) await work(false);
      };
      await runKeeper(test.house, test.spool, stop.signal, { repeat });
      assert.deepEqual(await statesOf(test, ids), ['active', 'active']);
    }));

  it('that was seen again while the accounts were read stays', () =>
    withHouse(async (test) => {
      const { ids } = await losing(test);
      test.clock.advance(HOUR);
      await test.keep();
      let seen = false;
      const wire = tapped(test.house.wire, async (_request, pass) => {
        const answer = await pass();
        if (!seen) {
          seen = true;
          test.clock.advance(SECOND);
          await reportFailure(test.ctx, ids[0]!, LOST_PROFILE);
        }
        return answer;
      });
      await looked(variant(test, { wire }));
      assert.ok(seen);
      assert.deepEqual(await statesOf(test, ids), ['degraded', 'active']);
    }));
});
