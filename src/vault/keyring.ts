import { type MasterKey, parseMasterKey } from './masterKey.ts';

/** The master keys at hand. New things are wrapped by the current one; the others only open. */
export interface Keyring {
  readonly current: () => MasterKey;
  /** Null: there is no such key, also after a look at where the keys come from. */
  readonly find: (id: string) => MasterKey | null;
  readonly ids: () => readonly string[];
}

/** The first of the keys is the current one. */
export function keyringOf(keys: readonly MasterKey[]): Keyring {
  const [first] = keys;
  if (first === undefined) throw new Error('No master key was given.');
  return {
    current: () => first,
    find: (id) => keys.find((key) => key.id === id) ?? null,
    ids: () => keys.map((key) => key.id),
  };
}

/** Reads `EVERGRANT_MASTER_KEY`: one key, or several with commas between them. */
export function keyringFromText(text: string): Keyring {
  const keys = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return keyringOf(keys.map(parseMasterKey));
}
