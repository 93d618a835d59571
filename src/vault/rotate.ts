import type { DataKeyRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { newMasterKey, readKeyFile, replaceKeyFile } from './keyFile.ts';
import { type Keyring, keyringOf } from './keyring.ts';
import { isSameKey, type MasterKey, makeCheck, unwrapDataKey, wrapDataKey } from './masterKey.ts';
import { keyForCheck } from './open.ts';
import type { RandomBytes } from './seal.ts';
import { WrongMasterKeyError } from './vault.ts';

type RotationStore = Pick<
  Store,
  'getMasterKeyCheck' | 'setMasterKeyCheck' | 'dataKeysNotUnder' | 'rewrapDataKey' | 'transaction'
>;

export interface RotationProgress {
  /** Data keys that now are wrapped by the new key, since this run began. */
  readonly rewrapped: number;
  readonly done: boolean;
}

export type OnProgress = (progress: RotationProgress) => void | Promise<void>;

export interface MasterKeyRotation {
  readonly store: RotationStore;
  /** Holds the key that wraps the data keys now. */
  readonly from: Keyring;
  readonly to: MasterKey;
  readonly randomBytes: RandomBytes;
  /** Data keys in one go. Default 100. */
  readonly batchSize?: number;
}

function rewrapped({ from, to, randomBytes }: MasterKeyRotation, record: DataKeyRecord): DataKeyRecord {
  const master = from.find(record.masterKeyId);
  if (master === null) throw new WrongMasterKeyError(record.masterKeyId, from.ids());
  const dataKey = unwrapDataKey(master, record, record.wrapped);
  return { ...record, wrapped: wrapDataKey(to, record, dataKey, randomBytes), masterKeyId: to.id };
}

/** One batch; 0 when nothing is left. A key that somebody else has re-wrapped meanwhile is left as it is. */
async function rewrapBatch(rotation: MasterKeyRotation): Promise<number> {
  const { store, to, batchSize = 100 } = rotation;
  const batch = await store.dataKeysNotUnder(to.id, batchSize);
  for (const record of batch) await store.rewrapDataKey(rewrapped(rotation, record), record.masterKeyId);
  return batch.length;
}

class KeysAreLeft extends Error {}

/**
 * Moves the check to the new key, unless data keys are left under another. The row of the check is locked meanwhile,
 * and a new data key can only be stored under the key of the check, so none can slip through.
 */
async function moveCheck(
  { store, to, randomBytes }: MasterKeyRotation,
  fromId: string | null,
): Promise<boolean> {
  try {
    await store.transaction(async (inside) => {
      const moved = await inside.setMasterKeyCheck(makeCheck(to, randomBytes), fromId);
      if (!moved)
        throw new Error('Another rotation of the master key has come in between. Run this one again.');
      if ((await inside.dataKeysNotUnder(to.id, 1)).length > 0) throw new KeysAreLeft();
    });
    return true;
  } catch (error) {
    if (error instanceof KeysAreLeft) return false;
    throw error;
  }
}

/**
 * Re-wraps every data key by the new master key; what is sealed stays as it is. Can be broken off and run again at any
 * point, while other processes read and write, as long as their keyrings hold both keys. When it returns, the old key is
 * no longer needed and opens nothing.
 */
export async function rotateMasterKey(
  rotation: MasterKeyRotation,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const { store, from, to } = rotation;
  const check = await store.getMasterKeyCheck();
  if (check !== null && check.masterKeyId !== to.id) keyForCheck(from, check);
  let count = 0;
  do {
    for (let batch = await rewrapBatch(rotation); batch > 0; batch = await rewrapBatch(rotation)) {
      count += batch;
      await onProgress({ rewrapped: count, done: false });
    }
  } while (!(await moveCheck(rotation, check?.masterKeyId ?? null)));
  await onProgress({ rewrapped: count, done: true });
}

export interface KeyFileRotation {
  readonly store: RotationStore;
  readonly path: string;
  readonly randomBytes: RandomBytes;
  readonly batchSize?: number;
}

/** Works on the file while the row of the check is locked: two rotations at once cannot overwrite each other's key. */
async function withFileLocked<T>(
  { store, path }: KeyFileRotation,
  work: (keys: MasterKey[], checkId: string) => T,
) {
  return store.transaction(async (inside) => {
    const check = await inside.getMasterKeyCheck();
    if (check === null)
      throw new Error('No secret was ever sealed in this database: there is nothing to rotate.');
    keyForCheck(keyringOf(readKeyFile(path)), check);
    if (!(await inside.setMasterKeyCheck(check, check.masterKeyId))) {
      throw new Error('Another rotation of the master key has come in between. Run this one again.');
    }
    return work(readKeyFile(path), check.masterKeyId);
  });
}

/** The key to rotate to: a fresh one, or that of a rotation which was broken off. */
function beginInFile(rotation: KeyFileRotation, keys: readonly MasterKey[], checkId: string): MasterKey {
  const [first] = keys as [MasterKey];
  const isUnfinished = keys.length > 1;
  if (isUnfinished || first.id !== checkId) return first;
  const fresh = newMasterKey(rotation.randomBytes);
  if (isSameKey(fresh, first)) throw new Error('The source of random bytes gave the same key again.');
  replaceKeyFile(rotation.path, [fresh, ...keys]);
  return fresh;
}

/** Drops the keys behind the one that is in use. A newer one before it belongs to a rotation that has just begun. */
function dropOldKeys(path: string, keys: readonly MasterKey[], checkId: string): void {
  const inUse = keys.findIndex((key) => key.id === checkId);
  if (inUse >= 0 && inUse < keys.length - 1) replaceKeyFile(path, keys.slice(0, inUse + 1));
}

/**
 * Gives the key file a fresh key: puts it before the old one, re-wraps, removes the old one. A rotation that was broken
 * off is brought to its end instead of beginning another. Returns the id of the key that is in use now.
 */
export async function rotateKeyFile(rotation: KeyFileRotation, onProgress?: OnProgress): Promise<string> {
  const { store, path, randomBytes, batchSize } = rotation;
  const to = await withFileLocked(rotation, (keys, checkId) => beginInFile(rotation, keys, checkId));
  await rotateMasterKey(
    { store, from: keyringOf(readKeyFile(path)), to, randomBytes, batchSize },
    onProgress,
  );
  await withFileLocked(rotation, (keys, checkId) => dropOldKeys(path, keys, checkId));
  return to.id;
}
