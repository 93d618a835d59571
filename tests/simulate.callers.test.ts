import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKERS } from '../src/simulator/world/checkers/index.ts';
import { inVirtualTime, settleTowns } from '../src/simulator/world/settle.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { World } from '../src/simulator/world/world.ts';

test('People and programs of a world use the real HTTP server: every method can be reconnected and read through it', async () => {
  const world = new World({
    seed: 'callers',
    faults: 'none',
    towns: 1,
    checkers: CHECKERS,
    openStore: storeOf('memory', null),
  });
  await world.open();
  await settleTowns(world, 40);
  const [town] = world.towns;
  const process = world.processes[0]!;
  const views = await world.god.store.listConnections(town!.workspaceId, {}, { limit: 100, after: null });
  assert.ok(views.length >= 30);
  for (const { connection, grant } of views) {
    const { platform, method } = grant;
    const known = await world.god.registry.find(town!.workspaceId, platform);
    const { kind } = known!.profile.methods.find(({ id }) => id === method)!;
    const people = town!.simulatorOf(platform).people;
    const identity = grant.identity?.id ?? '';
    const person = people.find(({ id, knownAs }) => id === identity || knownAs?.includes(identity))?.id;
    const visit = { platform, method, kind, ...(person === undefined ? {} : { person }) };
    const mended = await inVirtualTime(world, async () => {
      await world.callers.reconnect(process, town!, visit, connection.id, 'http');
      return 'mended';
    });
    assert.equal(mended, 'mended', `${platform} ${method}`);
    const problem = await inVirtualTime(world, () =>
      world.callers.readToken(process, town!, connection.id, 'http').then(String),
    );
    assert.equal(problem, 'null', `${platform} ${method}`);
  }
  assert.ok(world.tally.httpRequests > views.length * 4);
  assert.deepEqual(world.violations, []);
  for (const one of world.processes) one.kill();
});
