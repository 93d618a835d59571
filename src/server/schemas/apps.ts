import { z } from 'zod';
import { cause, environment, id, line, listOf, members, PRINTABLE, time } from './common.ts';

const secret = z
  .string()
  .max(10_000)
  .meta({ description: 'Sealed here and never shown again.', writeOnly: true });
/** May be empty: some platforms have none. */
const clientId = z.string().trim().max(500).regex(PRINTABLE, 'No control characters.');
const settings = members.meta({
  description: 'The platform’s own settings: see `app_settings` of the platform.',
});

export const createAppBody = z
  .strictObject({
    platform: id,
    environment: environment.default('live'),
    name: line().optional(),
    client_id: clientId.optional(),
    client_secret: secret.optional(),
    settings: settings.optional(),
  })
  .meta({
    id: 'CreateApp',
    examples: [
      { platform: 'acme-ads', environment: 'sandbox', client_id: 'my-client-id', client_secret: 'my-secret' },
    ],
  });

export const updateAppBody = z
  .strictObject({
    name: line().optional(),
    client_id: clientId.optional(),
    client_secret: secret.optional(),
    settings: settings.optional(),
  })
  .meta({ id: 'UpdateApp', examples: [{ name: 'Main app' }] });

const appMembers = {
  id,
  platform: z.string(),
  environment,
  name: z.string(),
  client_id: z.string(),
  has_secret: z.boolean(),
  settings: members,
  failing: z
    .object({
      cause,
      since: time,
      explanation: z.string(),
      who: z.string().meta({ description: 'Who has to act.' }),
      remedy: z.string().meta({ description: 'What they do.' }),
      retry_at: time.nullable().meta({
        description: 'Until then the app is left alone. Null: whatever is due is tried.',
      }),
    })
    .nullable()
    .meta({
      description: 'Set from the first time that the platform refuses the app, until it works again.',
    }),
  created_at: time,
  updated_at: time,
};

const example = {
  id: 'app_01kabc',
  platform: 'acme-ads',
  environment: 'sandbox',
  name: 'Acme Ads',
  client_id: 'my-client-id',
  has_secret: true,
  settings: {},
  failing: null,
  created_at: '2026-11-22T09:00:00.000Z',
  updated_at: '2026-11-22T09:00:00.000Z',
};

export const app = z
  .object(appMembers)
  .meta({ id: 'App', description: 'The operator’s OAuth client on a platform.', examples: [example] });

export const appDetail = z
  .object({
    ...appMembers,
    census: z
      .array(z.object({ identity: z.string(), authorizations: z.int(), cap: z.int(), warning: z.boolean() }))
      .meta({ description: 'How near each identity is to the platform’s cap of live authorizations.' }),
  })
  .meta({ id: 'AppDetail', examples: [{ ...example, census: [] }] });

export const appList = listOf('AppList', app);
