import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import type { Context } from '../src/app/context.ts';
import { createConnection } from '../src/app/createConnection.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { Problem } from '../src/app/errors.ts';
import { getToken } from '../src/app/getToken.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../src/app/manageApiKeys.ts';
import { deleteApp, getApp, listApps, updateApp } from '../src/app/manageApps.ts';
import {
  createClient,
  deleteClient,
  getClient,
  listClients,
  updateClient,
} from '../src/app/manageClients.ts';
import {
  getConnection,
  getGrant,
  listConnections,
  listGrants,
  listReachableAccounts,
  refreshConnection,
  updateConnection,
} from '../src/app/manageConnections.ts';
import { overview } from '../src/app/overview.ts';
import { listActivity, listDeadlines, listOutages } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { diagnoseAnswer, reportFailure } from '../src/app/reportFailure.ts';
import { startConnect } from '../src/app/startConnect.ts';
import { FAULTS } from '../src/simulator/faults.ts';
import { sandboxApp, signIn, type TestHouse } from './support/house.ts';
import {
  actionsOf,
  connected,
  DAY,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  secretsOf,
  withHouse,
} from './support/keeping.ts';

const KINDS = Object.keys(FAULTS);
/** What the platform does although nobody hears of it; a code or a single-use token is spent by it. */
const ACTED = new Set(['half_json', 'lose_answer']);

/** An OAuth platform of the ordinary kind, one with single-use refresh tokens, two that answer everything with 200, one that exchanges tokens. */
const UNLUCKY = [
  { platform: 'snapchat', method: 'user_login', life: HOUR, renewable: true, rotates: false },
  { platform: 'pinterest', method: 'user_login', life: 30 * DAY, renewable: true, rotates: true },
  { platform: 'tiktok', method: 'account_token', life: DAY, renewable: true, rotates: true },
  { platform: 'tiktok', method: 'advertiser_token', life: DAY, renewable: false, rotates: false },
  { platform: 'meta', method: 'user_login', life: DAY, renewable: true, rotates: false },
] as const;

const token = async (test: TestHouse, connectionId: string) =>
  (await getToken(test.ctx, { connectionId, minTtlSeconds: 0 })).access_token;
const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => assert.fail('It went well.'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Problem, String(error));
  return error;
};

/** The person at the consent page, and what the platform sends back with them. */
async function consented(test: TestHouse, link: string, answer: 'allow' | 'deny' = 'allow') {
  const begun = await beginAuthorization(test.house, link.slice(link.lastIndexOf('/') + 1), null);
  const page = await fetch(begun.url, { redirect: 'manual', headers: { 'x-simulated-consent': answer } });
  const query = new URL(page.headers.get('location')!).searchParams;
  return { query, browserSecret: begun.browserSecret, keptState: begun.state };
}

for (const { platform, method, life, renewable, rotates } of UNLUCKY) {
  describe(`Bad luck with ${platform}, ${method}`, () => {
    it('when a code is exchanged: the cause is on record, nothing is lost, and the same link works afterwards', () =>
      withHouse(
        async (test) => {
          const { connectionId, grantId } = await connected(test, platform, method);
          const before = await grantOf(test, grantId);
          for (const kind of KINDS) {
            const session = await startConnect(test.ctx, { connectionId });
            const back = await consented(test, session.url);
            await test.control('POST', `${platform}/fault`, { kind, times: 1 });
            const problem = await problemOf(completeConnect(test.house, { platformId: platform, ...back }));
            assert.ok(
              problem.code === 'connect_failed' && problem.extensions.cause,
              `${kind}: ${problem.message}`,
            );
            assert.deepEqual(
              await grantOf(test, grantId),
              before,
              `${kind}: the old credential is as it was`,
            );
            const recorded = await test.house.store.getConnectSession(test.ctx.workspaceId, session.id);
            assert.deepEqual([recorded?.status, recorded?.cause], ['open', problem.extensions.cause]);
            await test.control('DELETE', `${platform}/fault`);
            const reused = await problemOf(completeConnect(test.house, { platformId: platform, ...back }));
            assert.equal(reused.code, 'state_invalid', `${kind}: the code is never sent twice`);
          }
          const session = await startConnect(test.ctx, { connectionId });
          await test.control('POST', `${platform}/fault`, { kind: 'outage', times: 1 });
          const failed = await consented(test, session.url).catch(() => null);
          if (failed) await problemOf(completeConnect(test.house, { platformId: platform, ...failed }));
          await signIn(test, session.url.slice(session.url.lastIndexOf('/') + 1), platform);
          assert.equal((await getConnection(test.ctx, connectionId)).state, 'active');
        },
        { timeoutMs: 300 },
      ));

    if (renewable) {
      it('when it is renewed: the cause is on record, the token is handed out, nobody else is disturbed, and it heals', () =>
        withHouse(
          async (test) => {
            const bystander = await connected(test, 'linkedin');
            for (const kind of KINDS.filter((one) => !(rotates && ACTED.has(one)))) {
              const { connectionId, grantId } = await connected(test, platform, method);
              const before = await secretsOf(test, grantId);
              await test.control('POST', `${platform}/fault`, { kind, times: 1 });
              const { outcome, diagnosis, connection } = await renewConnection(test.ctx, connectionId);
              assert.deepEqual([outcome, connection.state], ['failed', 'failing'], kind);
              assert.ok(
                diagnosis?.cause && connection.cause === diagnosis.cause && connection.evidence?.check,
                kind,
              );
              assert.deepEqual(await secretsOf(test, grantId), before, kind);
              assert.equal(await token(test, connectionId), before.access_token, kind);
              await test.control('DELETE', `${platform}/fault`);
              await liveUntil(test, test.clock.now() + life * 0.9, MINUTE);
              const after = await getConnection(test.ctx, connectionId);
              assert.deepEqual([after.state, after.cause], ['active', null], kind);
              assert.ok(
                (await grantOf(test, grantId)).credentialVersion >= 2,
                `${kind}: it was renewed since`,
              );
              await disconnect(test.ctx, connectionId);
            }
            assert.deepEqual(
              (await actionsOf(test, bystander.grantId)).filter(
                (action) => !/renewed|authorized/.test(action),
              ),
              ['connection.created'],
            );
          },
          { timeoutMs: 300 },
        ));
    }

    it('when it is probed: nothing follows from it', () =>
      withHouse(
        async (test) => {
          const { connectionId, grantId } = await connected(test, platform, method);
          const before = await grantOf(test, grantId);
          for (const kind of KINDS) {
            await test.control('POST', `${platform}/fault`, { kind, times: 1 });
            await renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id: grantId }, 'probe', 'test');
            const { state, secrets, pending } = await grantOf(test, grantId);
            assert.ok(['active', 'failing'].includes(state) && pending === null, `${kind}: ${state}`);
            assert.deepEqual(secrets, before.secrets);
            assert.ok(await token(test, connectionId), kind);
            await test.control('DELETE', `${platform}/fault`);
          }
          await renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id: grantId }, 'probe', 'test');
          assert.equal((await grantOf(test, grantId)).state, 'active', 'and it heals');
        },
        { timeoutMs: 300 },
      ));
  });
}

describe('A sign-in that goes wrong', () => {
  it('a person who says no is on record with the cause; the connection stays, and the link can be tried again', () =>
    withHouse(async (test) => {
      for (const platform of [
        'snapchat',
        'tiktok',
        'meta',
        'linkedin',
        'google-ads',
        'pinterest',
        'amazon-ads',
      ]) {
        const { connectionId, grantId } = await connected(test, platform);
        const before = await grantOf(test, grantId);
        const session = await startConnect(test.ctx, { connectionId });
        const denied = await problemOf(
          completeConnect(test.house, {
            platformId: platform,
            ...(await consented(test, session.url, 'deny')),
          }),
        );
        assert.deepEqual(
          [denied.code, denied.extensions.cause],
          ['consent_denied', 'permission_missing'],
          platform,
        );
        assert.deepEqual(await grantOf(test, grantId), before);
        const filter = { subject: connectionId, action: 'connect.failed' };
        const page = { limit: 5, beforeSeq: null };
        const [row] = await test.house.store.listActivity(test.ctx.workspaceId, filter, page);
        const decision = { code: 'consent_denied', decided_by: 'authorizing_user' };
        assert.deepEqual(row?.detail, { ...decision, cause: 'permission_missing' }, 'their own decision');
        await completeConnect(test.house, { platformId: platform, ...(await consented(test, session.url)) });
        assert.equal((await getConnection(test.ctx, connectionId)).state, 'active');
      }
    }));

  it('a state that was used, is over, belongs to another browser or platform, or was never given, is refused and recorded', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'snapchat');
      const client = await createClient(test.ctx, { name: 'Client' });
      const begin = async () => {
        const session = await startConnect(test.ctx, { appId: app.id, clientId: client.id });
        return { session, back: await consented(test, session.url) };
      };
      const refusals: [string, (back: Awaited<ReturnType<typeof consented>>) => Promise<unknown>][] = [
        [
          'used',
          async (back) =>
            completeConnect(test.house, { platformId: 'snapchat', ...back }).then(() =>
              completeConnect(test.house, { platformId: 'snapchat', ...back }),
            ),
        ],
        [
          'of another browser',
          (back) =>
            completeConnect(test.house, { platformId: 'snapchat', ...back, browserSecret: 'another' }),
        ],
        ['of another platform', (back) => completeConnect(test.house, { platformId: 'tiktok', ...back })],
        [
          'over',
          (back) => {
            test.clock.advance(31 * MINUTE);
            return completeConnect(test.house, { platformId: 'snapchat', ...back });
          },
        ],
      ];
      for (const [name, refuse] of refusals) {
        const { session, back } = await begin();
        assert.equal((await problemOf(refuse(back))).code, 'state_invalid', name);
        assert.ok((await actionsOf(test, session.id)).includes('connect.state_refused'), name);
      }
      const unknown = {
        platformId: 'snapchat',
        query: new URLSearchParams({ state: 'never', code: 'x' }),
        browserSecret: null,
        keptState: null,
      };
      assert.equal((await problemOf(completeConnect(test.house, unknown))).code, 'state_invalid');
    }));

  it('a link that is over, was used, or never was, opens nothing', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'snapchat');
      const client = await createClient(test.ctx, { name: 'Client' });
      const used = await startConnect(test.ctx, { appId: app.id, clientId: client.id });
      await completeConnect(test.house, { platformId: 'snapchat', ...(await consented(test, used.url)) });
      const late = await startConnect(test.ctx, { appId: app.id, clientId: client.id });
      test.clock.advance(61 * MINUTE);
      for (const link of [used.url, late.url, `${test.house.publicUrl}/connect/never`]) {
        assert.equal((await problemOf(consented(test, link))).code, 'link_expired');
      }
    }));

  it('a platform that nobody knows is named, with those that are known', () =>
    withHouse(async (test) => {
      const client = await createClient(test.ctx, { name: 'Client' });
      for (const work of [
        startConnect(test.ctx, { clientId: client.id, platform: 'myspace' }),
        diagnoseAnswer(test.ctx, 'myspace', { endpoint: 'api', status: 400, headers: {}, body: '' }),
      ]) {
        const problem = await problemOf(work);
        assert.equal(problem.code, 'unknown_platform');
        assert.match(problem.message, /myspace.*snapchat/);
      }
    }));
});

describe('Another workspace', () => {
  it('sees and changes nothing of the first, by any verb', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId, made } = await connected(test, 'snapchat');
      const { clientId } = made.connection;
      const key = await createApiKey(test.ctx, { name: 'first', scopes: ['read'] });
      await test.house.store.insertWorkspace({
        id: 'wsp_other',
        name: 'Other agency',
        createdAt: test.clock.now(),
      });
      const other: Context = { ...test.ctx, workspaceId: 'wsp_other' };
      const own = await createClient(other, { name: 'Own client' });
      const before = {
        grant: await grantOf(test, grantId),
        connection: await getConnection(test.ctx, connectionId),
        actions: await actionsOf(test),
      };
      const answer = { endpoint: 'api', status: 401, headers: {}, body: '' } as const;
      const verbs: Record<string, () => Promise<unknown>> = {
        getConnection: () => getConnection(other, connectionId),
        getToken: () => getToken(other, { connectionId, minTtlSeconds: 0 }),
        renewConnection: () => renewConnection(other, connectionId),
        renewGrant: () => renewGrant(test.house, { workspaceId: 'wsp_other', id: grantId }, 'renew', 'test'),
        reportFailure: () => reportFailure(other, connectionId, answer),
        disconnect: () => disconnect(other, connectionId),
        updateConnection: () => updateConnection(other, connectionId, { name: 'Mine' }),
        refreshConnection: () => refreshConnection(other, connectionId),
        listReachableAccounts: () => listReachableAccounts(other, connectionId),
        reconnect: () => startConnect(other, { connectionId }),
        connectItsClient: () => startConnect(other, { clientId, platform: 'snapchat' }),
        connectWithItsApp: () => startConnect(other, { clientId: own.id, appId: app.id }),
        shareItsGrant: () => createConnection(other, { clientId: own.id, grantId }),
        getGrant: () => getGrant(other, grantId),
        getApp: () => getApp(other, app.id),
        updateApp: () => updateApp(other, app.id, { clientSecret: 'stolen' }),
        deleteApp: () => deleteApp(other, app.id),
        getClient: () => getClient(other, clientId),
        updateClient: () => updateClient(other, clientId, { name: 'Mine' }),
        deleteClient: () => deleteClient(other, clientId),
        revokeApiKey: () => revokeApiKey(other, key.id),
      };
      for (const [name, verb] of Object.entries(verbs))
        assert.equal((await problemOf(verb())).code, 'not_found', name);
      const page = { limit: 100, after: null };
      const lists = [
        await listConnections(other, {}, page),
        await listConnections(other, { clientId }, page),
        await listGrants(other, { appId: app.id }, page),
        await listApps(other, page),
        await listApiKeys(other),
        await listOutages(other, {}, page),
        await listDeadlines(other, 4_000),
        await listActivity(other, { subject: connectionId }, { limit: 100, beforeSeq: null }),
        (await overview(other)).clients,
      ];
      assert.deepEqual(lists.flat(), []);
      assert.deepEqual(
        (await listClients(other, page)).map(({ id }) => id),
        [own.id],
      );
      const after = {
        grant: await grantOf(test, grantId),
        connection: await getConnection(test.ctx, connectionId),
        actions: await actionsOf(test),
      };
      assert.deepEqual(
        { ...after, connection: { ...after.connection, reconnect_url: null } },
        { ...before, connection: { ...before.connection, reconnect_url: null } },
      );
    }));
});
