import { at, textAt } from '../../core/answer.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { DAY_MS, MINUTE_MS } from '../../core/instant.ts';
import {
  check,
  firstChecks,
  lastChecks,
  oauthChecks,
  oauthDescription,
  oauthError,
  onApi,
  onToken,
  pageCheck,
  status,
} from '../kit/checks.ts';

/** A refresh token lives this long from the consent; no renewal extends it. */
const REFRESH_LIFETIME_MS = 365 * DAY_MS;
/** Younger tokens are sometimes called revoked although they live. */
const FRESH_MS = 5 * MINUTE_MS;

const RECONNECT = 'Reconnect: the same member signs in at LinkedIn and allows access again.';

/** Whether the answer carries one of these codes; older resources send the number, newer ones the word, most both. */
const code =
  (...codes: readonly string[]) =>
  (e: Evidence): boolean =>
    onApi(e) &&
    [textAt(e.answer.json, 'serviceErrorCode'), textAt(e.answer.json, 'code')].some(
      (c) => c !== undefined && codes.includes(c),
    );

const message = (e: Evidence): string => textAt(e.answer.json, 'message') ?? '';

const says =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    onApi(e) && pattern.test(message(e));

const either =
  (...conditions: readonly ((e: Evidence) => boolean)[]) =>
  (e: Evidence): boolean =>
    conditions.some((condition) => condition(e));

/** Whether nothing but a person can continue this grant: its app gets no refresh tokens. */
function withoutRefresh({ facts }: Evidence): boolean {
  return facts !== undefined && (facts.renewable === false || facts.method === 'user_login_without_refresh');
}

/** By our own clock: the one text that LinkedIn has for a refused refresh token does not tell its age. */
function refreshTokenEnded({ facts, now }: Evidence): boolean {
  if (facts === undefined) return false;
  const counted = facts.consentedAt === undefined ? undefined : facts.consentedAt + REFRESH_LIFETIME_MS;
  const end = facts.renewalExpiresAt ?? counted;
  return end !== undefined && now >= end;
}

/** Without facts only the call that follows an exchange is known to carry a fresh token; adapters send it as a probe. */
function fresh({ answer, facts, now }: Evidence): boolean {
  return facts?.issuedAt === undefined ? answer.endpoint === 'probe' : now - facts.issuedAt < FRESH_MS;
}

function accessTokenEnded(e: Evidence): Finding {
  if (withoutRefresh(e)) {
    return {
      cause: 'access_token_expired',
      permanent: true,
      who: 'authorizing_user',
      remedy:
        'Reconnect: the member signs in at LinkedIn again. LinkedIn lets this app renew nothing by itself, so this is needed every 60 days.',
    };
  }
  if (refreshTokenEnded(e)) return { cause: 'renewal_credential_expired', remedy: RECONNECT };
  return { cause: 'access_token_expired', also: e.facts === undefined ? ['renewal_credential_expired'] : [] };
}

function calledRevoked(e: Evidence): Finding {
  if (!fresh(e)) {
    return {
      cause: 'revoked_by_user',
      also: ['session_invalidated'],
      remedy: `Access was withdrawn in LinkedIn. ${RECONNECT}`,
    };
  }
  return {
    cause: 'platform_outage',
    also: ['revoked_by_user'],
    remedy:
      'Wait half a minute: LinkedIn sometimes calls a token revoked right after issuing it. If it stays so, Evergrant asks LinkedIn what became of it; nobody has to sign in yet.',
    retryAfterSeconds: 30,
  };
}

/** A consent with other scopes ends earlier access tokens, not the refresh token: a renewal heals it, if there is one. */
function notAccepted(e: Evidence): Finding {
  const also = ['session_invalidated', 'access_token_expired', 'revoked_by_user'] as const;
  if (withoutRefresh(e))
    return { cause: 'session_invalidated', also: ['malformed_token', 'revoked_by_user'], remedy: RECONNECT };
  return {
    cause: 'malformed_token',
    also,
    permanent: false,
    who: 'nobody',
    remedy: 'Evergrant renews the access token. Reconnect only if the renewal is refused too.',
  };
}

function introspectedWithoutStatus(e: Evidence): Finding {
  const { facts, now } = e;
  if (facts?.accessExpiresAt && now >= facts.accessExpiresAt) return accessTokenEnded(e);
  return {
    cause: 'malformed_token',
    also: ['app_misconfigured', 'revoked_by_user'],
    remedy:
      'LinkedIn does not know this token as one of the app’s: the operator checks that the client id here is the one with which it was made. If it is, reconnect: the member signs in at LinkedIn again.',
  };
}

const introspected =
  (word: string | undefined) =>
  (e: Evidence): boolean =>
    e.answer.endpoint === 'probe' &&
    e.answer.status === 200 &&
    at(e.answer.json, 'active') === false &&
    (word === undefined || textAt(e.answer.json, 'status') === word);

/** Introspection answers; the client authenticates there, so a bare 401 means the app, not the token. */
const introspectionChecks: readonly Check[] = [
  check('linkedin.introspection_expired', introspected('expired'), accessTokenEnded),
  check('linkedin.introspection_revoked', introspected('revoked'), {
    cause: 'revoked_by_user',
    also: ['session_invalidated'],
    remedy: `Access was withdrawn in LinkedIn. ${RECONNECT}`,
  }),
  check('linkedin.introspection_unknown', introspected(undefined), introspectedWithoutStatus),
];

const secretRemedy =
  'The operator compares client id and secret here with the Auth tab of the app at developer.linkedin.com. No member has to reconnect.';
const isClientError = (e: Evidence) =>
  /^(invalid_client|invalid_client_id|unauthorized_client)$/.test(oauthError(e) ?? '');
const codeless = (e: Evidence) =>
  textAt(e.answer.json, 'serviceErrorCode') === undefined && textAt(e.answer.json, 'code') === undefined;
const bareProbe401 = (e: Evidence) => e.answer.endpoint === 'probe' && e.answer.status === 401 && codeless(e);

function refusedRefresh(e: Evidence): Finding {
  if (refreshTokenEnded(e))
    return {
      cause: 'renewal_credential_expired',
      remedy: `A year has passed since the authorization. ${RECONNECT}`,
    };
  return {
    cause: 'revoked_by_user',
    also: ['renewal_credential_expired', 'session_invalidated'],
    remedy: RECONNECT,
  };
}

/** The authorization page sends a member who declines, or does not sign in, back with a code of its own. */
const callbackChecks: readonly Check[] = [
  check(
    'linkedin.cancelled',
    (e) => e.answer.endpoint === 'authorize' && /^user_cancelled_/.test(oauthError(e) ?? ''),
    {
      cause: 'permission_missing',
      also: ['revoked_by_user'],
      remedy:
        'Start the connection again: the member signs in at LinkedIn and allows access. LinkedIn lets nobody allow single permissions: it is all of them or none.',
    },
  ),
];

const tokenSays =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    onToken(e) && pattern.test(oauthDescription(e));

/** The token endpoint: `invalid_request` means four different things, told apart by their texts alone. */
const tokenChecks: readonly Check[] = [
  check(
    'linkedin.refresh_refused',
    tokenSays(/refresh token is invalid, expired or revoked/i),
    refusedRefresh,
  ),
  check('linkedin.code_spent', tokenSays(/authorization code not found/i), {
    cause: 'request_invalid',
    who: 'authorizing_user',
    remedy:
      'Start the connection again: the sign-in was used already or never finished (a page that was reloaded, for example).',
  }),
  check(
    'linkedin.code_mismatch',
    (e) =>
      onToken(e) &&
      (oauthError(e) === 'invalid_redirect_uri' ||
        /does not match authorization code/i.test(oauthDescription(e))),
    {
      cause: 'request_invalid',
      also: ['app_misconfigured'],
      remedy:
        'Start the connection again within 30 minutes; if it fails again, the operator compares the redirect address with the Auth tab of the app.',
    },
  ),
  check('linkedin.two_legged', tokenSays(/not allowed to create application tokens/i), {
    cause: 'request_invalid',
    remedy:
      'Correct the call: the Marketing API works with member sign-in only, not with client credentials.',
  }),
  check('linkedin.client', either(isClientError, bareProbe401), {
    cause: 'app_misconfigured',
    also: ['app_disabled'],
    remedy: secretRemedy,
  }),
];

const accessChecks: readonly Check[] = [
  check('linkedin.65601', code('65601', 'REVOKED_ACCESS_TOKEN'), calledRevoked),
  check('linkedin.65602', code('65602', 'EXPIRED_ACCESS_TOKEN'), accessTokenEnded),
  check('linkedin.65600', code('65600', 'INVALID_ACCESS_TOKEN'), notAccepted),
  check('linkedin.65604', either(code('65604', 'EMPTY_ACCESS_TOKEN'), says(/^Empty oauth2_access_token/i)), {
    cause: 'request_invalid',
    remedy: 'Correct the call: it carries no access token in its Authorization header.',
  }),
  check('linkedin.65608', code('65608', 'RESTRICTED_MEMBER'), {
    cause: 'security_checkpoint',
    // The authorization outlives the restriction: nothing has to be connected anew once LinkedIn lifts it.
    reach: 'part_of_grant',
    reconnect: false,
    also: ['policy_violation', 'account_disabled'],
    remedy:
      'The member signs in at LinkedIn and resolves the restriction of their profile there; or another member with a role connects.',
  }),
];

/** Which scope opens a resource, by the name that LinkedIn gives the resource in its refusal. */
const SCOPE_OF_RESOURCE: readonly (readonly [RegExp, string])[] = [
  [/adAnalytics/i, 'r_ads_reporting'],
  [/conversion/i, 'rw_conversions'],
  [/organization/i, 'r_organization_admin'],
  [/ad(Account|Campaign|s?\b)/i, 'r_ads'],
];

/** The token may lack the scope, or the app the product behind it; which of the two, only our facts can tell. */
function notEnoughPermissions(e: Evidence): Finding {
  const scope = SCOPE_OF_RESOURCE.find(([resource]) => resource.test(message(e)))?.[1];
  if (scope !== undefined && e.facts?.scopesGranted?.includes(scope)) {
    return {
      cause: 'app_misconfigured',
      also: ['permission_missing', 'not_provisioned'],
      remedy: `The operator adds the product that brings ${scope} (Advertising API) to the app at developer.linkedin.com; reconnect only if it stays refused.`,
    };
  }
  return {
    cause: 'permission_missing',
    also: ['app_misconfigured', 'not_provisioned'],
    remedy: `Reconnect: the member signs in at LinkedIn and allows everything that is asked for${scope ? ` (${scope} is missing)` : ''}; if LinkedIn does not offer it, the operator first adds the Advertising API product to the app.`,
  };
}

const permissionChecks: readonly Check[] = [
  check('linkedin.account_not_on_list', says(/not configured to access the related advertiser account/i), {
    cause: 'not_provisioned',
    also: ['app_misconfigured'],
    who: 'operator',
    remedy:
      'The operator adds the ad account’s id to the app’s account management list at developer.linkedin.com, or applies for the Standard tier. No reconnect is needed.',
  }),
  check(
    'linkedin.role',
    either(
      code('NO_PERMISSION_ON_ENTITY', 'NO_PERMISSION_ON_FIELD'),
      says(/viewer may not have permission/i),
    ),
    {
      cause: 'account_access_removed',
      remedy:
        'An administrator of the ad account gives the member the role Viewer or higher in Campaign Manager. No reconnect is needed.',
    },
  ),
  check(
    'linkedin.100',
    (e) =>
      e.answer.status === 403 && either(code('100', 'ACCESS_DENIED'), says(/^Not enough permissions/i))(e),
    notEnoughPermissions,
  ),
  // A 403 whose code is new to us says nothing about the grant as a whole.
  check('linkedin.403', (e) => onApi(e) && e.answer.status === 403 && e.answer.json !== undefined, {
    cause: 'unknown',
    also: ['permission_missing', 'account_access_removed', 'not_provisioned'],
  }),
];

const callChecks: readonly Check[] = [
  check('linkedin.version', either(status(426), code('NONEXISTENT_VERSION', 'VERSION_MISSING')), {
    cause: 'request_invalid',
    remedy:
      'The operator sets a current API version (YYYYMM) in the app’s settings here, or upgrades Evergrant; callers send that LinkedIn-Version. Nothing has to be reconnected.',
  }),
  check('linkedin.no_such_resource', says(/^No virtual resource found/i), {
    cause: 'request_invalid',
    also: ['account_access_removed', 'account_disabled'],
  }),
  check('linkedin.404', (e) => e.answer.status === 404 && code('NOT_FOUND', 'RESOURCE_NOT_FOUND')(e), {
    cause: 'account_access_removed',
    also: ['account_disabled', 'request_invalid'],
    remedy:
      'LinkedIn answers “not found” for a deleted account and for one without access: an administrator of the ad account checks that it exists and that the member has a role.',
  }),
  check(
    'linkedin.introspection_400',
    (e) => e.answer.endpoint === 'probe' && e.answer.status === 400 && codeless(e),
    {
      cause: 'malformed_token',
      also: ['app_misconfigured', 'request_invalid'],
      remedy:
        'LinkedIn does not know this token or the client id with which it was asked about: the operator compares client id and secret here with the Auth tab of the app at developer.linkedin.com. If they are right, reconnect: the member signs in at LinkedIn again.',
    },
  ),
  check(
    'linkedin.call',
    (e) => onApi(e) && status(400, 405, 406, 409, 410, 412, 415, 422)(e) && oauthError(e) === undefined,
    {
      cause: 'request_invalid',
    },
  ),
  check(
    'linkedin.nobody',
    (e) =>
      e.answer.endpoint === 'probe' && e.answer.status === 200 && isEmptyList(at(e.answer.json, 'elements')),
    {
      cause: 'not_provisioned',
      remedy:
        'An administrator of an ad account gives the member a role in Campaign Manager; then connect again.',
    },
  ),
];

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Quotas are daily and announced by no header; only an answer without LinkedIn’s code is a short-term limit. */
const limitChecks: readonly Check[] = [
  check(
    'linkedin.101',
    (e) => e.answer.status === 429 && either(code('101'), says(/throttle limit|daily/i))(e),
    {
      cause: 'quota_exceeded',
      also: ['rate_limited'],
      remedy:
        'Wait: the daily allowance begins anew at 00:00 UTC at the latest. The operator can ask LinkedIn for a larger one. Never reconnect because of this.',
    },
  ),
  check('linkedin.429', (e) => e.answer.status === 429, { cause: 'rate_limited', also: ['quota_exceeded'] }),
];

const outageChecks: readonly Check[] = [
  check('linkedin.downstream', (e) => e.answer.status >= 500 || code('UNDER_MAINTENANCE', 'TIMEOUT')(e), {
    cause: 'platform_outage',
  }),
];

export const checks: readonly Check[] = [
  pageCheck,
  ...limitChecks,
  ...outageChecks,
  ...firstChecks,
  ...introspectionChecks,
  ...callbackChecks,
  ...tokenChecks,
  ...accessChecks,
  ...permissionChecks,
  ...callChecks,
  ...oauthChecks,
  ...lastChecks,
];
