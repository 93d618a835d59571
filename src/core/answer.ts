/** Which kind of door was knocked at: it decides how an answer is read. */
export type Endpoint = 'authorize' | 'token' | 'api' | 'probe' | 'revoke';

/** What a platform sent back. Header names are in lower case; the body is the text as received. */
export interface ReceivedAnswer {
  readonly kind: 'answer';
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why a call brought no usable answer. */
export type NoAnswerReason =
  | 'timeout'
  | 'connection_failed'
  | 'connection_lost'
  | 'answer_too_large'
  | 'redirect_refused'
  | 'host_refused';

/** A call that brought no usable answer. */
export interface MissingAnswer {
  readonly kind: 'no_answer';
  readonly endpoint: Endpoint;
  readonly reason: NoAnswerReason;
  /** Whether the request may have reached the platform. If so, its effect there is unknown. */
  readonly sent: boolean;
  readonly detail?: string;
}

export type PlatformAnswer = ReceivedAnswer | MissingAnswer;

/** A received answer with its body read as leniently as it can be. */
export interface ReadAnswer extends ReceivedAnswer {
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** Reads the body as JSON whatever its content type says: platforms mislabel theirs. */
export function readAnswer(answer: ReceivedAnswer): ReadAnswer {
  return { ...answer, json: parseJson(answer.body) };
}

/** JSON, or undefined where the text is none. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value at a path of keys, or undefined where the path ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

/** The string at a path; numbers are taken as their decimal text. Undefined for anything else. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' && Number.isFinite(found) ? String(found) : undefined;
}

/** The finite number at a path; decimal text is taken as its number. Undefined for anything else. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path);
  if (typeof found === 'number') return Number.isFinite(found) ? found : undefined;
  if (typeof found !== 'string' || found.trim() === '') return undefined;
  const number = Number(found);
  return Number.isFinite(number) ? number : undefined;
}
