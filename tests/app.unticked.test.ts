import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getConnection,
  listConnections,
  refreshConnection,
  updateConnection,
} from '../src/app/manageConnections.ts';
import { overview } from '../src/app/overview.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import { actionsOf, connected, HOUR, withHouse } from './support/keeping.ts';

const NOBODYS = ['nope'];

/** As the platforms document them (src/platforms/…/fixtures). */
const REFUSALS = {
  meta: {
    status: 403,
    body: {
      error: {
        message: '(#200) Ad account owner has NOT grant ads_management or ads_read permission',
        type: 'OAuthException',
        code: 200,
      },
    },
  },
  tiktok: {
    status: 200,
    body: { code: 40001, message: 'No permission to operate advertiser 7300000000000000101', data: {} },
  },
} as const;

const ACCOUNTS = {
  meta: ['act_100200300400', 'act_100200300401'],
  tiktok: ['7300000000000000101', '7300000000000000102'],
} as const;

/** What is told of why a connection is as it is. */
function words({
  state,
  cause,
  who,
  explanation,
  remedy,
}: Pick<Awaited<ReturnType<typeof getConnection>>, 'state' | 'cause' | 'who' | 'explanation' | 'remedy'>) {
  return { state, cause, who, explanation, remedy };
}

describe('A reconnect in which ad accounts that were used are not ticked', () => {
  for (const platform of ['meta', 'tiktok'] as const) {
    const start = async (test: TestHouse, accounts?: readonly string[]) => {
      const app = await sandboxApp(test, platform);
      const { connection, grant } = await connectOne(test, { appId: app.id }, { accounts });
      return { connectionId: connection.id, person: grant.identity?.name as string };
    };

    it(`says so, and who ticks which where, until they are there again, in every view: ${platform}`, () =>
      withHouse(async (test) => {
        const { connectionId, person } = await start(test);
        await connectOne(test, { connectionId }, { accounts: NOBODYS });
        const lost = await getConnection(test.ctx, connectionId);
        assert.deepEqual(
          [lost.state, lost.cause, lost.who],
          ['degraded', 'account_access_removed', 'authorizing_user'],
        );
        assert.equal(
          lost.explanation,
          `Since ${person} last signed in, no ad account is reached: none was ticked where the platform asks which to open, or ${person} has access to none any more.`,
        );
        assert.match(
          lost.remedy!,
          new RegExp(`^Reconnect: ${person} signs in at the platform and ticks these`),
        );
        for (const { id, name } of lost.accounts) assert.ok(lost.remedy!.includes(`${name} (${id})`));
        assert.match(lost.remedy!, /an administrator of the ad account gives .* access to it first/);
        assert.match(lost.remedy!, /ticks others there, and they are chosen for this connection\.$/);
        assert.deepEqual(lost.evidence?.acceptable_others, ['permission_missing', 'not_provisioned']);
        assert.equal(lost.missing_accounts.length, lost.accounts.length);

        const told = words(lost);
        const same = async (step: string) => {
          const [row] = await listConnections(test.ctx, {}, { limit: 10, after: null });
          const [client] = (await overview(test.ctx)).clients;
          for (const seen of [await getConnection(test.ctx, connectionId), row!, client!.connections[0]!])
            assert.deepEqual(words(seen), told, step);
        };
        await same('at once');
        await refreshConnection(test.ctx, connectionId);
        await same('after a refresh');
        const report = await reportFailure(test.ctx, connectionId, {
          endpoint: 'api',
          headers: {},
          ...REFUSALS[platform],
        });
        assert.deepEqual(words({ ...report.diagnosis, state: report.state }), told);
        await same('after a report');
        test.clock.advance(HOUR);
        await test.keep();
        test.keeper.lookAtLosses();
        await test.keeper.settled();
        await same('after the hourly look');
        const { diagnosis, connection } = await renewConnection(test.ctx, connectionId);
        assert.deepEqual(words(connection), told, 'after a renewal');
        if (diagnosis) assert.deepEqual(words({ ...diagnosis, state: connection.state }), told);

        await connectOne(test, { connectionId });
        const { state, cause, remedy } = await getConnection(test.ctx, connectionId);
        assert.deepEqual([state, cause, remedy], ['active', null, null]);
      }));

    it(`names the one that is missing, and leads to those that were ticked instead: ${platform}`, () =>
      withHouse(async (test) => {
        const [used, other] = ACCOUNTS[platform];
        const { connectionId, person } = await start(test, [used]);
        await connectOne(test, { connectionId }, { accounts: [other] });
        const { who, explanation, remedy, accounts } = await getConnection(test.ctx, connectionId);
        assert.equal(who, 'authorizing_user');
        assert.equal(
          explanation,
          `Since ${person} last signed in, an ad account that was used before is not reached: it was not ticked where the platform asks which to open, or ${person} has no access to it any more.`,
        );
        assert.ok(
          remedy!.includes(`ticks this ad account: ${accounts[0]!.name} (${accounts[0]!.id}).`),
          remedy!,
        );
        assert.match(remedy!, /Or choose others for this connection, of 1 more that is reached\.$/);
        const chosen = await updateConnection(test.ctx, connectionId, { accountIds: [other] });
        assert.deepEqual([chosen.state, chosen.remedy, chosen.missing_accounts], ['active', null, []]);
      }));
  }

  for (const platform of ['meta', 'tiktok'] as const)
    it(`tells at once of every connection on the grant whose ad accounts are not ticked, and of their return: ${platform}`, () =>
      withHouse(async (test) => {
        const [used, other] = ACCOUNTS[platform];
        const app = await sandboxApp(test, platform);
        const one = await connectOne(test, { appId: app.id }, { accounts: [used] });
        const id = one.connection.id;
        const two = await connectOne(test, { appId: app.id }, { accounts: [other] });
        assert.equal(two.grant.id, one.grant.id);
        const shown = await getConnection(test.ctx, id);
        assert.deepEqual(
          [shown.state, shown.who, shown.missing_accounts],
          ['degraded', 'authorizing_user', [used]],
        );
        assert.match(shown.explanation!, /^Since .* last signed in, an ad account .* it was not ticked/);
        assert.equal((await getConnection(test.ctx, two.connection.id)).state, 'active');
        await connectOne(test, { connectionId: id }, { accounts: [used, other] });
        for (const { connection } of [one, two])
          assert.equal((await getConnection(test.ctx, connection.id)).state, 'active');
        await connectOne(test, { connectionId: id }, { accounts: [used] });
        await connectOne(test, { connectionId: id }, { accounts: [used, other] });
        assert.equal((await getConnection(test.ctx, two.connection.id)).state, 'active');
        const told = (await actionsOf(test, two.connection.id)).filter((action) =>
          /degraded|restored/.test(action),
        );
        assert.deepEqual(told.sort(), ['connection.degraded', 'connection.restored']);
      }));

  it('is told only where the consent page asks for ad accounts: elsewhere their administrator gives the role again', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'google-ads');
      await test.control('POST', 'google-ads/break', { how: 'role_removed' });
      await connectOne(test, { connectionId });
      const { who, explanation, remedy } = await getConnection(test.ctx, connectionId);
      assert.equal(who, 'account_admin');
      assert.match(explanation!, /no longer has a role on this ad account/);
      assert.match(remedy!, /No reconnect is needed/);
    }));
});

describe('Whether a consent page asks for ad accounts', () => {
  it('is what each simulated platform does', () =>
    withHouse(async (test) => {
      for (const { profile } of PLATFORMS)
        for (const { id, kind, asksForAccounts } of profile.methods) {
          if (kind !== 'oauth') continue;
          const { connectionId } = await connected(test, profile.id, id);
          const { accounts } = await getConnection(test.ctx, connectionId);
          await connectOne(test, { connectionId }, { accounts: NOBODYS });
          const { missing_accounts } = await getConnection(test.ctx, connectionId);
          assert.equal(missing_accounts.length, asksForAccounts ? accounts.length : 0, `${profile.id} ${id}`);
        }
    }));
});
