import type { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../../app/errors.ts';
import type { PageSpec } from '../page.ts';
import type { PlainSpec } from '../plain.ts';
import { pathParameters, type Route, statusOf } from '../route.ts';
import { type Components, exampleOf } from './components.ts';

/** An operation of the document. */
export type Operation = Readonly<Record<string, unknown>>;

const MANY = new Set(['data', 'next_cursor']);

/** A route of the API. */
export function routeOperation(route: Route, components: Components): Operation {
  const success = statusOf(route);
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, `Needs an API key with the scope \`${route.scope}\`.`]
      .filter(Boolean)
      .join('\n\n'),
    security: [{ apiKey: [route.scope] }],
    parameters: [...pathParts(route), ...queryParts(route.query, components), ...idempotencyPart(route)],
    ...(route.body && {
      requestBody: { required: !allOptional(route.body), content: json(route.body, 'input', components) },
    }),
    responses: {
      [success]: successOf(route, components),
      ...problemResponses(problemsOf(route)),
    },
  };
}

function successOf(route: Route, components: Components) {
  if (route.answer === null) return { description: 'Done.' };
  const created = statusOf(route) === 201;
  const headers = {
    ...(created && { Location: { description: 'Where it is found.', schema: { type: 'string' } } }),
    ...(route.noStore && {
      'Cache-Control': { description: 'Always `no-store`.', schema: { type: 'string' } },
    }),
  };
  return {
    description: created ? 'Created.' : 'As asked for.',
    headers,
    content: json(route.answer, 'output', components),
  };
}

/** What this route may answer beside success. */
function problemsOf(route: Route): readonly ProblemCode[] {
  const codes: ProblemCode[] = ['unauthorized', 'forbidden', 'internal', 'temporarily_unavailable'];
  if (route.query || route.body) codes.push('invalid_request');
  if (route.path.includes('{') || route.body) codes.push('not_found');
  if (route.body) codes.push('body_too_large', 'unsupported_media_type');
  if (route.method === 'POST') codes.push('idempotency_conflict');
  return [...new Set([...codes, ...(route.problems ?? [])])];
}

function problemResponses(codes: readonly ProblemCode[]) {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const here = codes.filter((code) => PROBLEMS[code].status === status);
      const description = here.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' ');
      const schema = { $ref: '#/components/schemas/Problem' };
      const example = problemExample(here[0] as ProblemCode);
      return [status, { description, content: { 'application/problem+json': { schema, example } } }];
    }),
  );
}

function problemExample(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  return { type: `/problems/${code}`, title, status, detail: `${title}.`, code };
}

function json(schema: z.ZodType, io: 'input' | 'output', components: Components) {
  const example = exampleOf(schema) ?? listExample(schema);
  return {
    'application/json': { schema: components.refer(schema, io), ...(example !== undefined && { example }) },
  };
}

/** A list of the example of what it lists. */
function listExample(schema: z.ZodType): unknown {
  const shape = (schema as { shape?: Record<string, unknown> }).shape ?? {};
  if (!Object.keys(shape).every((key) => MANY.has(key))) return undefined;
  const item = exampleOf((shape.data as { element: z.ZodType }).element);
  return item === undefined ? undefined : { data: [item], next_cursor: null };
}

function pathParts({ path, parameters = {} }: Pick<Route, 'parameters'> & { readonly path: string }) {
  return pathParameters(path).map((name) => ({
    name,
    in: 'path',
    required: true,
    description: parameters[name],
    schema: { type: 'string' },
  }));
}

function queryParts(query: z.ZodType | undefined, components: Components) {
  if (!query) return [];
  const { properties } = components.refer(query, 'input') as {
    properties: Record<string, { description?: string }>;
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description && { description }),
    schema,
  }));
}

function idempotencyPart(route: Route) {
  if (route.method !== 'POST') return [];
  const description =
    'The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved.';
  return [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description,
      schema: { type: 'string', maxLength: 200 },
    },
  ];
}

function allOptional(schema: z.ZodType): boolean {
  return schema.safeParse({}).success;
}

/** A page for people. */
export function pageOperation(page: PageSpec): Operation {
  const text = { 'text/html': { schema: { type: 'string' } } };
  const query = Object.entries(page.query ?? {}).map(([name, description]) => {
    return { name, in: 'query', required: false, description, schema: { type: 'string' } };
  });
  const form = {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
  return {
    operationId: page.name,
    tags: ['Pages for people'],
    summary: page.summary,
    security: [],
    parameters: [...pathParts(page), ...query],
    ...(page.method === 'POST' && { requestBody: { required: true, content: form } }),
    responses: {
      ...(page.answers.includes('page') && { 200: { description: 'The page.', content: text } }),
      ...(page.answers.includes('redirect') && {
        303: { description: 'Leads on.', headers: { Location: { schema: { type: 'string' } } } },
      }),
      default: {
        description: 'A page that says what went wrong, what to do, and leads back.',
        content: text,
      },
    },
  };
}

/** A route about the service itself. */
export function plainOperation(spec: PlainSpec, components: Components): Operation {
  const type = spec.contentType.split(';')[0] as string;
  const content = spec.answer
    ? json(spec.answer, 'output', components)
    : { [type]: { schema: { type: 'string' } } };
  return {
    operationId: spec.name,
    tags: ['Service'],
    summary: spec.summary,
    security: [],
    parameters: [],
    responses: { 200: { description: 'As asked for.', content }, ...problemResponses(spec.problems ?? []) },
  };
}
