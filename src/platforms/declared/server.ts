import type { AuthorizationServer, Client } from 'oauth4webapi';
import type { AppConfig } from '../kit/adapter.ts';
import { declaredAddresses } from './contradictions.ts';
import type { Declaration } from './declaration.ts';
import type { Discovered } from './discovery.ts';

/** Where the issuer is declared by hand, every algorithm with a public key is taken; those with a shared secret never are. */
const PUBLIC_KEY_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  ...['EdDSA', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
];

/** A declared server with everything that is known about it. */
export interface Server {
  readonly declaration: Declaration;
  /** As oauth4webapi wants it. Where no issuer is known, `issuer` is a stand-in that nothing is compared with. */
  readonly metadata: AuthorizationServer & { readonly authorization_endpoint: string };
  readonly issuerKnown: boolean;
}

/** Throws where an issuer was declared and not discovered: a mistake of the caller, not of the operator. */
export function serverOf(declaration: Declaration, discovered: Discovered | undefined): Server {
  const { endpoints } = declaration;
  if (!endpoints) {
    if (!discovered)
      throw new Error(`The declaration of ${declaration.id} names an issuer: discover it first.`);
    return { declaration, metadata: discovered, issuerKnown: true };
  }
  const metadata = {
    issuer: endpoints.issuer ?? new URL(endpoints.token).origin,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    revocation_endpoint: endpoints.revocation,
    introspection_endpoint: endpoints.introspection,
    userinfo_endpoint: endpoints.userinfo,
    jwks_uri: endpoints.jwks,
    id_token_signing_alg_values_supported: PUBLIC_KEY_ALGORITHMS,
  };
  return { declaration, metadata, issuerKnown: endpoints.issuer !== undefined };
}

export function clientOf(app: AppConfig): Client {
  return { client_id: app.clientId };
}

/**
 * Every host that a declared platform may be called at, with its port where that is not the usual one. Without
 * `discovered`: those known from the declaration alone, which is what `discover` needs.
 */
export function declaredHosts(declaration: Declaration, discovered?: Discovered): readonly string[] {
  return [...new Set(addressesOf(declaration, discovered).map((url) => url.host))];
}

/** Whether a part of the server is spoken to without TLS, on this machine itself: the edge must be told to allow it. */
export function usesPlainHttp(declaration: Declaration, discovered?: Discovered): boolean {
  return addressesOf(declaration, discovered).some((url) => url.protocol === 'http:');
}

function addressesOf(declaration: Declaration, discovered: Discovered | undefined): readonly URL[] {
  const found = Object.values(discovered ?? {}).filter((value) => typeof value === 'string');
  return [...declaredAddresses(declaration).map(([, url]) => url), ...found].map((url) => new URL(url));
}
