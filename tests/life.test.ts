import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Problem } from '../src/app/errors.ts';
import { getToken } from '../src/app/getToken.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { CAUSES } from '../src/core/cause.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { Platform } from '../src/platforms/kit/platform.ts';
import type { AuthMethod } from '../src/platforms/kit/profile.ts';
import type { SimBreak } from '../src/platforms/kit/simulator.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { connectOne, openTestHouse, sandboxApp, type TestHouse } from './support/house.ts';
import { breaksOf } from './support/simulated.ts';

let opening: Promise<Store> | undefined;

/** One database for the file; each test has platforms and apps of its own. */
function sharedStore(): Promise<Store> {
  opening ??= (async () => {
    const store = await openStore({ memory: true });
    await store.migrate();
    return store;
  })();
  return opening;
}

after(async () => (await opening)?.close());

async function withHouse(work: (test: TestHouse) => Promise<void>): Promise<void> {
  const test = await openTestHouse(await sharedStore());
  try {
    await work(test);
  } finally {
    await test.close();
  }
}

for (const platform of PLATFORMS) {
  describe(`The life of a grant on ${platform.profile.name}`, () => {
    for (const method of platform.profile.methods) lifeOf(platform, method);
  });
}

function lifeOf(platform: Platform, method: AuthMethod): void {
  const { id } = platform.profile;

  it(`connects by ${method.id}, hands out a token, renews, and hands out a token again`, () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, id);
      const { connection } = await connectOne(test, { appId: app.id, method: method.id });
      const first = await getToken(test.ctx, { connectionId: connection.id, minTtlSeconds: 60 });
      assert.ok(first.access_token.length > 5);
      assert.ok(connection.accounts.length > 0, 'its ad accounts are known');
      const { connection: after } = await renewConnection(test.ctx, connection.id);
      assert.equal(after.state, 'active');
      assert.ok((await getToken(test.ctx, { connectionId: connection.id, minTtlSeconds: 60 })).access_token);
    }));

  for (const broken of breaksOf(platform, method)) {
    it(`sees ${broken.how} on ${method.id}, and is mended`, () =>
      withHouse((test) => breakAndMend(test, platform, method, broken)));
  }
}

/** Breaks the grant, lets the keeper find it, and mends it as a person would. */
async function breakAndMend(
  test: TestHouse,
  platform: Platform,
  method: AuthMethod,
  broken: SimBreak,
): Promise<void> {
  const { id } = platform.profile;
  const app = await sandboxApp(test, id);
  const made = await connectOne(test, { appId: app.id, method: method.id });
  const target = { how: broken.how, identity: await personOf(test, id, made.grant.identity?.id) };
  await test.control('POST', `${id}/break`, target);
  await noticed(test, made.connection.id, broken);
  if (broken.mend) await test.control('POST', `${id}/mend`, target);
  test.clock.advance(20 * 60_000);
  const before = await getConnection(test.ctx, made.connection.id);
  if (before.state === 'expired') {
    assert.ok(before.cause && before.remedy && before.reconnect_url, 'it says why, what to do, and where');
    const again = await connectOne(test, { connectionId: made.connection.id });
    assert.equal(again.connection.id, made.connection.id, 'the connection keeps its id');
    assert.equal(again.grant.id, made.grant.id, 'the grant keeps its id');
    assert.notEqual(again.grant.state, 'expired');
    const [outage] = await test.house.store.listOutages(
      test.ctx.workspaceId,
      { connectionId: made.connection.id },
      { limit: 5, after: null },
    );
    assert.ok(outage?.endedAt, 'the outage is over');
  }
  assert.ok((await getToken(test.ctx, { connectionId: made.connection.id, minTtlSeconds: 0 })).access_token);
}

/** Whose grant is to be broken; undefined, for everybody's, where the platform does not name who holds a token. */
async function personOf(
  test: TestHouse,
  platformId: string,
  identity: string | undefined,
): Promise<string | undefined> {
  const { platforms } = await test.control('GET');
  const { people } = platforms.find((one: { id: string }) => one.id === platformId);
  return people.some((person: { id: string }) => person.id === identity) ? identity : undefined;
}

/** Renews until the verdict is in: a second try after the confirmation time where no probe can confirm. */
async function noticed(test: TestHouse, connectionId: string, broken: SimBreak): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    const said = await renewConnection(test.ctx, connectionId).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    const seen = await getConnection(test.ctx, connectionId);
    if (said instanceof Problem) return assertTold(seen, broken);
    const { diagnosis } = said;
    if (diagnosis && CAUSES[diagnosis.cause].reach !== 'grant') {
      const told = [diagnosis.cause, ...diagnosis.acceptable_others];
      assert.ok(told.includes(broken.truth), `${broken.truth} is among ${told.join(', ')}`);
      assert.notEqual(seen.state, 'expired', 'what is not the grant’s fault does not end it');
      return;
    }
    if (seen.state !== 'suspect') return;
    test.clock.advance(2 * 3_600_000);
  }
}

function assertTold(seen: Awaited<ReturnType<typeof getConnection>>, broken: SimBreak): void {
  assert.equal(seen.state, 'expired');
  const told = [seen.cause, ...(seen.evidence?.acceptable_others ?? [])];
  // An access token that nothing can renew is the renewal credential: its end is the grant's.
  const truth = broken.truth === 'access_token_expired' ? 'renewal_credential_expired' : broken.truth;
  assert.ok(told.includes(truth), `${truth} is among ${told.join(', ')}`);
  assert.ok(seen.evidence?.confirmed_by, 'never on one answer alone');
}
