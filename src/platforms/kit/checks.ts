import { at, numberAt, textAt } from '../../core/answer.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';

/** A check from a name, a condition and a finding. */
export function check(
  name: string,
  when: (evidence: Evidence) => boolean,
  finding: Finding | ((evidence: Evidence) => Finding),
): Check {
  return {
    name,
    look: (evidence) => {
      if (!when(evidence)) return undefined;
      return typeof finding === 'function' ? finding(evidence) : finding;
    },
  };
}

export const status =
  (...codes: readonly number[]) =>
  (evidence: Evidence): boolean =>
    codes.includes(evidence.answer.status);
export const onToken = (evidence: Evidence): boolean => evidence.answer.endpoint === 'token';
export const onApi = (evidence: Evidence): boolean =>
  evidence.answer.endpoint !== 'token' && evidence.answer.endpoint !== 'authorize';

/** The `error` of RFC 6749 5.2 (or of a callback), where it is a plain string. */
export function oauthError(evidence: Evidence): string | undefined {
  const error = at(evidence.answer.json, 'error');
  return typeof error === 'string' ? error : undefined;
}

export function oauthDescription(evidence: Evidence): string {
  return textAt(evidence.answer.json, 'error_description') ?? '';
}

const isHtml = (evidence: Evidence): boolean =>
  evidence.answer.json === undefined && /^\s*<(!doctype|html|\?xml|head|body)/i.test(evidence.answer.body);

/**
 * Checks that come before a platform's own: what no envelope of its can mean anything else than.
 * 429 is a rate limit everywhere (RFC 6585 4); a 5xx without a platform code is an outage.
 */
export const firstChecks: readonly Check[] = [
  check('http.429', status(429), { cause: 'rate_limited' }),
  check('http.html', (e) => isHtml(e) && e.answer.status !== 404 && e.answer.status !== 401, {
    cause: 'platform_outage',
  }),
];

/** RFC 6749 5.2 at the token endpoint, for platforms that speak it. */
export const oauthChecks: readonly Check[] = [
  check(
    'oauth.temporarily_unavailable',
    (e) => /^(temporarily_unavailable|server_error|slow_down)$/.test(oauthError(e) ?? ''),
    {
      cause: 'platform_outage',
    },
  ),
  check(
    'oauth.invalid_client',
    (e) => /^(invalid_client|unauthorized_client|invalid_client_id)$/.test(oauthError(e) ?? ''),
    {
      cause: 'app_misconfigured',
    },
  ),
  check(
    'oauth.invalid_grant',
    (e) => onToken(e) && oauthError(e) === 'invalid_grant',
    (e) => invalidGrant(e),
  ),
  check('oauth.access_denied', (e) => oauthError(e) === 'access_denied', {
    cause: 'permission_missing',
    also: ['revoked_by_user'],
  }),
  check(
    'oauth.insufficient_scope',
    (e) => /insufficient_scope/.test(`${oauthError(e)} ${e.answer.headers['www-authenticate'] ?? ''}`),
    {
      cause: 'permission_missing',
    },
  ),
  check(
    'oauth.our_request',
    (e) =>
      /^(invalid_request|unsupported_grant_type|invalid_scope|unsupported_response_type)$/.test(
        oauthError(e) ?? '',
      ),
    {
      cause: 'request_invalid',
    },
  ),
];

/** `invalid_grant` does not say why (RFC 6749 5.2): the clock we kept ourselves decides, as far as it can. */
export function invalidGrant(evidence: Evidence): Finding {
  const { facts, now } = evidence;
  if (facts?.unknownOutcomeAt) return { cause: 'rotation_lost', also: ['revoked_by_user'] };
  if (facts?.renewalExpiresAt && now >= facts.renewalExpiresAt)
    return { cause: 'renewal_credential_expired' };
  return {
    cause: 'revoked_by_user',
    also: ['renewal_credential_expired', 'session_invalidated', 'password_changed'],
  };
}

/** What is left when no code decided. A 4xx without a code is passing: it never kills a grant. */
export const lastChecks: readonly Check[] = [
  check('http.outage', (e) => e.answer.status >= 500 || e.answer.status === 408, {
    cause: 'platform_outage',
  }),
  check('http.redirect', (e) => e.answer.status >= 300 && e.answer.status <= 399, {
    cause: 'platform_outage',
  }),
  check('http.empty', (e) => e.answer.status >= 200 && e.answer.status <= 299 && onToken(e), {
    cause: 'platform_outage',
  }),
  check('http.unauthorized', (e) => onApi(e) && e.answer.status === 401, {
    cause: 'access_token_expired',
    also: ['revoked_by_user', 'session_invalidated'],
  }),
  check('http.gone', status(404, 405, 410), { cause: 'request_invalid', also: ['account_access_removed'] }),
];

/** Milliseconds-free helper for platforms that tell in their body how long to wait. */
export function secondsAt(evidence: Evidence, ...path: readonly (string | number)[]): number | undefined {
  return numberAt(evidence.answer.json, ...path);
}
