import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { CHECKERS } from '../src/simulator/world/checkers/index.ts';
import type { FaultLevel } from '../src/simulator/world/drawn.ts';
import { runWorld } from '../src/simulator/world/run.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { commandFor } from '../src/simulator/world/summary.ts';

/** A seed that ever failed stays here. */
const FIXED: readonly (readonly [seed: string, faults: FaultLevel])[] = [
  ['1', 'some'],
  ['2', 'some'],
  ['11', 'many'],
  ['12', 'many'],
];

const DAYS = 40;
const GRANTS = 12;

async function live(seed: string, faults: FaultLevel): Promise<void> {
  const options = { seed, faults, days: DAYS, grants: GRANTS };
  const { violations, world } = await runWorld({
    ...options,
    checkers: CHECKERS,
    openStore: storeOf('memory', null),
  });
  const told = violations.map(({ checker, subject, text }) => `${checker} ${subject}: ${text}`);
  assert.deepEqual(told, [], `Repeat it: ${commandFor(options)}`);
  assert.ok(world.tally.renewals > 0);
}

describe('A simulated world breaks no promise', () => {
  for (const [seed, faults] of FIXED)
    test(`with seed ${seed} and ${faults} faults`, () => live(seed, faults));

  const fresh = String(randomInt(1_000_000));
  test(`with the fresh seed ${fresh} and many faults`, () => live(fresh, 'many'));
});

test('A world on the embedded database lives as one in memory does', async () => {
  const lived = async (store: 'memory' | 'pglite') => {
    const { world, violations } = await runWorld({
      seed: 'stores',
      faults: 'some',
      days: 1,
      grants: 10,
      checkers: CHECKERS,
      openStore: storeOf(store, null),
    });
    return [world.tally, violations];
  };
  assert.deepEqual(await lived('pglite'), await lived('memory'));
});
