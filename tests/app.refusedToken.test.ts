import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getToken } from '../src/app/getToken.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { listOutages } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { connected, HOUR, liveUntil, MINUTE, SECOND, withHouse } from './support/keeping.ts';

const PAGE = { limit: 10, after: null };
/** As The Trade Desk documents it (src/platforms/trade-desk/fixtures): read together with what its own probe says. */
const REFUSED = { endpoint: 'api', status: 401, headers: {}, body: '' } as const;

describe('An access token that the platform itself refused', () => {
  for (const [platform, method, how] of [
    ['linkedin', 'user_login_without_refresh', 'ended_by_linkedin'],
    ['tiktok', 'advertiser_token', 'revoked_by_user'],
    ['trade-desk', 'api_token', 'token_revoked'],
  ] as const)
    it(`is not said to work while that waits to be confirmed, and is handed out until then: ${platform}`, () =>
      withHouse(async (test) => {
        const { connectionId } = await connected(test, platform, method);
        const before = await getConnection(test.ctx, connectionId);
        assert.deepEqual([before.has_working_token, before.down_since], [true, null]);
        await test.control('POST', `${platform}/break`, { how });
        test.clock.advance(MINUTE);
        await renewConnection(test.ctx, connectionId);
        const doubted = await getConnection(test.ctx, connectionId);
        assert.deepEqual([doubted.state, doubted.has_working_token], ['suspect', false]);
        assert.equal(doubted.down_since, doubted.last_proof_at, 'since it was last seen to work');
        assert.ok((await getToken(test.ctx, { connectionId, minTtlSeconds: 0 })).access_token);
        await liveUntil(test, test.clock.now() + HOUR, SECOND);
        const lost = await getConnection(test.ctx, connectionId);
        assert.deepEqual([lost.state, lost.has_working_token], ['expired', false]);
        const [outage] = await listOutages(test.ctx, {}, PAGE);
        assert.equal(lost.down_since, doubted.down_since);
        assert.equal(outage?.started_at, doubted.down_since, 'the verdict tells the same story');
      }));

  it('is one that a caller reported, where the platform’s own probe refuses it too', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'trade-desk', 'api_token');
      await test.control('POST', 'trade-desk/break', { how: 'token_revoked' });
      test.clock.advance(MINUTE);
      await reportFailure(test.ctx, connectionId, REFUSED);
      const { state, has_working_token } = await getConnection(test.ctx, connectionId);
      assert.deepEqual([state, has_working_token], ['suspect', false]);
    }));
});
