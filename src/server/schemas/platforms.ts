import { z } from 'zod';
import { day, id, listOf } from './common.ts';

const sourced = {
  source: z.string(),
  checked: day,
  confidence: z.enum(['sure', 'likely', 'unverified']),
  note: z.string().optional(),
};

/** A fact with its sources. */
function fact<Value extends z.ZodType>(value: Value) {
  const known = z.union([value, z.literal('unknown')]);
  return z.object({ value: known, ...sourced, conflicting: z.array(z.object({ value: known, ...sourced })) });
}

const lifetime = () => fact(z.union([z.number(), z.literal('never')]));

export const cadence = z
  .object({
    access_lifetime_seconds: lifetime(),
    mechanism: fact(z.enum(['refresh_token', 'token_exchange', 'jwt_bearer', 'login', 'none'])),
    renewal_lifetime_seconds: lifetime(),
    renewal_clock: fact(z.enum(['none', 'from_consent', 'from_renewal'])),
    single_use_renewal: fact(z.boolean()),
    idle_lifetime_seconds: lifetime(),
    live_grant_cap: fact(z.union([z.number(), z.literal('none')])),
    testing_lifetime_seconds: lifetime(),
    person_needed_when: fact(z.string()),
    probe_every_seconds: z.number(),
    confirm_after_seconds: fact(z.number()),
  })
  .meta({
    id: 'Cadence',
    description:
      'How the credentials live and die. Each fact has its source and the day it was read; where sources differ, both stand.',
  });

const choices = z.array(z.string()).nullable();

const method = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(['oauth', 'fields']),
    pkce: z.boolean(),
    notice: z.string().nullable(),
    cadence,
    scopes: z.array(
      z.object({
        id: z.string(),
        description: z.string(),
        by_default: z.boolean(),
        required: z.boolean(),
        features: z.array(z.string()).meta({ description: 'What stops without it.' }),
      }),
    ),
    fields: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        help: z.string(),
        secret: z.boolean(),
        required: z.boolean(),
        kind: z.enum(['text', 'password', 'date', 'json', 'choice']),
        choices,
      }),
    ),
  })
  .meta({ id: 'AuthMethod' });

export const platform = z
  .object({
    id,
    name: z.string(),
    aliases: z.array(z.string()),
    declared: z.boolean().meta({ description: 'Declared by this workspace, not built in.' }),
    redirect_uri: z.string().meta({ description: 'To be registered at the platform.' }),
    hosts: z.array(z.string()).meta({ description: 'Every host that is ever called.' }),
    app_needs_client: z.boolean(),
    app_settings: z.array(
      z.object({ id: z.string(), label: z.string(), help: z.string(), choices, required: z.boolean() }),
    ),
    methods: z.array(method),
    setup: z.array(z.string()).meta({ description: 'How to register an app.' }),
    remarks: z.array(z.object({ text: z.string(), ...sourced })),
    revocation_notice: z.string().nullable(),
  })
  .meta({ id: 'Platform', description: 'What is true about a platform.' });

export const platformList = listOf('PlatformList', platform);

/** For the document alone: the verb reads the members, and says every mistake at once. */
const told = (description: string, shape: Record<string, unknown>) =>
  z
    .unknown()
    .optional()
    .meta({ description, ...shape });
const text = (description: string) => told(description, { type: 'string' });
const words = (description: string, ...choices: string[]) =>
  told(description, { type: 'string', enum: choices });
const seconds = (description: string) =>
  told(description, { anyOf: [{ type: 'integer', minimum: 1 }, { const: 'never' }] });
const list = (description: string, items: Record<string, unknown>) =>
  told(description, { type: 'array', items });
const object = (description: string, required: readonly string[], ...names: string[]) =>
  told(description, {
    type: 'object',
    required,
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  });
const texts = { type: 'object', additionalProperties: { type: 'string' } };
const SCOPE = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string' },
    description: { type: 'string', default: '' },
    required: { type: 'boolean', description: 'Whether the connection works only in part without it.' },
    by_default: { type: 'boolean', default: true },
    features: { type: 'array', items: { type: 'string' }, description: 'What stops without it.' },
  },
};

const declaredMembers = {
  id: text('As in addresses: 2 to 40 lower-case letters, digits and dashes.'),
  name: text('As people know it.'),
  declared_on: told('The date of every fact that follows. Default: today.', {
    type: 'string',
    format: 'date',
  }),
  issuer: text(
    'Of a server whose metadata can be read (OpenID Connect Discovery, RFC 8414). Or `endpoints`.',
  ),
  endpoints: object(
    'Of a server without metadata. `issuer` and `jwks` only where ID tokens are to be read.',
    ['authorization', 'token'],
    ...['authorization', 'token', 'revocation', 'introspection', 'userinfo', 'jwks', 'issuer'],
  ),
  pkce: told('Default true.', { type: 'boolean', default: true }),
  client_auth: words(
    'How the app proves itself. Default client_secret_basic.',
    ...['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  ),
  scope_separator: words('Default a space.', ' ', ','),
  scopes: list('What can be asked for.', SCOPE),
  renewal: words('Default refresh_token.', 'refresh_token', 'none'),
  rotation: words('Whether a refresh token serves once. Default unknown.', 'always', 'never', 'unknown'),
  access_lifetime_seconds: seconds('Where the server does not say it in its answers.'),
  refresh_lifetime_seconds: seconds('Absent: unknown.'),
  refresh_clock: words('From when that counts.', 'none', 'from_consent', 'from_renewal'),
  authorize_params: told('Sent along to the authorization endpoint.', texts),
  token_params: told('Sent along to the token endpoint.', texts),
  token_types: list('Token types that are used like `bearer`.', { type: 'string' }),
  base_url: text('The address that callers of the platform begin with.'),
  identity: object(
    'Where it stands who signed in. `endpoint`: an address, or token_answer. Default: userinfo, or the ID token.',
    ['id_path'],
    ...['endpoint', 'id_path', 'name_path', 'email_path'],
  ),
  accounts: object(
    'Where the ad accounts are listed.',
    ['url'],
    ...['url', 'list_path', 'id_path', 'name_path', 'next_path'],
  ),
  extra_hosts: list('Further hosts that may be called.', { type: 'string' }),
};

export const declarePlatformBody = z.looseObject(declaredMembers).meta({
  id: 'DeclarePlatform',
  description:
    'Any OAuth 2.0 or OpenID Connect server: with an issuer whose metadata can be read, or with its endpoints.',
  required: ['id', 'name', 'base_url'],
  examples: [
    {
      id: 'acme-ads',
      name: 'Acme Ads',
      declared_on: '2026-11-22',
      endpoints: {
        authorization: 'https://login.acme.example/authorize',
        token: 'https://login.acme.example/token',
        userinfo: 'https://login.acme.example/userinfo',
      },
      base_url: 'https://api.acme.example',
      identity: { id_path: 'sub' },
      scopes: [{ id: 'ads.read', description: 'Read reports', features: ['spend reports'] }],
    },
  ],
});
