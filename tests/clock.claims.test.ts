import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { House } from '../src/app/context.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { forwardClock } from '../src/app/manageClock.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { SharedClock } from '../src/simulator/sharedClock.ts';
import { connected, grantOf, HOUR, SECOND, tapped, variant, withHouse } from './support/keeping.ts';

describe('A disconnect while the clock is moved', () => {
  it('is not outrun: no time passes from its claim until the platform was told', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const clock = new SharedClock({
        real: test.clock.now,
        sleep: test.house.sleep,
        state: null,
        keep: () => undefined,
        fault: (error) => assert.fail(String(error)),
      });
      let reached = () => {};
      const atPlatform = new Promise<void>((resolve) => {
        reached = resolve;
      });
      let release = () => {};
      const stuck = new Promise<void>((resolve) => {
        release = resolve;
      });
      const wire = tapped(test.house.wire, async (request, pass) => {
        if (request.endpoint === 'revoke') {
          reached();
          await stuck;
        }
        return pass();
      });
      const { ctx } = variant(test, { wire, clock, now: clock.now });
      const from = clock.now();
      const ending = disconnect(ctx, connectionId, { confirm: true });
      await atPlatform;
      const { move } = await forwardClock(ctx, { byMs: HOUR }, 200);
      assert.deepEqual([move?.state, Date.parse(move!.at)], ['under_way', from]);
      release();
      assert.equal((await ending).at_platform, 'revoked');
      await clock.still();
      assert.deepEqual([clock.move?.state, clock.now()], ['done', from + HOUR]);
      const { state, stateSince } = await grantOf(test, grantId);
      assert.deepEqual([state, stateSince], ['revoked', from]);
    }));

  it('waits its time for whoever holds the grant, however far the clock goes meanwhile', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const { store } = test.house;
      const claim = { now: test.clock.now(), owner: 'node-1:renew', leaseMs: 24 * HOUR };
      const held = await store.claimGrant(test.ctx.workspaceId, grantId, claim);
      assert.ok(held);
      let waits = 0;
      const sleep = async () => {
        waits += 1;
        test.clock.advance(HOUR);
        if (waits === 5) await store.releaseGrants([held], null);
      };
      const clock = new SharedClock({
        real: test.clock.now,
        sleep,
        state: null,
        keep: () => undefined,
        fault: () => undefined,
      });
      const { ctx } = variant(test, { clock, sleep });
      assert.equal((await disconnect(ctx, connectionId, { confirm: true })).at_platform, 'revoked');
      assert.equal(waits, 5);
    }));
});

describe('A renewal on request while the clock stands still', () => {
  it('waits ten seconds for a lease that never ends, and says that it is under way', () =>
    withHouse(async (test) => {
      const { grantId: id } = await connected(test, 'snapchat');
      const { workspaceId } = test.ctx;
      const claim = { now: test.clock.now(), owner: 'another:renew', leaseMs: 120 * SECOND };
      assert.ok(await test.house.store.claimGrant(workspaceId, id, claim));
      let waitedMs = 0;
      const house: House = {
        ...test.house,
        sleep: async (milliseconds, signal) => {
          // The caller's own limit is another matter: here the renewal itself has to come to an end.
          if (signal) return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
          waitedMs += milliseconds;
          assert.ok(waitedMs <= 60 * SECOND, 'It waits for ever.');
        },
      };
      const renewal = await renewGrant(house, { workspaceId, id }, 'renew', 'tester');
      assert.deepEqual([renewal.kind, waitedMs], ['waiting', 10 * SECOND]);
      assert.ok(house.flights.isEmpty);
    }));
});
