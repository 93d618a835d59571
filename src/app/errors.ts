/** Every error that callers can meet, by stable code, with its HTTP status and title (RFC 9457). */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unknown_platform: { status: 400, title: 'There is no such platform' },
  unknown_method: { status: 400, title: 'The platform has no such auth method' },
  invalid_fields: { status: 400, title: 'The fields are not valid' },
  unauthorized: { status: 401, title: 'An API key is needed' },
  forbidden: { status: 403, title: 'The API key does not allow this' },
  method_not_allowed: { status: 405, title: 'The address does not take this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  head_too_large: { status: 431, title: 'The address and the headers are too large' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of another kind than is taken' },
  not_found: { status: 404, title: 'There is no such thing here' },
  conflict: { status: 409, title: 'This is in the way of something that exists' },
  reauthorization_required: { status: 409, title: 'A person has to authorize this again' },
  platform_refuses: { status: 409, title: 'The platform refuses this until somebody acts' },
  confirmation_required: { status: 409, title: 'This ends more than was asked for' },
  connection_disconnected: { status: 409, title: 'The connection was disconnected' },
  identity_mismatch: { status: 409, title: 'Somebody else signed in' },
  clock_fixed: { status: 409, title: 'The clock cannot be moved here' },
  clock_moved: { status: 409, title: 'The clock of this sandbox was moved' },
  clock_moving: { status: 409, title: 'The clock is being moved' },
  idempotency_conflict: { status: 409, title: 'The idempotency key belongs to another request' },
  link_expired: { status: 410, title: 'The link is no longer valid' },
  state_invalid: { status: 400, title: 'This sign-in was not begun here, or is over' },
  consent_denied: { status: 400, title: 'Access was declined' },
  connect_failed: { status: 502, title: 'The platform did not complete the connection' },
  app_failing: { status: 503, title: 'The platform does not accept the app' },
  temporarily_unavailable: { status: 503, title: 'Not possible at the moment' },
  not_supported: { status: 422, title: 'The platform has no way to do this' },
  internal: { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A failure that the caller is meant to read. `detail` says what happened and what to do; never a secret. */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** Further members of the problem document, in snake_case. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.extensions = extensions;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

export function notFound(kind: string, id: string): Problem {
  return new Problem('not_found', `There is no ${kind} ${id} in this workspace.`);
}
