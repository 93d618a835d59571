import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REACH } from '../src/store/reach.ts';
import type { Store } from '../src/store/store.ts';
import { onBothStores } from './support/database.ts';
import { aClient, START_AT } from './support/databaseRecords.ts';
import { CALLS, fillTwins, MINE, rowsOf, TWIN, tablesOf } from './support/twins.ts';

onBothStores('Two workspaces in which everything has the same ids', (open, raw) => {
  test('no method that is for one of them reads or touches a row of the other', async () => {
    const store = await open();
    const untried = Object.keys(store).filter((name) => !(name in CALLS));
    assert.deepEqual(
      untried.filter((name) => !('crosses' in REACH[name as keyof Store])),
      [],
      'every method is tried, or said to cross',
    );
    await fillTwins(store);
    const tables = await tablesOf(raw);
    const mine = await rowsOf(raw, tables, MINE);
    assert.equal((await rowsOf(raw, tables, TWIN)).length, mine.length, 'they are twins');
    await store.insertClient(aClient({ workspaceId: TWIN, id: 'cl_twin' }));
    const before = await rowsOf(raw, tables, TWIN);
    for (const [name, call] of Object.entries(CALLS)) {
      const found = JSON.stringify((await call(store)) ?? null);
      if (/^(get|find|list|count)/.test(name))
        assert.ok(!['null', '[]', '0'].includes(found), `${name} finds mine`);
      assert.ok(!found.includes(TWIN), `${name} shows nothing of the other: ${found.slice(0, 300)}`);
      assert.equal(
        (found.match(/"workspaceId"/g) ?? []).length,
        (found.match(/"workspaceId":"ws_one"/g) ?? []).length,
      );
      assert.equal(await rowsOf(raw, tables, TWIN), before, `${name} touches nothing of the other`);
    }
    assert.equal(await store.countGrantsOfIdentity(TWIN, 'app_one', 'person-1', START_AT - 1), 1);
    assert.notEqual(await rowsOf(raw, tables, MINE), mine);
  });
});
