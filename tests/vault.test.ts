import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Store } from '../src/store/store.ts';
import { newMasterKey } from '../src/vault/keyFile.ts';
import { type Keyring, keyringFromText, keyringOf } from '../src/vault/keyring.ts';
import { type MasterKey, parseMasterKey, writeMasterKey } from '../src/vault/masterKey.ts';
import { openVault } from '../src/vault/open.ts';
import { rotateMasterKey } from '../src/vault/rotate.ts';
import { UnsealError, type Vault, WrongMasterKeyError } from '../src/vault/vault.ts';
import { onBothStores, onEveryStore } from './support/database.ts';
import { anApp, furnish, START_AT } from './support/databaseRecords.ts';

const CONTEXT = { owner: 'gr_one', field: 'access_token', version: 3 };
const SECRET = 'canary-ü-🙂-token';

function vaultOf(store: Store, keyring: Keyring): Promise<Vault> {
  return openVault({ store, keyring, randomBytes, now: () => START_AT });
}

function freshKey(): MasterKey {
  return newMasterKey(randomBytes);
}

onBothStores('The vault', (open, raw) => {
  test('gives back what it sealed, also after a restart, and never seals the same way twice', async () => {
    const store = await open();
    const keyring = keyringOf([freshKey()]);
    const workspace = await (await vaultOf(store, keyring)).forWorkspace('ws_one');
    const [one, two] = [workspace.seal(CONTEXT, SECRET), workspace.seal(CONTEXT, SECRET)];
    assert.notEqual(one, two);
    assert.match(one, /^v1\.dk_[\w-]+\.[\w-]+$/);
    assert.equal(workspace.open(CONTEXT, one), SECRET);
    assert.equal(workspace.open(CONTEXT, workspace.seal(CONTEXT, '')), '');
    const later = await (await vaultOf(store, keyring)).forWorkspace('ws_one');
    assert.equal(later.open(CONTEXT, two), SECRET);
  });

  test('opens nothing that was moved to another owner, field, version or workspace', async () => {
    const store = await open();
    const vault = await vaultOf(store, keyringOf([freshKey()]));
    const workspace = await vault.forWorkspace('ws_one');
    const sealed = workspace.seal(CONTEXT, SECRET);
    const elsewhere = [
      { ...CONTEXT, owner: 'gr_two' },
      { ...CONTEXT, field: 'refresh_token' },
      { ...CONTEXT, version: 4 },
      { owner: 'gr_oneaccess', field: '_token', version: 3 },
    ];
    for (const context of elsewhere) assert.throws(() => workspace.open(context, sealed), UnsealError);
    const other = await vault.forWorkspace('ws_two');
    assert.throws(() => other.open(CONTEXT, sealed), UnsealError);
    const [keyOfOther] = await store.getDataKeys('ws_two');
    const disguised = sealed.replace(/dk_[\w-]+/, keyOfOther?.id ?? '');
    assert.throws(() => other.open(CONTEXT, disguised), UnsealError);
  });

  test('opens no text of which one letter was altered, added or taken away', async () => {
    const workspace = await (await vaultOf(await open(), keyringOf([freshKey()]))).forWorkspace('ws_one');
    const sealed = workspace.seal(CONTEXT, 'short');
    for (let position = 0; position < sealed.length; position += 1) {
      const letter = sealed[position] === 'A' ? 'B' : 'A';
      const altered = sealed.slice(0, position) + letter + sealed.slice(position + 1);
      assert.throws(() => workspace.open(CONTEXT, altered), UnsealError, `letter ${position}`);
    }
    for (const altered of [
      `${sealed}A`,
      `${sealed}=`,
      `${sealed}.A`,
      sealed.slice(0, -1),
      sealed.slice(0, 20),
      '',
      'v1..',
    ]) {
      assert.throws(() => workspace.open(CONTEXT, altered), UnsealError);
    }
  });

  test('makes one data key for a workspace however many ask for it at once', async () => {
    const store = await open();
    const keyring = keyringOf([freshKey()]);
    const vaults = await Promise.all([1, 2, 3, 4].map(() => vaultOf(store, keyring)));
    const [first, ...others] = await Promise.all(vaults.map((vault) => vault.forWorkspace('ws_one')));
    const sealed = first?.seal(CONTEXT, SECRET) ?? '';
    for (const other of others) assert.equal(other.open(CONTEXT, sealed), SECRET);
    assert.equal((await store.getDataKeys('ws_one')).length, 1);
  });

  test('refuses a wrong master key in words that help, before anything is written', async () => {
    const store = await open();
    const [right, wrong] = [freshKey(), freshKey()];
    await (await vaultOf(store, keyringOf([right]))).forWorkspace('ws_one');
    const before = await dump(raw);
    await assert.rejects(vaultOf(store, keyringOf([wrong])), (error: Error) => {
      assert.ok(error instanceof WrongMasterKeyError);
      assert.match(
        error.message,
        new RegExp(`${right.id}.*${wrong.id}.*Nothing was changed.*EVERGRANT_MASTER_KEY`),
      );
      assert.ok(!error.message.includes(writeMasterKey(wrong)));
      return true;
    });
    assert.equal(await dump(raw), before);
  });

  test('of two that start at once with different keys, lets one have the database', async () => {
    const store = await open();
    const vaults = await Promise.all([1, 2].map(() => vaultOf(store, keyringOf([freshKey()]))));
    const results = await Promise.allSettled(
      vaults.map((vault, number) => vault.forWorkspace(`ws_${number}`)),
    );
    assert.deepEqual(results.map((result) => result.status).sort(), ['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    assert.ok(refused?.reason instanceof WrongMasterKeyError);
  });

  test('leaves no secret readable in any row of the database', async () => {
    const store = await open();
    const key = freshKey();
    const workspace = await (await vaultOf(store, keyringOf([key]))).forWorkspace('ws_one');
    await furnish(store, 'ws_one', { secrets: { access_token: workspace.seal(CONTEXT, SECRET) } });
    await store.insertApp(anApp({ id: 'app_two', clientSecret: workspace.seal(CONTEXT, SECRET) }));
    const everything = await dump(raw);
    assert.match(everything, /v1\.dk_/);
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
      const text = Buffer.from(SECRET).toString(encoding).replace(/=+$/, '');
      assert.ok(!everything.includes(text), `the secret as ${encoding}`);
    }
    assert.ok(!everything.includes(writeMasterKey(key)));
  });
});

async function dump(raw: (text: string) => Promise<readonly Record<string, unknown>[]>): Promise<string> {
  const tables = await raw("select tablename from pg_tables where schemaname = 'public' order by 1");
  const texts = tables.map(async ({ tablename }) =>
    JSON.stringify(await raw(`select t::text as row from "${tablename}" t order by 1`)),
  );
  return (await Promise.all(texts)).join('\n');
}

onEveryStore('A change of the master key', (open) => {
  const workspaces = Array.from({ length: 5 }, (_, number) => `ws_${number}`);

  async function sealedIn(store: Store, keyring: Keyring): Promise<Map<string, string>> {
    const vault = await vaultOf(store, keyring);
    const sealed = new Map<string, string>();
    for (const id of workspaces) sealed.set(id, (await vault.forWorkspace(id)).seal(CONTEXT, id));
    return sealed;
  }

  async function assertReadable(
    store: Store,
    keyring: Keyring,
    sealed: ReadonlyMap<string, string>,
  ): Promise<void> {
    const vault = await vaultOf(store, keyring);
    for (const [id, text] of sealed) assert.equal((await vault.forWorkspace(id)).open(CONTEXT, text), id);
  }

  test('leaves every secret readable under the new key, and the old key is refused', async () => {
    const store = await open();
    const [old, fresh] = [freshKey(), freshKey()];
    const sealed = await sealedIn(store, keyringOf([old]));
    const steps: number[] = [];
    const rotation = { store, from: keyringOf([old]), to: fresh, randomBytes, batchSize: 2 };
    await rotateMasterKey(rotation, ({ rewrapped, done }) => void steps.push(done ? -rewrapped : rewrapped));
    assert.deepEqual(steps, [2, 4, 5, -5]);
    await assertReadable(store, keyringOf([fresh]), sealed);
    await assert.rejects(vaultOf(store, keyringOf([old])), WrongMasterKeyError);
    await rotateMasterKey(rotation); // once more does no harm
    await assertReadable(store, keyringOf([fresh]), sealed);
  });

  test('can crash at any step and be run again, with everything readable in between', async () => {
    for (let crashAfter = 1; crashAfter <= 3; crashAfter += 1) {
      const store = await open();
      const [old, fresh] = [freshKey(), freshKey()];
      const sealed = await sealedIn(store, keyringOf([old]));
      const rotation = { store, from: keyringOf([old]), to: fresh, randomBytes, batchSize: 2 };
      let steps = 0;
      const crash = () => {
        steps += 1;
        if (steps === crashAfter) throw new Error('power cut');
      };
      await assert.rejects(rotateMasterKey(rotation, crash), /power cut/);
      await assertReadable(store, keyringOf([fresh, old]), sealed);
      await assert.rejects(
        vaultOf(store, keyringOf([fresh])),
        WrongMasterKeyError,
        'the old key is still needed',
      );
      await rotateMasterKey(rotation);
      await assertReadable(store, keyringOf([fresh]), sealed);
    }
  });

  test('goes on while others read, seal and add workspaces', async () => {
    const store = await open();
    const [old, fresh] = [freshKey(), freshKey()];
    const sealed = await sealedIn(store, keyringOf([old]));
    const running = await vaultOf(store, keyringOf([fresh, old]));
    let added = 0;
    await rotateMasterKey(
      { store, from: keyringOf([old]), to: fresh, randomBytes, batchSize: 1 },
      async () => {
        await assertReadable(store, keyringOf([fresh, old]), sealed);
        added += 1;
        const id = `ws_new_${added}`;
        if (added <= 3) sealed.set(id, (await running.forWorkspace(id)).seal(CONTEXT, id));
      },
    );
    sealed.set('ws_last', (await running.forWorkspace('ws_last')).seal(CONTEXT, 'ws_last'));
    await assertReadable(store, keyringOf([fresh]), sealed);
  });

  test('is refused when the key that is in use is not at hand', async () => {
    const store = await open();
    await sealedIn(store, keyringOf([freshKey()]));
    const rotation = { store, from: keyringOf([freshKey()]), to: freshKey(), randomBytes };
    await assert.rejects(rotateMasterKey(rotation), WrongMasterKeyError);
  });
});

test('a master key is read from base64 and from hexadecimal digits, and several with commas', () => {
  const key = freshKey();
  const bytes = key.key.export();
  for (const encoding of ['base64', 'base64url', 'hex'] as const) {
    assert.equal(parseMasterKey(bytes.toString(encoding)).id, key.id);
  }
  const other = freshKey();
  const keyring = keyringFromText(` ${writeMasterKey(key)} ,${writeMasterKey(other)},`);
  assert.equal(keyring.current().id, key.id);
  assert.deepEqual(keyring.ids(), [key.id, other.id]);
});

test('a text that is no master key is refused without being repeated', () => {
  for (const text of [
    'hunter2',
    'a'.repeat(63),
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
  ]) {
    assert.throws(
      () => keyringFromText(text),
      (error: Error) => /must be 32 bytes/.test(error.message) && !error.message.includes(text),
    );
  }
  assert.throws(() => keyringFromText(' , '), /No master key/);
});
