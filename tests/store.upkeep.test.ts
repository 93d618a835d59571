import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { UPKEEP_AFTER_BYTES } from '../src/store/upkeep.ts';
import { aClient, furnish, START_AT } from './support/databaseRecords.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'evergrant-upkeep-'));
after(() => rmSync(dataDir, { recursive: true, force: true }));

const MEGABYTE = 1_024 * 1_024;
/** What one round writes: more than upkeep waits for, the log of it included. */
const WRITES = UPKEEP_AFTER_BYTES / MEGABYTE + 4;

function megabytesOf(folder: string): number {
  const files = readdirSync(join(dataDir, 'database', folder), { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => statSync(join(file.parentPath, file.name)).size);
  return sizes.reduce((sum, size) => sum + size, 0) / MEGABYTE;
}

/** One row again and again, each time with a megabyte that cannot be pressed together. */
async function write(store: Store): Promise<void> {
  for (let time = 0; time < WRITES; time += 1)
    await store.updateClient(aClient({ name: randomBytes(MEGABYTE / 2).toString('hex') }));
}

describe('An embedded database that is written to all the time', () => {
  it('grows neither by the rows that are no more, nor by the log of what is in its place', async () => {
    const store = await openStore({ dataDir });
    await store.migrate();
    await furnish(store);
    await store.hurriedly(() => write(store));
    const [rows, log] = [megabytesOf('base'), megabytesOf('pg_wal')];
    for (let round = 0; round < 3; round += 1) {
      await store.sweep(START_AT, START_AT);
      await store.hurriedly(() => write(store));
    }
    assert.ok(megabytesOf('base') < rows * 1.2, `${rows} MB, then ${megabytesOf('base')}`);
    assert.ok(megabytesOf('pg_wal') < log + 32, `${log} MB of log, then ${megabytesOf('pg_wal')}`);
    await store.sweep(START_AT, START_AT);
    assert.ok(await store.getClient('ws_one', 'cl_one'));
    await store.close();
  });
});
