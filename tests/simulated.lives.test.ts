import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Problem } from '../src/app/errors.ts';
import { openAppOnce, openGrant } from '../src/app/openGrant.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { CAUSES } from '../src/core/cause.ts';
import { valueOr } from '../src/core/fact.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { Platform } from '../src/platforms/kit/platform.ts';
import type { AuthMethod } from '../src/platforms/kit/profile.ts';
import type { SimBreak, Simulator } from '../src/platforms/kit/simulator.ts';
import { SIMULATORS } from '../src/platforms/simulators.ts';
import { Journal } from '../src/simulator/journal.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';
import { connected, grantOf, HOUR, secretsOf } from './support/keeping.ts';
import { breaksOf, seededWorld, simulatorOf } from './support/simulated.ts';

type Secrets = Readonly<Record<string, string>>;

/** A grant that was connected through the product, and the platform that issued it. */
interface Issued {
  readonly test: TestHouse;
  readonly simulator: Simulator;
  readonly connectionId: string;
  readonly grantId: string;
  /** What the platform says of the secrets that the product holds now, or of these; asked twice. */
  readonly lives: (secrets?: Secrets) => Promise<boolean>;
  /** As `lives`, of the access token alone. */
  readonly takes: (secrets?: Secrets) => Promise<boolean>;
}

let store: Store;

before(async () => {
  store = await openStore({ memory: true });
  await store.migrate();
});

after(() => store.close());

async function withGrant(
  platform: Platform,
  method: AuthMethod,
  work: (issued: Issued) => Promise<void>,
): Promise<void> {
  const { id } = platform.profile;
  const test = await openTestHouse(store);
  try {
    const simulator = test.simulators.find((one) => one.platforms.includes(id));
    assert.ok(simulator);
    const { connectionId, grantId } = await connected(test, id, method.id);
    const asked = (what: 'lives' | 'takes') => async (given?: Secrets) => {
      const secrets = given ?? (await secretsOf(test, grantId));
      const answer = simulator[what](id, method.id, secrets);
      assert.equal(simulator[what](id, method.id, secrets), answer, 'the same answer, asked twice');
      return answer;
    };
    await work({ test, simulator, connectionId, grantId, lives: asked('lives'), takes: asked('takes') });
  } finally {
    await test.close();
  }
}

for (const platform of PLATFORMS) {
  describe(`What simulated ${platform.profile.name} knows of a grant`, () => {
    for (const method of platform.profile.methods) {
      it(`tells living secrets of ${method.id} from wrong and replaced ones, and is not moved by being asked`, () =>
        withGrant(platform, method, knowsItsSecrets));
      if (rotates(platform, method))
        it(`tells which refresh token of ${method.id} lives under the rotation chosen`, () =>
          withGrant(platform, method, (issued) => followsTheRotation(issued, platform)));
      for (const broken of breaksOf(platform, method))
        it(`tells whether ${broken.how} ends a grant by ${method.id}`, () =>
          withGrant(platform, method, (issued) => tellsWhatBroke(issued, platform, broken)));
    }
  });
}

/** Whether the platform lets choose what becomes of this method's used refresh tokens. */
function rotates(platform: Platform, method: AuthMethod): boolean {
  const deeds = simulatorOf(platform).deeds?.(platform.profile.id) ?? [];
  const chosen = deeds.some(({ deed }) => deed === 'rotation_grace');
  return chosen && valueOr(method.cadence.mechanism, 'none') === 'refresh_token';
}

async function knowsItsSecrets({ test, connectionId, grantId, lives, takes }: Issued): Promise<void> {
  const first = { ...(await secretsOf(test, grantId)) };
  assert.equal(await lives(), true);
  const wrong = Object.fromEntries(Object.keys(first).map((field) => [field, `not-${first[field]}`]));
  // More often than a login may be refused.
  for (let time = 0; time < 10; time += 1) assert.equal(await lives(wrong), false);
  assert.deepEqual([await lives({}), await takes({}), await takes(wrong)], [false, false, false]);
  test.clock.advance(HOUR);
  await renewConnection(test.ctx, connectionId);
  assert.equal((await grantOf(test, grantId)).state, 'active');
  assert.deepEqual([await lives(), await takes()], [true, true]);
  const replaced = first.refresh_token !== (await secretsOf(test, grantId)).refresh_token;
  if (replaced) assert.equal(await lives(first), false, 'a refresh token that was replaced is refused');
}

/** Where it is a choice what becomes of a used refresh token. */
async function followsTheRotation(issued: Issued, platform: Platform): Promise<void> {
  const { test, simulator, connectionId, grantId, lives } = issued;
  const choose = (deed: string) =>
    simulator
      .deeds?.(platform.profile.id)
      .find((one) => one.deed === deed)
      ?.apply({});
  const renewed = async () => {
    const before = { ...(await secretsOf(test, grantId)) };
    test.clock.advance(HOUR);
    await renewConnection(test.ctx, connectionId);
    assert.equal(await lives(), true);
    return before;
  };
  choose('rotation_grace');
  const first = await renewed();
  assert.equal(await lives(first), true, 'the new one was not used yet');
  const second = await renewed();
  assert.deepEqual([await lives(first), await lives(second)], [false, true]);
  choose('rotation_family');
  assert.equal(await lives(second), false, 'shown again, it would be refused');
  assert.equal(await lives(), true, 'asking about it did not show it');
}

/** A death is what the product, too, finds to be one; where the platform is not calm, the product has nothing to compare with. */
async function tellsWhatBroke(issued: Issued, platform: Platform, broken: SimBreak): Promise<void> {
  const { test, simulator, grantId, lives } = issued;
  const { id } = platform.profile;
  const identity = (await grantOf(test, grantId)).identity?.id;
  const known = simulator.people.some((person) => person.id === identity);
  const target = known && identity !== undefined ? { identity } : {};
  const here = simulator.breaks(id).find(({ how }) => how === broken.how);
  here?.apply(target);
  const alive = await lives();
  const { reach } = CAUSES[broken.truth];
  if (reach !== 'app') await agreesWithProbe(issued);
  if (reach === 'platform') assert.equal(alive, true, 'how the platform feels ends nothing');
  else assert.equal(alive, !(await foundDead(issued)), 'the product finds the same');
  assert.equal(await lives(), alive, 'what the product tried changes nothing');
  here?.mend?.(target);
  if (here?.mend) assert.equal(await lives(), true, 'what was mended lives');
}

/** Where the platform's probe says whether the access token works, it is what the platform knows. */
async function agreesWithProbe({ test, grantId, takes }: Issued): Promise<void> {
  const grant = await grantOf(test, grantId);
  const app = await store.getApp(grant.workspaceId, grant.appId);
  assert.ok(app);
  const opened = await openAppOnce(test.house, app, grant.method);
  const { adapter, io, config, held } = await openGrant(test.house, opened, grant);
  const { verdict } = await adapter.probe(io, config, held);
  if (verdict !== 'unclear') assert.equal(await takes(), verdict === 'alive', 'the probe finds the same');
}

/** Renews, or probes where nothing is renewed, until no suspicion is left. */
async function foundDead({ test, connectionId, grantId }: Issued): Promise<boolean> {
  for (let round = 0; round < 4; round += 1) {
    await renewConnection(test.ctx, connectionId).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
    });
    const { state } = await grantOf(test, grantId);
    if (state !== 'suspect') return state === 'expired';
    test.clock.advance(2 * HOUR);
  }
  return assert.fail('The suspicion is neither confirmed nor dropped.');
}

describe('What only a simulated platform knows', () => {
  it('is not written into the journal', () => {
    const directory = mkdtempSync(join(tmpdir(), 'evergrant-lives-'));
    try {
      const path = join(directory, 'journal.jsonl');
      const written = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
      const journal = new Journal({ path, now: () => 0, seed: 'lives', warn: () => undefined });
      const all = journal.wrap(SIMULATORS).map((factory) => factory(seededWorld(() => 0)));
      const simulator = all.find(({ platforms }) => platforms.includes('meta'));
      assert.ok(simulator);
      const secrets = simulator.fields('meta', 'system_user');
      const before = written();
      assert.equal(simulator.lives('meta', 'system_user', secrets), true);
      assert.equal(written(), before);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
