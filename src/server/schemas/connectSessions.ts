import { z } from 'zod';
import { cause, id, line, time } from './common.ts';

export const startConnectBody = z
  .strictObject({
    client_id: id.optional().meta({ description: 'Whose connection it will be.' }),
    connection_id: id
      .optional()
      .meta({ description: 'Makes it a reconnect: same ids, same settings, same identity.' }),
    platform: id.optional().meta({ description: 'Or `app_id`.' }),
    app_id: id.optional().meta({ description: 'Default: the workspace’s only app of the platform.' }),
    method: id.optional().meta({ description: 'Default: the platform’s first method.' }),
    scopes: z
      .array(line(500))
      .max(100)
      .optional()
      .meta({ description: 'Default: the method’s default scopes.' }),
    name: line().optional(),
    return_url: z
      .string()
      .max(2000)
      .optional()
      .meta({ description: 'Where the page leads afterwards; https, or http for localhost.' }),
    allow_other_identity: z
      .boolean()
      .optional()
      .meta({ description: 'Accept somebody else on a reconnect. Logged.' }),
  })
  .meta({ id: 'StartConnect', examples: [{ client_id: 'cli_01kabc', platform: 'acme-ads' }] });

export const startedConnect = z.object({ id, url: z.string(), expires_at: time }).meta({
  id: 'StartedConnect',
  description: 'Send the person to `url`.',
  examples: [
    {
      id: 'ses_01kabc',
      url: 'https://evergrant.example/connect/secret',
      expires_at: '2026-11-22T10:00:00.000Z',
    },
  ],
});

export const connectSession = z
  .object({
    id,
    status: z.enum(['open', 'completed', 'failed', 'expired']),
    client_id: id,
    platform: z.string(),
    method: z.string(),
    app_id: id,
    scopes: z.array(z.string()),
    connection_id: z.string().nullable().meta({ description: 'What was made or mended.' }),
    cause: cause.nullable().meta({ description: 'Why the last try failed.' }),
    detail: z.string().nullable(),
    created_at: time,
    expires_at: time,
    finished_at: time.nullable(),
  })
  .meta({
    id: 'ConnectSession',
    examples: [
      {
        id: 'ses_01kabc',
        status: 'completed',
        client_id: 'cli_01kabc',
        platform: 'acme-ads',
        method: 'user_login',
        app_id: 'app_01kabc',
        scopes: ['ads.read'],
        connection_id: 'con_01kabc',
        cause: null,
        detail: null,
        created_at: '2026-11-22T09:00:00.000Z',
        expires_at: '2026-11-22T10:00:00.000Z',
        finished_at: '2026-11-22T09:01:00.000Z',
      },
    ],
  });
