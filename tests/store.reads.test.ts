import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberedViews } from '../src/app/rememberedViews.ts';
import type { ConnectionView } from '../src/store/store.ts';
import { onEveryStore } from './support/database.ts';
import { aConnection, furnish, START_AT } from './support/databaseRecords.ts';

const KEY = { workspaceId: 'ws_one', id: 'co_one' };
const NOBODY = { workspaceId: 'ws_one', id: 'none' };

onEveryStore('Reading a connection again', (open) => {
  test('its stamp changes with every write to it or its grant, and with nothing else', async () => {
    const store = await open();
    await furnish(store);
    const stamp = async () => (await store.connectionStamps([NOBODY, KEY]))[1];
    const first = await stamp();
    assert.ok(first);
    assert.equal(await stamp(), first);
    await store.updateConnection(aConnection({ name: 'Renamed' }));
    const renamed = await stamp();
    assert.notEqual(renamed, first);
    await store.claimGrant('ws_one', 'gr_one', { now: START_AT, owner: 'me', leaseMs: 60_000 });
    assert.notEqual(await stamp(), renamed);
    assert.deepEqual(await store.connectionStamps([NOBODY]), [null]);
    assert.deepEqual(await store.connectionStamps([]), []);
  });

  test('what is remembered is read again once it has changed, and only then', async () => {
    const store = await open();
    await furnish(store);
    let read = 0;
    const look = rememberedViews({
      connectionStamps: store.connectionStamps,
      getConnections: (keys) => {
        read += keys.length;
        return store.getConnections(keys);
      },
    });
    await look([KEY, NOBODY]);
    await look([KEY]);
    assert.equal(read, 1);
    await store.updateConnection(aConnection({ status: 'disconnected' }));
    const [view] = await look([KEY]);
    assert.equal(view?.connection.status, 'disconnected');
    assert.equal(read, 2);
    assert.deepEqual(await look([NOBODY]), []);
  });
});

test('A slow look-up that comes back late does not hand its old view to others', async () => {
  const views = [viewOf('old'), viewOf('new')];
  const stamps = ['1', '2', '2'];
  const late = Promise.withResolvers<readonly ConnectionView[]>();
  const answers = [late.promise, Promise.resolve([views[1]!])];
  const look = rememberedViews({
    connectionStamps: async () => [stamps.shift() ?? '2'],
    getConnections: async (keys) => (keys.length === 0 ? [] : (answers.shift() ?? [views[1]!])),
  });
  const slow = look([KEY]);
  assert.equal((await look([KEY]))[0]?.connection.name, 'new');
  late.resolve([views[0]!]);
  await slow;
  assert.equal((await look([KEY]))[0]?.connection.name, 'new');
});

function viewOf(name: string): ConnectionView {
  return { connection: aConnection({ name }) } as ConnectionView;
}
