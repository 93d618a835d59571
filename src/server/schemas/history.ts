import { z } from 'zod';
import { ACTIONS } from '../../core/action.ts';
import { cause, id, listOf, members, onlyPage, pageQuery, time } from './common.ts';
import { identity } from './grants.ts';

export const activityQuery = z.strictObject({
  limit: pageQuery.limit,
  cursor: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: 'The `next_cursor` of the page before: a `seq`. Empty: the first page.' }),
  subject: id.optional().meta({ description: 'Only rows about this id.' }),
  action: z.enum(ACTIONS).optional().meta({ description: 'Only rows of this action.' }),
});

export const activity = z
  .object({
    seq: z.int(),
    at: time,
    actor: z.string(),
    action: z.string(),
    subjects: z.array(z.string()),
    detail: members,
    hash: z.string(),
  })
  .meta({
    id: 'Activity',
    description: 'A row of the log. Each hash covers the row before, so a change is found.',
    examples: [
      {
        seq: 12,
        at: '2026-11-22T09:40:00.000Z',
        actor: 'keeper',
        action: 'grant.renewed',
        subjects: ['grt_01kabc'],
        detail: {},
        hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      },
    ],
  });
export const activityList = listOf('ActivityList', activity);

export const verified = z
  .object({ intact: z.boolean(), first_broken_seq: z.int().nullable() })
  .meta({ id: 'VerifiedActivity', examples: [{ intact: true, first_broken_seq: null }] });

export const outageQuery = onlyPage.extend({
  connection_id: id.optional().meta({ description: 'Only those of this connection.' }),
  open: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: 'true: only those that last.' }),
});

export const outage = z
  .object({
    id,
    connection_id: id,
    grant_id: id,
    cause,
    started_at: time.meta({ description: 'The best estimate of the loss.' }),
    start_evidence: z.string(),
    noticed_at: time,
    ended_at: time.nullable(),
  })
  .meta({
    id: 'Outage',
    description: 'The time for which a connection could not work: the span to fetch again.',
    examples: [
      {
        id: 'out_01kabc',
        connection_id: 'con_01kabc',
        grant_id: 'grt_01kabc',
        cause: 'revoked_by_user',
        started_at: '2026-11-22T09:00:00.000Z',
        start_evidence: 'last_proof',
        noticed_at: '2026-11-22T09:40:00.000Z',
        ended_at: null,
      },
    ],
  });
export const outageList = listOf('OutageList', outage);

export const deadlineQuery = z.strictObject({
  within_days: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(60)
    .meta({ description: 'Only those in the next so many days.' }),
});

export const deadline = z
  .object({
    grant_id: id,
    platform: z.string(),
    identity: identity.nullable(),
    connection_ids: z.array(z.string()),
    kind: z.string(),
    at: time,
    days_left: z.int(),
    ends_grant: z.boolean(),
    source: z.string(),
    last_reminded_at: time.nullable().meta({
      description: 'When `deadline.reminded` was last recorded for it; null: not yet, or not since it moved.',
    }),
    next_reminder_at: time.nullable().meta({ description: '30, 14, 7, 3 and 1 days before, each once.' }),
  })
  .meta({
    id: 'Deadline',
    description: 'A moment after which only a person can save a grant, or a part of it.',
    examples: [
      {
        grant_id: 'grt_01kabc',
        platform: 'acme-ads',
        identity: null,
        connection_ids: ['con_01kabc'],
        kind: 'renewal_credential',
        at: '2026-12-22T09:00:00.000Z',
        days_left: 30,
        ends_grant: true,
        source: 'https://developers.acme.example/tokens',
        last_reminded_at: '2026-11-22T09:00:10.000Z',
        next_reminder_at: '2026-12-08T09:00:00.000Z',
      },
    ],
  });
export const deadlineList = listOf('DeadlineList', deadline);
