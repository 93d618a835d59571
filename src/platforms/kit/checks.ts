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

/**
 * Whether the answer is a page for people, by its body or by its content type. A body that can be read as JSON is none, nor
 * is a single word, whatever the content type says: platforms mislabel theirs.
 */
function isPage({ answer: { json, body, headers } }: Evidence): boolean {
  if (json !== undefined) return false;
  const text = body.trim();
  const labelled = /^(text\/html|application\/xhtml)/i.test(headers['content-type']?.trim() ?? '');
  return /^<[!?a-z]/i.test(text) || (labelled && /\s/.test(text));
}

/** A server for OAuth resources says in a header what is wrong with the token (RFC 6750 3); the body may be anything. */
const namesError = ({ answer }: Evidence): boolean =>
  /\berror\s*=/i.test(answer.headers['www-authenticate'] ?? '');

/** Said as plainly on a page as elsewhere: that nothing is at this address, that there are too many calls, that a server fails. */
const isPlain = (e: Evidence): boolean => status(404, 405, 410, 429)(e) || e.answer.status >= 500;

/**
 * The first check of every chain. Interfaces do not answer with pages: one comes from a gateway, a firewall or a proxy in
 * between, or from a platform in trouble, and is no evidence against a person, an account or the app, whatever its status.
 */
export const pageCheck: Check = check(
  'http.html',
  (e) => isPage(e) && !namesError(e) && !isPlain(e),
  (e) => ({
    cause: 'platform_outage',
    also: onApi(e) && e.answer.status === 401 ? ['access_token_expired'] : [],
  }),
);

/**
 * Checks that come before those of RFC 6749 and after a platform's own words: 429 is a rate limit everywhere (RFC 6585 4).
 */
export const firstChecks: readonly Check[] = [check('http.429', status(429), { cause: 'rate_limited' })];

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
