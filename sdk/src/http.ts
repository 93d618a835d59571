import { errorFromProblem, noAnswer, timedOut, unexpectedAnswer } from './errors.ts';

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What can be said about any call. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the answer. Default: that of the client. */
  readonly timeoutSeconds?: number | undefined;
}

/** What can be said about a call that makes or does something. */
export interface PostOptions extends CallOptions {
  /** The same key again gets the first answer again: nothing is done twice. 1 to 200 visible ASCII characters. */
  readonly idempotencyKey?: string | undefined;
}

type QueryValue = string | number | boolean | null | undefined;

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly options?: PostOptions | undefined;
}

/** Makes a call and reads its answer. Rejects with {@link EvergrantError} where it fails. */
export type Send = <Answer>(request: Request) => Promise<Answer>;

export interface HttpSettings {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly fetch: Fetch;
  readonly timeoutSeconds: number;
  readonly userAgent?: string | undefined;
}

export function createSend(settings: HttpSettings): Send {
  const base = baseOf(settings.url);
  const shared = sharedHeaders(settings);
  return async <Answer>(request: Request): Promise<Answer> => {
    const { method, body, options = {} } = request;
    const seconds = options.timeoutSeconds ?? settings.timeoutSeconds;
    const limit = AbortSignal.timeout(seconds * 1000);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const headers = { ...shared, ...headersOf(request) };
    // A redirect is never followed: the key is for this address alone.
    const init: RequestInit = { method, headers, signal, redirect: 'manual', cache: 'no-store' };
    if (body !== undefined) init.body = JSON.stringify(body);
    try {
      const answer = await settings.fetch(`${base.href}${request.path}${queryText(request.query)}`, init);
      return (await read(answer, base.origin)) as Answer;
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (limit.aborted) throw timedOut(base.origin, seconds, error);
      throw error instanceof Error && error.name === 'EvergrantError' ? error : noAnswer(base.origin, error);
    }
  };
}

async function read(answer: Response, origin: string): Promise<unknown> {
  if (answer.status === 204) return undefined;
  const document = parsed(await answer.text());
  if (answer.ok && document !== undefined) return document;
  throw (
    errorFromProblem(answer.status, answer.ok ? undefined : document) ??
    unexpectedAnswer(origin, answer.status)
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function baseOf(url: string): { readonly href: string; readonly origin: string } {
  const parsedUrl = URL.canParse(url) ? new URL(url) : null;
  // The url itself stays out of the words: it may hold a password.
  if (!parsedUrl || !/^https?:$/.test(parsedUrl.protocol)) {
    throw new TypeError('url has to be the http(s) address of Evergrant, such as https://grants.example.com');
  }
  if (parsedUrl.username !== '' || parsedUrl.password !== '') {
    throw new TypeError('url must not hold a user or password. The key goes into apiKey.');
  }
  return { href: `${parsedUrl.origin}${parsedUrl.pathname.replace(/\/+$/, '')}`, origin: parsedUrl.origin };
}

function sharedHeaders({ apiKey, userAgent }: HttpSettings): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (userAgent !== undefined) headers['user-agent'] = userAgent;
  if (apiKey === undefined) return headers;
  // Checked here, because a runtime that refuses a header quotes its value.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError(
      'apiKey is not an API key: it is empty or has spaces, line breaks or other characters in it.',
    );
  }
  headers.authorization = `Bearer ${apiKey}`;
  return headers;
}

function headersOf({ body, options }: Request): Record<string, string> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (options?.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  return headers;
}

function queryText(query: object | undefined): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}) as [string, QueryValue][]) {
    if (value !== undefined && value !== null) text.set(name, String(value));
  }
  return text.size === 0 ? '' : `?${text}`;
}
