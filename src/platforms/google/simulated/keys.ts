import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { parseJson } from '../../../core/answer.ts';
import type { SimWorld } from '../../kit/simulator.ts';

export interface ReadJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signatureFits: boolean;
}

const SIGNING_KEY_ID = 'simulated-signing-key';

let madePem: string | undefined;

/** Made once for all simulators of a process, when first needed: it takes a moment, and no seed can bring it back. */
function freshPem(): string {
  madePem ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return madePem;
}

/** The one RSA pair with which the simulated Google signs id tokens, and which its key files carry. */
export class Keys {
  readonly #world: SimWorld;
  #pair: { readonly pem: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  #keys() {
    if (this.#pair) return this.#pair;
    const pem = this.#world.keep?.('google_rsa_key', freshPem) ?? freshPem();
    const privateKey = createPrivateKey(pem);
    this.#pair = { pem, privateKey, publicKey: createPublicKey(privateKey) };
    return this.#pair;
  }

  privatePem = (): string => this.#keys().pem;

  /** The public key as a JWKS and, in the older form, as PEM by id. */
  jwks = () => ({
    keys: [
      { ...this.#keys().publicKey.export({ format: 'jwk' }), kid: SIGNING_KEY_ID, alg: 'RS256', use: 'sig' },
    ],
  });
  pemById = () => ({
    [SIGNING_KEY_ID]: this.#keys().publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });

  /** A JWT with RS256. */
  signed(claims: Record<string, unknown>): string {
    const text = `${encode({ alg: 'RS256', kid: SIGNING_KEY_ID, typ: 'JWT' })}.${encode(claims)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), this.#keys().privateKey).toString('base64url')}`;
  }

  /** A JWT's parts, and whether the signature is by the one pair; undefined where it is no JWT. */
  read(token: string): ReadJwt | undefined {
    const [head, body, signature] = token.split('.');
    const header = parsePart(head);
    const claims = parsePart(body);
    if (!header || !claims || signature === undefined) return undefined;
    const bytes = Buffer.from(signature, 'base64url');
    return {
      header,
      claims,
      signatureFits: verify('RSA-SHA256', Buffer.from(`${head}.${body}`), this.#keys().publicKey, bytes),
    };
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function parsePart(part: string | undefined): Record<string, unknown> | undefined {
  const value = parseJson(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** A stable id for the n-th key of a service account, as long as real ones. */
export const keyIdOf = (email: string, generation: number): string =>
  createHash('sha1').update(`${email} ${generation}`).digest('hex');
