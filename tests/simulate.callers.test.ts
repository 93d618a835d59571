import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLATFORMS } from '../src/platforms/index.ts';
import { CHECKERS } from '../src/simulator/world/checkers/index.ts';
import { inVirtualTime, type SettleOptions, settleTowns } from '../src/simulator/world/settle.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { World } from '../src/simulator/world/world.ts';

const METHODS = PLATFORMS.flatMap(({ profile }) => profile.methods).length;

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
      await world.callers.connect(process, town!, visit, { connectionId: connection.id }, 'http');
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

test('First connects go through the HTTP server as drawn: half of them, or all, every method', async () => {
  const settled = async (options: SettleOptions) => {
    const world = new World({
      seed: 'first connects',
      faults: 'none',
      towns: 1,
      checkers: CHECKERS,
      openStore: storeOf('memory', null),
    });
    await world.open();
    const count = await settleTowns(world, 100, options);
    const grants = await world.grants();
    for (const one of world.processes) one.kill();
    assert.deepEqual(world.violations, []);
    const methods = new Set(grants.map(({ grant }) => `${grant.platform} ${grant.method}`));
    return { count, methods: methods.size, requests: world.tally.httpRequests };
  };
  const [verbs, pages, drawn] = [
    await settled({ way: 'verb' }),
    await settled({ way: 'http' }),
    await settled({}),
  ];
  assert.equal(verbs.requests, 0);
  assert.deepEqual([pages.count, pages.methods], [verbs.count, verbs.methods], 'each way leads as far');
  assert.equal(pages.methods, METHODS);
  assert.ok(pages.requests > pages.count * 5);
  assert.ok(drawn.requests > pages.requests * 0.25 && drawn.requests < pages.requests * 0.75);
});
