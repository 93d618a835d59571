import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Store } from '../src/store/store.ts';
import { newMasterKey, openKeyFile, readKeyFile, replaceKeyFile } from '../src/vault/keyFile.ts';
import { type Keyring, keyringOf } from '../src/vault/keyring.ts';
import { openVault } from '../src/vault/open.ts';
import { rotateKeyFile } from '../src/vault/rotate.ts';
import { WrongMasterKeyError } from '../src/vault/vault.ts';
import { onEveryStore } from './support/database.ts';
import { START_AT } from './support/databaseRecords.ts';

const CONTEXT = { owner: 'gr_one', field: 'access_token', version: 1 };
const folder = mkdtempSync(join(tmpdir(), 'evergrant-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function freshPath(): string {
  files += 1;
  return join(folder, `key-${files}`);
}

function vaultOf(store: Store, keyring: Keyring) {
  return openVault({ store, keyring, randomBytes, now: () => START_AT });
}

test('a key file is made where there is none, for its owner alone, and read afterwards', () => {
  const path = freshPath();
  const made = openKeyFile(path, { create: randomBytes });
  assert.equal(made.created, true);
  assert.equal(made.note, null);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const read = openKeyFile(path, { create: randomBytes });
  assert.equal(read.created, false);
  assert.equal(read.keyring.current().id, made.keyring.current().id);
});

test('a key file that others can read is used, with a note that says how to mend it', () => {
  const path = freshPath();
  openKeyFile(path, { create: randomBytes });
  chmodSync(path, 0o644);
  assert.match(openKeyFile(path, { create: null }).note ?? '', /mode 644.*chmod 600/);
});

test('an absent key file is an error where none may be made, and a damaged one is named', () => {
  const path = freshPath();
  assert.throws(() => openKeyFile(path, { create: null }), /no key file at .*Restore it/);
  writeFileSync(path, '# a comment\n\n');
  assert.throws(() => openKeyFile(path, { create: randomBytes }), /holds no key. Restore it from its backup/);
  writeFileSync(path, '# a comment\n\nnot-a-key\n');
  assert.throws(
    () => openKeyFile(path, { create: randomBytes }),
    (error: Error) => error.message.includes(path) && !error.message.includes('not-a-key'),
  );
});

onEveryStore('A change of the key in a file', (open) => {
  async function sealed(store: Store, path: string) {
    const { keyring } = openKeyFile(path, { create: randomBytes });
    const running = await vaultOf(store, keyring);
    const text = (await running.forWorkspace('ws_one')).seal(CONTEXT, 'secret');
    return { keyring, text, running };
  }

  test('leaves one new key in the file, and a process that was running all the time follows', async () => {
    const store = await open();
    const path = freshPath();
    const { text, running } = await sealed(store, path);
    const [old] = readKeyFile(path);
    const id = await rotateKeyFile({ store, path, randomBytes });
    assert.deepEqual(
      readKeyFile(path).map((key) => key.id),
      [id],
    );
    assert.notEqual(old?.id, id);
    const unseen = await running.forWorkspace('ws_two'); // its keyring has to read the file again
    assert.equal(unseen.open(CONTEXT, unseen.seal(CONTEXT, 'x')), 'x');
    const restarted = await vaultOf(store, openKeyFile(path, { create: null }).keyring);
    assert.equal((await restarted.forWorkspace('ws_one')).open(CONTEXT, text), 'secret');
    assert.equal((await store.dataKeysNotUnder(id, 9)).length, 0);
    await assert.rejects(vaultOf(store, keyringOf(old ? [old] : [])), WrongMasterKeyError);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('draft')),
      [],
    );
  });

  test('that was broken off is brought to its end by the next run', async () => {
    const store = await open();
    const path = freshPath();
    const { text } = await sealed(store, path);
    const crash = () => {
      throw new Error('power cut');
    };
    await assert.rejects(rotateKeyFile({ store, path, randomBytes }, crash), /power cut/);
    const [fresh, old] = readKeyFile(path);
    assert.ok(fresh && old, 'both keys are in the file while it lasts');
    const between = await vaultOf(store, openKeyFile(path, { create: null }).keyring);
    assert.equal((await between.forWorkspace('ws_one')).open(CONTEXT, text), 'secret');
    assert.equal(await rotateKeyFile({ store, path, randomBytes }), fresh.id);
    assert.deepEqual(
      readKeyFile(path).map((key) => key.id),
      [fresh.id],
    );
    replaceKeyFile(path, [fresh, old]); // as if it had been broken off before the old line was removed
    assert.equal(await rotateKeyFile({ store, path, randomBytes }), fresh.id);
    assert.deepEqual(
      readKeyFile(path).map((key) => key.id),
      [fresh.id],
    );
  });

  test('started twice at once loses no key', async () => {
    const store = await open();
    const path = freshPath();
    const { text } = await sealed(store, path);
    await Promise.allSettled([1, 2, 3].map(() => rotateKeyFile({ store, path, randomBytes, batchSize: 1 })));
    await rotateKeyFile({ store, path, randomBytes });
    const vault = await vaultOf(store, openKeyFile(path, { create: null }).keyring);
    assert.equal((await vault.forWorkspace('ws_one')).open(CONTEXT, text), 'secret');
  });

  test('is refused with a file that does not belong to the database', async () => {
    const store = await open();
    await sealed(store, freshPath());
    const path = freshPath();
    replaceKeyFile(path, [newMasterKey(randomBytes)]);
    await assert.rejects(rotateKeyFile({ store, path, randomBytes }), WrongMasterKeyError);
    assert.equal(readKeyFile(path).length, 1);
  });
});
