import type { Endpoint, ReceivedAnswer } from '../../core/answer.ts';

/** Why Evergrant itself did not take an answer, or did not ask. Each has its check in `checks.ts`. */
export type RefusalCode =
  | 'metadata_unusable'
  | 'issuer_mismatch'
  | 'id_token_refused'
  | 'token_type_unsupported'
  | 'identity_missing'
  | 'no_refresh_token'
  | 'client_key_unreadable'
  | 'request_not_built'
  | 'no_probe';

const PREFIX = 'evergrant_';

/**
 * A refusal in the shape of an answer, so that it goes the way of every failure. It stands in for what the server
 * sent, which may hold tokens; `why` is our own sentence, or the library's, never a value of the answer.
 */
export function refusal(endpoint: Endpoint, code: RefusalCode, why: string, status = 200): ReceivedAnswer {
  const body = JSON.stringify({ error: `${PREFIX}${code}`, error_description: why });
  return { kind: 'answer', endpoint, status, headers: {}, body };
}

/** The same as a failed outcome. */
export function refused(endpoint: Endpoint, code: RefusalCode, why: string, status?: number) {
  return { ok: false, answer: refusal(endpoint, code, why, status) } as const;
}

/** The refusal that an `error` code stands for; undefined: it is the server's own. */
export function refusalCodeOf(error: string | undefined): RefusalCode | undefined {
  return error?.startsWith(PREFIX) ? (error.slice(PREFIX.length) as RefusalCode) : undefined;
}
