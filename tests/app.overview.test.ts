import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '../src/app/manageClients.ts';
import { overview } from '../src/app/overview.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { moment, overviewPage } from '../src/server/pages/overviewPage.ts';
import type { TestHouse } from './support/house.ts';
import {
  connected,
  copiesOf,
  failing,
  grantOf,
  HOUR,
  SECOND,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

/** The page’s table, without the summary above it. */
async function rowsOf(test: TestHouse): Promise<string> {
  const page = overviewPage(await overview(test.ctx), {
    signedIn: false,
    places: { hasClock: false, platformsUrl: null },
  }).markup;
  return page.slice(page.indexOf('<tbody>'));
}

describe('A connection whose next renewal is held back', () => {
  it('says so in its own row, with until when and why, after an answer was lost', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      assert.doesNotMatch(await rowsOf(test), /Held/);
      const { facts } = await grantOf(test, grantId);
      const wire = tapped(test.house.wire, ({ endpoint }) => ({
        kind: 'no_answer',
        endpoint,
        reason: 'timeout',
        sent: true,
      }));
      await renewConnection(variant(test, { wire }).ctx, connectionId);
      const until = facts.issuedAt + (facts.accessExpiresAt! - facts.issuedAt) * (5 / 6);
      const told = `Held: not renewed before ${moment(new Date(until).toISOString())}, for an answer of the platform was lost`;
      assert.ok((await rowsOf(test)).includes(told), await rowsOf(test));
      test.clock.advance(until - test.clock.now());
      assert.doesNotMatch(await rowsOf(test), /Held/);
    }));

  it('says so in its own row while its newest credential waits for the database', () =>
    withHouse(async (base) => {
      let away = false;
      const test = variant(base, { store: failing(base.house.store, () => away) });
      const { connectionId } = await connected(test, 'snapchat');
      test.clock.advance(HOUR / 2);
      away = true;
      await renewConnection(test.ctx, connectionId);
      away = false;
      const until = moment(new Date(test.clock.now() + 5 * SECOND).toISOString());
      const told = `Held: not renewed before ${until}, for its newest credential is on disk`;
      assert.ok((await rowsOf(test)).includes(told), await rowsOf(test));
    }));
});

/** The person ends it at the platform, and it is noticed. */
async function revoked(test: TestHouse, connectionId: string, grantId: string): Promise<void> {
  await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
  while ((await grantOf(test, grantId)).state !== 'expired') {
    await renewConnection(test.ctx, connectionId).catch((error) => {
      assert.equal(error.code, 'reauthorization_required');
    });
    test.clock.advance(HOUR / 6);
  }
}

describe('The overview', () => {
  it('shows what is broken, however many newer connections work', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(SECOND);
      await copiesOf(test, grantId, 501);
      await revoked(test, connectionId, grantId);
      const { clients, more } = await overview(test.ctx);
      const [worst] = clients.flatMap(({ connections }) => connections);
      assert.deepEqual([worst?.id, worst?.state, more], [connectionId, 'expired', true]);
    }));

  it('shows what is broken, however many newer clients there are', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      test.clock.advance(SECOND);
      for (let index = 0; index < 500; index += 1) await createClient(test.ctx, { name: `Client ${index}` });
      await revoked(test, connectionId, grantId);
      const { clients } = await overview(test.ctx);
      assert.deepEqual(
        clients.flatMap(({ connections }) => connections.map(({ id }) => id)),
        [connectionId],
      );
    }));
});
