import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { chooseProfile } from '../src/app/chooseProfile.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../src/app/manageApiKeys.ts';
import { createClient } from '../src/app/manageClients.ts';
import { getConnection, listConnections } from '../src/app/manageConnections.ts';
import { startConnect } from '../src/app/startConnect.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { freshPostgresUrl } from './support/database.ts';
import { connectOne, openTestHouse, sandboxApp, type TestHouse } from './support/house.ts';
import { actionsOf, connected, grantOf, SECOND, tapped, variant, withHouse } from './support/keeping.ts';
import { until } from './support/until.ts';

const PAGE = { limit: 10, after: null };

/** A house on PostgreSQL, and a way to ask whether somebody waits for a lock there. */
async function withWaits(
  work: (test: TestHouse, somebodyWaits: () => Promise<boolean>) => Promise<void>,
): Promise<void> {
  const databaseUrl = await freshPostgresUrl();
  const store = await openStore({ databaseUrl });
  const test = await openTestHouse(store);
  const watcher = new pg.Client({ connectionString: databaseUrl });
  await watcher.connect();
  const somebodyWaits = async () => {
    const { rows } = await watcher.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length > 0;
  };
  try {
    await work(test, somebodyWaits);
  } finally {
    await watcher.end();
    await test.close();
    await store.close();
  }
}

async function personOf(test: TestHouse, platform: string, index: number): Promise<string> {
  const known = await test.control('GET');
  return known.platforms.find((one: { id: string }) => one.id === platform).people[index].id;
}

/** Somebody at the platform’s consent page, about to come back. */
async function tripOf(test: TestHouse, token: string, platformId: string, person: string) {
  const begun = await beginAuthorization(test.house, token, null);
  const headers = { 'x-simulated-consent': 'allow', 'x-simulated-person': person };
  const answer = await fetch(begun.url, { redirect: 'manual', headers });
  const query = new URL(answer.headers.get('location')!).searchParams;
  const { browserSecret, state: keptState } = begun;
  return { platformId, query, browserSecret, keptState };
}

describe('A profile that is chosen while somebody signs in under the same link', () => {
  it('and the sign-in never wait for each other: one makes the connection, the other is told', () =>
    withWaits(async (test, somebodyWaits) => {
      const app = await sandboxApp(test, 'snapchat');
      const client = await createClient(test.ctx, { name: 'Client' });
      const made = await connectOne(test, { appId: app.id, clientId: client.id });
      const session = await startConnect(test.ctx, { appId: app.id, clientId: client.id });
      const token = session.url.slice(session.url.lastIndexOf('/') + 1);
      const trip = await tripOf(test, token, 'snapchat', await personOf(test, 'snapchat', 1));
      let signIn: Promise<unknown> | undefined;
      const { store } = test.house;
      const slow = (inner: Store): Store => ({
        ...inner,
        updateConnectSession: async (record) => {
          const stood = await inner.updateConnectSession(record);
          signIn = completeConnect(test.house, trip).catch((error) => error.code ?? error);
          await until('somebody waits for a lock', somebodyWaits);
          return stood;
        },
      });
      const choosing = variant(test, {
        store: { ...store, transaction: (work) => store.transaction((inner) => work(slow(inner))) },
      });
      const shared = await chooseProfile(choosing.house, token, made.grant.id);
      assert.equal(await signIn, 'link_expired');
      const record = await store.getConnectSession(test.ctx.workspaceId, session.id);
      assert.deepEqual([record?.status, record?.resultConnectionId], ['completed', shared.connection.id]);
      assert.equal((await listConnections(test.ctx, {}, PAGE)).length, 2);
    }));
});

describe('Two API keys that alone may manage keys', () => {
  it('are not both revoked when both are at once', () =>
    withWaits(async (test, somebodyWaits) => {
      const made = await createApiKey(test.ctx, { name: 'Another', scopes: ['admin'] });
      const { store } = test.house;
      const first = (await listApiKeys(test.ctx)).find(({ id }) => id !== made.id)!;
      let second: Promise<unknown> | undefined;
      const slow = (inner: Store): Store => ({
        ...inner,
        revokeApiKey: async (...asked) => {
          second = revokeApiKey(test.ctx, made.id).catch((error) => error.code ?? error);
          await until('somebody waits for a lock', somebodyWaits);
          return inner.revokeApiKey(...asked);
        },
      });
      const slowly: Store = {
        ...store,
        transaction: (work) => store.transaction((inner) => work(slow(inner))),
      };
      await revokeApiKey(variant(test, { store: slowly }).ctx, first.id);
      assert.equal(await second, 'conflict');
      const living = (await listApiKeys(test.ctx)).filter(({ revoked_at }) => revoked_at === null);
      assert.deepEqual(
        living.map(({ id }) => id),
        [made.id],
      );
    }));
});

describe('A connection that moves to another authorization during an outage', () => {
  it('and whoever ends that outage never wait for each other', () =>
    withWaits(async (test, somebodyWaits) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const { store } = test.house;
      const { workspaceId } = test.ctx;
      const noticedAt = test.clock.now();
      const claimed = async () => {
        const claim = { now: noticedAt, owner: 'keeper', leaseMs: 1_000 };
        const { previousOwner: _, ...grant } = (await store.claimGrant(workspaceId, grantId, claim))!;
        return grant;
      };
      const outage = { cause: 'revoked_by_user', startedAt: noticedAt, startEvidence: 'last_proof' } as const;
      const opened = { grant: await claimed(), activity: [], openOutage: { ...outage, noticedAt } };
      assert.deepEqual(await store.applyOutcomes([opened]), [true]);
      const row = {
        workspaceId,
        at: noticedAt,
        actor: 'keeper',
        action: 'grant.renewed',
        subjects: [grantId],
      };
      const ended = {
        grant: await claimed(),
        activity: [{ ...row, detail: {} }],
        closeOutageAt: noticedAt,
      };
      let keeper: Promise<unknown> | undefined;
      const slow = (inner: Store): Store => ({
        ...inner,
        appendActivity: async (rows) => {
          await inner.appendActivity(rows);
          if (!rows.some(({ action }) => action === 'grant.authorized')) return;
          keeper = store.applyOutcomes([ended]).catch((error) => error);
          await until('the keeper waits for a lock', somebodyWaits);
        },
      });
      const moving = variant(test, {
        store: { ...store, transaction: (work) => store.transaction((inner) => work(slow(inner))) },
      });
      const person = await personOf(test, 'snapchat', 1);
      const moved = await connectOne(moving, { connectionId, allowOtherIdentity: true }, { person });
      assert.deepEqual(await keeper, [true]);
      assert.notEqual(moved.grant.id, grantId);
      assert.deepEqual(await store.listOutages(workspaceId, { open: true }, PAGE), []);
    }));
});

describe('A disconnect', () => {
  it('is in the log as soon as it has happened, whatever comes of the rest', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const { store } = test.house;
      const dying = variant(test, {
        store: {
          ...store,
          appendActivity: () => Promise.reject(new Error('A fault in between.')),
          getApp: () => Promise.reject(new Error('A fault in between.')),
        },
      });
      await assert.rejects(disconnect(dying.ctx, connectionId, { confirm: true }));
      assert.equal((await getConnection(test.ctx, connectionId)).state, 'revoked');
      const told = async () =>
        (await actionsOf(test, connectionId)).filter((action) => action.endsWith('.disconnected'));
      assert.deepEqual(await told(), ['connection.disconnected']);
      await disconnect(test.ctx, connectionId);
      assert.deepEqual(
        await told(),
        ['grant.disconnected', 'connection.disconnected'],
        'the rest, and it alone',
      );
    }));

  it('does not happen where the log cannot be written', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const { store } = test.house;
      const silent = (inner: Store): Store => ({
        ...inner,
        appendActivity: () => Promise.reject(new Error('No room.')),
      });
      const full = variant(test, {
        store: { ...store, transaction: (work) => store.transaction((inner) => work(silent(inner))) },
      });
      await assert.rejects(disconnect(full.ctx, connectionId), /No room/);
      assert.equal((await getConnection(test.ctx, connectionId)).state, 'active');
    }));

  it('that is under way when somebody comes back from a sign-in ends what was signed for, and says so', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'google-ads');
      const session = await startConnect(test.ctx, { connectionId });
      const token = session.url.slice(session.url.lastIndexOf('/') + 1);
      const person = (await grantOf(test, grantId)).identity!.id;
      const trip = await tripOf(test, token, 'google-ads', person);
      let signIn: Promise<unknown> | undefined;
      let asked: () => void = () => undefined;
      const waiting = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const { store } = test.house;
      const patient = variant(test, {
        store: {
          ...store,
          claimGrant: async (...claim) => {
            const claimed = await store.claimGrant(...claim);
            asked();
            return claimed;
          },
        },
      });
      const wire = tapped(test.house.wire, async (request, pass) => {
        if (request.endpoint === 'revoke') {
          signIn ??= completeConnect(patient.house, trip).catch((error) => error);
          await waiting;
        }
        return pass();
      });
      const told = await disconnect(variant(test, { wire }).ctx, connectionId);
      const refused = (await signIn) as { code: string; message: string };
      assert.deepEqual([told.at_platform, refused.code], ['revoked', 'connect_failed']);
      assert.match(refused.message, /disconnected while you signed in/);
      const { state, credentialVersion } = await grantOf(test, grantId);
      assert.deepEqual([state, credentialVersion], ['revoked', 1]);
      await connectOne(test, { connectionId }, { person });
      assert.equal((await getConnection(test.ctx, connectionId)).state, 'active', 'the link opens again');
    }));

  it('asks a platform that is slow and busy only while its claim lasts', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const beforeItsEnd: number[] = [];
      const wire = tapped(test.house.wire, async (request, pass) => {
        if (request.endpoint !== 'revoke') return pass();
        const { leaseUntil } = await grantOf(test, grantId);
        beforeItsEnd.push(leaseUntil! - test.clock.now());
        test.clock.advance(60 * SECOND);
        return { kind: 'answer', endpoint: 'revoke', status: 503, headers: {}, body: '' };
      });
      const told = await disconnect(variant(test, { wire }).ctx, connectionId);
      assert.equal(told.at_platform, 'refused');
      assert.ok(beforeItsEnd.length > 1, 'it is asked again');
      assert.ok(Math.min(...beforeItsEnd) > wire.longestCallMs, `ms left: ${beforeItsEnd}`);
      assert.equal((await grantOf(test, grantId)).state, 'revoked');
    }));

  it('of a connection that moves to another authorization meanwhile is refused, and ends neither', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const person = await personOf(test, 'snapchat', 1);
      const { store } = test.house;
      let moved: string | null = null;
      const racing = variant(test, {
        store: {
          ...store,
          claimGrant: async (...claim) => {
            if (moved === null) {
              moved = '';
              const again = { connectionId, allowOtherIdentity: true };
              moved = (await connectOne(test, again, { person })).grant.id;
            }
            return store.claimGrant(...claim);
          },
        },
      });
      await assert.rejects(disconnect(racing.ctx, connectionId), { code: 'conflict' });
      assert.notEqual(moved, grantId);
      const now = await getConnection(test.ctx, connectionId);
      assert.deepEqual([now.has_working_token, now.grant_id], [true, moved]);
      assert.equal((await grantOf(test, grantId)).leaseOwner, null, 'the claim is given back');
    }));
});
