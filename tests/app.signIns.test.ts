import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getConnection } from '../src/app/manageConnections.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import { actionsOf, SECOND, variant, withHouse } from './support/keeping.ts';

const USED = 'act_100200300400';
const OTHER = 'act_100200300401';
const BOTH = [USED, OTHER];

/** Two connections on one grant; both use both ad accounts. */
async function siblings(test: TestHouse) {
  const app = await sandboxApp(test, 'meta');
  const one = await connectOne(test, { appId: app.id }, { accounts: BOTH });
  const two = await connectOne(test, { appId: app.id }, { accounts: BOTH });
  assert.equal(one.grant.id, two.grant.id);
  return { one: one.connection.id, two: two.connection.id };
}

/** The house as it is for a sign-in of which the siblings are read just before something else happens. */
function before(test: TestHouse, happens: () => Promise<unknown>): TestHouse {
  const { store } = test.house;
  let waits = true;
  const listConnections: typeof store.listConnections = async (workspaceId, filter, page) => {
    const read = await store.listConnections(workspaceId, filter, page);
    if (waits && filter.grantId) {
      waits = false;
      await happens();
    }
    return read;
  };
  return variant(test, { store: { ...store, listConnections } });
}

const standing = async (test: TestHouse, id: string) => {
  const { state, missing_accounts } = await getConnection(test.ctx, id);
  return [state, missing_accounts];
};

describe('Two sign-ins on one grant', () => {
  const later = (test: TestHouse, connectionId: string, accounts: readonly string[]) => async () => {
    test.clock.advance(SECOND);
    await connectOne(test, { connectionId }, { accounts });
  };

  it('are decided by the newer one: what the older one left out is not held against it', () =>
    withHouse(async (test) => {
      const { one, two } = await siblings(test);
      const older = before(test, later(test, two, BOTH));
      await connectOne(older, { connectionId: one }, { accounts: [USED] });
      for (const id of [one, two]) assert.deepEqual(await standing(test, id), ['active', []]);
    }));

  it('are decided by the newer one: what it left out is not lifted by the older one', () =>
    withHouse(async (test) => {
      const { one, two } = await siblings(test);
      await connectOne(test, { connectionId: one }, { accounts: [USED] });
      const older = before(test, later(test, two, [USED]));
      await connectOne(older, { connectionId: one }, { accounts: BOTH });
      for (const id of [one, two]) assert.deepEqual(await standing(test, id), ['degraded', [OTHER]]);
    }));

  it('leave nothing of the older one that was put on record while the newer one read its siblings', () =>
    withHouse(async (test) => {
      const { one, two } = await siblings(test);
      await connectOne(test, { connectionId: one }, { accounts: [USED] });
      const { store } = test.house;
      const view = await store.getConnection(test.ctx.workspaceId, two);
      await connectOne(test, { connectionId: one }, { accounts: BOTH });
      const newer = before(test, () => store.updateConnection(view!.connection));
      await connectOne(newer, { connectionId: one }, { accounts: BOTH });
      assert.deepEqual(await standing(test, two), ['active', []]);
    }));
});

describe('A connection that never reached an ad account', () => {
  it('has those that the sign-in of a sibling brings, and lacks them once they are left out again', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'meta');
      const { connection, grant } = await connectOne(test, { appId: app.id }, { accounts: ['nope'] });
      const { id } = connection;
      const two = await connectOne(test, { appId: app.id }, { accounts: ['nope'] });
      assert.equal(two.grant.id, grant.id);
      const sibling = { connectionId: two.connection.id };
      const none = await getConnection(test.ctx, id);
      assert.deepEqual([none.cause, none.accounts], ['not_provisioned', []]);
      await connectOne(test, sibling, { accounts: [USED] });
      const back = await getConnection(test.ctx, id);
      assert.deepEqual([back.state, back.accounts.map((account) => account.id)], ['active', [USED]]);
      const told = (await actionsOf(test, id)).filter((action) => /degraded|restored/.test(action));
      assert.deepEqual(told.sort(), ['connection.degraded', 'connection.restored']);
      await connectOne(test, sibling, { accounts: [OTHER] });
      assert.deepEqual(await standing(test, id), ['degraded', [USED]]);
    }));
});

describe('A loss that a connection’s own caller reported', () => {
  const blocked = {
    endpoint: 'api',
    status: 400,
    headers: {},
    body: { error: { message: 'blocked', type: 'OAuthException', code: 368 } },
  } as const;

  for (const left of [[USED], BOTH])
    it(`is not lifted by the sign-in of a sibling, after one that ticked ${left.length} of 2`, () =>
      withHouse(async (test) => {
        const { one, two } = await siblings(test);
        await connectOne(test, { connectionId: two }, { accounts: left });
        await reportFailure(test.ctx, one, blocked);
        await connectOne(test, { connectionId: two }, { accounts: BOTH });
        const { state, cause } = await getConnection(test.ctx, one);
        assert.deepEqual([state, cause], ['degraded', 'policy_violation']);
      }));
});

describe('A report about one ad account, while another is not ticked', () => {
  const [ticked, left] = ['7300000000000000101', '7300000000000000102'];

  for (const [named, who] of [
    [ticked, 'account_admin'],
    [left, 'authorizing_user'],
    [null, 'authorizing_user'],
  ] as const)
    it(`is told in words about the one that it names: ${named === ticked ? 'ticked' : named ? 'left out' : 'none'}`, () =>
      withHouse(async (test) => {
        const app = await sandboxApp(test, 'tiktok');
        const { connection } = await connectOne(test, { appId: app.id }, { accounts: [ticked, left] });
        await connectOne(test, { connectionId: connection.id }, { accounts: [ticked] });
        const message = `No permission to operate advertiser ${named ?? ''}`;
        const body = { code: 40001, message, data: {} };
        const { diagnosis, state } = await reportFailure(test.ctx, connection.id, {
          endpoint: 'api',
          status: 200,
          headers: {},
          body,
        });
        assert.deepEqual(
          [diagnosis.cause, diagnosis.who, state],
          ['account_access_removed', who, 'degraded'],
        );
        assert.equal(diagnosis.remedy.includes(left), who === 'authorizing_user');
        const shown = await getConnection(test.ctx, connection.id);
        assert.ok(shown.remedy?.includes(left), 'the one that is left out stays what the connection lacks');
      }));
});
