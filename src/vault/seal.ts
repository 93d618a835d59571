import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { UnsealError } from './vault.ts';

export type RandomBytes = (length: number) => Uint8Array;

export const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';
/** Drawn afresh for each value: safe for some four thousand million values under one key (NIST SP 800-38D, 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;

/** The parts as bytes from which they can be told apart again: each is preceded by its length. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  const size = parts.reduce((sum, part) => sum + LENGTH_BYTES + Buffer.byteLength(part, 'utf8'), 0);
  const whole = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    const length = whole.write(part, at + LENGTH_BYTES, 'utf8');
    at = whole.writeUInt32BE(length, at) + length;
  }
  return whole;
}

/** Nonce, ciphertext and tag, as base64url. */
export function encrypt(
  key: KeyObject,
  boundTo: readonly string[],
  plain: Uint8Array,
  randomBytes: RandomBytes,
): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(lengthPrefixed(boundTo));
  const sealed = [nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** Throws {@link UnsealError} when the text, the key or what it is bound to is not what it was. */
export function decrypt(key: KeyObject, boundTo: readonly string[], text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  // Lenient decoding would let two texts stand for the same bytes.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) throw altered();
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(lengthPrefixed(boundTo));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw altered();
  }
}

function altered(): UnsealError {
  return new UnsealError(
    'The sealed value does not open: it was altered, moved to another place, or sealed under another key.',
  );
}
