import type { Fact } from '../../core/fact.ts';
import type { AuthMethod, Cadence, PlatformProfile } from '../kit/profile.ts';
import type { Declaration } from './declaration.ts';
import type { Discovered } from './discovery.ts';
import { declaredHosts, type Server, usesPlainHttp } from './server.ts';

/** The one method of a declared platform. */
export const METHOD = 'user_login';

const SOURCE = 'declared by the operator';

/** What is true about a declared server, as far as its operator says; the rest is unknown. */
export function declaredProfile(server: Server, discovered: Discovered | undefined): PlatformProfile {
  const { declaration } = server;
  return {
    id: declaration.id,
    name: declaration.name,
    aliases: [],
    hosts: declaredHosts(declaration, discovered),
    insecureLoopback: usesPlainHttp(declaration, discovered),
    listsAccounts: declaration.accounts !== undefined,
    appNeedsClient: true,
    appSettings: [],
    methods: [methodOf(declaration)],
    setup: setupOf(declaration),
    remarks: remarksOf(server),
    revocationNotice: null,
  };
}

function methodOf(declaration: Declaration): AuthMethod {
  return {
    id: METHOD,
    name: `Sign in with ${declaration.name}`,
    kind: 'oauth',
    pkce: declaration.pkce,
    cadence: cadenceOf(declaration),
    fields: [],
    scopes: declaration.scopes.map(({ id, description, required, by_default, features }) => ({
      id,
      description: description || id,
      byDefault: by_default,
      features,
      required,
    })),
  };
}

function cadenceOf(declaration: Declaration): Cadence {
  const { declared_on: checked, rotation, renewal } = declaration;
  const declared = <T>(value: T | undefined, note?: string): Fact<T> => ({
    value: value ?? 'unknown',
    source: value === undefined ? 'not declared by the operator' : SOURCE,
    checked,
    confidence: 'unverified',
    ...(note === undefined ? {} : { note }),
  });
  const refreshes = renewal === 'refresh_token';
  return {
    accessLifetimeSeconds: declared(
      declaration.access_lifetime_seconds,
      'The value in an answer goes before it.',
    ),
    mechanism: declared(renewal),
    renewalLifetimeSeconds: declared(declaration.refresh_lifetime_seconds),
    renewalClock: declared(
      declaration.refresh_clock ?? (declaration.refresh_lifetime_seconds === 'never' ? 'none' : undefined),
    ),
    singleUseRenewal:
      rotation === 'unknown'
        ? declared(
            true,
            'Whether refresh tokens rotate is not known; they are treated as single use, the safe side.',
          )
        : declared(rotation === 'always'),
    idleLifetimeSeconds: declared<number>(undefined),
    liveGrantCap: declared<number>(undefined),
    testingLifetimeSeconds: declared<number>(undefined),
    personNeededWhen: declared(
      refreshes ? 'the refresh token is refused (invalid_grant)' : 'the access token ends or is refused',
    ),
    probeEverySeconds: 24 * 3600,
    confirmAfterSeconds: {
      value: 300,
      source: 'our choice: no document states one',
      checked,
      confidence: 'unverified',
    },
  };
}

const CLIENT_AUTH_STEP: Readonly<Record<Declaration['client_auth'], string>> = {
  client_secret_basic:
    'Choose a confidential client with client_secret_basic; copy its id and secret into the app here.',
  client_secret_post:
    'Choose a confidential client with client_secret_post; copy its id and secret into the app here.',
  private_key_jwt:
    'Choose a confidential client with private_key_jwt and register its public key; put its id and the private key (a JWK with “alg” and “kid”) as secret into the app here.',
  none: 'Choose a public client; copy its id into the app here and leave the secret empty.',
};

function setupOf(declaration: Declaration): readonly string[] {
  const refreshes = declaration.renewal === 'refresh_token' ? ' and refresh_token' : '';
  return [
    `At ${declaration.name}, register a client (application) with Evergrant’s redirect address.`,
    `Allow it the grant types authorization_code${refreshes}${declaration.pkce ? ', and PKCE with S256' : ''}.`,
    CLIENT_AUTH_STEP[declaration.client_auth],
  ];
}

function remarksOf({ declaration, metadata, issuerKnown }: Server): PlatformProfile['remarks'] {
  const knowsPeople =
    declaration.identity || metadata.userinfo_endpoint || (issuerKnown && metadata.jwks_uri);
  const knowsLife =
    metadata.introspection_endpoint || metadata.userinfo_endpoint || declaration.identity?.endpoint;
  const texts = [
    knowsPeople
      ? ''
      : 'This server does not say who authorized: a reconnect cannot be checked for the same person.',
    knowsLife ? '' : 'This server has no probe: only a renewal shows whether a grant lives.',
    metadata.revocation_endpoint
      ? ''
      : 'This server has no revocation endpoint: a disconnect ends nothing there.',
  ];
  const sourced = { source: SOURCE, checked: declaration.declared_on, confidence: 'unverified' } as const;
  return texts.filter((text) => text !== '').map((text) => ({ text, ...sourced }));
}
