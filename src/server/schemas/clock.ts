import { z } from 'zod';
import { readSpan } from '../../app/span.ts';
import { id, time } from './common.ts';

const TO = 'Give `next_renewal`, `next_deadline`, or a moment still to come such as `2027-01-31T12:00:00Z`.';
const SPAN = 'A span: `30s`, `15m`, `36h`, `90d` or `2w`.';

export const forwardClockBody = z
  .strictObject({
    by: z
      .string()
      .refine((text) => readSpan(text) !== undefined, SPAN)
      .optional()
      .meta({ description: SPAN }),
    to: z
      .union([z.enum(['next_renewal', 'next_deadline'], TO), z.iso.datetime({ offset: true, error: TO })], TO)
      .optional()
      .meta({
        description:
          '`next_renewal`: to the next renewal of this workspace. `next_deadline`: a minute past its next deadline, so that what ends has ended. Or a moment (RFC 3339) that is still to come.',
      }),
  })
  .refine(({ by, to }) => (by === undefined) !== (to === undefined), {
    message: 'Give “by” (a span) or “to” (a moment), one of both.',
    path: ['by'],
  })
  .meta({ id: 'ForwardClock', examples: [{ by: '1d' }, { to: 'next_renewal' }] });

const coming = z.object({ at: time, grant_id: id, platform: z.string() });

const move = z.object({
  from: time,
  to: time,
  at: time.meta({ description: 'How far it has come.' }),
  share: z.number().meta({ description: 'The same as a part of the way, from 0 to 1.' }),
  state: z.enum(['under_way', 'done', 'stopped', 'failed']).meta({
    description: 'failed: by a fault of ours, which the service’s log tells. What is due stays due.',
  }),
  renewals: z.int().meta({ description: 'Renewals on the way that succeeded.' }),
  failures: z.int().meta({ description: 'Renewals on the way that did not.' }),
});

export const clock = z
  .object({
    now: time,
    state: z.enum(['running', 'frozen']),
    touched: z
      .boolean()
      .meta({ description: 'Whether it was ever frozen or moved: then no live app can be made here.' }),
    fixed_reason: z
      .string()
      .nullable()
      .meta({ description: 'Why it cannot be moved, and what to do: a live app is here. Null: it can.' }),
    ahead_seconds: z.int().meta({ description: 'Ahead of the real time; below 0 after it has stood still.' }),
    next_renewal: coming.nullable().meta({ description: 'In this workspace. Null: none is to come.' }),
    next_deadline: coming
      .nullable()
      .meta({ description: 'The next moment that only a person can put off. Null: none is known.' }),
    move: move.nullable().meta({ description: 'The move under way, else the last one. Null: none yet.' }),
  })
  .meta({
    id: 'Clock',
    examples: [
      {
        now: '2026-11-23T09:00:00.000Z',
        state: 'frozen',
        touched: true,
        fixed_reason: null,
        ahead_seconds: 86_400,
        next_renewal: { at: '2026-11-23T09:38:20.000Z', grant_id: 'grt_01kabc', platform: 'example' },
        next_deadline: { at: '2027-01-21T09:00:00.000Z', grant_id: 'grt_01kdef', platform: 'example' },
        move: {
          from: '2026-11-22T09:00:00.000Z',
          to: '2026-11-23T09:00:00.000Z',
          at: '2026-11-23T09:00:00.000Z',
          share: 1,
          state: 'done',
          renewals: 252,
          failures: 0,
        },
      },
    ],
  });
