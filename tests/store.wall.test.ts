import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BinaryOperationNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  OperatorNode,
  type RawNode,
  ReferenceNode,
  sql,
  ValueNode,
} from 'kysely';
import { memoryStore } from '../src/store/memory/memoryStore.ts';
import { REACH, type Reach } from '../src/store/reach.ts';
import type { Db } from '../src/store/schema.ts';
import { bound, sqlStore } from '../src/store/sqlStore.ts';
import { type Store, StoreUnavailableError } from '../src/store/store.ts';
import { Wall } from '../src/store/wall.ts';
import { RIGHTS } from '../src/store/wallRole.ts';
import { onBothStores, type RawSql } from './support/database.ts';
import { CALLS, fillTwins, MINE, rowsOf, TWIN, tablesOf } from './support/twins.ts';

/** The methods that the wall binds. */
const BOUND = Object.entries(REACH).filter(([, reach]) => !('crosses' in reach));

/** Takes the workspace out of every condition of every statement, as somebody might who writes one in a hurry. */
class Forgetting extends OperationNodeTransformer {
  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const isWorkspace =
      ReferenceNode.is(node.leftOperand) && JSON.stringify(node.leftOperand).includes('"workspace_id"');
    const one = ValueNode.createImmediate(1);
    return isWorkspace
      ? BinaryOperationNode.create(one, OperatorNode.create('='), one)
      : super.transformBinaryOperation(node);
  }

  protected override transformRaw(node: RawNode): RawNode {
    const sqlFragments = node.sqlFragments.map((text) =>
      text
        .replaceAll(/(\w+\.)?workspace_id = (\w+\.)?workspace_id/g, '1 = 1')
        .replace(/((\w+\.)?workspace_id) = $/, "$1 is not null and '' <> "),
    );
    return super.transformRaw({ ...node, sqlFragments });
  }
}

const transformer = new Forgetting();
const forgetting: KyselyPlugin = {
  transformQuery: ({ node }) => transformer.transformNode(node),
  transformResult: async ({ result }) => result,
};

/** Calls each bound method for mine, and names those that showed or touched something of the twin. */
async function leaks(store: Store, raw: RawSql): Promise<string[]> {
  const tables = await tablesOf(raw);
  const leaking: string[] = [];
  let before = await rowsOf(raw, tables, TWIN);
  for (const [name, call] of Object.entries(CALLS).filter(([key]) =>
    BOUND.some(([known]) => known === key),
  )) {
    const found = await call(store).catch((error: Error) => `refused: ${error.message}`);
    const after = await rowsOf(raw, tables, TWIN);
    if (JSON.stringify(found ?? null).includes(TWIN) || after !== before) leaking.push(name);
    before = after;
  }
  return leaking;
}

const everyTable = async (raw: RawSql, change: (table: string) => string): Promise<void> => {
  for (const table of await tablesOf(raw)) await raw(change(table));
};

onBothStores('The wall between workspaces', (open, raw) => {
  let db: Db;
  const openKept = () =>
    open((opened) => {
      db = opened;
      return db;
    });
  /** The same database, through statements that forget the workspace. */
  const forgetful = () => sqlStore(db.withPlugin(forgetting), async () => {});
  const plant = async () => {
    await fillTwins(await openKept());
    for (const workspaceId of [MINE, TWIN])
      await raw(`insert into declarations values ('${workspaceId}', 'e', '{}', null, now(), now())`);
    await raw("delete from declarations where id = 'd'");
    return bindPlanted(db);
  };

  test('stands, around every table with rows of workspaces', async () => {
    const store = await open();
    assert.equal(await store.wallProblem(), null);
    const unguarded = await raw(
      `select relname from pg_class join information_schema.columns on table_name = relname and column_name = 'workspace_id'
        where relkind = 'r' and table_schema = 'public' and (not relrowsecurity or relforcerowsecurity
          or not exists (select from pg_policy where polrelid = pg_class.oid))`,
    );
    assert.deepEqual(unguarded, []);
    for (const table of await tablesOf(raw))
      assert.ok(table in RIGHTS, `${table} has rights or is named without`);
  });

  test('binds every method that is for one workspace, and the others say why it does not', async () => {
    const store = await open();
    assert.deepEqual(Object.keys(store).sort(), Object.keys(REACH).sort());
    for (const [name, reach] of Object.entries(REACH)) {
      if ('crosses' in reach) assert.ok(reach.crosses.length > 5, `${name} says why`);
    }
    assert.deepEqual(
      BOUND.map(([name]) => name).filter((name) => !(name in CALLS)),
      [],
    );
    assert.deepEqual(Object.keys(memoryStore()).sort(), Object.keys(REACH).sort());
  });

  test('holds alone: with the workspace forgotten in every statement, no method shows or touches a stranger’s row', async () => {
    await fillTwins(await openKept());
    const tables = await tablesOf(raw);
    assert.deepEqual(await leaks(forgetful(), raw), []);
    assert.ok((await rowsOf(raw, tables, TWIN)).length > 0);
  });

  test('is what holds: without it, the same statements leak', async () => {
    await fillTwins(await openKept());
    await everyTable(raw, (table) => `alter table ${table} disable row level security`);
    const leaking = await leaks(forgetful(), raw);
    assert.ok(leaking.length > 20, `leaking: ${leaking.join()}`);
    for (const name of [
      'getClient',
      'listGrants',
      'updateApp',
      'claimGrant',
      'deleteDeclaration',
      'dropIdempotent',
    ])
      assert.ok(leaking.includes(name), name);
  });

  test('is between each method and every row: where nobody may see anything, none finds or changes anything', async () => {
    const store = await open();
    await fillTwins(store);
    const tables = await tablesOf(raw);
    await everyTable(raw, (table) => `alter policy one_workspace on ${table} using (false)`);
    const before = [await rowsOf(raw, tables, MINE), await rowsOf(raw, tables, TWIN)];
    for (const [name] of BOUND) {
      const found = await CALLS[name]!(store).catch(() => 'refused');
      assert.ok(
        [undefined, null, false, 0, 'refused', '[]', '[null]'].includes(
          Array.isArray(found) ? JSON.stringify(found) : (found as null),
        ),
        `${name}: ${JSON.stringify(found)}`,
      );
      assert.deepEqual([await rowsOf(raw, tables, MINE), await rowsOf(raw, tables, TWIN)], before, name);
    }
  });

  test('a method that names no workspace in its statement reads, inserts, updates and deletes in its own alone', async () => {
    const planted = await plant();
    const tables = await tablesOf(raw);
    const twin = await rowsOf(raw, tables, TWIN);
    assert.deepEqual(await planted.readAll(MINE), [MINE]);
    assert.equal(await planted.countAll(MINE), 1);
    await assert.rejects(planted.insertInto(MINE, TWIN), /row-level security/);
    await planted.insertInto(MINE, MINE);
    await assert.rejects(planted.moveAll(MINE, TWIN), /row-level security/);
    assert.equal(await planted.updateAll(MINE), 2);
    assert.equal(await planted.deleteAll(MINE), 1);
    await assert.rejects(planted.changeLog(MINE), /permission denied/);
    assert.deepEqual(await planted.logOf(MINE, TWIN), [MINE]);
    assert.equal(await rowsOf(raw, tables, TWIN), twin);
    assert.deepEqual(await planted.readAll(TWIN), [TWIN]);
    assert.deepEqual(
      await planted.ofSeveral([MINE, TWIN]),
      [MINE, TWIN],
      'a trip for several is the owner’s',
    );
    assert.deepEqual(await planted.ofSeveral([MINE, MINE]), [MINE], 'one for several of the same is not');
  });

  test('that is taken away from a running store fails one call as if the database were away, and stands at the next', async () => {
    const store = await open();
    await fillTwins(store);
    const tenant = async () =>
      (
        await raw(`select distinct grantee as role from information_schema.role_table_grants
          where table_name = 'activity' and starts_with(grantee, 'evergrant_tenant')`)
      )[0]?.role;
    for (const takeAway of [
      async () => raw(`revoke select on grant_records, grants from ${await tenant()}`),
      async () => raw(`drop owned by ${await tenant()}; drop role ${await tenant()}`),
    ]) {
      assert.notEqual(await store.getGrant(MINE, 'gr_one'), null);
      await takeAway();
      await assert.rejects(store.getGrant(MINE, 'gr_one'), StoreUnavailableError);
      assert.notEqual(await store.getGrant(MINE, 'gr_one'), null);
      assert.equal(await store.wallProblem(), null);
    }
  });

  test('ends with its transaction, whatever comes of it, and inside one each method has its own side', async () => {
    const planted = await plant();
    const clean = await planted.whoAmI();
    assert.equal(clean.workspace, '');
    const isClean = async () => assert.deepEqual(await planted.whoAmI(), clean);
    await planted.readAll(MINE);
    await isClean();
    await assert.rejects(planted.insertInto(MINE, TWIN));
    await isClean();
    await assert.rejects(planted.fail(MINE));
    await isClean();
    await Promise.all([planted.readAll(MINE), isClean(), planted.readAll(TWIN), isClean()]);
    await db.transaction().execute(async (transaction) => {
      const inside = bindPlanted(transaction);
      assert.deepEqual(await inside.readAll(MINE), [MINE]);
      assert.deepEqual(await inside.readAll(TWIN), [TWIN]);
      assert.deepEqual(await inside.everybody(), [MINE, TWIN]);
      assert.deepEqual(await inside.whoAmI(), clean);
      await inside.insertInto(MINE, MINE);
    });
    await isClean();
    await assert.rejects(
      db.transaction().execute(async (transaction) => {
        await bindPlanted(transaction).deleteAll(MINE);
        throw new Error('given up');
      }),
    );
    await isClean();
    assert.equal(await planted.countAll(MINE), 2);
  });
});

/** Methods that forget the workspace, and what they would do. */
const PLANTED = {
  readAll: async (db: Db, _of: string) =>
    (await db.selectFrom('declarations').selectAll().orderBy('workspaceId').execute()).map(
      (row) => row.workspaceId,
    ),
  countAll: async (db: Db, _of: string) =>
    (await sql<{ count: number }>`select count(*)::int as count from declarations`.execute(db)).rows[0]
      ?.count,
  insertInto: async (db: Db, _of: string, workspaceId: string) =>
    void (await sql`insert into declarations values (${workspaceId}, 'new', '{}', null, now(), now())`.execute(
      db,
    )),
  moveAll: async (db: Db, _of: string, workspaceId: string) =>
    void (await sql`update declarations set workspace_id = ${workspaceId}, id = 'moved' where id = 'e'`.execute(
      db,
    )),
  updateAll: async (db: Db, _of: string) =>
    Number(
      (await db.updateTable('declarations').set({ declaration: '{"a":1}' }).executeTakeFirst())
        .numUpdatedRows,
    ),
  deleteAll: async (db: Db, _of: string) =>
    Number((await db.deleteFrom('declarations').where('id', '=', 'new').executeTakeFirst()).numDeletedRows),
  changeLog: async (db: Db, _of: string) => void (await db.deleteFrom('activity').execute()),
  logOf: async (db: Db, _of: string, workspaceId: string) =>
    (
      await sql<{ workspaceId: string }>`select distinct workspace_id
        from activity_about(${workspaceId}, 'gr_one', null, null, 100)`.execute(db)
    ).rows.map((row) => row.workspaceId),
  fail: async (db: Db, _of: string) => void (await sql`select 1 / ${0}::int`.execute(db)),
  ofSeveral: async (db: Db, _of: readonly string[]) => PLANTED.readAll(db, ''),
  everybody: async (db: Db) => PLANTED.readAll(db, ''),
  whoAmI: async (db: Db) =>
    (
      await sql<{ role: string; workspace: string }>`select current_user::text as role,
        coalesce(current_setting('evergrant.workspace', true), '') as workspace`.execute(db)
    ).rows[0]!,
};

function bindPlanted(db: Db) {
  const named = { of: (workspaceId: string) => workspaceId } as Reach;
  const several = { ofEach: (all: readonly string[]) => all, why: 'a test' } as Reach;
  const all: Reach = { crosses: 'a test' };
  const reach = Object.fromEntries(Object.keys(PLANTED).map((name) => [name, named]));
  return bound(db, new Wall(), PLANTED, {
    ...(reach as Record<keyof typeof PLANTED, Reach>),
    ofSeveral: several,
    everybody: all,
    whoAmI: all,
  });
}
