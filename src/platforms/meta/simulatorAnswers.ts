import { jsonAnswer, type SimAnswer, type SimRequest } from '../kit/simulator.ts';

/** What the envelope of an error says. */
export interface SimFault {
  readonly code: number;
  readonly subcode?: number;
  readonly message: string;
  readonly type?: string;
  readonly status?: number;
  readonly transient?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one envelope. Optional fields are left out where there is nothing to say, as the real one does. */
export function failure(fault: SimFault): SimAnswer {
  const error = {
    message: fault.message,
    type: fault.type ?? 'OAuthException',
    ...(fault.transient === undefined ? {} : { is_transient: fault.transient }),
    code: fault.code,
    ...(fault.subcode === undefined ? {} : { error_subcode: fault.subcode }),
    fbtrace_id: 'AsImulatedTrace0',
  };
  return jsonAnswer(fault.status ?? 400, { error }, fault.headers);
}

const lostSession = (subcode: number, why: string): SimFault => ({
  code: 190,
  subcode,
  message: `Error validating access token: ${why}`,
});

/** Ways in which a session dies, with Meta’s words for them. */
export const SESSION_FAULTS = {
  removed: lostSession(458, 'The user has not authorized application 138002000400160.'),
  checkpoint: lostSession(
    459,
    'You cannot access the app till you log in to www.facebook.com and follow the instructions given.',
  ),
  password: lostSession(
    460,
    'The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.',
  ),
  unconfirmed: lostSession(
    464,
    'Sessions for the user are not allowed because the user is not a confirmed user.',
  ),
  loggedOut: lostSession(467, 'The session is invalid because the user logged out.'),
  blocking: lostSession(490, 'The user is enrolled in a blocking, logged-in checkpoint'),
} as const;

export const DATA_ACCESS_ENDED: SimFault = {
  code: 190,
  subcode: 493,
  message: "The access token is invalid since the user hasn't engaged the app in longer than 90 days.",
};
export const CANNOT_PARSE: SimFault = {
  code: 190,
  message: 'Invalid OAuth access token - Cannot parse access token',
};
export const APP_DELETED: SimFault = {
  code: 190,
  message: 'Error validating application. Application has been deleted.',
};
export const NO_TOKEN: SimFault = {
  code: 2500,
  message: 'An active access token must be used to query information about the current user.',
};

export const TERMS_NOT_ACCEPTED: SimFault = {
  code: 200,
  subcode: 1870034,
  message: '(#200) Permissions error',
};

export function expired(at: number, now: number): SimFault {
  const day = (moment: number) => new Date(moment).toUTCString();
  return lostSession(463, `Session has expired on ${day(at)}. The current time is ${day(now)}.`);
}

export function notThere(method: string, id: string): SimFault {
  return {
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message:
      `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to ` +
      'missing permissions, or does not support this operation. Please read the Graph API documentation',
  };
}

export function forbidden(message: string): SimFault {
  return { code: 200, message: `(#200) ${message}`, status: 403 };
}

/** Parameters from wherever they were put: query, form, or JSON body. */
export function parametersOf(request: SimRequest): URLSearchParams {
  const all = new URLSearchParams(request.query);
  for (const [name, value] of bodyParameters(request)) all.set(name, value);
  return all;
}

function bodyParameters(request: SimRequest): Iterable<readonly [string, string]> {
  if (request.body === '') return [];
  if (!request.body.trimStart().startsWith('{')) return new URLSearchParams(request.body);
  const json = JSON.parse(request.body) as Record<string, unknown>;
  return Object.entries(json).map(([name, value]) => [name, String(value)] as const);
}

/** The object with the fields asked for, and its id always; nested selections count by their outer name. */
export function pick(object: Record<string, unknown>, fields: string | null, byDefault: readonly string[]) {
  const names = fields === null ? byDefault : outerNames(fields);
  return Object.fromEntries(Object.entries(object).filter(([name]) => name === 'id' || names.includes(name)));
}

function outerNames(fields: string): readonly string[] {
  let flat = fields;
  while (/\{[^{}]*\}/.test(flat)) flat = flat.replace(/\{[^{}]*\}/g, '');
  return flat.split(',').map((field) => (field.split('.')[0] ?? '').trim());
}

/** Pages hold fewer entries than asked for when Meta sees fit; this one always sees fit. */
const LARGEST_PAGE = 3;

/** A page of a list with cursors, and a ready-made address of the next one, token and all. */
export function page(request: SimRequest, parameters: URLSearchParams, rows: readonly unknown[]): SimAnswer {
  const limit = Math.min(Number(parameters.get('limit') ?? 25) || 25, LARGEST_PAGE);
  const start = Number(fromCursor(parameters.get('after')) || 0);
  const data = rows.slice(start, start + limit);
  const more = start + limit < rows.length;
  const paging =
    data.length === 0
      ? undefined
      : { cursors: cursors(start, data.length), ...nextOf(more, request, parameters, start + limit) };
  const summary = parameters.get('summary') === 'true' ? { summary: { total_count: rows.length } } : {};
  return jsonAnswer(200, { data, ...(paging ? { paging } : {}), ...summary });
}

const toCursor = (index: number): string => Buffer.from(String(index)).toString('base64url');
const fromCursor = (cursor: string | null): string => Buffer.from(cursor ?? '', 'base64url').toString();
const cursors = (start: number, length: number) => ({
  before: toCursor(start),
  after: toCursor(start + length),
});

function nextOf(
  more: boolean,
  request: SimRequest,
  parameters: URLSearchParams,
  index: number,
): { next?: string } {
  if (!more) return {};
  const query = new URLSearchParams(parameters);
  query.set('after', toCursor(index));
  return { next: `https://graph.facebook.com${request.path}?${query}` };
}
