import { createHash, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { decrypt, encrypt, KEY_BYTES, type RandomBytes } from './seal.ts';
import { UnsealError } from './vault.ts';

/** A key that wraps data keys. Its id follows from it and tells nothing about it, so it may be stored and shown. */
export interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

const WRAPPED_FORM = 'w1';

export function masterKeyFrom(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES)
    throw new Error(`A master key has ${KEY_BYTES} bytes, this one has ${bytes.length}.`);
  const digest = createHash('sha256').update('evergrant master key id\n').update(bytes).digest('hex');
  return { id: `mk_${digest.slice(0, 16)}`, key: createSecretKey(bytes) };
}

/** Reads 32 bytes written as 64 hexadecimal digits or as base64 (also base64url, padded or not). */
export function parseMasterKey(text: string): MasterKey {
  if (/^[0-9a-f]{64}$/i.test(text)) return masterKeyFrom(Buffer.from(text, 'hex'));
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return masterKeyFrom(Buffer.from(text, 'base64'));
  throw new Error(
    'A master key must be 32 bytes, written as base64 (44 characters) or as hexadecimal (64 digits). ' +
      `What was given has ${text.length} characters and is neither. One can be made with: openssl rand -base64 32`,
  );
}

export function writeMasterKey(key: MasterKey): string {
  return key.key.export().toString('base64');
}

export function isSameKey(one: MasterKey, other: MasterKey): boolean {
  return timingSafeEqual(one.key.export(), other.key.export());
}

function wrapping(workspaceId: string, dataKeyId: string, masterKeyId: string): string[] {
  return ['evergrant data key', workspaceId, dataKeyId, masterKeyId];
}

/** The data key as it is stored: `w1.<master key id>.<base64url>`. */
export function wrapDataKey(
  master: MasterKey,
  owner: { readonly workspaceId: string; readonly id: string },
  dataKey: Uint8Array,
  randomBytes: RandomBytes,
): string {
  const boundTo = wrapping(owner.workspaceId, owner.id, master.id);
  return `${WRAPPED_FORM}.${master.id}.${encrypt(master.key, boundTo, dataKey, randomBytes)}`;
}

export function unwrapDataKey(
  master: MasterKey,
  owner: { readonly workspaceId: string; readonly id: string },
  wrapped: string,
): Buffer {
  const [form, masterKeyId, text] = wrapped.split('.');
  if (form !== WRAPPED_FORM || masterKeyId !== master.id || text === undefined) {
    throw new UnsealError('The data key is not wrapped by this master key.');
  }
  return decrypt(master.key, wrapping(owner.workspaceId, owner.id, master.id), text);
}

const CHECK = ['evergrant master key check'];

/** A value that only this key opens: kept in the database to tell a wrong key before anything is written. */
export function makeCheck(key: MasterKey, randomBytes: RandomBytes): { masterKeyId: string; check: string } {
  return { masterKeyId: key.id, check: encrypt(key.key, CHECK, Buffer.from(key.id), randomBytes) };
}

export function passesCheck(key: MasterKey, check: string): boolean {
  try {
    const opened = decrypt(key.key, CHECK, check);
    const expected = Buffer.from(key.id);
    return opened.length === expected.length && timingSafeEqual(opened, expected);
  } catch {
    return false;
  }
}
