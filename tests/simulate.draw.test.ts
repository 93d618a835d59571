import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { Drawn } from '../src/simulator/world/drawn.ts';
import { planOf } from '../src/simulator/world/plan.ts';
import { drawnPlaces } from '../src/simulator/world/settle.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { FAULT_KINDS } from '../src/simulator/world/without.ts';
import { World } from '../src/simulator/world/world.ts';

/** What the seeds from 1 on draw where nobody says anything: nothing of it is lived through. */
const DRAWN = Array.from({ length: 200 }, (_, number) => {
  const plan = planOf({ seed: String(number + 1), without: [], store: 'memory' });
  const world = new World({ ...plan, towns: 1, checkers: [], openStore: storeOf('memory', null) });
  const places = drawnPlaces(world, PLATFORMS).slice(0, plan.grants);
  return { plan, drawn: world.drawn, methods: places.map(({ platform, method }) => `${platform} ${method}`) };
});

test('Two hundred seeds draw every method of every platform, each more than a few times', () => {
  const counts = new Map<string, number>();
  for (const method of DRAWN.flatMap(({ methods }) => [...new Set(methods)]))
    counts.set(method, (counts.get(method) ?? 0) + 1);
  const known = PLATFORMS.flatMap(({ profile }) => profile.methods.map(({ id }) => `${profile.id} ${id}`));
  assert.deepEqual([...counts.keys()].sort(), known.sort());
  for (const [method, count] of counts) assert.ok(count >= 10, `${method} in ${count} worlds`);
});

/** How often a kind of fault is to be expected in a world: rates are per year, of each process, town, platform or grant. */
function expected(drawn: Drawn, kind: string, days: number): number {
  const rates = { ...drawn, ...drawn.calls } as unknown as Readonly<Record<string, number>>;
  return (rates[kind]! * days) / 365;
}

/** Shares of calls, of reminders and of writes: not so often in a year, but each time with that chance. */
const SHARES = new Set([
  'refused',
  'lostBefore',
  'lostAfter',
  'killed',
  'paused',
  'storeLosesAnswers',
  'heeded',
]);

test('A hundred seeds draw every kind of fault, each more than a few times', () => {
  for (const kind of FAULT_KINDS) {
    const worlds = DRAWN.slice(0, 100);
    const total = worlds.reduce((sum, { drawn, plan }) => sum + expected(drawn, kind, plan.days), 0);
    if (SHARES.has(kind)) assert.ok(total > 0, kind);
    else assert.ok(total > 4, `${kind} is to be expected ${total.toFixed(1)} times`);
  }
});
