import { z } from 'zod';
import { addressProblem, isLoopback, issuerProblem } from './address.ts';

/** Scopes about the person; servers may leave them out of their answer (RFC 6749 3.3) without anything missing. */
const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

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

const checked = (problemOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const address = checked(addressProblem);
const issuer = checked(issuerProblem);
const path = z
  .string()
  .regex(/^[^.]+(\.[^.]+)*$/, 'must be field names joined by dots, such as data.user.id');
const LIFETIME = 'must be a whole number of seconds above 0, or "never"';
const lifetime = z.union([z.int(LIFETIME).positive(LIFETIME), z.literal('never')], LIFETIME);

const parameters = z.record(z.string(), z.string()).superRefine((fields, context) => {
  for (const name of Object.keys(fields).filter((field) => OWN_PARAMETERS.has(field))) {
    context.addIssue({ code: 'custom', path: [name], message: 'is set by Evergrant itself; take it out' });
  }
});

const Scope = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/, 'must be one scope, without spaces, commas or quotes'),
    description: z.string().default(''),
    /** Whether its absence leaves the grant degraded. Default: true, except for scopes about the person. */
    required: z.boolean().optional(),
    by_default: z.boolean().default(true),
    /** What stops without it, in words. */
    features: z.array(z.string()).default([]),
  })
  .transform((scope) => ({ ...scope, required: scope.required ?? !IDENTITY_SCOPES.includes(scope.id) }));

/** For servers without metadata. `issuer` and `jwks` are needed only where ID tokens are to be read. */
const Endpoints = z.strictObject({
  authorization: address,
  token: address,
  revocation: address.optional(),
  introspection: address.optional(),
  userinfo: address.optional(),
  jwks: address.optional(),
  issuer: issuer.optional(),
});

const IdentitySource = z.strictObject({
  /** Where the fields stand: an address that takes the access token, or the token answer itself. Default: userinfo. */
  endpoint: z
    .union([z.literal('token_answer'), address], 'must be a full https:// address, or "token_answer"')
    .optional(),
  /** Must stay the same for a person for ever; never a mail address. */
  id_path: path,
  name_path: path.optional(),
  email_path: path.optional(),
});

const AccountList = z.strictObject({
  url: address,
  /** Where the list stands in the answer; absent: the answer is the list. */
  list_path: path.optional(),
  id_path: path.default('id'),
  name_path: path.default('name'),
  /** Where the address of the next page stands, if the list comes in pages. */
  next_path: path.optional(),
});

const Fields = z.strictObject({
  /** As in Evergrant's own addresses. */
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,39}$/, 'must be 2 to 40 lower-case letters, digits and dashes, a letter first'),
  name: z.string().trim().min(1, 'must not be empty').max(80, 'must not be longer than 80 characters'),
  /** The day on which the operator stated all this, `YYYY-MM-DD`: the date of every fact that follows from it. */
  declared_on: z.iso.date('must be a day, such as 2026-11-22'),
  issuer: issuer.optional(),
  endpoints: Endpoints.optional(),
  pkce: z.boolean().default(true),
  client_auth: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .default('client_secret_basic'),
  scope_separator: z.enum([' ', ','], 'must be a space or a comma').default(' '),
  scopes: z.array(Scope).default([]),
  renewal: z.enum(['refresh_token', 'none']).default('refresh_token'),
  rotation: z.enum(['always', 'never', 'unknown']).default('unknown'),
  access_lifetime_seconds: lifetime.optional(),
  refresh_lifetime_seconds: lifetime.optional(),
  refresh_clock: z.enum(['none', 'from_consent', 'from_renewal']).optional(),
  authorize_params: parameters.default({}),
  token_params: parameters.default({}),
  /** Token types that are used like `bearer`, in any case. */
  token_types: z.array(z.string()).default(['bearer']),
  base_url: address.transform((url) => url.replace(/\/+$/, '')),
  identity: IdentitySource.optional(),
  accounts: AccountList.optional(),
  extra_hosts: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9.-]+(:\d+)?$|^\[[0-9a-f:]+\](:\d+)?$/, 'must be a host such as api.example.com'),
    )
    .default([]),
});

/** An OAuth 2.0 or OpenID Connect server, as its operator declares it. Stored as it is after parsing. */
export const Declaration = Fields.superRefine((declared, context) => {
  for (const [field, message] of contradictions(declared))
    context.addIssue({ code: 'custom', path: [field], message });
});
export type Declaration = z.infer<typeof Declaration>;

/** What is wrong with fields taken together. */
function contradictions(declared: z.infer<typeof Fields>): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  const { endpoints, refresh_lifetime_seconds: refreshLifetime, refresh_clock: clock } = declared;
  if (declared.issuer === undefined && endpoints === undefined) {
    found.push(['issuer', 'is missing: give the issuer of a server with metadata, or its endpoints']);
  }
  if (declared.issuer !== undefined && endpoints !== undefined) {
    found.push([
      'endpoints',
      'cannot stand beside issuer, which brings its own; for ID tokens use endpoints.issuer',
    ]);
  }
  if (typeof refreshLifetime === 'number' && (clock === undefined || clock === 'none')) {
    found.push([
      'refresh_clock',
      'is needed beside refresh_lifetime_seconds: "from_renewal" or "from_consent"',
    ]);
  }
  if (refreshLifetime === 'never' && clock !== undefined && clock !== 'none') {
    found.push(['refresh_clock', 'contradicts refresh_lifetime_seconds, which says that it never ends']);
  }
  const ids = declared.scopes.map((scope) => scope.id);
  if (new Set(ids).size !== ids.length) found.push(['scopes', 'names one scope twice']);
  if (endpoints && ids.includes('openid') && !canIdentify(declared)) {
    found.push([
      'endpoints',
      'needs issuer and jwks (to check ID tokens) or userinfo, since the scope openid is asked for',
    ]);
  }
  if (
    declared.identity &&
    declared.identity.endpoint === undefined &&
    endpoints &&
    endpoints.userinfo === undefined
  ) {
    found.push(['identity', 'needs an endpoint, since the server is declared without userinfo']);
  }
  return found;
}

function canIdentify({ endpoints, identity }: z.infer<typeof Fields>): boolean {
  return (
    identity !== undefined ||
    endpoints?.userinfo !== undefined ||
    (endpoints?.issuer !== undefined && endpoints.jwks !== undefined)
  );
}

export interface ReadingOptions {
  /** Ids and aliases that are in use already, the built-in platforms' among them. */
  readonly takenIds: readonly string[];
  /** Today, `YYYY-MM-DD`: set as `declared_on` where the declaration has none. */
  readonly today: string;
  /** Which hosts on this machine itself may be named, as `host` or `host:port`, by http or https. */
  readonly localHosts: readonly string[];
}

export type DeclarationReading =
  | { readonly ok: true; readonly declaration: Declaration }
  /** One sentence a mistake, all mistakes at once, each beginning with the field: `endpoints.token: must begin …`. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads what an operator wrote. Every mistake is named at once, in words; no value is repeated. */
export function readDeclaration(input: unknown, options: ReadingOptions): DeclarationReading {
  const dated = isObject(input) ? { declared_on: options.today, ...input } : input;
  const parsed = Declaration.safeParse(dated);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(sentence) };
  const problems = [
    ...collision(parsed.data, options.takenIds),
    ...loopbacks(parsed.data, options.localHosts),
  ];
  return problems.length === 0 ? { ok: true, declaration: parsed.data } : { ok: false, problems };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One mistake as a sentence that begins with its field. */
export function sentence(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'declaration' : issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.join(', ');
    return `${issue.path.length === 0 ? names : `${where}.${names}`}: is not a field of a declaration`;
  }
  return `${where}: ${wordsOf(issue)}`;
}

/** In words of ours; those of the schema itself stand. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    if (issue.message.endsWith('received undefined')) return 'is missing';
    return `must be ${KINDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid'))
    return `must be one of: ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_key') return 'has a name that is not a text';
  return issue.message;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  number: 'a number',
};

function collision({ id }: Declaration, takenIds: readonly string[]): string[] {
  return takenIds.includes(id) ? [`id: "${id}" is taken by another platform; choose another`] : [];
}

function loopbacks(declaration: Declaration, allowed: readonly string[]): string[] {
  return declaredAddresses(declaration)
    .map(([field, url]) => [field, new URL(url)] as const)
    .filter(([, url]) => isLoopback(url) && !allowed.includes(url.hostname) && !allowed.includes(url.host))
    .map(
      ([field]) =>
        `${field}: must not be on this machine itself, unless EVERGRANT_ALLOW_PRIVATE_HOSTS names the host`,
    );
}

/** Every address in a declaration, with the field that holds it. */
export function declaredAddresses(
  declaration: Declaration,
): readonly (readonly [field: string, url: string])[] {
  const { identity, accounts } = declaration;
  const endpoints: Readonly<Record<string, string | undefined>> = declaration.endpoints ?? {};
  const named: [string, string | undefined][] = [
    ['issuer', declaration.issuer],
    ...Object.entries(endpoints).map(([name, url]): [string, string | undefined] => [
      `endpoints.${name}`,
      url,
    ]),
    ['base_url', declaration.base_url],
    ['identity.endpoint', identity?.endpoint === 'token_answer' ? undefined : identity?.endpoint],
    ['accounts.url', accounts?.url],
    ...declaration.extra_hosts.map((host): [string, string] => ['extra_hosts', `https://${host}`]),
  ];
  return named.filter((entry): entry is [string, string] => entry[1] !== undefined);
}
