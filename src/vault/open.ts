import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Instant } from '../core/instant.ts';
import type { DataKeyRecord } from '../store/records.ts';
import type { MasterKeyCheck, Store } from '../store/store.ts';
import type { Keyring } from './keyring.ts';
import { type MasterKey, makeCheck, passesCheck, unwrapDataKey, wrapDataKey } from './masterKey.ts';
import { decrypt, encrypt, KEY_BYTES, type RandomBytes } from './seal.ts';
import {
  type SealContext,
  UnsealError,
  type Vault,
  type WorkspaceVault,
  WrongMasterKeyError,
} from './vault.ts';

export interface VaultParts {
  readonly store: Pick<Store, 'getMasterKeyCheck' | 'setMasterKeyCheck' | 'getDataKeys' | 'ensureDataKey'>;
  readonly keyring: Keyring;
  readonly randomBytes: RandomBytes;
  readonly now: () => Instant;
}

const SEALED_FORM = 'v1';
const DATA_KEY_ID_BYTES = 9;
/** How often a new data key may meet the end of a rotation before something must be wrong. */
const DATA_KEY_ATTEMPTS = 5;

/** Finds the key under which the database is sealed, or refuses. Writes nothing. */
export function keyForCheck(keyring: Keyring, check: MasterKeyCheck): MasterKey {
  const key = keyring.find(check.masterKeyId);
  if (key === null || !passesCheck(key, check.check))
    throw new WrongMasterKeyError(check.masterKeyId, keyring.ids());
  return key;
}

/** The key that wraps new data keys: the one of the check, which is set to the current key on the very first use. */
async function wrappingKey({ store, keyring, randomBytes }: VaultParts): Promise<MasterKey> {
  const standing = await store.getMasterKeyCheck();
  if (standing !== null) return keyForCheck(keyring, standing);
  await store.setMasterKeyCheck(makeCheck(keyring.current(), randomBytes), null);
  const set = await store.getMasterKeyCheck();
  if (set === null) throw new Error('The check of the master key was set but cannot be read.');
  return keyForCheck(keyring, set); // another process may have set it first, with another key
}

async function makeDataKey(parts: VaultParts, workspaceId: string): Promise<DataKeyRecord> {
  const { store, randomBytes, now } = parts;
  const id = `dk_${Buffer.from(randomBytes(DATA_KEY_ID_BYTES)).toString('base64url')}`;
  const dataKey = randomBytes(KEY_BYTES);
  for (let attempt = 1; attempt <= DATA_KEY_ATTEMPTS; attempt += 1) {
    const master = await wrappingKey(parts);
    const wrapped = wrapDataKey(master, { workspaceId, id }, dataKey, randomBytes);
    const record = { workspaceId, id, wrapped, masterKeyId: master.id, createdAt: now() };
    const standing = await store.ensureDataKey(record);
    if (standing !== null) return standing;
  }
  throw new Error('A data key could not be stored: the master key was changed again and again.');
}

function openDataKey(keyring: Keyring, record: DataKeyRecord): KeyObject {
  const master = keyring.find(record.masterKeyId);
  if (master === null) throw new WrongMasterKeyError(record.masterKeyId, keyring.ids());
  return createSecretKey(unwrapDataKey(master, record, record.wrapped));
}

function boundTo(workspaceId: string, context: SealContext, dataKeyId: string): string[] {
  return [SEALED_FORM, dataKeyId, workspaceId, context.owner, context.field, String(context.version)];
}

/** Seals under the newest of the keys; opens what was sealed under any. `v1.<data key id>.<base64url>`. */
function workspaceVault(
  workspaceId: string,
  keys: ReadonlyMap<string, KeyObject>,
  newest: string,
  randomBytes: RandomBytes,
): WorkspaceVault {
  const keyOf = (id: string): KeyObject => {
    const key = keys.get(id);
    if (key === undefined)
      throw new UnsealError('The value was sealed under a data key that this workspace does not have.');
    return key;
  };
  return {
    seal: (context, plaintext) => {
      const bytes = Buffer.from(plaintext, 'utf8');
      const text = encrypt(keyOf(newest), boundTo(workspaceId, context, newest), bytes, randomBytes);
      return `${SEALED_FORM}.${newest}.${text}`;
    },
    open: (context, sealed) => {
      const [form, dataKeyId = '', text, ...rest] = sealed.split('.');
      if (form !== SEALED_FORM || text === undefined || rest.length > 0) {
        throw new UnsealError('The value is not in a form that this vault seals.');
      }
      return decrypt(keyOf(dataKeyId), boundTo(workspaceId, context, dataKeyId), text).toString('utf8');
    },
  };
}

async function openWorkspace(parts: VaultParts, workspaceId: string): Promise<WorkspaceVault> {
  const standing = await parts.store.getDataKeys(workspaceId);
  const records = standing.length > 0 ? standing : [await makeDataKey(parts, workspaceId)];
  const keys = new Map(records.map((record) => [record.id, openDataKey(parts.keyring, record)]));
  return workspaceVault(workspaceId, keys, (records[0] as DataKeyRecord).id, parts.randomBytes);
}

/**
 * Opens the vault. Throws {@link WrongMasterKeyError} when the keys are not those of the database, before anything is
 * written; so it can, and should, be called before the migrations run.
 */
export async function openVault(parts: VaultParts): Promise<Vault> {
  const check = await parts.store.getMasterKeyCheck();
  if (check !== null) keyForCheck(parts.keyring, check);
  const opened = new Map<string, Promise<WorkspaceVault>>();
  return {
    forWorkspace: (workspaceId) => {
      const known = opened.get(workspaceId);
      if (known !== undefined) return known;
      const opening = openWorkspace(parts, workspaceId);
      opened.set(workspaceId, opening);
      opening.catch(() => opened.delete(workspaceId)); // a failure is not remembered
      return opening;
    },
  };
}
