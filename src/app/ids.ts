import type { House } from './context.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_CHARACTERS = 16;
const TIME_CHARACTERS = 9;

export type IdPrefix = 'wsp' | 'key' | 'app' | 'cli' | 'grt' | 'con' | 'ses' | 'out' | 'dky';

/** A fresh id such as `con_01kab…`: sorts by time, 80 random bits, Crockford base 32. */
export function newId(house: Pick<House, 'now' | 'randomBytes'>, prefix: IdPrefix): string {
  let time = house.now();
  let head = '';
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    head = ALPHABET[time % 32]! + head;
    time = Math.floor(time / 32);
  }
  const tail = Array.from(house.randomBytes(RANDOM_CHARACTERS), (byte) => ALPHABET[byte % 32]).join('');
  return `${prefix}_${head}${tail}`;
}

/** 256 random bits as base64url: for links, states, code verifiers (RFC 7636 4.1) and API keys. */
export function newSecret(house: Pick<House, 'randomBytes'>): string {
  return Buffer.from(house.randomBytes(32)).toString('base64url');
}
