import assert from 'node:assert/strict';
import fs, { fstatSync, mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from '../src/config.ts';
import { REAL_WORLD, startEvergrant, type World } from '../src/main.ts';
import { readClockFile, writeClockFile } from '../src/simulator/clockFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'evergrant-clock-file-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the file of a sandbox’s clock', () => {
  it('is on the disk with its name when it is written', (context) => {
    const path = join(folder, 'some.clock');
    const synced: string[] = [];
    const { fsyncSync } = fs;
    context.mock.method(fs, 'fsyncSync', (descriptor: number) => {
      synced.push(fstatSync(descriptor).isDirectory() ? 'folder' : 'file');
      fsyncSync(descriptor);
    });
    syncBuiltinESMExports();
    writeClockFile(path, { aheadMs: 5, frozenAt: null });
    context.mock.restoreAll();
    syncBuiltinESMExports();
    assert.deepEqual(synced, ['file', 'folder']);
    assert.deepEqual(readClockFile(path), { aheadMs: 5, frozenAt: null });
  });

  it('is read once the data folder is locked: another process may have moved the clock until then', async () => {
    const dataDir = join(folder, 'data');
    fs.mkdirSync(dataDir);
    const reading = readConfig({
      EVERGRANT_SANDBOX: 'on',
      PORT: '0',
      EVERGRANT_SANDBOX_PORT: '0',
      EVERGRANT_DATA_DIR: dataDir,
      EVERGRANT_LOG_LEVEL: 'silent',
    });
    assert.ok(reading.ok);
    const frozenAt = Date.UTC(2040, 0, 1);
    const world: World = {
      ...REAL_WORLD,
      // Looked up when the database is about to be opened, and its folder locked.
      get templatesFolder() {
        writeClockFile(join(dataDir, 'sandbox.clock'), { aheadMs: 0, frozenAt });
        return undefined;
      },
    };
    const running = await startEvergrant(reading.config, world);
    try {
      const answer = await fetch(`${running.url}/v1/clock`, {
        headers: { authorization: `Bearer ${running.apiKey}` },
      });
      const clock = (await answer.json()) as { now: string; state: string };
      assert.deepEqual([Date.parse(clock.now), clock.state], [frozenAt, 'frozen']);
    } finally {
      await running.close();
    }
  });
});
