import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { activityHash } from '../src/store/activity.ts';
import type { Store } from '../src/store/store.ts';
import { onBothStores, onEveryStore } from './support/database.ts';
import { anActivity, START_AT } from './support/databaseRecords.ts';

const ALL = { limit: 100, beforeSeq: null };

async function appendThree(store: Store): Promise<void> {
  await store.appendActivity([
    anActivity(),
    anActivity({ subjects: ['gr_two', 'co_two'], action: 'grant.expired' }),
  ]);
  await store.appendActivity([anActivity({ at: START_AT + 1, detail: {} })]);
}

onEveryStore('The activity log', (open) => {
  test('numbers the rows of each workspace without gaps and shows the newest first', async () => {
    const store = await open();
    await appendThree(store);
    await store.appendActivity([anActivity({ workspaceId: 'ws_two' }), anActivity()]);
    const rows = await store.listActivity('ws_one', {}, ALL);
    assert.deepEqual(
      rows.map((row) => row.seq),
      [4, 3, 2, 1],
    );
    const { seq: _seq, hash: _hash, ...first } = rows.at(-1) ?? assert.fail();
    assert.deepEqual(first, anActivity());
    assert.deepEqual(
      (await store.listActivity('ws_two', {}, ALL)).map((row) => row.seq),
      [1],
    );
    assert.equal(await store.verifyActivity('ws_one'), null);
    assert.equal(await store.verifyActivity('ws_two'), null);
  });

  test('can be filtered by subject and action and read page by page', async () => {
    const store = await open();
    await appendThree(store);
    const seqs = async (filter: object, page: object = {}) =>
      (await store.listActivity('ws_one', filter, { ...ALL, ...page })).map((row) => row.seq);
    assert.deepEqual(await seqs({ subject: 'co_two' }), [2]);
    assert.deepEqual(await seqs({ action: 'grant.renewed' }), [3, 1]);
    assert.deepEqual(await seqs({ subject: 'gr_two', action: 'grant.renewed' }), []);
    assert.deepEqual(await seqs({}, { limit: 2 }), [3, 2]);
    assert.deepEqual(await seqs({}, { limit: 2, beforeSeq: 2 }), [1]);
  });

  test('keeps its chain whole when many write at once and some give up', async () => {
    const store = await open();
    const writers = Array.from({ length: 12 }, (_, number) =>
      store.transaction(async (inside) => {
        await inside.appendActivity([anActivity({ subjects: [`gr_${number}`] })]);
        if (number % 3 === 0) throw new Error('gives up');
      }),
    );
    const results = await Promise.allSettled(writers);
    assert.equal(results.filter((result) => result.status === 'rejected').length, 4);
    const rows = await store.listActivity('ws_one', {}, ALL);
    assert.deepEqual(
      rows.map((row) => row.seq),
      [8, 7, 6, 5, 4, 3, 2, 1],
    );
    assert.equal(await store.verifyActivity('ws_one'), null);
  });

  test('holds odd numbers, letters and texts in its hashes', async () => {
    const store = await open();
    const detail = {
      tiny: 1e-7,
      huge: 1e21,
      negative: -0,
      text: 'a\0b\ud800 "ü" 🙂',
      nested: [{ b: 1, a: undefined }],
    };
    await store.appendActivity([anActivity({ at: START_AT + 0.5, detail })]);
    assert.equal(await store.verifyActivity('ws_one'), null);
  });
});

onBothStores('The activity log, against forgery', (open, raw) => {
  /** What somebody with the database owner's rights could do. */
  async function forge(statement: string): Promise<void> {
    await raw(
      `alter table activity disable trigger all; ${statement}; alter table activity enable trigger all`,
    );
  }

  test('the database refuses to change, delete or empty it', async () => {
    const store = await open();
    await appendThree(store);
    await assert.rejects(raw("update activity set actor = 'nobody'"), /append-only: UPDATE is refused/);
    await assert.rejects(raw('delete from activity where seq = 3'), /append-only: DELETE is refused/);
    await assert.rejects(raw('truncate activity'), /append-only: TRUNCATE is refused/);
    assert.equal(await store.verifyActivity('ws_one'), null);
  });

  const forgeries: readonly [string, string, number][] = [
    ['a changed row', "update activity set actor = 'nobody' where seq = 2", 2],
    ['a changed detail', `update activity set detail = '{"zebra": 2}' where seq = 1`, 1],
    ['a changed hash', `update activity set hash = repeat('0', 64) where seq = 2`, 2],
    ['a missing row', 'delete from activity where seq = 2', 2],
    ['a missing first row', 'delete from activity where seq = 1', 1],
    ['a tail that was cut off', 'delete from activity where seq = 3', 3],
    [
      'rows that changed places',
      'update activity set seq = case seq when 2 then -2 else seq end where seq in (2, 3); update activity set seq = 2 where seq = 3; update activity set seq = 3 where seq = -2',
      2,
    ],
    ['a log that was emptied', 'delete from activity', 1],
  ];
  for (const [what, statement, seq] of forgeries) {
    test(`${what} is found`, async () => {
      const store = await open();
      await appendThree(store);
      await forge(statement);
      assert.deepEqual(await store.verifyActivity('ws_one'), { seq });
    });
  }
});

test('The hash of a row is that of its JSON with sorted names, after its predecessor’s', () => {
  const row = {
    workspaceId: 'ws_one',
    seq: 7,
    at: START_AT,
    actor: 'keeper',
    action: 'grant.renewed',
    subjects: ['grt_"one', 'grt_ü'],
    detail: { b: [1, { z: null, a: 'q' }], a: 1.5 },
  };
  const written =
    `{"action":"grant.renewed","actor":"keeper","at":${START_AT},"detail":{"a":1.5,"b":[1,{"a":"q","z":null}]},` +
    '"seq":7,"subjects":["grt_\\"one","grt_ü"],"workspaceId":"ws_one"}';
  const hash = createHash('sha256').update(`before\n${written}`).digest('hex');
  assert.equal(activityHash('before', row), hash);
});
