import { isLoopback } from './address.ts';

/** What an operator wrote, of which nothing is known yet. */
export type Members = Readonly<Record<string, unknown>>;

/** The members of an object; undefined: it is none. */
export function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Members)
    : undefined;
}

interface Surroundings {
  /** Ids and aliases that are in use already, the built-in platforms' among them. */
  readonly takenIds: readonly string[];
  /** Which hosts on this machine itself may be named, as `host` or `host:port`. */
  readonly localHosts: readonly string[];
}

/** Parameters that Evergrant sets itself; a declaration that set them could undo PKCE, the state or the client's proof. */
const OWN_PARAMETERS = new Set([
  ...[
    'response_type',
    'response_mode',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'nonce',
    'request',
    'request_uri',
  ],
  ...[
    'code_challenge',
    'code_challenge_method',
    'code_verifier',
    'grant_type',
    'code',
    'refresh_token',
    'token',
  ],
  ...['client_secret', 'client_assertion', 'client_assertion_type'],
]);

/**
 * What is wrong with fields taken together, or with a value that is of the right kind, as sentences that begin with the
 * field. Read from what was written, so that a field of the wrong kind hides no mistake of another.
 */
export function contradictions(written: Members, { takenIds, localHosts }: Surroundings): readonly string[] {
  return [
    ...(takenIds.includes(written.id as string)
      ? [`id: "${written.id}" is taken by another platform; choose another`]
      : []),
    ...sourceProblems(written),
    ...lifetimeProblems(written),
    ...identityProblems(written),
    ...parameterProblems(written),
    ...loopbackProblems(written, localHosts),
  ];
}

function sourceProblems({ issuer, endpoints }: Members): string[] {
  if (issuer === undefined && endpoints === undefined)
    return ['issuer: is missing: give the issuer of a server with metadata, or its endpoints'];
  if (issuer === undefined || endpoints === undefined) return [];
  return ['endpoints: cannot stand beside issuer, which brings its own; for ID tokens use endpoints.issuer'];
}

function lifetimeProblems({ refresh_lifetime_seconds: lifetime, refresh_clock: clock }: Members): string[] {
  const stands = clock === undefined || clock === 'none';
  if (typeof lifetime === 'number' && stands)
    return ['refresh_clock: is needed beside refresh_lifetime_seconds: "from_renewal" or "from_consent"'];
  if (lifetime === 'never' && !stands)
    return ['refresh_clock: contradicts refresh_lifetime_seconds, which says that it never ends'];
  return [];
}

function identityProblems(written: Members): string[] {
  const found: string[] = [];
  const endpoints = membersOf(written.endpoints);
  const identity = membersOf(written.identity);
  const scopes = Array.isArray(written.scopes) ? written.scopes : [];
  const ids = scopes.map((scope) => membersOf(scope)?.id).filter((id) => typeof id === 'string');
  if (new Set(ids).size !== ids.length) found.push('scopes: names one scope twice');
  const checksIdTokens = endpoints?.issuer !== undefined && endpoints.jwks !== undefined;
  const identifies = written.identity !== undefined || endpoints?.userinfo !== undefined || checksIdTokens;
  if (endpoints && ids.includes('openid') && !identifies)
    found.push(
      'endpoints: needs issuer and jwks (to check ID tokens) or userinfo, since the scope openid is asked for',
    );
  if (identity && identity.endpoint === undefined && endpoints && endpoints.userinfo === undefined)
    found.push('identity: needs an endpoint, since the server is declared without userinfo');
  return found;
}

function parameterProblems(written: Members): string[] {
  return ['authorize_params', 'token_params'].flatMap((field) =>
    Object.keys(membersOf(written[field]) ?? {})
      .filter((name) => OWN_PARAMETERS.has(name))
      .map((name) => `${field}.${name}: is set by Evergrant itself; take it out`),
  );
}

function loopbackProblems(written: Members, allowed: readonly string[]): string[] {
  return declaredAddresses(written)
    .filter(([, text]) => URL.canParse(text))
    .map(([field, text]) => [field, new URL(text)] as const)
    .filter(([, url]) => isLoopback(url) && !allowed.includes(url.hostname) && !allowed.includes(url.host))
    .map(
      ([field]) =>
        `${field}: must not be on this machine itself, unless EVERGRANT_ALLOW_PRIVATE_HOSTS names the host`,
    );
}

/** Every address in a declaration, read or as it was written, with the field that holds it. */
export function declaredAddresses(declared: Members): readonly (readonly [field: string, url: string])[] {
  const endpoints = Object.entries(membersOf(declared.endpoints) ?? {});
  const { endpoint } = membersOf(declared.identity) ?? {};
  const hosts = Array.isArray(declared.extra_hosts) ? declared.extra_hosts : [];
  const named: (readonly [string, unknown])[] = [
    ['issuer', declared.issuer],
    ...endpoints.map(([name, url]) => [`endpoints.${name}`, url] as const),
    ['base_url', declared.base_url],
    ['identity.endpoint', endpoint === 'token_answer' ? undefined : endpoint],
    ['accounts.url', membersOf(declared.accounts)?.url],
    ...hosts.map((host, place) => [`extra_hosts.${place}`, `https://${host}`] as const),
  ];
  return named.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}
