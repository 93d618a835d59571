import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs, { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, type TestContext, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { DataDirectoryInUseError, holderOf } from '../src/store/directoryLock.ts';
import { openStore } from '../src/store/open.ts';
import { DatabaseIsNewerError } from '../src/store/store.ts';
import { freshPostgresUrl, onBothStores } from './support/database.ts';
import { aClient, furnish, START_AT } from './support/databaseRecords.ts';
import { until } from './support/until.ts';

const directories: string[] = [];

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-store-'));
  directories.push(directory);
  return directory;
}

after(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

onBothStores('Migrations', (open, raw) => {
  test('can run again without harm', async () => {
    const store = await open();
    await furnish(store);
    await store.migrate();
    assert.notEqual(await store.getClient('ws_one', 'cl_one'), null);
  });

  test('are refused on a database that a newer version has upgraded', async () => {
    const store = await open();
    await raw("insert into schema_migrations values (9999, 'from the future', 'x')");
    await assert.rejects(store.migrate(), DatabaseIsNewerError);
    await assert.rejects(store.migrate(), /schema version 9999.*start that version/);
  });

  test('are refused when one that has run was edited afterwards', async () => {
    const store = await open();
    await raw("update schema_migrations set checksum = 'x' where version = 1");
    await assert.rejects(store.migrate(), /0001_start.sql.*checksum differs/);
  });
});

test('several processes that start on an empty database migrate it once', async () => {
  const databaseUrl = await freshPostgresUrl({ migrated: false });
  const stores = await Promise.all([1, 2, 3].map(() => openStore({ databaseUrl })));
  assert.equal(
    await stores[0]?.getMasterKeyCheck(),
    null,
    'the master key can be asked for before the tables are there',
  );
  await Promise.all(stores.map((store) => store.migrate()));
  await furnish(stores[0] ?? assert.fail());
  await Promise.all(stores.map((store) => store.close()));
});

/** A process that writes into the directory; the ids that it has acknowledged. */
function startWriter(
  context: TestContext,
  dataDir: string,
): { child: ChildProcess; acknowledged: string[]; reached: (count: number) => Promise<void> } {
  const script = new URL('./support/databaseChild.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout ?? assert.fail() });
  const listeners = new Set<() => void>();
  lines.on('line', (line) => {
    if (line.startsWith('cl_')) acknowledged.push(line);
    for (const listener of listeners) listener();
  });
  const reached = (count: number) =>
    new Promise<void>((resolve, reject) => {
      listeners.add(() => acknowledged.length >= count && resolve());
      child.once('exit', (code) => reject(new Error(`The writer ended with ${code}.`)));
    });
  return { child, acknowledged, reached };
}

test('what a data directory has acknowledged outlives kill -9, and its lock does not', async (context) => {
  const dataDir = freshDirectory();
  const { child, acknowledged, reached } = startWriter(context, dataDir);
  await reached(5);
  await assert.rejects(openStore({ dataDir }), (error: Error) => {
    assert.ok(error instanceof DataDirectoryInUseError);
    assert.match(error.message, new RegExp(`in use by process ${child.pid}.*set DATABASE_URL`));
    return true;
  });
  await reached(60);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  const store = await openStore({ dataDir });
  for (const id of acknowledged) assert.notEqual(await store.getClient('ws_one', id), null, `${id} is lost`);
  assert.equal(await store.verifyActivity('ws_one'), null);
  const log = await store.listActivity('ws_one', {}, { limit: 1, beforeSeq: null });
  assert.ok((log[0]?.seq ?? 0) >= acknowledged.length);
  await store.close();
});

test('a process that was killed, and that its parent never collects, holds its data directory no longer', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const dataDir = freshDirectory();
  const script = new URL('./support/databaseChild.ts', import.meta.url).pathname;
  // The shell becomes a `sleep`, which never asks how the child that it inherits has ended.
  const order = '"$0" "$1" "$2" & echo "pid $!"; exec sleep 600';
  const parent = spawn('sh', ['-c', order, process.execPath, script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => parent.kill('SIGKILL'));
  let pid = 0;
  for await (const line of createInterface({ input: parent.stdout ?? assert.fail() })) {
    if (line.startsWith('pid ')) pid = Number(line.slice(4));
    if (line.startsWith('cl_')) break;
  }
  await assert.rejects(openStore({ dataDir }), DataDirectoryInUseError);
  process.kill(pid, 'SIGKILL');
  await until('a process that was killed is gone', async () => holderOf(dataDir) === null);
  assert.match(readFileSync(`/proc/${pid}/stat`, 'utf8'), /\) Z /, 'and is not collected');
  const store = await openStore({ dataDir });
  await store.close();
});

test('a data directory is brought to the disk at each commit, and serves one process at a time', async (context) => {
  const dataDir = freshDirectory();
  // Locks of dead processes, as they are left by a crash: a pid that is nobody's, and in a container our own.
  writeFileSync(join(dataDir, 'evergrant.lock'), JSON.stringify({ pid: 2 ** 30, startedTicks: null }));
  const store = await openStore({ dataDir });
  await store.migrate();
  await furnish(store);
  const sync = context.mock.method(fs, 'fsyncSync');
  syncBuiltinESMExports();
  await store.insertClient(aClient({ id: 'cl_two' }));
  assert.ok(sync.mock.callCount() > 0, 'a commit calls fsync');
  sync.mock.restore();
  syncBuiltinESMExports();
  await assert.rejects(openStore({ dataDir }), DataDirectoryInUseError);
  await store.close();
  writeFileSync(join(dataDir, 'evergrant.lock'), JSON.stringify({ pid: process.pid, startedTicks: null }));
  const again = await openStore({ dataDir });
  assert.equal((await again.getClient('ws_one', 'cl_two'))?.createdAt, START_AT);
  await again.close();
  assert.equal(statSync(join(dataDir, 'evergrant.lock'), { throwIfNoEntry: false }), undefined);
  assert.equal(statSync(join(dataDir, 'database')).mode & 0o077, 0, 'nobody else can look into the database');
});

test('the engine is closed with its store also where nothing was asked of it: its timers kept the process alive', async (context) => {
  const close = context.mock.method(PGlite.prototype, 'close');
  for (const options of [{ dataDir: freshDirectory() }, { memory: true }] as const) {
    const store = await openStore(options);
    // Making a new database takes an engine of its own.
    close.mock.resetCalls();
    await store.close();
    assert.equal(close.mock.callCount(), 1);
  }
});

test('a memory store works like the others', async () => {
  const store = await openStore({ memory: true });
  await store.migrate();
  await furnish(store);
  assert.notEqual(await store.getConnection('ws_one', 'co_one'), null);
  await store.close();
  await assert.rejects(store.ping(), { name: 'StoreUnavailableError' });
});
