import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bootstrap } from '../src/app/bootstrap.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../src/app/manageApiKeys.ts';
import { createApp, deleteApp, getApp, updateApp } from '../src/app/manageApps.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { sandboxApp } from './support/house.ts';
import { actionsOf, connected, HOUR, variant, withHouse } from './support/keeping.ts';

describe('An app', () => {
  it('keeps the secret that was set while somebody renamed it', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      const { workspaceId } = test.ctx;
      const right = await test.house.store.getApp(workspaceId, app.id);
      await updateApp(test.ctx, app.id, { clientSecret: 'a wrong one' });
      const store: Store = {
        ...test.house.store,
        transaction: async (work) => {
          const now = await test.house.store.getApp(workspaceId, app.id);
          if (now!.secretVersion === 2)
            await updateApp(test.ctx, app.id, { clientSecret: await secretIn(right!) });
          return test.house.store.transaction(work);
        },
      };
      const secretIn = async ({ clientSecret }: { clientSecret: string | null }) => {
        const vault = await test.house.vault.forWorkspace(workspaceId);
        return vault.open({ owner: app.id, field: 'client_secret', version: 1 }, clientSecret!);
      };
      const renamed = await updateApp(variant(test, { store }).ctx, app.id, { name: 'Renamed' });
      assert.equal(renamed.name, 'Renamed');
      assert.equal((await test.house.store.getApp(workspaceId, app.id))?.secretVersion, 3);
      test.clock.advance(HOUR);
      assert.equal((await renewConnection(test.ctx, connectionId)).outcome, 'renewed');
    }));

  it('and an API key are made, changed and taken away with a row in the log, or not at all', () =>
    withHouse(async (test) => {
      const { app } = await connected(test, 'snapchat');
      const spare = await sandboxApp(test, 'snapchat');
      const key = await createApiKey(test.ctx, { name: 'Key', scopes: ['read'] });
      const { store } = test.house;
      const mute = (inner: Store): Store => ({
        ...inner,
        appendActivity: () => Promise.reject(new StoreUnavailableError('The log cannot be written.')),
        transaction: (work) => inner.transaction((within) => work(mute(within))),
      });
      const { ctx } = variant(test, { store: mute(store) });
      const stand = async () => [
        await store.listApps(ctx.workspaceId, { limit: 10, after: null }),
        await store.listApiKeys(ctx.workspaceId),
      ];
      const before = await stand();
      for (const change of [
        () =>
          createApp(ctx, {
            platform: 'meta',
            environment: 'sandbox',
            clientId: 'id',
            clientSecret: 'secret',
          }),
        () => updateApp(ctx, app.id, { clientSecret: 'another' }),
        () => deleteApp(ctx, spare.id),
        () => createApiKey(ctx, { name: 'Another', scopes: ['read'] }),
        () => revokeApiKey(ctx, key.id),
      ])
        await assert.rejects(change(), StoreUnavailableError);
      assert.deepEqual(await stand(), before);
    }));

  it('counts authorizations that live against the cap, and none that were disconnected', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'google-ads', 'user_login');
      assert.equal((await getApp(test.ctx, app.id)).census.length, 1);
      await disconnect(test.ctx, connectionId);
      assert.deepEqual((await getApp(test.ctx, app.id)).census, []);
    }));

  it('that once had a grant is not deleted, and nobody is sent to disconnect what is disconnected', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'snapchat');
      await disconnect(test.ctx, connectionId);
      await assert.rejects(deleteApp(test.ctx, app.id), { code: 'conflict', message: /history/ });
    }));
});

describe('An API key', () => {
  it('that is the last to manage keys is not revoked, and another may take its place', () =>
    withHouse(async ({ ctx }) => {
      const living = async () => (await listApiKeys(ctx)).filter((key) => key.revoked_at === null);
      const [last] = await living();
      await createApiKey(ctx, { name: 'Writer', scopes: ['write', 'read', 'token'] });
      const refusal = { code: 'conflict', message: /last API key.*POST \/v1\/api-keys.*“admin”/ };
      await assert.rejects(revokeApiKey(ctx, last!.id), refusal);
      const next = await createApiKey(ctx, { name: 'Next', scopes: ['admin'] });
      await revokeApiKey(ctx, last!.id);
      await assert.rejects(revokeApiKey(ctx, next.id), refusal);
      assert.deepEqual((await living()).map(({ name }) => name).sort(), ['Next', 'Writer']);
    }));

  it('that was revoked stays so when it is revoked again, and the log tells of it once', () =>
    withHouse(async (test) => {
      const { id } = await createApiKey(test.ctx, { name: 'Reader', scopes: ['read'] });
      const revokedAt = async () => (await listApiKeys(test.ctx)).find((key) => key.id === id)?.revoked_at;
      await revokeApiKey(test.ctx, id);
      const first = await revokedAt();
      test.clock.advance(HOUR);
      await revokeApiKey(test.ctx, id);
      assert.ok(first);
      assert.equal(await revokedAt(), first);
      assert.deepEqual(
        (await actionsOf(test, id)).filter((action) => action === 'api_key.revoked'),
        ['api_key.revoked'],
      );
      await assert.rejects(revokeApiKey(test.ctx, 'key_none'), { code: 'not_found' });
    }));

  it('is made at a start where none that lives may manage keys; one that is given and revoked stays revoked', () =>
    withHouse(async ({ ctx, house }) => {
      const given = `evg_${'x'.repeat(40)}`;
      assert.equal((await bootstrap(house, given, 'Agency')).givenKeyIsRevoked, false);
      const made = (await listApiKeys(ctx)).find(({ name }) => name === 'bootstrap');
      await revokeApiKey(ctx, made!.id);
      assert.equal((await bootstrap(house, given, 'Agency')).givenKeyIsRevoked, true);
      assert.equal((await bootstrap(house, null, 'Agency')).freshKey, null);
      for (const { id } of await listApiKeys(ctx))
        await house.store.revokeApiKey(ctx.workspaceId, id, house.now());
      await createApiKey(ctx, { name: 'Reader', scopes: ['read'] });
      assert.match((await bootstrap(house, null, 'Agency')).freshKey ?? '', /^evg_/);
    }));
});
