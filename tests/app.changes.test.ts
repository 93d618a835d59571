import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declarePlatform, deleteDeclaration } from '../src/app/declarePlatform.ts';
import { deleteApp, getApp, updateApp } from '../src/app/manageApps.ts';
import { createClient, deleteClient, getClient, updateClient } from '../src/app/manageClients.ts';
import { refreshConnection, updateConnection } from '../src/app/manageConnections.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { BY_HAND } from './support/declared.ts';
import { sandboxApp, type TestHouse } from './support/house.ts';
import { connected, variant, withHouse } from './support/keeping.ts';

/** The same test, in which something else happens once, after a verb has read and before it writes. */
function overtaken(test: TestHouse, by: () => Promise<unknown>): TestHouse {
  const { store } = test.house;
  let pending: (() => Promise<unknown>) | null = by;
  const first = async (): Promise<void> => {
    const happens = pending;
    pending = null;
    await happens?.();
  };
  const late: Store = {
    ...store,
    updateClient: async (change) => {
      await first();
      return store.updateClient(change);
    },
    transaction: async (work) => {
      await first();
      return store.transaction(work);
    },
  };
  return variant(test, { store: late });
}

/** The same test, where no row can be appended to the log. */
function mute(test: TestHouse): TestHouse {
  const muted = (store: Store): Store => ({
    ...store,
    appendActivity: async (rows) => {
      if (rows.length > 0) throw new StoreUnavailableError('The log cannot be written.');
    },
    transaction: (work) => store.transaction((within) => work(muted(within))),
  });
  return variant(test, { store: muted(test.house.store) });
}

describe('Of two changes at once, both stay', () => {
  it('where one renames a client and the other gives it another external id', () =>
    withHouse(async (test) => {
      const { id } = await createClient(test.ctx, { name: 'Before', externalId: 'crm-1' });
      const { ctx } = overtaken(test, () => updateClient(test.ctx, id, { externalId: 'crm-2' }));
      const renamed = await updateClient(ctx, id, { name: 'After' });
      assert.deepEqual([renamed.name, renamed.external_id], ['After', 'crm-2']);
      assert.deepEqual(await getClient(test.ctx, id), renamed);
    }));

  it('where each sets another setting of an app', () =>
    withHouse(async (test) => {
      const { id } = await sandboxApp(test, 'meta');
      const { ctx } = overtaken(test, () => updateApp(test.ctx, id, { settings: { config_id: '7' } }));
      await updateApp(ctx, id, { settings: { graph_version: 'v26.0' } });
      const { settings } = await getApp(test.ctx, id);
      assert.deepEqual([settings.config_id, settings.graph_version], ['7', 'v26.0']);
    }));
});

describe('A change and its row in the log are one', () => {
  it('where an app is deleted before it is changed: then it was not changed', () =>
    withHouse(async (test) => {
      const { id } = await sandboxApp(test, 'meta');
      const { ctx } = overtaken(test, () => deleteApp(test.ctx, id));
      await assert.rejects(updateApp(ctx, id, { name: 'After' }), { code: 'not_found' });
      const [newest] = await test.house.store.listActivity(
        ctx.workspaceId,
        { subject: id },
        { limit: 1, beforeSeq: null },
      );
      assert.equal(newest?.action, 'app.deleted');
    }));

  it('for clients', () =>
    withHouse(async (test) => {
      const { id } = await createClient(test.ctx, { name: 'Before' });
      const { ctx } = mute(test);
      const stand = () => test.house.store.listClients(ctx.workspaceId, { limit: 9, after: null });
      const before = await stand();
      await assert.rejects(createClient(ctx, { name: 'Another' }), StoreUnavailableError);
      await assert.rejects(updateClient(ctx, id, { name: 'After' }), StoreUnavailableError);
      await assert.rejects(deleteClient(ctx, id), StoreUnavailableError);
      assert.deepEqual(await stand(), before);
    }));

  it('for declared platforms', () =>
    withHouse(async (test) => {
      await declarePlatform(test.ctx, BY_HAND);
      const { ctx } = mute(test);
      const stand = () => test.house.store.listDeclarations(ctx.workspaceId);
      const before = await stand();
      await assert.rejects(declarePlatform(ctx, { ...BY_HAND, id: 'another' }), StoreUnavailableError);
      await assert.rejects(declarePlatform(ctx, { ...BY_HAND, name: 'After' }), StoreUnavailableError);
      await assert.rejects(deleteDeclaration(ctx, BY_HAND.id), StoreUnavailableError);
      assert.deepEqual(await stand(), before);
    }));

  it('for connections that are renamed or read again', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'amazon-ads');
      const { store } = test.house;
      const stand = async () => (await store.getConnection(test.ctx.workspaceId, connectionId))?.connection;
      const known = await stand();
      // With no account on record, whatever is read again is a change.
      await store.updateConnection({ ...known!, accounts: [] });
      const before = await stand();
      const { ctx } = mute(test);
      await assert.rejects(updateConnection(ctx, connectionId, { name: 'After' }), StoreUnavailableError);
      await assert.rejects(refreshConnection(ctx, connectionId), StoreUnavailableError);
      assert.deepEqual(await stand(), before);
    }));
});
