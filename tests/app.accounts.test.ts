import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getToken } from '../src/app/getToken.ts';
import { getConnection, listConnections, refreshConnection } from '../src/app/manageConnections.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { connectOne, sandboxApp } from './support/house.ts';
import { actionsOf, connected, withHouse } from './support/keeping.ts';

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
