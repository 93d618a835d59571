import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retireAllUnused } from '../src/app/endGrant.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { connectOne } from './support/house.ts';
import { connected, grantOf, HOUR, MINUTE, tapped, variant, withHouse } from './support/keeping.ts';

describe('A reconnect', () => {
  it('stands though what it left behind cannot be retired, and the sweep retires that later', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const known = await test.control('GET');
      const person = known.platforms.find((one: { id: string }) => one.id === 'snapchat').people[1].id;
      const { store } = test.house;
      const failing = variant(test, {
        store: {
          ...store,
          claimGrant: (workspaceId, id, claim) =>
            claim.owner.endsWith(':retire')
              ? Promise.reject(new Error('A fault in between.'))
              : store.claimGrant(workspaceId, id, claim),
        },
      });
      const made = await connectOne(failing, { connectionId, allowOtherIdentity: true }, { person });
      assert.equal((await getConnection(test.ctx, connectionId)).grant_id, made.grant.id);
      assert.notEqual(made.grant.id, grantId);
      assert.equal((await grantOf(test, grantId)).state, 'active', 'left over');
      assert.equal(test.logged.filter(({ message }) => /could not be retired yet/.test(message)).length, 1);
      test.clock.advance(2 * HOUR);
      assert.equal(await retireAllUnused(test.house, test.clock.now()), 1);
      assert.equal((await grantOf(test, grantId)).state, 'revoked');
    }));

  for (const kept of [true, false]) {
    it(`that brings ${kept ? 'no refresh token keeps the doubt about the old one' : 'a refresh token ends the doubt about the old one'}`, () =>
      withHouse(async (test) => {
        const { connectionId, grantId } = await connected(test, 'google-ads', 'user_login');
        const { workspaceId } = test.ctx;
        const claim = { now: test.clock.now(), owner: 'node-9:renew', leaseMs: 2 * MINUTE };
        await test.house.store.claimGrant(workspaceId, grantId, claim);
        test.clock.advance(3 * MINUTE);
        const wire = tapped(test.house.wire, async (_request, pass) => {
          const answer = await pass();
          if (!kept || answer.kind !== 'answer' || answer.endpoint !== 'token') return answer;
          const { refresh_token: _, ...body } = JSON.parse(answer.body);
          return { ...answer, body: JSON.stringify(body) };
        });
        await connectOne(variant(test, { wire }), { connectionId });
        const { facts, credentialVersion } = await grantOf(test, grantId);
        assert.deepEqual([credentialVersion, facts.unknownOutcomeAt !== null], [2, kept]);
      }));
  }
});
