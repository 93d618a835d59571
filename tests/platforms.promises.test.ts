import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { getToken } from '../src/app/getToken.ts';
import { getApp } from '../src/app/manageApps.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { listActivity, listDeadlines } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { reportFailure } from '../src/app/reportFailure.ts';
import { startConnect } from '../src/app/startConnect.ts';
import { StoreUnavailableError } from '../src/store/store.ts';
import { connectOne, sandboxApp } from './support/house.ts';
import {
  connected,
  copiesOf,
  DAY,
  grantOf,
  HOUR,
  secretsOf,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

describe('Promises about single platforms, kept from end to end', () => {
  it('Google: authorizations are counted against the cap of 100, and the one that it silently ended is told as such', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'google-ads', 'user_login');
      const oldest = await grantOf(test, grantId);
      test.clock.advance(HOUR);
      for (let count = 0; count < 100; count += 1) {
        const facts = { ...oldest.facts, consentedAt: test.clock.now() };
        await test.house.store.insertGrant({ ...oldest, id: `grt_newer_${count}`, facts, dueAt: null });
      }
      const { census } = await getApp(test.ctx, app.id);
      assert.deepEqual(
        census.map(({ authorizations, cap }) => [authorizations, cap]),
        [[101, 100]],
      );
      await test.control('POST', 'google-ads/break', { how: 'token_limit' });
      for (let round = 0; round < 3; round += 1) {
        test.clock.advance(HOUR);
        await renewConnection(test.ctx, connectionId).catch(() => undefined);
      }
      const lost = await getConnection(test.ctx, connectionId);
      assert.deepEqual([lost.state, lost.cause], ['expired', 'token_limit_exceeded']);
    }));

  it('Google: a refusal stays a refusal where the newer authorizations cannot be counted', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'google-ads', 'user_login');
      await test.control('POST', 'google-ads/break', { how: 'revoked_by_user' });
      test.clock.advance(HOUR);
      const countGrantsOfIdentity = () => Promise.reject(new StoreUnavailableError('The database is away.'));
      const uncounted = variant(test, { store: { ...test.house.store, countGrantsOfIdentity } });
      const { diagnosis } = await renewConnection(uncounted.ctx, connectionId);
      assert.equal(diagnosis?.meaning, 'person_needed');
      assert.equal((await grantOf(test, grantId)).facts.unknownOutcomeAt, null);
    }));

  it('Google: a service account whose key is disabled is no fault of the app, and works again once it is enabled', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'google-dv360', 'service_account');
      const { connection: person } = await connectOne(test, { appId: app.id, method: 'user_login' });
      await test.control('POST', 'google-dv360/break', { how: 'key_disabled' });
      for (let hour = 0; hour < 6; hour += 1) {
        test.clock.advance(HOUR);
        await test.keep();
      }
      const stopped = await getConnection(test.ctx, connectionId);
      assert.deepEqual([stopped.state, stopped.cause, stopped.who], ['failing', 'app_disabled', 'operator']);
      assert.match(stopped.remedy ?? '', /enables it in the Google Cloud console/);
      for (const minTtlSeconds of [0, 300])
        await assert.rejects(getToken(test.ctx, { connectionId, minTtlSeconds }), ({ code, message }) => {
          assert.equal(code, 'temporarily_unavailable');
          assert.match(message, /enables it in the Google Cloud console/);
          assert.doesNotMatch(message, /refuses the app/);
          return true;
        });
      const refusals = { subject: app.id, action: 'app.failing' };
      assert.deepEqual(await listActivity(test.ctx, refusals, { limit: 9, beforeSeq: null }), []);
      assert.equal((await getConnection(test.ctx, person.id)).state, 'active');
      await test.control('POST', 'google-dv360/mend', { how: 'key_disabled' });
      test.clock.advance(2 * HOUR);
      await test.keep();
      assert.equal((await getConnection(test.ctx, connectionId)).state, 'active');
    }));

  it('Google: a key file that Google does not accept when it is entered is no fault of the app', () =>
    withHouse(async (base) => {
      const body = '{"error":"invalid_client"}';
      const wire = tapped(base.house.wire, ({ endpoint }, pass) =>
        endpoint === 'token' ? { kind: 'answer', endpoint, status: 401, headers: {}, body } : pass(),
      );
      const test = variant(base, { wire });
      const { id: appId } = await sandboxApp(test, 'google-dv360');
      await assert.rejects(connectOne(test, { appId, method: 'service_account' }), ({ code, extensions }) => {
        assert.deepEqual([code, Object.keys(extensions.errors)], ['invalid_fields', ['key_file']]);
        return true;
      });
      assert.equal((await getApp(test.ctx, appId)).failing, null);
    }));

  it('Pinterest: both new tokens are stored before anybody gets the new access token', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'pinterest');
      const before = await secretsOf(test, grantId);
      const happened: string[] = [];
      const store = {
        ...test.house.store,
        applyOutcomes: async (...given: Parameters<typeof test.house.store.applyOutcomes>) => {
          const result = await test.house.store.applyOutcomes(...given);
          happened.push('stored');
          return result;
        },
      };
      test.clock.advance(29 * DAY);
      const observed = variant(test, { store });
      const { access_token } = await getToken(observed.ctx, { connectionId, minTtlSeconds: 10 * 86_400 });
      happened.push('handed out');
      assert.deepEqual(happened, ['stored', 'handed out']);
      const after = await secretsOf(test, grantId);
      assert.equal(after.access_token, access_token);
      assert.notEqual(after.access_token, before.access_token);
      assert.notEqual(after.refresh_token, before.refresh_token);
    }));

  it('Meta: the end of data access is a deadline of its own, beside the end of the token', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'meta', 'user_login');
      const found = await listDeadlines(test.ctx, 3650);
      const mine = found.filter((one) => one.connection_ids.includes(connectionId));
      assert.ok(
        mine.some(({ kind }) => kind === 'data_access'),
        JSON.stringify(mine),
      );
    }));

  it('Meta: every deadline is listed, with every connection that rests on its grant, however many there are', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'meta', 'user_login');
      const copies = await copiesOf(test, grantId, 205);
      const { store } = test.house;
      const view = (await store.getConnection(test.ctx.workspaceId, connectionId))!;
      for (let index = 0; index < 205; index += 1)
        await store.insertConnection({ ...view.connection, id: `con_beside_${index}` });
      const found = await listDeadlines(test.ctx, 100);
      assert.equal(new Set(found.map((one) => one.grant_id)).size, copies.length + 1);
      assert.deepEqual(
        found.map(({ at }) => at),
        found.map(({ at }) => at).sort(),
      );
      const mine = found.find((one) => one.grant_id === grantId);
      assert.equal(mine!.connection_ids.length, 206);
    }));

  it('Meta: a person who reconnects shortly before data access ends is asked to renew it', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'meta', 'user_login');
      const asked = async () => {
        const { url } = await startConnect(test.ctx, { connectionId });
        const begun = await beginAuthorization(test.house, url.slice(url.lastIndexOf('/') + 1), null);
        return new URL(begun.url).searchParams.get('auth_type');
      };
      assert.equal(await asked(), 'rerequest', 'declined permissions are offered again');
      test.clock.advance(61 * DAY);
      assert.equal(await asked(), 'reauthorize');
    }));

  it('Meta: what a system user’s token lacks is brought by a new token, not by a sign-in', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'meta', 'system_user');
      await test.control('POST', 'meta/break', { how: 'permission_withdrawn' });
      test.clock.advance(2 * DAY);
      await test.keep();
      const { state, cause, who, remedy } = await getConnection(test.ctx, connectionId);
      assert.deepEqual([state, cause, who], ['degraded', 'permission_missing', 'account_admin']);
      assert.match(remedy ?? '', /new token with these permissions/);
    }));

  it('TikTok: an advertiser token without an end is probed though it is never renewed', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'tiktok', 'advertiser_token');
      await test.control('DELETE', 'tiktok/calls');
      test.clock.advance(3 * DAY);
      await test.keep();
      const calls = await test.control('GET', 'tiktok/calls');
      assert.ok(calls.by_path['/open_api/v1.3/user/info/'] >= 1, JSON.stringify(calls));
      const grant = await grantOf(test, grantId);
      assert.deepEqual([grant.state, grant.facts.lastProofAt], ['active', test.clock.now()]);
    }));

  it('The Trade Desk: a 403 in a call that somebody reports causes no login', () =>
    withHouse(async (test) => {
      const app = await sandboxApp(test, 'trade-desk');
      const { connection } = await connectOne(test, { appId: app.id, method: 'login_exchange' });
      await test.control('POST', 'trade-desk/break', { how: 'api_access_withdrawn' });
      await test.control('DELETE', 'trade-desk/calls');
      const body = JSON.stringify({ Message: 'The user is not authorized to access Partner ‘1739’.' });
      const answer = { endpoint: 'api', status: 403, headers: {}, body } as const;
      await reportFailure(test.ctx, connection.id, answer);
      await test.keep();
      const calls = await test.control('GET', 'trade-desk/calls');
      assert.equal(calls.by_path['/v3/authentication'] ?? 0, 0, JSON.stringify(calls));
    }));
});
