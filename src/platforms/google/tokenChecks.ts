import { textAt } from '../../core/answer.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { check, oauthDescription, oauthError, onToken } from '../kit/checks.ts';
import { deadRefreshToken } from './deadRefreshToken.ts';

type When = (evidence: Evidence) => boolean;

/** Whether the grant rests on a key: nobody signs in, and no client id or secret of the app is sent. */
export const isServiceAccount: When = (e) => e.facts?.method === 'service_account';
const says =
  (pattern: RegExp): When =>
  (e) =>
    pattern.test(oauthDescription(e));
const coded =
  (pattern: RegExp): When =>
  (e) =>
    pattern.test(oauthError(e) ?? '');

/** An `invalid_grant` of the token endpoint whose description tells more. */
const invalidGrant = (name: string, pattern: RegExp, finding: Finding): Check =>
  check(
    `google.invalid_grant.${name}`,
    (e) => onToken(e) && oauthError(e) === 'invalid_grant' && says(pattern)(e),
    finding,
  );

const SESSION_LENGTH: Finding = {
  cause: 'admin_policy',
  also: ['session_invalidated'],
  remedy:
    'The organization limits how long Google sign-ins last, so this comes back again and again. Its administrator marks the app as “Trusted” (exempt from session control), or a service account is used; then reconnect.',
};

const SIGNATURE: Finding = {
  cause: 'renewal_credential_expired',
  who: 'operator',
  also: ['malformed_token', 'revoked_by_user'],
  remedy:
    'The service account’s key was deleted, disabled or has expired, or it is another key. The operator creates a new key in the Google Cloud console (IAM, Service Accounts, Keys) and enters its file here.',
};

const CLOCK: Finding = {
  cause: 'app_misconfigured',
  permanent: false,
  also: ['request_invalid'],
  remedy:
    'The clock of the host that runs Evergrant is wrong: correct it (NTP). Nothing has to be reconnected; it works again with the right time.',
};

const SUBJECT: Finding = {
  cause: 'account_disabled',
  reach: 'grant',
  who: 'operator',
  also: ['app_misconfigured', 'request_invalid'],
  remedy:
    'The user whom the service account acts for does not exist (any more). The operator enters an existing user as “Act for”.',
};

const SERVICE_ACCOUNT_GONE: Finding = {
  cause: 'account_disabled',
  reach: 'grant',
  who: 'operator',
  also: ['malformed_token'],
  remedy:
    'The service account was deleted. The operator restores it in the Google Cloud console, or creates another and enters its key file here.',
};

const GOOGLE_ACCOUNT_GONE: Finding = {
  cause: 'account_disabled',
  reach: 'grant',
  who: 'authorizing_user',
  remedy:
    'The Google account itself was deleted or disabled. Restore it at Google, or reconnect with another account.',
};

const DELEGATION: Finding = {
  cause: 'admin_policy',
  also: ['app_misconfigured', 'permission_missing'],
  remedy:
    'Domain-wide delegation is missing. An administrator of the Workspace domain adds the service account’s numeric client ID with these scopes (Admin console, Security, API controls, Domain-wide delegation); it can take 24 hours. An e-mail address or a group there does not work.',
};

const DELEGATED_SCOPE: Finding = {
  cause: 'permission_missing',
  who: 'account_admin',
  reconnect: false,
  also: ['admin_policy'],
  remedy:
    'A scope is missing from the domain-wide delegation: an administrator of the Workspace domain adds the scope there.',
};

/** Of a service account the same codes speak: what they ask of whom is another thing, for nobody signs in with a key. */
const ofKeys: readonly Check[] = [
  check('google.admin_policy_key', (e) => coded(/^admin_policy_enforced$/)(e) && isServiceAccount(e), {
    cause: 'admin_policy',
    reconnect: false,
    remedy:
      'The Workspace administrator blocks this service account or a scope of it: they mark its client as “Trusted” (Admin console, API controls). Nothing has to be entered again.',
  }),
  check('google.org_internal_key', (e) => coded(/^org_internal$/)(e) && isServiceAccount(e), {
    cause: 'admin_policy',
    who: 'operator',
    also: ['app_misconfigured'],
    remedy:
      'Only accounts of its own organization may use this client: the operator creates a service account in that organization and enters its key file here.',
  }),
  check('google.invalid_client_key', (e) => coded(/^invalid_client$/)(e) && isServiceAccount(e), {
    cause: 'app_misconfigured',
    // This key alone: neither the app nor another grant on it has a part in it. It is asked again until somebody mends it.
    reach: 'call',
    also: ['malformed_token', 'app_disabled'],
    remedy:
      'Google does not accept what the key file says of its service account: the operator checks that the account is still set up as it was (Google Cloud console, IAM, Service Accounts), or creates a new key there and enters its file here.',
  }),
];

/** What RFC 6749 5.2 leaves open in `invalid_grant`, by description. */
const invalidGrants: readonly Check[] = [
  check('google.session_length', (e) => onToken(e) && asksForReauthentication(e), SESSION_LENGTH),
  invalidGrant('clock', /short-lived token|reasonable timeframe|check your iat and exp/i, CLOCK),
  invalidGrant('signature', /invalid jwt signature/i, SIGNATURE),
  invalidGrant('audience', /audience check/i, { cause: 'request_invalid' }),
  invalidGrant('service_account_gone', /account not found/i, SERVICE_ACCOUNT_GONE),
  invalidGrant('subject', /not a valid email|invalid email or user id/i, SUBJECT),
  invalidGrant('jwt', /invalid jwt/i, { cause: 'request_invalid', also: ['malformed_token'] }),
  invalidGrant(
    'account_gone',
    /account (has been|is|was) (deleted|disabled|suspended)/i,
    GOOGLE_ACCOUNT_GONE,
  ),
  invalidGrant('code', /malformed auth code|code verifier|code was already/i, {
    cause: 'request_invalid',
    who: 'authorizing_user',
    also: ['malformed_token'],
    remedy: 'The code of this sign-in was used before or altered. Start connecting again.',
  }),
  check(
    'google.invalid_grant.key',
    (e) => onToken(e) && oauthError(e) === 'invalid_grant' && isServiceAccount(e),
    SIGNATURE,
  ),
  invalidGrant('bad_request', /^bad request$/i, {
    cause: 'malformed_token',
    also: ['app_misconfigured', 'request_invalid', 'revoked_by_user'],
    remedy:
      'The operator checks that the app’s client id here is the one with which the person signed in. If it is, reconnect: the person signs in at Google again.',
  }),
  check('google.invalid_grant', (e) => onToken(e) && oauthError(e) === 'invalid_grant', deadRefreshToken),
];

function asksForReauthentication(evidence: Evidence): boolean {
  const subtype = textAt(evidence.answer.json, 'error_subtype') ?? '';
  return (
    /^(invalid_rapt|rapt_required)$/.test(subtype) ||
    (oauthError(evidence) === 'invalid_grant' && says(/rapt|reauth/i)(evidence))
  );
}

/** Refusals of the app (OAuth client), of an administrator, or of a service account. */
const refusals: readonly Check[] = [
  check('google.admin_policy', coded(/^admin_policy_enforced$/), {
    cause: 'admin_policy',
    remedy:
      'The Workspace administrator blocks this app or scope: they mark the OAuth client as “Trusted” (Admin console, API controls); then reconnect.',
  }),
  check('google.org_internal', coded(/^org_internal$/), {
    cause: 'admin_policy',
    who: 'authorizing_user',
    also: ['app_misconfigured'],
    remedy:
      'The app is internal to its organization: sign in with an account of that organization, or the operator makes the app External.',
  }),
  check('google.deleted_client', coded(/^deleted_client$/), {
    cause: 'app_disabled',
    remedy:
      'The OAuth client was deleted (Google deletes unused ones). The operator restores it in the Google Cloud console within 30 days; its connections then work again.',
  }),
  check('google.disabled_key', (e) => coded(/^disabled_client$/)(e) && isServiceAccount(e), {
    cause: 'app_disabled',
    reach: 'call',
    remedy:
      'The service account or its key is disabled: the operator enables it in the Google Cloud console (IAM, Service Accounts). Nothing has to be entered again.',
  }),
  check('google.disabled_client', coded(/^disabled_client$/), {
    cause: 'app_disabled',
    remedy:
      'The OAuth client (or the service account’s key) is disabled: the operator enables it in the Google Cloud console, or resolves what Google says there.',
  }),
  check(
    'google.delegation',
    (e) => coded(/^unauthorized_client$/)(e) && (isServiceAccount(e) || says(/scope/i)(e)),
    DELEGATION,
  ),
  check('google.unauthorized_client', coded(/^unauthorized_client$/), {
    cause: 'app_misconfigured',
    also: ['malformed_token'],
    remedy:
      'The refresh token was issued to another OAuth client: the operator checks the app’s client id here.',
  }),
  check('google.invalid_client', coded(/^invalid_client$/), {
    cause: 'app_misconfigured',
    also: ['app_disabled'],
    remedy:
      'The operator checks client id and client secret against the Google Cloud console; the secret may have been rotated. All connections of the app recover at once.',
  }),
  check('google.redirect_uri', coded(/^redirect_uri_mismatch$/), {
    cause: 'app_misconfigured',
    remedy:
      'The operator adds Evergrant’s redirect address, letter for letter, to the OAuth client in the Google Cloud console.',
  }),
  check('google.delegated_scope', (e) => onToken(e) && coded(/^access_denied$/)(e), DELEGATED_SCOPE),
  check(
    'google.not_a_test_user',
    (e) => e.answer.endpoint === 'authorize' && e.answer.status === 403 && coded(/^access_denied$/)(e),
    {
      cause: 'app_misconfigured',
      also: ['permission_missing', 'admin_policy'],
      remedy:
        'The app is in Testing and this person is no test user: the operator adds them as a test user, or publishes the app.',
    },
  ),
];

/** The rest of the sign-in hosts' answers. */
const others: readonly Check[] = [
  check('google.rate_limit', coded(/^(rate_limit_exceeded|rateLimitExceeded)$/), { cause: 'rate_limited' }),
  check('google.internal_failure', coded(/^internal_failure$/), { cause: 'platform_outage' }),
  check('google.dpop', coded(/^(invalid_dpop_proof|use_dpop_nonce|invalid_scope)$/), {
    cause: 'request_invalid',
  }),
  check(
    'google.id_token_only',
    (e) => onToken(e) && e.answer.status === 200 && textAt(e.answer.json, 'id_token') !== undefined,
    {
      cause: 'request_invalid',
      also: ['app_misconfigured'],
      remedy:
        'Google does not know one of the scopes that were asked for, and gave no access token: correct the scopes.',
    },
  ),
  check('google.key_file', coded(/^invalid_key_file$/), {
    cause: 'malformed_token',
    remedy: 'Paste the whole JSON key file of a service account, as the Google Cloud console gave it.',
  }),
  check('google.id_token', coded(/^invalid_id_token$/), {
    cause: 'malformed_token',
    who: 'authorizing_user',
    remedy: 'Who signed in could not be proved. Start connecting again.',
  }),
  // tokeninfo and revoke know that an access token is dead, never why: the next renewal tells.
  check('google.invalid_token', (e) => !onToken(e) && coded(/^invalid_token$/)(e), {
    cause: 'access_token_expired',
    also: ['revoked_by_user', 'malformed_token', 'session_invalidated', 'account_disabled'],
  }),
];

/** What the sign-in hosts of Google answer: the token endpoint, tokeninfo, revoke, the consent page. */
export const tokenChecks: readonly Check[] = [...invalidGrants, ...ofKeys, ...refusals, ...others];
