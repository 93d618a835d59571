import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Keyring, keyringOf } from './keyring.ts';
import { type MasterKey, masterKeyFrom, parseMasterKey, writeMasterKey } from './masterKey.ts';
import { KEY_BYTES, type RandomBytes } from './seal.ts';

const OTHERS = 0o077;

export interface OpenKeyFile {
  readonly keyring: Keyring;
  readonly created: boolean;
  /** What a person should know about the file; null: all is well. */
  readonly note: string | null;
}

/** The keys in the file, one a line; empty lines and lines that begin with `#` do not count. */
export function readKeyFile(path: string): MasterKey[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0)
    throw new Error(
      `The key file ${path} holds no key. Restore it from its backup. Only where nothing was sealed yet, remove it: the next start makes another.`,
    );
  try {
    return keys.map(parseMasterKey);
  } catch (error) {
    throw new Error(`The key file ${path} cannot be used. ${(error as Error).message}`);
  }
}

/** Writes a draft beside the file that only its owner can read, on the disk when this returns. */
function writeDraft(path: string, keys: readonly MasterKey[]): string {
  const draft = `${path}.${process.pid}.draft`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, keys.map((key) => `${writeMasterKey(key)}\n`).join(''));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

function syncDirectoryOf(path: string): void {
  const descriptor = openSync(dirname(path), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces the file in one step: a crash leaves either the old keys or the new ones. */
export function replaceKeyFile(path: string, keys: readonly MasterKey[]): void {
  renameSync(writeDraft(path, keys), path);
  syncDirectoryOf(path);
}

/** Makes the file with one fresh key. False: another process was quicker. */
function createKeyFile(path: string, randomBytes: RandomBytes): boolean {
  const draft = writeDraft(path, [newMasterKey(randomBytes)]);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectoryOf(path);
  return true;
}

export function newMasterKey(randomBytes: RandomBytes): MasterKey {
  return masterKeyFrom(randomBytes(KEY_BYTES));
}

function isAbsent(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) === undefined;
}

function permissionNote(path: string): string | null {
  const mode = statSync(path).mode & 0o777;
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return null;
  return `The key file ${path} can be read or changed by others (mode ${mode.toString(8)}). Run: chmod 600 ${path}`;
}

/** The keys of a file, read again when an id is not among them: a rotation by another process puts its key there. */
function keyringOfFile(path: string): Keyring {
  let keyring = keyringOf(readKeyFile(path));
  return {
    current: () => keyring.current(),
    ids: () => keyring.ids(),
    find: (id) => {
      const known = keyring.find(id);
      if (known !== null) return known;
      keyring = keyringOf(readKeyFile(path));
      return keyring.find(id);
    },
  };
}

/** Opens the key file. With `create` an absent file is made, with a fresh key; without, its absence is an error. */
export function openKeyFile(path: string, options: { readonly create: RandomBytes | null }): OpenKeyFile {
  if (isAbsent(path) && options.create === null) {
    throw new Error(
      `There is no key file at ${path}. Restore it from its backup, or give the master key another way.`,
    );
  }
  const created = isAbsent(path) && options.create !== null && createKeyFile(path, options.create);
  return { keyring: keyringOfFile(path), created, note: permissionNote(path) };
}
