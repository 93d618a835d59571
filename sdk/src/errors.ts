import type { Cause } from './types.ts';

/**
 * Codes that this client gives itself, where no answer of Evergrant is at hand:
 * `network_error` (nothing answered), `timeout` (nothing answered in time), `unexpected_answer` (something answered that
 * is not Evergrant, such as a proxy). All other codes come from the API and are listed in its documents.
 */
export type ClientCode = 'network_error' | 'timeout' | 'unexpected_answer';

export interface ErrorParts {
  readonly code: string;
  readonly status: number | null;
  readonly detail: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly origin?: unknown;
}

/** Everything that can go wrong with a call. Its message says what happened and what to do, and never holds a secret. */
export class EvergrantError extends Error {
  /** Stable; decide on this: `reauthorization_required`, `not_found`, `temporarily_unavailable` … */
  readonly code: string;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** What happened and what to do, for people. */
  readonly detail: string;
  /** Why a connection does not work, in Evergrant's vocabulary of causes (`revoked_by_user` …); null where that is not it. */
  override readonly cause: Cause | null;
  /** Who does what to mend it, for people; null where the API does not say. */
  readonly remedy: string | null;
  /** A link under which the person who has to act can reconnect, without an account at Evergrant; else null. */
  readonly reconnectUrl: string | null;
  /** All further members of the problem document, in snake_case. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** The error below, where no answer came. */
  readonly origin: unknown;

  constructor({ code, status, detail, extensions = {}, origin }: ErrorParts) {
    super(detail);
    this.name = 'EvergrantError';
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.cause = textOrNull(extensions.cause) as Cause | null;
    this.remedy = textOrNull(extensions.remedy);
    this.reconnectUrl = textOrNull(extensions.reconnect_url);
    this.extensions = extensions;
    // Not enumerable: whoever logs the error does not need the whole error below.
    Object.defineProperty(this, 'origin', { value: origin, enumerable: false });
  }

  /** Whether the same call may succeed later without anybody doing anything. */
  get temporary(): boolean {
    return this.status === null || this.status === 429 || (this.status >= 502 && this.status <= 504);
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The error that a problem document describes; undefined: it is none. */
export function errorFromProblem(status: number, document: unknown): EvergrantError | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const {
    code,
    detail,
    type: _type,
    title,
    status: _status,
    ...extensions
  } = document as Record<string, unknown>;
  if (typeof code !== 'string') return undefined;
  const words = textOrNull(detail) ?? textOrNull(title) ?? `Evergrant answered with ${code}.`;
  return new EvergrantError({ code, status, detail: words, extensions });
}

/** The error for an answer that Evergrant did not write. Its body stays out: it could hold anything. */
export function unexpectedAnswer(origin: string, status: number): EvergrantError {
  const what =
    status >= 300 && status < 400
      ? 'a redirect to elsewhere'
      : 'something that is not an answer of Evergrant';
  const detail = `${origin} answered with ${what} (status ${status || 'hidden'}). Check that the url is that of Evergrant itself.`;
  return new EvergrantError({ code: 'unexpected_answer', status, detail });
}

export function noAnswer(origin: string, error: unknown): EvergrantError {
  const reason = reasonOf(error);
  const words = reason === null ? '' : ` (${reason})`;
  const what = reason === 'ECONNREFUSED' ? 'Nothing answers at' : 'Evergrant cannot be reached at';
  const detail = `${what} ${origin}${words}. Check that Evergrant runs, and that the url is right.`;
  return new EvergrantError({ code: 'network_error', status: null, detail, origin: error });
}

export function timedOut(origin: string, seconds: number, error: unknown): EvergrantError {
  const detail = `Evergrant at ${origin} did not answer within ${seconds} s. Try again; give timeoutSeconds to wait longer.`;
  return new EvergrantError({ code: 'timeout', status: null, detail, origin: error });
}

/** The system's short code, such as `ECONNREFUSED`. Never the message: runtimes quote headers and addresses in theirs. */
function reasonOf(error: unknown): string | null {
  for (
    let here = error;
    typeof here === 'object' && here !== null;
    here = (here as { cause?: unknown }).cause
  ) {
    const { code } = here as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  return null;
}
