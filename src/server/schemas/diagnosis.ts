import { z } from 'zod';
import { cause, id, state, time } from './common.ts';

const ENDPOINTS = ['authorize', 'token', 'api', 'probe', 'revoke'] as const;

const answer = {
  status: z.int().min(100).max(599),
  headers: z.record(z.string().max(200), z.string().max(8000)).default({}),
  body: z.unknown().optional().meta({ description: 'Text, or the JSON itself.' }),
};
const answerExample = {
  status: 400,
  body: { error: 'invalid_grant', error_description: 'Refresh token is invalid.' },
};

export const failureBody = z
  .strictObject({ endpoint: z.enum(ENDPOINTS).default('api'), ...answer })
  .meta({ id: 'ReportFailure', examples: [{ endpoint: 'api', ...answerExample, status: 401 }] });

export const diagnoseBody = z
  .strictObject({ platform: id, endpoint: z.enum(ENDPOINTS).default('api'), ...answer })
  .meta({ id: 'Diagnose', examples: [{ platform: 'acme-ads', endpoint: 'token', ...answerExample }] });

const example = {
  cause: 'revoked_by_user',
  meaning: 'person_needed',
  permanent: true,
  who: 'authorizing_user',
  reach: 'grant',
  acceptable_others: ['renewal_credential_expired'],
  explanation: 'The authorization was withdrawn at the platform.',
  remedy: 'Reconnect: the person who authorized it signs in at the platform and allows access again.',
  retry_after_seconds: null,
  check: 'oauth.invalid_grant',
  platform_code: 'invalid_grant',
  platform_message: 'Refresh token is invalid.',
};

const MEANINGS = ['transient', 'person_needed', 'app_fault', 'unknown_outcome'] as const;

export const diagnosis = z
  .object({
    cause,
    meaning: z.enum(MEANINGS),
    permanent: z.boolean().meta({ description: 'No retry and no renewal heals it until somebody acts.' }),
    who: z.enum(['nobody', 'authorizing_user', 'account_admin', 'operator', 'platform']),
    reach: z.enum(['grant', 'part_of_grant', 'app', 'call', 'platform']),
    acceptable_others: z.array(cause).meta({ description: 'Causes that the answer cannot rule out.' }),
    explanation: z.string(),
    remedy: z.string(),
    retry_after_seconds: z.number().nullable(),
    check: z.string().meta({ description: 'The check that decided.' }),
    platform_code: z.string().nullable(),
    platform_message: z.string().nullable(),
  })
  .meta({ id: 'Diagnosis', description: 'What a platform’s answer means.', examples: [example] });

/** What was asked about may be no failure at all. */
export const answerReading = z
  .object({
    ...diagnosis.shape,
    cause: cause.nullable().meta({ description: 'Null: the answer is a success.' }),
    meaning: z.enum([...MEANINGS, 'success']),
  })
  .meta({ id: 'AnswerReading', description: 'What a platform’s answer means.', examples: [example] });

export const reported = z
  .object({
    diagnosis: answerReading,
    state,
    held_until: time.nullable().meta({
      description:
        'When the platform is asked, where it was not asked now: the grant was looked at a moment ago, waits to be confirmed, or its app is left alone; or until when somebody else holds the grant at most. Null: it was asked, or need not be.',
    }),
  })
  .meta({ id: 'ReportedFailure', examples: [{ diagnosis: example, state: 'suspect', held_until: null }] });
