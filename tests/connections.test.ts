import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { followConnect } from '../src/app/appHealth.ts';
import { Breakers } from '../src/app/breakers.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { getToken } from '../src/app/getToken.ts';
import { createClient } from '../src/app/manageClients.ts';
import { getConnection, listConnections, refreshConnection } from '../src/app/manageConnections.ts';
import { listOutages } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { diagnose } from '../src/core/diagnosis.ts';
import { VERSION } from '../src/main.ts';
import type { AppBreaker } from '../src/store/records.ts';
import { diagnosisOf } from './support/facts.ts';
import { connectOne } from './support/house.ts';
import { connected, DAY, grantOf, tapped, variant, withHouse } from './support/keeping.ts';

describe('A connection', () => {
  it('that is disconnected while its accounts are being read stays disconnected', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      await connectOne(test, { appId: app.id });
      const wire = tapped(test.house.wire, async (request, pass) => {
        if (request.url.includes('/me/organizations'))
          await disconnect(test.ctx, connectionId).catch(() => undefined);
        return pass();
      });
      const { ctx } = variant(test, { wire });
      await assert.rejects(refreshConnection(ctx, connectionId), { code: 'conflict' });
      assert.equal((await getConnection(test.ctx, connectionId)).state, 'revoked');
      await assert.rejects(getToken(test.ctx, { connectionId, minTtlSeconds: 0 }), {
        code: 'connection_disconnected',
      });
    }));

  it('is listed under the state that it shows', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      const second = await connectOne(test, { appId: app.id });
      await disconnect(test.ctx, connectionId);
      const ids = async (state: 'active' | 'revoked') =>
        (await listConnections(test.ctx, { state }, { limit: 10, after: null })).map((one) => one.id);
      assert.deepEqual(await ids('active'), [second.connection.id]);
      assert.deepEqual(await ids('revoked'), [connectionId]);
    }));

  it('keeps its authorization while another uses it, however many have left', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'snapchat');
      const oldest = (await connectOne(test, { appId: app.id })).connection.id;
      const { connection } = (await test.house.store.getConnection(test.ctx.workspaceId, oldest))!;
      for (let index = 0; index < 101; index += 1) {
        const left = {
          ...connection,
          id: `con_left_${index}`,
          status: 'disconnected',
          disconnectedAt: 1,
        } as const;
        await test.house.store.insertConnection({ ...left, createdAt: test.clock.now() + 1 });
      }
      assert.equal((await disconnect(test.ctx, connectionId)).at_platform, 'still_used');
      assert.equal((await grantOf(test, grantId)).state, 'active');
    }));

  it('of somebody who allows less for another client takes nothing from the first', () =>
    withHouse(async (test) => {
      const { app, connectionId, grantId } = await connected(test, 'google-ads');
      const client = await createClient(test.ctx, { name: 'Second' });
      const less = await connectOne(
        test,
        { appId: app.id, clientId: client.id },
        { scopes: ['openid', 'email'] },
      );
      assert.notEqual(less.grant.id, grantId);
      assert.equal((await getConnection(test.ctx, connectionId)).state, 'active');
    }));

  it('that needs a person keeps its cause when it is looked at during an outage', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
      await assert.rejects(renewConnection(test.ctx, connectionId), { code: 'reauthorization_required' });
      await test.control('POST', 'snapchat/fault', { kind: 'outage', times: 5 });
      test.clock.advance(DAY);
      await renewConnection(test.ctx, connectionId).catch(() => undefined);
      const grant = await grantOf(test, grantId);
      assert.deepEqual([grant.state, grant.cause, grant.dueAt], ['expired', 'revoked_by_user', null]);
    }));

  it('that is mended before its token ended has missed nothing', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'pinterest');
      await test.control('POST', 'pinterest/break', { how: 'revoked_by_user' });
      for (let round = 0; round < 3; round += 1) {
        await renewConnection(test.ctx, connectionId).catch(() => undefined);
        test.clock.advance(DAY);
      }
      await connectOne(test, { connectionId });
      for (const outage of await listOutages(test.ctx, {}, { limit: 5, after: null }))
        assert.ok(outage.ended_at && outage.ended_at >= outage.started_at, JSON.stringify(outage));
    }));

  it('of the sandbox says where its simulated platform is, never where the real one is', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const { base_url } = await getToken(test.ctx, { connectionId, minTtlSeconds: 0 });
      assert.ok(base_url.startsWith(`${test.sandboxUrl}/`), base_url);
    }));
});

describe('What is sent and not answered', () => {
  it('leaves an unknown outcome only where something could have been spent', () => {
    const silence = (endpoint: 'token' | 'probe') =>
      diagnose([], { kind: 'no_answer', endpoint, reason: 'timeout', sent: true }, undefined, 0).meaning;
    assert.equal(silence('token'), 'unknown_outcome');
    assert.equal(silence('probe'), 'transient');
  });
});

describe('An app’s breaker', () => {
  it('is not opened by what concerns single grants', () =>
    withHouse(async (test) => {
      const { app } = await connected(test, 'snapchat');
      const record = (await test.house.store.getApp(test.ctx.workspaceId, app.id))!;
      const gone = diagnose(
        [{ name: 'gone', look: () => ({ cause: 'revoked_by_user' }) }],
        { kind: 'answer', endpoint: 'token', status: 400, headers: {}, body: '' },
        undefined,
        0,
      );
      const breakers = new Breakers();
      for (let round = 0; round < 50; round += 1)
        assert.equal(breakers.failed(record, `grt_${round}`, gone, 0), undefined);
    }));

  it('is off the record once a sign-in has worked, however long the write of a refusal before it took', () =>
    withHouse(async (test) => {
      const { app } = await connected(test, 'snapchat');
      const record = (await test.house.store.getApp(test.ctx.workspaceId, app.id))!;
      const slow = Promise.withResolvers<void>();
      const written: (AppBreaker | null)[] = [];
      let writes = 0;
      const setBreaker = async (_workspaceId: string, _id: string, breaker: AppBreaker | null) => {
        writes += 1;
        if (writes === 1) await slow.promise;
        written.push(breaker);
      };
      const { house } = variant(test, { store: { ...test.house.store, setBreaker } });
      const refused = followConnect(house, record, diagnosisOf({ cause: 'app_misconfigured' }));
      const worked = followConnect(house, record, null);
      await setImmediate();
      slow.resolve();
      await Promise.all([refused, worked]);
      assert.deepEqual(
        written.map((breaker) => breaker?.cause ?? null),
        ['app_misconfigured', null],
      );
    }));
});

it('the version is the package’s', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.equal(VERSION, version);
});
