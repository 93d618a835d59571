import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { House } from '../src/app/context.ts';
import { Lanes } from '../src/keeper/lanes.ts';
import { type Repeat, runKeeper } from '../src/keeper/run.ts';
import type { Store } from '../src/store/store.ts';
import { NOW } from './support/facts.ts';
import { sandboxApp, type TestHouse } from './support/house.ts';
import {
  callsOf,
  connected,
  copiesOf,
  failing,
  forgetCalls,
  grantOf,
  HOUR,
  MINUTE,
  SECOND,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';
import { grantWith } from './support/records.ts';

describe('A platform that hangs with more grants due than the keeper has room for', () => {
  for (const known of [false, true]) {
    it(`does not keep the others from being renewed${known ? ', also where it answered a moment ago' : ''}`, () =>
      withHouse(async (test) => {
        const hanging = await connected(test, 'snapchat');
        await copiesOf(test, hanging.grantId, 59);
        const well = await connected(test, 'amazon-ads');
        const others = await copiesOf(test, well.grantId, 9);
        test.clock.advance(50 * MINUTE);
        let hangs = !known;
        let release = () => {};
        const stuck = new Promise<void>((resolve) => {
          release = resolve;
        });
        const wire = tapped(test.house.wire, async (request, pass) => {
          if (hangs && request.url.includes('snapchat')) await stuck;
          return pass();
        });
        const { keeper } = variant(test, { wire }, { capacity: 20, batch: 10 });
        if (known) {
          await keeper.tick();
          await keeper.settled();
          hangs = true;
        }
        const versions = () =>
          Promise.all(
            [well, ...others].map(async ({ grantId }) => (await grantOf(test, grantId)).credentialVersion),
          );
        for (let round = 0; round < 40 && (await versions()).includes(1); round += 1) {
          await keeper.tick();
          test.clock.advance(SECOND);
        }
        assert.deepEqual(new Set(await versions()), new Set([2]));
        release();
        await keeper.settled();
      }));
  }

  it('is left with a quarter of the room, and less the longer it is silent; one that answers has all of it', () => {
    const lanes = new Lanes(1_000);
    const grants = Array.from({ length: 1_000 }, (_, index) => grantWith({ id: `grt_${index}` }));
    const first = lanes.admit(grants, NOW).admitted;
    assert.equal(first.length, 250);
    assert.deepEqual(lanes.closed(NOW), ['live acme']);
    for (const grant of first) lanes.begins(grant, NOW);
    assert.equal(lanes.room(NOW + SECOND), 750);
    assert.equal(lanes.room(NOW + 3 * SECOND), 1_000, 'what is silent takes no room from the others');
    for (const grant of first) lanes.ends(grant, 'silence', NOW + 30 * SECOND);
    const second = lanes.admit(grants, NOW + 30 * SECOND).admitted;
    assert.equal(second.length, 31);
    lanes.ends(second[0]!, 'answer', NOW + 31 * SECOND);
    assert.deepEqual(lanes.closed(NOW + 31 * SECOND), []);
    assert.equal(lanes.admit(grants.slice(0, 900), NOW + 31 * SECOND).admitted.length, 900);
  });
});

describe('A platform that fails at once, with grants spread thin over many apps', () => {
  it('is not claimed round after round to be given back, and keeps nobody else from being renewed', () =>
    withHouse(async (test) => {
      const failing = await connected(test, 'snapchat');
      const model = await grantOf(test, failing.grantId);
      const { store } = test.house;
      const spread = await copiesOf(test, failing.grantId, 200);
      for (let index = 0; index < 40; index += 1) {
        const app = await sandboxApp(test, 'snapchat');
        for (const { grantId } of spread.slice(index * 5, index * 5 + 5))
          await moveToApp(test, grantId, app.id);
      }
      test.clock.advance(MINUTE);
      const well = await connected(test, 'amazon-ads');
      const others = [well, ...(await copiesOf(test, well.grantId, 9))];
      test.clock.advance(model.renewAt! - test.clock.now() + 10 * MINUTE);
      let claimed = 0;
      const counting: Store = {
        ...store,
        claimDue: async (claim) => {
          const due = await store.claimDue(claim);
          claimed += due.length;
          return due;
        },
      };
      const wire = tapped(test.house.wire, ({ url, endpoint }, pass) =>
        url.includes('snapchat')
          ? { kind: 'no_answer', endpoint, reason: 'connection_failed', sent: false }
          : pass(),
      );
      const { keeper } = variant(test, { store: counting, wire }, { capacity: 12, batch: 20 });
      await keeper.tick();
      await keeper.settled();
      test.clock.advance(40 * SECOND);
      claimed = 0;
      for (let round = 0; round < 20; round += 1) {
        await keeper.tick();
        await keeper.settled();
      }
      assert.ok(claimed <= 20 + others.length, `${claimed} claimed in 20 rounds`);
      for (const { grantId } of others) assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
      test.clock.advance(10 * SECOND);
      const before = claimed;
      await keeper.tick();
      assert.ok(claimed > before, 'it is tried again all the same');
      await keeper.settled();
    }));

  it('keeps nobody in memory who waited for its answer and gave up', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    const lanes = new Lanes(10);
    const waiters = Array.from({ length: 100 }, () => {
      const over = new AbortController();
      const waiter = new WeakRef(lanes.nextAnswer(over.signal));
      over.abort('over');
      return waiter;
    });
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    assert.ok(waiters.filter((waiter) => waiter.deref()).length < 10);
    const [grant] = lanes.admit([grantWith({ id: 'grt_0' })], NOW).admitted;
    const answered = lanes.nextAnswer(new AbortController().signal);
    lanes.ends(grant!, 'answer', NOW);
    await answered;
  });

  it('rests between two loads for a tenth of its silence, and not at all once it answers', () => {
    const lanes = new Lanes(1_000);
    const grants = Array.from({ length: 20 }, (_, index) => grantWith({ id: `grt_${index}` }));
    const load = (now: number, word: 'answer' | 'silence') => {
      const { admitted } = lanes.admit(grants, now);
      for (const grant of admitted) {
        lanes.begins(grant, now);
        lanes.ends(grant, word, now);
      }
    };
    const isOpen = (now: number) => lanes.closed(now).length === 0;
    load(NOW, 'silence');
    assert.ok(isOpen(NOW), 'it is not silent yet');
    for (const [at, rest] of [
      [3, 1],
      [50, 5],
      [900, 10],
    ].map(([a, b]) => [NOW + a! * SECOND, b! * SECOND])) {
      load(at!, 'silence');
      assert.deepEqual([isOpen(at! + rest! * 0.9), isOpen(at! + rest! * 1.2)], [false, true]);
    }
    load(NOW + 920 * SECOND, 'answer');
    assert.ok(isOpen(NOW + 920 * SECOND));
  });
});

/** The same grant under another app of the same platform. */
async function moveToApp(test: TestHouse, grantId: string, appId: string): Promise<void> {
  const claim = { now: test.clock.now(), owner: 'node-1:test', leaseMs: MINUTE };
  const held = await test.house.store.claimGrant(test.ctx.workspaceId, grantId, claim);
  const { previousOwner: _, ...grant } = held!;
  await test.house.store.applyOutcomes([{ grant: { ...grant, appId }, activity: [] }]);
}

describe('A single platform that answers', () => {
  it('has everything renewed in a few rounds, none of them waited for', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      await copiesOf(test, grantId, 99);
      test.clock.advance(50 * MINUTE);
      await forgetCalls(test, 'snapchat');
      const { keeper } = variant(test, {}, { capacity: 100, batch: 50 });
      let rounds = 0;
      for (; rounds < 10 && (await keeper.tick()).wakeAt! <= test.clock.now(); rounds += 1);
      await keeper.settled();
      assert.equal(await callsOf(test, 'snapchat'), 100);
      assert.ok(rounds <= 6, `${rounds} rounds`);
    }));
});

describe('A round that fails after its claim', () => {
  for (const alsoReturns of [true, false]) {
    it(`gives back what it claimed${alsoReturns ? '' : ', later where the database does not take it at once'}`, () =>
      withHouse(async (test) => {
        const { grantId } = await connected(test, 'pinterest');
        const { store } = test.house;
        const { dueAt } = await grantOf(test, grantId);
        test.clock.advance(dueAt! - test.clock.now());
        let away = true;
        const refused = () => Promise.reject(new Error('Away.'));
        const failing: Store = {
          ...store,
          getApps: (keys) => (away ? refused() : store.getApps(keys)),
          releaseGrants: (...load) => (away && !alsoReturns ? refused() : store.releaseGrants(...load)),
        };
        const { keeper } = variant(test, { store: failing });
        await assert.rejects(keeper.tick());
        assert.equal((await grantOf(test, grantId)).leaseOwner === null, alsoReturns);
        away = false;
        assert.equal((await keeper.tick()).claimed, 1, 'it does not wait for the lease to run out');
        await keeper.settled();
        const { credentialVersion, facts } = await grantOf(test, grantId);
        assert.deepEqual(
          [credentialVersion > 1 || facts.lastProofAt === test.clock.now(), facts.unknownOutcomeAt],
          [true, null],
        );
      }));
  }
});

describe('A platform that is silent while time waits for every round', () => {
  it('rests in the time that is moved: nothing is waited for in real time, and no round is in vain', () =>
    withHouse(async (test) => {
      const failing = await connected(test, 'snapchat');
      await copiesOf(test, failing.grantId, 7);
      await test.control('POST', 'snapchat/fault', { kind: 'drop_before' });
      const house: House = {
        ...test.house,
        // The word of the first few calls is waited for, with a limit; that a platform has rested is not.
        sleep: async (milliseconds, signal) => {
          assert.ok(milliseconds >= 2 * SECOND, 'It slept while time stood still.');
          await test.house.sleep(milliseconds, signal);
        },
      };
      const stop = new AbortController();
      let rounds = 0;
      let moments = 0;
      const drive: Repeat = async (work, { dueAt }) => {
        if (!dueAt) return;
        const endsAt = test.clock.now() + 4 * 60 * MINUTE;
        for (let inVain = 0; test.clock.now() < endsAt; rounds += 1) {
          const at = (await dueAt())!;
          inVain = at > test.clock.now() ? 0 : inVain + 1;
          assert.ok(inVain < 5, `${inVain} rounds at one moment`);
          if (at > test.clock.now()) {
            moments += 1;
            test.clock.advance(at - test.clock.now());
          }
          await work(true);
        }
      };
      await runKeeper(house, test.spool, stop.signal, { repeat: drive });
      const { failures } = await grantOf(test, failing.grantId);
      assert.ok(failures >= 7, `${failures} failures of one grant`);
      assert.ok(moments > 40 && rounds < 4 * moments, `${rounds} rounds at ${moments} moments`);
    }));
});

describe('A fault of ours', () => {
  it('is no silence of the platform: it gets its whole share at once', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      await copiesOf(test, grantId, 11);
      test.clock.advance(2 * HOUR);
      const spool = { ...test.spool, put: () => Promise.reject(new Error('The disk is full.')) };
      let away = true;
      const store = failing(test.house.store, () => away);
      const { keeper } = variant(test, { store, spool }, { capacity: 40 });
      const round = async () => {
        const { claimed } = await keeper.tick();
        await keeper.settled();
        return claimed;
      };
      assert.equal(await round(), 10, 'a quarter of the room');
      away = false;
      test.clock.advance(3 * MINUTE);
      assert.equal(await round(), 10);
    }));
});
