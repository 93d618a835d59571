import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { disconnect } from '../src/app/disconnect.ts';
import { createApiKey, revokeApiKey } from '../src/app/manageApiKeys.ts';
import { createApp, deleteApp, getApp, updateApp } from '../src/app/manageApps.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { sandboxApp } from './support/house.ts';
import { connected, HOUR, variant, withHouse } from './support/keeping.ts';

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
