import { z } from 'zod';
import { HELD_REASONS } from '../../app/held.ts';
import { cause, environment, id, listOf, onlyPage, state, time } from './common.ts';

export const identity = z
  .object({ id: z.string(), kind: z.string(), name: z.string().nullable(), email: z.string().nullable() })
  .meta({ id: 'Identity', description: 'Who authorized it, as the platform names them.' });

export const evidence = z
  .object({
    check: z.string().nullable(),
    status: z.int().nullable(),
    code: z.string().nullable(),
    message: z.string().nullable(),
    confirmed_by: z.string().nullable(),
    acceptable_others: z.array(cause),
  })
  .meta({
    id: 'Evidence',
    description: 'From what the cause was read: the platform’s own words and the check that decided.',
  });

/** Why a grant or connection is what it is. */
export const why = {
  state,
  cause: cause.nullable(),
  since: time.nullable(),
  explanation: z.string().nullable().meta({ description: 'What the cause means.' }),
  who: z.string().nullable().meta({ description: 'Who has to act.' }),
  remedy: z.string().nullable().meta({ description: 'What they do.' }),
  evidence: evidence.nullable(),
};

export const heldReason = z.enum(HELD_REASONS);

export const held = z.object({ reason: heldReason, until: time }).meta({
  description:
    'Why the next renewal is kept back, and until when; null: it is not. `next_renewal_at` lies no earlier. refresh_token_may_be_spent: an answer of the platform was lost, and a single-use refresh token is not sent again while the access token works. app_left_alone: the platform refuses the app or is in trouble. awaits_database: it was renewed while the database was away, and that is put on record first.',
});

const grantMembers = {
  id,
  app_id: id,
  platform: z.string(),
  method: z.string(),
  environment,
  ...why,
  identity: identity.nullable(),
  scopes_requested: z.array(z.string()),
  scopes_granted: z.array(z.string()),
  missing_scopes: z.array(z.string()),
  consented_at: time,
  issued_at: time,
  access_expires_at: time.nullable(),
  renewal_expires_at: time.nullable(),
  next_renewal_at: time.nullable().meta({
    description:
      'When it is renewed next, or tried again where that was not possible in time. Null: nothing renews it.',
  }),
  held: held.nullable(),
  deadline_at: time.nullable(),
  last_proof_at: time.nullable(),
  failures: z.int().meta({ description: 'Failed attempts in a row.' }),
  credential_version: z.int(),
  created_at: time,
};

const example = {
  id: 'grt_01kabc',
  app_id: 'app_01kabc',
  platform: 'acme-ads',
  method: 'user_login',
  environment: 'sandbox',
  state: 'active',
  cause: null,
  since: '2026-11-22T09:00:00.000Z',
  explanation: null,
  who: null,
  remedy: null,
  evidence: null,
  identity: { id: 'p-1', kind: 'person', name: 'Ida Sommer', email: 'ida@example.org' },
  scopes_requested: ['ads.read'],
  scopes_granted: ['ads.read'],
  missing_scopes: [],
  consented_at: '2026-11-22T09:00:00.000Z',
  issued_at: '2026-11-22T09:00:00.000Z',
  access_expires_at: '2026-11-22T10:00:00.000Z',
  renewal_expires_at: null,
  next_renewal_at: '2026-11-22T09:40:00.000Z',
  held: null,
  deadline_at: null,
  last_proof_at: '2026-11-22T09:00:00.000Z',
  failures: 0,
  credential_version: 1,
  created_at: '2026-11-22T09:00:00.000Z',
};

export const grant = z.object(grantMembers).meta({
  id: 'Grant',
  description: 'One authorization: what is renewed, and what breaks.',
  examples: [example],
});

export const grantDetail = z
  .object({ ...grantMembers, connection_ids: z.array(z.string()) })
  .meta({ id: 'GrantDetail', examples: [{ ...example, connection_ids: ['con_01kabc'] }] });

export const grantList = listOf('GrantList', grant);

export const grantQuery = onlyPage.extend({
  app_id: id.optional().meta({ description: 'Only those of this app.' }),
  identity_id: z
    .string()
    .max(300)
    .regex(/^\P{Cc}*$/u)
    .optional()
    .meta({ description: 'Only those of this identity, by its id at the platform.' }),
  state: state.optional().meta({ description: 'Only those in this state.' }),
});
