import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, MINUTE_MS } from '../src/core/instant.ts';
import type { CheckerFactory } from '../src/simulator/world/checker.ts';
import { CHECKERS } from '../src/simulator/world/checkers/index.ts';
import { letFortunePlay } from '../src/simulator/world/fortune.ts';
import type { Door } from '../src/simulator/world/liar.ts';
import { watchSignatures } from '../src/simulator/world/rest.ts';
import { settleTowns } from '../src/simulator/world/settle.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { World } from '../src/simulator/world/world.ts';

/** A calm world for a day, in which every platform denies at this door for three minutes now and then. */
async function deniedAt(door: Door) {
  const suspected = new Set<string>();
  const suspicion: CheckerFactory = () => ({
    id: 'suspicion',
    promise: 'counts',
    onWrite: ({ after }) => void (after.state === 'suspect' && suspected.add(after.id)),
  });
  const world = new World({
    seed: `denied ${door}`,
    faults: 'none',
    towns: 1,
    checkers: [...CHECKERS, suspicion],
    openStore: storeOf('memory', null),
  });
  const unwatch = watchSignatures(world.rest);
  await world.open();
  await settleTowns(world, 24);
  const denyNow = (denies: Door | null): void => {
    for (const simulator of world.towns[0]!.simulators) simulator.denies = denies;
  };
  const from = world.clock.now();
  for (let at = from; at < from + DAY_MS; at += 17 * MINUTE_MS) {
    world.clock.at(at, () => denyNow(door));
    world.clock.at(at + 3 * MINUTE_MS, () => denyNow(null));
  }
  await world.clock.runUntil(from + DAY_MS);
  const grants = await world.grants();
  for (const process of world.processes) process.kill();
  unwatch();
  return { world, grants, suspected: suspected.size };
}

describe('A platform that denies for minutes what it has issued', () => {
  for (const door of ['renewals', 'uses'] as const) {
    test(`at its ${door} loses no grant: each is asked a second time, when the denial is over`, async () => {
      const { world, grants, suspected } = await deniedAt(door);
      assert.deepEqual(
        world.violations.filter(({ checker }) => checker !== 'L1'),
        [],
      );
      assert.ok(
        grants.every(({ lives }) => lives),
        'nothing happened to the grants',
      );
      assert.ok(suspected > 0, 'it was believed for a while');
      assert.deepEqual(
        grants.filter(({ grant }) => grant.state === 'expired').map(({ grant }) => grant.platform),
        [],
      );
    });
  }
});

test('What befalls people and operators breaks no promise: everything lost at once, a wrong secret, roles, Testing, too many consents', async () => {
  const world = new World({
    seed: 'people',
    faults: 'none',
    towns: 1,
    checkers: CHECKERS,
    openStore: storeOf('memory', null),
  });
  const unwatch = watchSignatures(world.rest);
  await world.open();
  await settleTowns(world, 8);
  const often = { signOuts: 200, troubles: 150, deeds: 150, wrongSecrets: 100, heeded: 0.5 };
  Object.assign(world, { drawn: { ...world.drawn, ...often } });
  letFortunePlay(world);
  for (let day = 0; day < 14; day += 1) {
    await world.clock.runUntil(world.clock.now() + DAY_MS);
    await world.audit();
  }
  for (const process of world.processes) process.kill();
  unwatch();
  const { mishaps, reconnects } = world.tally;
  const told = world.violations.map(({ checker, subject, text }) => `${checker} ${subject}: ${text}`);
  assert.deepEqual(told, []);
  for (const kind of [
    'sign_out_everywhere',
    'wrong_secret_put_in',
    'put_in_testing',
    'authorize_a_hundred_times',
  ])
    assert.ok(mishaps[kind], `${kind} is among ${Object.keys(mishaps).join(', ')}`);
  assert.ok(reconnects > 0, 'people came back');
  for (const kind of ['cap_overflowed', 'wrong_secret_met', 'signed_out_everywhere'])
    assert.ok(world.strikes.counts[kind], `${kind} had an effect: ${JSON.stringify(world.strikes.counts)}`);
});

describe('A refresh token that dies while its access token lives on', () => {
  test('breaks no promise: nothing shows it before the next renewal, which does', async () => {
    const world = new World({
      seed: 'half dead',
      faults: 'none',
      towns: 1,
      checkers: CHECKERS,
      openStore: storeOf('memory', null),
    });
    await world.open();
    // Weeks lie between its renewals, and its probes ask for the access token alone.
    await settleTowns(world, 2, { wants: ({ platform }) => platform === 'pinterest' });
    const simulator = world.towns[0]!.simulatorOf('pinterest');
    simulator
      .breaks('pinterest')
      .find(({ how }) => how === 'not_renewed_in_time')!
      .apply({});
    const seen: string[] = [];
    for (let day = 1; day <= 60; day += 1) {
      await world.clock.runUntil(world.clock.now() + DAY_MS);
      await world.audit();
      const grants = await world.grants();
      seen.push(...grants.map(({ grant, lives, takes }) => `${grant.state} ${lives} ${takes}`));
    }
    for (const process of world.processes) process.kill();
    assert.deepEqual(world.violations, []);
    assert.equal(seen[0], 'active false true', 'dead, and taken as if it were not');
    assert.match(seen.at(-1)!, /^expired/);
  });
});
