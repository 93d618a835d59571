import { KeyObject, sign } from 'node:crypto';

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
const WATCHED = ['sign', 'verify', 'digest', 'importKey', 'exportKey', 'encrypt', 'decrypt'] as const;

/**
 * Announces what libraries have computed by threads. RSA signatures are made at once instead: a thread takes as long, and
 * the world would stand idle meanwhile. Returns how to stop it.
 */
export function watchSignatures(rest: Rest, subtle: Subtle = globalThis.crypto.subtle): () => void {
  for (const name of WATCHED) {
    const real = Object.getPrototypeOf(subtle)[name] as (...given: unknown[]) => Promise<unknown>;
    const watched = async (...given: unknown[]) =>
      (name === 'sign' && rsaSignature(...given)) || rest.inLine(() => real.apply(subtle, given));
    Object.defineProperty(subtle, name, { value: watched, configurable: true, writable: true });
  }
  return () => {
    for (const name of WATCHED) Reflect.deleteProperty(subtle, name);
  };
}

function rsaSignature(_algorithm?: unknown, key?: unknown, data?: unknown): Uint8Array | null {
  const { algorithm } = key as { readonly algorithm: { readonly name: string; readonly hash?: unknown } };
  if (algorithm.name !== 'RSASSA-PKCS1-v1_5') return null;
  const hash = (algorithm.hash as { readonly name: string }).name;
  return new Uint8Array(sign(hash, data as Uint8Array, KeyObject.from(key as never)));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
