import { z } from 'zod';
import { addressProblems, issuerProblems } from './address.ts';
import { contradictions, membersOf } from './contradictions.ts';
import { sentences } from './sentences.ts';

/** Scopes about the person; servers may leave them out of their answer (RFC 6749 3.3) without anything missing. */
const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

const checked = (problemsOf: (text: string) => readonly string[]) =>
  z.string().superRefine((text, context) => {
    for (const message of problemsOf(text)) context.addIssue({ code: 'custom', message });
  });

const address = checked(addressProblems);
const issuer = checked(issuerProblems);
const path = z
  .string()
  .regex(/^[^.]+(\.[^.]+)*$/, 'must be field names joined by dots, such as data.user.id');
const LIFETIME = 'must be a whole number of seconds above 0, or "never"';
const lifetime = z.union([z.int(LIFETIME).positive(LIFETIME), z.literal('never')], LIFETIME);

/** What is set by Evergrant itself is refused elsewhere (`contradictions.ts`). */
const parameters = z.record(z.string(), z.string());

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

/** An OAuth 2.0 or OpenID Connect server, as its operator declares it. Stored as it is after parsing. */
export const Declaration = z.strictObject({
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

export type Declaration = z.infer<typeof Declaration>;

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

/**
 * Reads what an operator wrote. Every mistake is named at once, in words, also where one field is of the wrong kind and
 * others contradict each other; no value is repeated.
 */
export function readDeclaration(input: unknown, options: ReadingOptions): DeclarationReading {
  const written = membersOf(input);
  const parsed = Declaration.safeParse(written ? { declared_on: options.today, ...written } : input);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(sentences)),
    ...(written ? contradictions(written, options) : []),
  ];
  return parsed.success && problems.length === 0
    ? { ok: true, declaration: parsed.data }
    : { ok: false, problems };
}
