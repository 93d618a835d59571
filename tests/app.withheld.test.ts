import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookAtLosses } from '../src/app/lookAtLosses.ts';
import { getConnection, refreshConnection, updateConnection } from '../src/app/manageConnections.ts';
import { connectOne, type TestHouse } from './support/house.ts';
import { connected, HOUR, tapped, variant, withHouse } from './support/keeping.ts';

/** What is known of each account, without whether it is reached. */
async function factsOf(test: TestHouse, id: string) {
  const { accounts } = await getConnection(test.ctx, id);
  return accounts.map(({ status: _, ...facts }) => facts);
}

/** As TikTok documents them (src/platforms/tiktok/fixtures). */
const NO_ROLE = { code: 40001, message: 'No permission to operate advertiser', data: {} };

/** A wire on which TikTok refuses details of each call that names one of these accounts. */
function refusing(test: TestHouse, ids: readonly string[], asked: string[][] = []): TestHouse {
  const wire = tapped(test.house.wire, async (request, pass) => {
    const url = new URL(request.url);
    const answer = await pass();
    if (!url.pathname.endsWith('/advertiser/info/') || answer.kind !== 'answer') return answer;
    const named = JSON.parse(url.searchParams.get('advertiser_ids')!) as string[];
    asked.push(named);
    return ids.some((id) => named.includes(id)) ? { ...answer, body: JSON.stringify(NO_ROLE) } : answer;
  });
  return variant(test, { wire });
}

describe('An ad account that is listed while its details are refused', () => {
  it('is out of reach where they were told before, stays as it was known, and comes back', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'google-cm360');
      const before = await factsOf(test, connectionId);
      await test.control('POST', 'google-cm360/break', { how: 'role_removed' });
      const lost = await refreshConnection(test.ctx, connectionId);
      const ids = lost.accounts.map(({ id }) => id);
      assert.deepEqual(
        [lost.state, lost.cause, lost.missing_accounts],
        ['degraded', 'account_access_removed', ids],
      );
      assert.deepEqual(await factsOf(test, connectionId), before);
      await test.control('POST', 'google-cm360/mend', { how: 'role_removed' });
      test.clock.advance(HOUR);
      await test.keep();
      await lookAtLosses(test.house, () => true);
      const back = await getConnection(test.ctx, connectionId);
      assert.deepEqual([back.state, back.missing_accounts], ['active', []]);
      assert.deepEqual(await factsOf(test, connectionId), before);
    }));

  it('is no loss where nothing of it was ever told', () =>
    withHouse(async (test) => {
      await test.control('POST', 'google-cm360/break', { how: 'role_removed' });
      const { connectionId } = await connected(test, 'google-cm360');
      const made = await refreshConnection(test.ctx, connectionId);
      assert.equal(made.state, 'active');
      assert.ok(made.accounts.every(({ status }) => status === 'unknown'));
    }));

  it('keeps what is known of it where a permission is missing for them all, and the answer says so', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'tiktok', 'advertiser_token');
      const before = (await getConnection(test.ctx, connectionId)).accounts;
      await test.control('POST', 'tiktok/break', { how: 'permission_withdrawn' });
      await assert.rejects(refreshConnection(test.ctx, connectionId), ({ code, extensions }) => {
        assert.deepEqual([code, extensions.cause], ['platform_refuses', 'permission_missing']);
        return true;
      });
      assert.deepEqual((await getConnection(test.ctx, connectionId)).accounts, before);
    }));

  it('is found among others with which it was asked for, and they are told of', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'tiktok', 'advertiser_token');
      const before = await factsOf(test, connectionId);
      const ids = before.map(({ id }) => id);
      const other = ids[1]!;
      const asked: string[][] = [];
      await refreshConnection(refusing(test, [other], asked).ctx, connectionId);
      assert.deepEqual(asked, [ids, ...ids.map((id) => [id])]);
      const { accounts, missing_accounts } = await getConnection(test.ctx, connectionId);
      const lost = accounts.filter(({ status }) => status === 'unreachable').map(({ id }) => id);
      assert.deepEqual([lost, missing_accounts], [[other], [other]]);
      assert.deepEqual(await factsOf(test, connectionId), before);
    }));

  it('keeps what is known of it over a choice of accounts and a reconnect', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'google-cm360');
      const before = await factsOf(test, connectionId);
      await test.control('POST', 'google-cm360/break', { how: 'role_removed' });
      await updateConnection(test.ctx, connectionId, { accountIds: before.map(({ id }) => id) });
      assert.deepEqual(await factsOf(test, connectionId), before);
      await connectOne(test, { connectionId });
      assert.deepEqual(await factsOf(test, connectionId), before);
    }));
});
