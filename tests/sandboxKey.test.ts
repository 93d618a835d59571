import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from '../src/config.ts';
import { givenKey, keepSandboxKey, sandboxKeyPath } from '../src/sandboxKey.ts';

const folder = mkdtempSync(join(tmpdir(), 'evergrant-key-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const [KEPT, GIVEN] = ['evg_kept-in-the-file-0123456789', 'evg_given-by-the-environment-0123'];

function configOf(given?: string, sandbox = 'on') {
  const reading = readConfig({
    EVERGRANT_DATA_DIR: folder,
    EVERGRANT_SANDBOX: sandbox,
    EVERGRANT_BOOTSTRAP_API_KEY: given,
  });
  assert.ok(reading.ok);
  return reading.config;
}

const path = sandboxKeyPath(configOf());
const kept = () => (existsSync(path) ? readFileSync(path, 'utf8') : null);

/** What a start makes of a file with a text, where only these keys work. */
async function startedOn(text: string | null, living: readonly string[], config = configOf()) {
  rmSync(path, { force: true });
  if (text !== null) writeFileSync(path, text, { mode: 0o644 });
  const given = givenKey(config);
  await keepSandboxKey(config, {
    freshKey: null,
    givenKeyIsRevoked: given !== null && !living.includes(given),
    works: async (key) => living.includes(key),
  });
  return kept();
}

describe('The file in which a sandbox keeps its key', () => {
  it('gets the key of the environment in the place of one that is dead', async () => {
    for (const dead of [`${KEPT}\n`, '', '\n']) {
      assert.equal(await startedOn(dead, [GIVEN], configOf(GIVEN)), `${GIVEN}\n`);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
  });

  it('stays as it is while its key works, whatever key the environment gives', async () => {
    assert.equal(await startedOn(`${KEPT}\n`, [KEPT]), `${KEPT}\n`);
    assert.equal(await startedOn(`${KEPT}\n`, [KEPT, GIVEN], configOf(GIVEN)), `${KEPT}\n`);
    assert.equal(await startedOn(`${KEPT}\n`, [KEPT], configOf(GIVEN)), `${KEPT}\n`);
  });

  it('is gone where no key is known that works, and is not made for a key that was given', async () => {
    assert.equal(await startedOn(`${KEPT}\n`, []), null);
    assert.equal(await startedOn(`${KEPT}\n`, [], configOf(GIVEN)), null);
    assert.equal(await startedOn('', []), null);
    assert.equal(await startedOn(null, [GIVEN], configOf(GIVEN)), null);
  });

  it('gets a key that was just made, and an empty one gives none', async () => {
    rmSync(path, { force: true });
    const keys = { freshKey: KEPT, givenKeyIsRevoked: false, works: async () => true };
    await keepSandboxKey(configOf(), keys);
    assert.equal(givenKey(configOf()), KEPT);
    assert.equal(givenKey(configOf(GIVEN)), GIVEN);
    writeFileSync(path, '\n');
    assert.equal(givenKey(configOf()), null);
  });

  it('is not touched outside a sandbox', async () => {
    assert.equal(await startedOn(`${KEPT}\n`, [GIVEN], configOf(GIVEN, 'off')), `${KEPT}\n`);
    assert.equal(givenKey(configOf(undefined, 'off')), null);
  });
});
