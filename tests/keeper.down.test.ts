import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getConnection } from '../src/app/manageConnections.ts';
import {
  connected,
  copiesOf,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const DOWN = { kind: 'answer', endpoint: 'token', status: 503, headers: {}, body: '' } as const;

describe('A platform that is down over the end of a token', () => {
  for (const afterEndMs of [MINUTE, 26 * MINUTE, 5 * HOUR])
    it(`and mended ${afterEndMs / MINUTE} minutes later keeps nobody waiting for more than half as long again`, () =>
      withHouse(async (base) => {
        let isDown = false;
        const wire = tapped(base.house.wire, (request, pass) =>
          isDown && request.endpoint === 'token' ? DOWN : pass(),
        );
        const test = variant(base, { wire });
        const { connectionId, grantId } = await connected(test, 'snapchat');
        const endsAt = (await grantOf(test, grantId)).facts.accessExpiresAt!;
        await liveUntil(test, endsAt - 25 * MINUTE);
        isDown = true;
        for (const look of [0.1, 0.5, 0.9]) {
          await liveUntil(test, endsAt + look * afterEndMs);
          const shown = await getConnection(test.ctx, connectionId);
          assert.equal(shown.has_working_token, false);
          assert.ok(
            Date.parse(shown.next_renewal_at!) > test.clock.now(),
            `the next try is shown as ${shown.next_renewal_at}`,
          );
        }
        await liveUntil(test, endsAt + afterEndMs);
        isDown = false;
        await liveUntil(test, endsAt + 1.55 * afterEndMs + MINUTE);
        const { has_working_token, state } = await getConnection(test.ctx, connectionId);
        assert.deepEqual([state, has_working_token], ['active', true]);
      }));

  it('is not asked for each of many grants again and again: once nothing is left to save, they wait with their app', () =>
    withHouse(async (base) => {
      let calls = 0;
      let isBusy = false;
      const wire = tapped(base.house.wire, (_request, pass) => {
        if (!isBusy) return pass();
        calls += 1;
        return { ...DOWN, status: 429 };
      });
      const test = variant(base, { wire });
      const { grantId } = await connected(test, 'snapchat');
      await copiesOf(test, grantId, 30);
      const endsAt = (await grantOf(test, grantId)).facts.accessExpiresAt!;
      isBusy = true;
      await liveUntil(test, endsAt + MINUTE);
      calls = 0;
      await liveUntil(test, endsAt + 11 * MINUTE);
      assert.ok(calls <= 31, `${calls} calls for 31 grants in ten minutes`);
    }));
});
