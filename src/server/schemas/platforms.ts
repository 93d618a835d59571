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

/** Its members are read by the verb, which says every mistake at once. */
export const declarePlatformBody = z.looseObject({}).meta({
  id: 'DeclarePlatform',
  description:
    'Any OAuth 2.0 or OpenID Connect server: with an issuer whose metadata can be read, or with its endpoints.',
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
