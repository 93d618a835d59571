import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../../app/errors.ts';
import { ALL_CAUSES } from '../../core/cause.ts';
import { GRANT_STATES, STATE_WORDS } from '../../core/grantState.ts';

export const time = z.string().meta({ format: 'date-time', description: 'RFC 3339, in UTC.' });
export const day = z.string().meta({ format: 'date' });
export const cause = z
  .enum(ALL_CAUSES)
  .meta({ id: 'Cause', description: 'Why something does not work: the one vocabulary of causes.' });
export const state = z.enum(GRANT_STATES).meta({
  id: 'State',
  description: GRANT_STATES.map(
    (state) => `${state} (“${STATE_WORDS[state].words}”): ${STATE_WORDS[state].meaning}`,
  ).join(' '),
});
export const environment = z
  .enum(['live', 'sandbox'])
  .meta({ id: 'Environment', description: 'sandbox: the simulated platforms.' });

export const PRINTABLE = /^\P{Cc}*$/u;

/** A line of text that people or programs chose. */
export const line = (most = 200) =>
  z.string().trim().min(1).max(most).regex(PRINTABLE, 'No control characters.');

/** An id as it is handed out here. */
export const id = z.string().regex(/^[A-Za-z0-9_.~-]{1,200}$/, 'This is not an id.');

/** Free members, such as settings. */
export const members = z.record(z.string().max(100), z.unknown());

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'How many rows at most.' }),
  cursor: id.optional().meta({ description: 'The `next_cursor` of the page before. Empty: the first page.' }),
};

export const onlyPage = z.strictObject(pageQuery);

/** A page of rows, newest first. */
export function listOf<Item extends z.ZodType>(name: string, item: Item) {
  const next = z.string().nullable().meta({ description: 'Null: there are no more.' });
  return z.object({ data: z.array(item), next_cursor: next }).meta({ id: name });
}

/** Members beside these depend on the code; those that several problems have are listed. */
export const problem = z.looseObject({
  type: z.string().meta({ description: '`/problems/{code}`: a page about it.' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What happened and what to do, for people.' }),
  code: z
    .enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]])
    .meta({ description: 'Stable; decide on this.' }),
  errors: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'What is wrong with each member or parameter, by its name.' }),
  cause: cause.optional(),
  since: time.optional().meta({ description: 'Since when it is so. RFC 3339, in UTC.' }),
  who: z.string().optional().meta({ description: 'Who has to act.' }),
  remedy: z.string().optional().meta({ description: 'What they do.' }),
  reconnect_url: z
    .string()
    .optional()
    .meta({ description: 'With `reauthorization_required`: the link that mends it.' }),
  retry_at: time.nullable().optional().meta({ description: 'When Evergrant tries again by itself.' }),
  held_until: time.optional().meta({
    description:
      'With `reauthorization_required` of a renewal: the platform was not asked, and may be from then on.',
  }),
  held_reason: z.string().optional().meta({ description: 'Why it was not asked.' }),
  connections: z
    .array(z.object({ id, name: z.string(), client_id: id, platform: z.string() }))
    .optional()
    .meta({ description: 'With `confirmation_required`: what would end too.' }),
});
