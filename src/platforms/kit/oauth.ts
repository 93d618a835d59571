import { numberAt, type PlatformAnswer, parseJson, type ReceivedAnswer, textAt } from '../../core/answer.ts';
import type { Instant } from '../../core/instant.ts';
import type { CallbackResult, Issued, Outcome } from './adapter.ts';

/** Where a token answer differs from RFC 6749 5.1. */
export interface TokenAnswerOptions {
  readonly now: Instant;
  /** Used when the answer does not say, and marked as assumed. null: the token does not end by time. */
  readonly defaultLifetimeSeconds: number | null;
  /** Where the token fields stand, for platforms that wrap them. Default: the top level. */
  readonly payload?: (json: unknown) => unknown;
  /** The field with the refresh token's remaining life in seconds, where the platform tells it. */
  readonly refreshLifetimeField?: string;
}

/** A 2xx answer with an access token, as {@link Issued}; anything else is a failing answer to be diagnosed. */
export function readTokenAnswer(answer: PlatformAnswer, options: TokenAnswerOptions): Outcome<Issued> {
  if (answer.kind !== 'answer' || answer.status < 200 || answer.status > 299) return { ok: false, answer };
  const json = parseJson(answer.body);
  const payload = options.payload ? options.payload(json) : json;
  const accessToken = textAt(payload, 'access_token');
  if (accessToken === undefined || accessToken === '') return { ok: false, answer };
  const refreshToken = textAt(payload, 'refresh_token');
  const lifetime = numberAt(payload, 'expires_in');
  const refreshLifetime = options.refreshLifetimeField
    ? numberAt(payload, options.refreshLifetimeField)
    : undefined;
  const scope = textAt(payload, 'scope');
  return {
    ok: true,
    value: {
      secrets: { access_token: accessToken, ...(refreshToken ? { refresh_token: refreshToken } : {}) },
      issuedAt: options.now,
      accessExpiresAt: expiry(lifetime ?? options.defaultLifetimeSeconds, options.now),
      accessExpiryAssumed: lifetime === undefined && options.defaultLifetimeSeconds !== null,
      ...(refreshLifetime === undefined ? {} : { renewalExpiresAt: expiry(refreshLifetime, options.now) }),
      ...(scope === undefined ? {} : { scopesGranted: splitScopes(scope) }),
    },
  };
}

/** No platform promises longer; a larger number is a mistake of its, and would break dates. */
const LONGEST_LIFETIME_SECONDS = 10 * 366 * 86_400;

function expiry(lifetimeSeconds: number | null, now: Instant): Instant | null {
  if (lifetimeSeconds === null) return null;
  return now + Math.min(Math.max(lifetimeSeconds, 0), LONGEST_LIFETIME_SECONDS) * 1000;
}

/** Scopes as a list; platforms separate them by space or comma. */
export function splitScopes(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '');
}

/** The authorization response of RFC 6749 4.1.2 and its errors of 4.1.2.1. */
export function readStandardCallback(query: URLSearchParams): CallbackResult {
  const code = query.get('code');
  const error = query.get('error');
  if (code && !error) return { kind: 'code', code, issuer: query.get('iss') };
  return {
    kind: 'denied',
    cause: causeOfCallbackError(error),
    error: error ?? 'no_code',
    description: query.get('error_description'),
  };
}

function causeOfCallbackError(
  error: string | null,
): 'permission_missing' | 'app_misconfigured' | 'platform_outage' {
  if (error === 'server_error' || error === 'temporarily_unavailable') return 'platform_outage';
  const denied = error === null || /denied|cancel/.test(error);
  return denied ? 'permission_missing' : 'app_misconfigured';
}

/** Whether an answer arrived and is a success. */
export function succeeded(answer: PlatformAnswer): answer is ReceivedAnswer {
  return answer.kind === 'answer' && answer.status >= 200 && answer.status <= 299;
}
