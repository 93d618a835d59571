import { z } from 'zod';
import { environment, id, line, listOf, onlyPage, state, time } from './common.ts';
import { diagnosis } from './diagnosis.ts';
import { held, heldReason, identity, why } from './grants.ts';

const account = {
  id: z.string(),
  name: z.string(),
  currency: z.string().nullable(),
  timezone: z.string().nullable(),
  permissions: z.array(z.string()).meta({ description: 'In the platform’s words.' }),
};
const STATUSES = ['active', 'limited', 'disabled', 'closed', 'unknown'] as const;

export const adAccount = z
  .object({ ...account, status: z.enum(STATUSES) })
  .meta({ id: 'AdAccount', description: 'An ad account that the grant reaches.' });
export const connectedAccount = z.object({ ...account, status: z.enum([...STATUSES, 'unreachable']) }).meta({
  id: 'ConnectedAccount',
  description: 'unreachable: the platform no longer lists it, or refuses to tell of it.',
});

const connectionMembers = {
  id,
  client_id: id,
  grant_id: id,
  name: z.string(),
  platform: z.string(),
  method: z.string(),
  environment,
  app_id: id,
  ...why,
  has_working_token: z.boolean().meta({
    description:
      'Whether an access token is at hand that is known to work: false once the platform has refused it and not taken it since. While that waits to be confirmed (`suspect`) the token is handed out all the same, for one answer is no verdict. False also while nobody has to reauthorize: the app is refused, or the platform is down for longer than the token lived.',
  }),
  down_since: time
    .nullable()
    .meta({ description: 'Since when no access token is known to work. Null while one is.' }),
  identity: identity.nullable(),
  accounts: z.array(connectedAccount),
  missing_scopes: z.array(z.string()),
  missing_accounts: z.array(z.string()).meta({
    description: 'Chosen ad accounts (ids) that this connection has lost, or that are closed to it.',
  }),
  access_expires_at: time.nullable(),
  next_renewal_at: time.nullable().meta({
    description:
      'When it is renewed next, or tried again where that was not possible in time. Null: nothing renews it.',
  }),
  held: held.nullable(),
  next_look_at: time.nullable().meta({
    description:
      'When Evergrant looks by itself whether what needs a person has passed at the platform; `renew` looks at once. Null where it cannot pass, or nothing needs a person.',
  }),
  deadline_at: time.nullable().meta({ description: 'The earliest moment that only a person can put off.' }),
  last_proof_at: time.nullable(),
  reconnect_url: z.string().nullable().meta({
    description:
      'A link that mends this connection and opens nothing else. Null where no new authorization mends it: it is fine or disconnected; what is wrong passes by itself, waits to be confirmed, or is for somebody to mend elsewhere (`who`, `remedy`). `POST /v1/connect-sessions` with its `connection_id` makes a link at any time.',
  }),
  created_at: time,
};

const example = {
  id: 'con_01kabc',
  client_id: 'cli_01kabc',
  grant_id: 'grt_01kabc',
  name: 'Acme Ads for Summer Shoes',
  platform: 'acme-ads',
  method: 'user_login',
  environment: 'sandbox',
  app_id: 'app_01kabc',
  state: 'expired',
  cause: 'revoked_by_user',
  since: '2026-11-22T09:40:00.000Z',
  explanation: 'The authorization was withdrawn at the platform.',
  who: 'authorizing_user',
  remedy: 'Reconnect: the person who authorized it signs in at the platform and allows access again.',
  evidence: {
    check: 'oauth.invalid_grant',
    status: 400,
    code: 'invalid_grant',
    message: 'Refresh token is invalid.',
    confirmed_by: 'probe',
    acceptable_others: [],
  },
  has_working_token: false,
  down_since: '2026-11-22T09:40:00.000Z',
  identity: { id: 'p-1', kind: 'person', name: 'Ida Sommer', email: 'ida@example.org' },
  accounts: [
    {
      id: 'acc-1',
      name: 'Summer Shoes DE',
      currency: 'EUR',
      timezone: 'Europe/Berlin',
      permissions: ['reports'],
      status: 'active',
    },
  ],
  missing_scopes: [],
  missing_accounts: [],
  access_expires_at: '2026-11-22T10:00:00.000Z',
  next_renewal_at: null,
  held: null,
  next_look_at: null,
  deadline_at: null,
  last_proof_at: '2026-11-22T09:00:00.000Z',
  reconnect_url: 'https://evergrant.example/reconnect/wsp_01~sealed',
  created_at: '2026-11-22T09:00:00.000Z',
};

export const connection = z.object(connectionMembers).meta({
  id: 'Connection',
  description: 'A client’s use of a platform, with the state of the grant it rests on.',
  examples: [example],
});

const deadline = z.object({ kind: z.string(), at: time, ends_grant: z.boolean(), source: z.string() });

export const connectionDetail = z
  .object({ ...connectionMembers, deadlines: z.array(deadline) })
  .meta({ id: 'ConnectionDetail', examples: [{ ...example, deadlines: [] }] });

export const connectionList = listOf('ConnectionList', connection);

export const connectionQuery = onlyPage.extend({
  client_id: id.optional().meta({ description: 'Only those of this client.' }),
  grant_id: id.optional().meta({ description: 'Only those that rest on this grant.' }),
  platform: id.optional().meta({ description: 'Only those of this platform, by id or alias.' }),
  state: state.optional().meta({ description: 'Only those in this state.' }),
});

export const createConnectionBody = z
  .strictObject({
    client_id: id,
    platform: id.optional().meta({ description: 'Or `app_id`.' }),
    app_id: id.optional(),
    method: id.optional().meta({ description: 'Default: the platform’s first method.' }),
    name: line().optional(),
    fields: z
      .record(z.string().max(100), z.string().max(50_000))
      .optional()
      .meta({ description: 'By field id; see `fields` of the platform’s method.' }),
    grant_id: id.optional().meta({ description: 'An authorized profile, instead of `fields`.' }),
  })
  .meta({
    id: 'CreateConnection',
    examples: [
      {
        client_id: 'cli_01kabc',
        platform: 'acme-ads',
        method: 'api_token',
        fields: { api_token: 'value' },
      },
    ],
  });

export const updateConnectionBody = z
  .strictObject({
    name: line().optional(),
    account_ids: z.array(line()).max(1000).optional().meta({
      description:
        'The ad accounts to be used, out of those reachable; one at least. To use none, disconnect the connection.',
    }),
  })
  .meta({ id: 'UpdateConnection', examples: [{ account_ids: ['acc-1'] }] });

export const tokenQuery = z.strictObject({
  min_ttl: z.coerce.number().int().min(0).max(86_400).default(300).meta({
    description:
      'Seconds of its life that the token should have left: it is renewed first when less is left. A wish, no promise: where a renewal fails, or the platform’s tokens live shorter, the freshest that works is handed out. `expires_at` tells how long it works.',
  }),
});

export const token = z
  .object({
    access_token: z.string(),
    expires_at: time.nullable().meta({ description: 'Null: it does not end by time.' }),
    headers: z
      .record(z.string(), z.string())
      .meta({ description: 'The headers with which to call the platform.' }),
    base_url: z.string().meta({
      description: 'Where calls of the platform begin; no slash at its end. In a sandbox: its simulation.',
    }),
  })
  .meta({
    id: 'Token',
    examples: [
      {
        access_token: 'value',
        expires_at: '2026-11-22T10:00:00.000Z',
        headers: { authorization: 'Bearer value' },
        base_url: 'https://api.acme.example/v1',
      },
    ],
  });

export const renewal = z
  .object({
    outcome: z.enum(['renewed', 'proven', 'failed', 'nothing', 'held', 'waiting']).meta({
      description:
        'renewed: a new credential is stored. proven: it was probed and works. failed: see `diagnosis`. nothing: nothing was due. held: the platform was not asked, see `held_reason`. waiting: still under way.',
    }),
    held_until: time
      .nullable()
      .meta({ description: 'When the platform may be asked again; null unless held.' }),
    held_reason: heldReason.nullable().meta({
      description:
        'Null unless held. refresh_token_may_be_spent: an answer was lost, and a single-use refresh token rests while the access token works. app_left_alone: the platform refuses the app or is in trouble. asked_a_moment_ago: callers do not multiply the calls to a platform. awaits_confirmation: an earlier second try would confirm nothing. awaits_database: it was renewed while the database was away, and that is put on record first.',
    }),
    diagnosis: diagnosis.nullable(),
    connection: connectionDetail,
  })
  .meta({
    id: 'Renewal',
    examples: [
      {
        outcome: 'renewed',
        held_until: null,
        held_reason: null,
        diagnosis: null,
        connection: { ...example, deadlines: [] },
      },
    ],
  });

export const disconnectBody = z
  .strictObject({
    confirm: z
      .boolean()
      .default(false)
      .meta({ description: 'True: also where the platform ends other connections with it.' }),
  })
  .meta({ id: 'Disconnect', examples: [{ confirm: true }] });

export const disconnected = z
  .object({
    at_platform: z.enum(['revoked', 'still_used', 'not_offered', 'refused']),
    notice: z.string().nullable(),
  })
  .meta({ id: 'Disconnected', examples: [{ at_platform: 'revoked', notice: null }] });

export const accountList = listOf('AdAccountList', adAccount);
