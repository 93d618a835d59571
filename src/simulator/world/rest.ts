import { createPublicKey, type KeyObject, sign } from 'node:crypto';

/**
 * Knows when everything has come to rest. Promises alone settle within one turn of the event loop; what takes longer in
 * reality (a database, a signature made by a thread) is announced by `during`, one after the other, so that the same
 * seed meets it in the same order.
 */
export class Rest {
  #under = 0;
  #lined: Promise<unknown> = Promise.resolve();
  #ended: (() => void) | null = null;

  /** Work that goes on outside of the event loop. */
  during = <T>(work: () => Promise<T>): Promise<T> => {
    this.#under += 1;
    return work().finally(() => {
      this.#under -= 1;
      if (this.#under === 0) this.#ended?.();
    });
  };

  /** As `during`, each begun when the one before it has ended. */
  inLine = <T>(work: () => Promise<T>): Promise<T> =>
    this.during(() => {
      const turn = this.#lined.then(work);
      this.#lined = turn.catch(() => undefined);
      return turn;
    });

  atRest = async (): Promise<void> => {
    await nextTurn();
    while (this.#under > 0) {
      await new Promise<void>((resolve) => {
        this.#ended = resolve;
      });
      this.#ended = null;
      await nextTurn();
    }
  };
}

type Subtle = typeof globalThis.crypto.subtle;
type Method = (...given: unknown[]) => unknown;
const WATCHED = ['sign', 'verify', 'digest', 'importKey', 'exportKey', 'encrypt', 'decrypt'] as const;

/**
 * Announces what libraries have computed by threads. RSA signatures are made at once instead: a thread takes as long, and
 * the world would stand idle meanwhile. Returns how to stop it.
 */
export function watchSignatures(rest: Rest, subtle: Subtle = globalThis.crypto.subtle): () => void {
  const { keyOf, forget } = rememberKeys();
  for (const name of WATCHED) {
    const real = methodOf(Object.getPrototypeOf(subtle), name);
    const watched = async (...given: unknown[]) => {
      const key = name === 'sign' ? keyOf(given[1] as object) : undefined;
      if (key === undefined) return rest.inLine(async () => real.apply(subtle, given));
      return new Uint8Array(sign(key.hash, given[2] as Uint8Array, key.key));
    };
    Object.defineProperty(subtle, name, { value: watched, configurable: true, writable: true });
  }
  return () => {
    for (const name of WATCHED) Reflect.deleteProperty(subtle, name);
    forget();
  };
}

/** RFC 8037, appendix A.2. */
const ANY_PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

interface RsaKey {
  readonly key: KeyObject;
  readonly hash: string;
}

/** From here on it is known from which RSA key one of the Web Crypto API was made, which does not tell itself. */
function rememberKeys() {
  const known = new WeakMap<object, RsaKey>();
  // The class of all keys that are half of a pair has no name to be had by, so that it is had by one of them.
  const anyKey = createPublicKey({ key: ANY_PUBLIC_KEY, format: 'jwk' });
  const keys = Object.getPrototypeOf(Object.getPrototypeOf(anyKey)) as object;
  const real = methodOf(keys, 'toCryptoKey');
  const remembering = function (this: KeyObject, ...given: unknown[]) {
    const made = real.apply(this, given) as { readonly algorithm: { name: string; hash: { name: string } } };
    if (made.algorithm.name === 'RSASSA-PKCS1-v1_5')
      known.set(made, { key: this, hash: made.algorithm.hash.name });
    return made;
  };
  Object.defineProperty(keys, 'toCryptoKey', { value: remembering, configurable: true, writable: true });
  return {
    keyOf: (made: object): RsaKey | undefined => known.get(made),
    forget: () => void Object.defineProperty(keys, 'toCryptoKey', { value: real }),
  };
}

function methodOf(owner: object, name: string): Method {
  return (owner as Readonly<Record<string, Method>>)[name]!;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
