import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { retireAllUnused } from '../src/app/endGrant.ts';
import { createClient } from '../src/app/manageClients.ts';
import { getConnection, listConnections } from '../src/app/manageConnections.ts';
import { listOutages } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { shareGrant } from '../src/app/shareGrant.ts';
import { startConnect } from '../src/app/startConnect.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { connectOne, sandboxApp, type TestHouse } from './support/house.ts';
import {
  actionsOf,
  connected,
  copiesOf,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  statesOf,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const PAGE = { limit: 10, after: null };
const SECOND_PERSON = 1;

async function personOf(test: TestHouse, platform: string, index: number): Promise<string> {
  const known = await test.control('GET');
  return known.platforms.find((one: { id: string }) => one.id === platform).people[index].id;
}

/** Revoked at the platform, and confirmed: its connections are in an outage. */
async function lose(test: TestHouse, platform: string, connectionId: string): Promise<void> {
  await test.control('POST', `${platform}/break`, { how: 'revoked_by_user' });
  await liveUntil(test, test.clock.now() + 3 * HOUR, MINUTE);
  assert.equal((await getConnection(test.ctx, connectionId)).state, 'expired');
}

const openOutages = async (test: TestHouse) =>
  (await listOutages(test.ctx, { open: true }, PAGE)).map((one) => one.connection_id);

/** A store whose transactions see another insert. */
function withBrokenInserts(store: Store): Store {
  const broken = (inner: Store): Store => ({
    ...inner,
    insertConnection: () => Promise.reject(new Error('A fault in between.')),
  });
  return { ...store, transaction: (work) => store.transaction((inner) => work(broken(inner))) };
}

describe('The outage of a connection', () => {
  it('ends when it moves to another grant that works, and the one it left is retired', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      await lose(test, 'snapchat', connectionId);
      assert.deepEqual(await openOutages(test), [connectionId]);
      const person = await personOf(test, 'snapchat', SECOND_PERSON);
      const { grant } = await connectOne(test, { connectionId, allowOtherIdentity: true }, { person });
      assert.notEqual(grant.id, grantId);
      assert.deepEqual(await openOutages(test), []);
      assert.equal((await grantOf(test, grantId)).state, 'revoked');
      assert.ok((await actionsOf(test, grantId)).includes('grant.retired'));
    }));

  it('ends when it is disconnected, though others on the same grant are still down', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      const other = (await connectOne(test, { appId: app.id })).connection.id;
      await lose(test, 'snapchat', connectionId);
      assert.equal((await disconnect(test.ctx, connectionId)).at_platform, 'still_used');
      assert.deepEqual(await openOutages(test), [other]);
    }));

  it('can begin again on another grant whose claims are counted alike', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      await lose(test, 'snapchat', connectionId);
      const person = await personOf(test, 'snapchat', SECOND_PERSON);
      const { grant } = await connectOne(test, { connectionId, allowOtherIdentity: true }, { person });
      const { epoch } = await grantOf(test, grantId);
      for (;;) {
        const claim = { now: test.clock.now(), owner: 'test', leaseMs: MINUTE };
        const claimed = await test.house.store.claimGrant(test.ctx.workspaceId, grant.id, claim);
        const openOutage = {
          cause: 'unknown',
          startedAt: 1,
          startEvidence: 'noticed',
          noticedAt: 1,
        } as const;
        const last = claimed!.epoch >= epoch;
        await test.house.store.applyOutcomes([{ grant: claimed!, activity: [], openOutage }]);
        assert.deepEqual(await openOutages(test), [connectionId]);
        if (last) break;
        await test.house.store.closeConnectionOutage(test.ctx.workspaceId, connectionId, test.clock.now());
      }
    }));
});

describe('A grant', () => {
  it('is not kept where its connection could not be written', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'snapchat');
      const broken = variant(test, { store: withBrokenInserts(test.house.store) });
      await assert.rejects(connectOne(broken, { appId: app.id }), /A fault in between/);
      assert.deepEqual(await statesOf(test), []);
      assert.ok((await connectOne(test, { appId: app.id })).connection.id);
    }));

  it('that no connection rests on is retired by the sweep, and not renewed for ever', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      const [stray] = await copiesOf(test, grantId, 1);
      const view = await test.house.store.getConnection(test.ctx.workspaceId, stray!.connectionId);
      await test.house.store.updateConnection({ ...view!.connection, grantId });
      test.clock.advance(2 * HOUR);
      assert.equal(await retireAllUnused(test.house, test.clock.now()), 1);
      const { state, dueAt } = await grantOf(test, stray!.grantId);
      assert.deepEqual([state, dueAt], ['revoked', null]);
      assert.equal((await grantOf(test, grantId)).state, 'active');
    }));

  it('is not ended by a disconnect while another client comes to rest on it', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'google-ads');
      const client = await createClient(test.ctx, { name: 'Second' });
      const shared: Promise<unknown>[] = [];
      const wire = tapped(test.house.wire, async (request, pass) => {
        // The platform is being told: the last moment at which somebody could slip in.
        if (request.endpoint === 'revoke' && shared.length === 0)
          shared.push(shareGrant(test.ctx, { grantId, clientId: client.id, connectionName: 'Second' }));
        return pass();
      });
      const { ctx } = variant(test, { wire });
      const told = (await disconnect(ctx, connectionId)).at_platform;
      assert.deepEqual([told, shared.length], ['revoked', 1]);
      await Promise.allSettled(shared);
      const connections = await listConnections(test.ctx, {}, PAGE);
      const { state } = await grantOf(test, grantId);
      const living = connections.filter((one) => one.state !== 'revoked').length;
      assert.deepEqual([state, living], ['revoked', 0]);
    }));

  it('that another client came to rest on before the claim stays', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const client = await createClient(test.ctx, { name: 'Second' });
      let joined = false;
      const { store } = test.house;
      const racing: Store = {
        ...store,
        claimGrant: async (...claim) => {
          if (!joined) {
            joined = true;
            await shareGrant(test.ctx, { grantId, clientId: client.id, connectionName: 'Second' });
          }
          return store.claimGrant(...claim);
        },
      };
      const { ctx } = variant(test, { store: racing });
      assert.equal((await disconnect(ctx, connectionId)).at_platform, 'still_used');
      assert.equal((await grantOf(test, grantId)).state, 'active');
      test.clock.advance(MINUTE);
      assert.equal(
        (await renewConnection(test.ctx, connectionId).catch((error) => error)).code,
        'connection_disconnected',
      );
    }));

  it('that another client came to rest on is told so, though the claim could not be given back', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      test.clock.advance(MINUTE);
      const { id: clientId } = await createClient(test.ctx, { name: 'Second' });
      const releaseGrants = () => Promise.reject(new StoreUnavailableError('The database is away.'));
      const { ctx } = variant(test, { store: { ...test.house.store, releaseGrants } });
      const { connection } = await shareGrant(ctx, { grantId, clientId, connectionName: 'Second' });
      const listed = await listConnections(test.ctx, { clientId }, PAGE);
      assert.deepEqual(
        listed.map(({ id }) => id),
        [connection.id],
      );
    }));
});

describe('Two trips under one link', () => {
  it('make one connection: the second is told so, and leaves nothing behind', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'snapchat');
      const client = await createClient(test.ctx, { name: 'Client' });
      const session = await startConnect(test.ctx, { appId: app.id, clientId: client.id });
      const token = session.url.slice(session.url.lastIndexOf('/') + 1);
      const people = [await personOf(test, 'snapchat', 0), await personOf(test, 'snapchat', SECOND_PERSON)];
      const trips = await Promise.all(
        people.map(async (person) => {
          const begun = await beginAuthorization(test.house, token, null);
          const headers = { 'x-simulated-consent': 'allow', 'x-simulated-person': person };
          const answer = await fetch(begun.url, { redirect: 'manual', headers });
          return { begun, query: new URL(answer.headers.get('location')!).searchParams };
        }),
      );
      // Both are past every check before either is written.
      let arrived = 0;
      let open: () => void = () => undefined;
      const both = new Promise<void>((resolve) => {
        open = resolve;
      });
      const wire = tapped(test.house.wire, async (request, pass) => {
        const answer = await pass();
        if (request.endpoint === 'token') {
          arrived += 1;
          if (arrived === 2) open();
          await both;
        }
        return answer;
      });
      const { house } = variant(test, { wire });
      const ended = await Promise.allSettled(
        trips.map(({ begun, query }) =>
          completeConnect(house, {
            platformId: 'snapchat',
            query,
            browserSecret: begun.browserSecret,
            keptState: begun.state,
          }),
        ),
      );
      const lost = ended.filter((one) => one.status === 'rejected');
      assert.deepEqual(
        lost.map((one) => one.reason.code),
        ['link_expired'],
      );
      assert.equal((await listConnections(test.ctx, {}, PAGE)).length, 1);
      assert.equal((await statesOf(test)).length, 1);
      const record = await test.house.store.getConnectSession(test.ctx.workspaceId, session.id);
      assert.equal(record?.status, 'completed');
    }));
});
