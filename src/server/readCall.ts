import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Problem } from '../app/errors.ts';
import type { Route } from './route.ts';

/** What ids and names in addresses are made of; whatever else is asked for is not found. */
const PARAMETER = /^[A-Za-z0-9_.~-]{1,200}$/;

/** The checked parts of a request. Throws {@link Problem} `invalid_request` naming every member that is wrong. */
export function readCall(route: Route, request: FastifyRequest) {
  const id = (request.params as Record<string, string>).id ?? '';
  if (id !== '' && !PARAMETER.test(id)) throw new Problem('not_found', 'There is nothing at this address.');
  // Without a prototype: a member may be called `__proto__`.
  const errors: Record<string, string> = Object.create(null);
  const given = { ...(request.query as Record<string, unknown>) };
  // The first page, as a loop asks for it that has no cursor yet.
  if (given.cursor === '') delete given.cursor;
  if (route.query) noteEmpty(given, errors);
  const query = readPart(route.query, given, errors, 'query parameter');
  if (route.body) noteBrokenText(request.body, route.quoted, errors);
  const body = readPart(route.body, request.body ?? (route.body ? {} : undefined), errors, 'member');
  if (Object.keys(errors).length === 0) return { id, query, body };
  const sentences = Object.entries(errors).map(([name, message]) =>
    name === '' ? message : `${name}: ${message}`,
  );
  throw new Problem('invalid_request', sentences.join(' '), { errors });
}

/** `?min_ttl=`, as an unset variable of a shell leaves it, is neither nought nor the default. */
function noteEmpty(query: Record<string, unknown>, errors: Record<string, string>): void {
  for (const [name, value] of Object.entries(query))
    if (typeof value === 'string' && value.trim() === '')
      errors[name] = 'It is empty. Give a value, or leave it out.';
}

function readPart(
  schema: z.ZodType | undefined,
  given: unknown,
  errors: Record<string, string>,
  kind: string,
): unknown {
  if (!schema) return given;
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  for (const issue of result.error.issues) noteIssue(issue, errors, kind);
  return undefined;
}

const BROKEN = 'It holds half of a character (an unpaired surrogate). Send whole characters.';

/** No text with halves of surrogate pairs: the database would keep another one than was answered with. */
function noteBrokenText(body: unknown, quoted: string | undefined, errors: Record<string, string>): void {
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string' && !value.isWellFormed()) errors[path] = BROKEN;
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const here = path === '' ? name : `${path}.${name}`;
      if (here === quoted) continue;
      if (!name.isWellFormed()) errors[here.toWellFormed()] = BROKEN;
      look(inner, here.toWellFormed());
    }
  };
  look(body, '');
}

function noteIssue(issue: z.core.$ZodIssue, errors: Record<string, string>, kind: string): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) errors[[...issue.path, key].join('.')] = `There is no such ${kind}.`;
    return;
  }
  errors[issue.path.join('.')] ??= sentenceOf(issue);
}

/** What is wrong with a member, in a person's words. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    if (!issue.message.endsWith('received undefined')) return `It has to be of type ${issue.expected}.`;
    return issue.path.length === 0 ? 'A body is needed.' : 'It is needed.';
  }
  if (issue.code === 'invalid_value') return `Choose one of: ${issue.values.join(', ')}.`;
  if (issue.code === 'too_small') return tooSmall(issue.origin, Number(issue.minimum));
  if (issue.code === 'too_big') return `It may be at most ${issue.maximum}${unitOf(issue.origin)}.`;
  return issue.message.endsWith('.') ? issue.message : `${issue.message}.`;
}

function tooSmall(origin: string, minimum: number): string {
  if (origin !== 'number' && minimum === 1) return 'It must not be empty.';
  return `It has to be at least ${minimum}${unitOf(origin)}.`;
}

function unitOf(origin: string): string {
  return { string: ' characters', array: ' entries' }[origin] ?? '';
}
