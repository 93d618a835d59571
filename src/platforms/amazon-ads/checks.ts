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

/** A token this young that is refused was never good here: the refusal is about the app. */
const FRESH_MS = 5 * MINUTE_MS;

const says =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    onApi(e) && pattern.test(e.answer.body);
const says401 =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    e.answer.status === 401 && says(pattern)(e);
const says403 =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    e.answer.status === 403 && says(pattern)(e);

/** Token endpoint and callback of Login with Amazon. */
const loginChecks: readonly Check[] = [
  check('amazon_ads.server_error', (e) => oauthError(e) === 'ServerError', { cause: 'platform_outage' }),
  check('amazon_ads.invalid_client', (e) => oauthError(e) === 'invalid_client', {
    cause: 'app_misconfigured',
    also: ['app_disabled'],
    remedy:
      'The operator puts the current client secret of the Login with Amazon security profile in here. Secrets that are shared ' +
      'with the Selling Partner API are rotated every 180 days. Nobody has to reconnect.',
  }),
  check('amazon_ads.unauthorized_client', (e) => oauthError(e) === 'unauthorized_client', {
    cause: 'app_misconfigured',
    remedy:
      'The operator checks the Login with Amazon security profile and that Amazon approved this client for the Ads API.',
  }),
  check('amazon_ads.unknown_scope', isUnknownScope, {
    cause: 'app_misconfigured',
    also: ['request_invalid'],
    remedy:
      'The operator applies for Amazon Ads API access and assigns it to this client id; until then the scope does not exist for it.',
  }),
  check(
    'amazon_ads.code',
    (e) =>
      onToken(e) && oauthError(e) === 'invalid_grant' && /parameter\s*:\s*code\b/i.test(oauthDescription(e)),
    {
      cause: 'request_invalid',
      who: 'authorizing_user',
      remedy:
        'Start the connection again: the sign-in code holds for five minutes, once, and for the same return address.',
    },
  ),
  check('amazon_ads.invalid_grant', (e) => onToken(e) && oauthError(e) === 'invalid_grant', refusedRenewal),
];

function isUnknownScope(e: Evidence): boolean {
  if (oauthError(e) !== 'invalid_scope') return false;
  return e.answer.endpoint === 'authorize' || /unknown scope/i.test(oauthDescription(e));
}

const RECONNECT = 'Reconnect Amazon Ads, signed in at Amazon as the person who reaches these ad accounts.';

/** One code for every end. The consent's own clock tells the 365 days apart; nothing is ever rotated, so nothing can be lost. */
function refusedRenewal({ facts, now }: Evidence): Finding {
  const end = facts?.renewalExpiresAt;
  if (end && now >= end - DAY_MS) {
    return {
      cause: 'renewal_credential_expired',
      also: ['revoked_by_user'],
      remedy: `The consent’s 365 days are over. ${RECONNECT}`,
    };
  }
  const ended = facts && end === null ? [] : (['renewal_credential_expired'] as const);
  return {
    cause: 'revoked_by_user',
    also: [...ended, 'session_invalidated', 'malformed_token', 'platform_outage'],
    remedy: RECONNECT,
  };
}

/** The Ads API: one status for many faults, told apart by the text. */
const apiChecks: readonly Check[] = [
  check('amazon_ads.throttled', isThrottled, { cause: 'rate_limited' }),
  check('amazon_ads.gateway', says403(/key=value pair/i), {
    cause: 'request_invalid',
    remedy:
      'Correct the call: its path or media type does not exist. Amazon’s gateway then complains about the Authorization header, which is fine.',
  }),
  check('amazon_ads.no_matching_advertiser', says401(/no matching advertiser/i), {
    cause: 'account_access_removed',
    also: ['account_disabled', 'request_invalid'],
    remedy:
      'Check that the call went to the account’s own region (North America, Europe, Far East), then list the accounts again. If it is gone, ' +
      'it was closed, or an account admin took the person off it. No reconnect is needed.',
  }),
  check('amazon_ads.scope_header_missing', says401(/scope header is missing/i), {
    cause: 'request_invalid',
    remedy: 'Add the header Amazon-Advertising-API-Scope with the profile id to the call.',
  }),
  check(
    'amazon_ads.not_authorized_for_scope',
    says401(/not authorized to (access scope|manage this profile)/i),
    {
      cause: 'account_access_removed',
      also: ['permission_missing'],
      remedy:
        'An account admin gives the person who consented their role on this ad account again (Editor, where the call changes something), or another person reconnects.',
    },
  ),
  check(
    'amazon_ads.token_refused',
    says401(/authentication failed|not authenticated|unauthorized/i),
    refusedToken,
  ),
  check('amazon_ads.access_denied', says403(/access[_ ]?denied/i), {
    cause: 'account_access_removed',
    also: ['not_provisioned', 'permission_missing'],
    remedy:
      'An account admin gives the person who consented the permission for this account. No reconnect is needed.',
  }),
  check('amazon_ads.forbidden', (e) => onApi(e) && e.answer.status === 403 && oauthError(e) === undefined, {
    cause: 'not_provisioned',
    also: ['account_access_removed', 'permission_missing'],
    remedy:
      'An account admin checks the permissions and whether this ad program is enabled for the account. No reconnect is needed.',
  }),
  check('amazon_ads.duplicate_report', (e) => onApi(e) && e.answer.status === 425, {
    cause: 'request_invalid',
    remedy: 'The same report is already being made: use that one.',
  }),
  check('amazon_ads.parameter', (e) => onApi(e) && status(400, 406, 415, 422)(e), {
    cause: 'request_invalid',
    also: ['account_access_removed'],
  }),
  check(
    'amazon_ads.no_account',
    (e) => onApi(e) && e.answer.status === 200 && Array.isArray(e.answer.json) && e.answer.json.length === 0,
    {
      cause: 'not_provisioned',
      also: ['account_access_removed'],
      who: 'authorizing_user',
      // Roles, regions and campaigns read alike, and a sign-in as the same person brings none of them.
      reconnect: false,
      remedy:
        'This Amazon login reaches no ad account here. Look in the other regions, and have an account admin check whether the person ' +
        'who signed in still has a role; an account also needs to have had a campaign. Where the wrong person signed in, connect the right one.',
    },
  ),
];

function isThrottled(e: Evidence): boolean {
  const code = textAt(e.answer.json, 'code') ?? textAt(e.answer.json, '__type') ?? '';
  if (/^(429|TOO_MANY_REQUESTS|RateExceeded)$/i.test(code)) return true;
  return /^(too many requests|rate ?exceeded)$/i.test(String(at(e.answer.json, 'message') ?? ''));
}

/** A dead access token and a client without API approval read alike; a fresh token that even the probe refuses is the latter. */
function refusedToken({ answer, facts, now }: Evidence): Finding {
  const fresh = facts !== undefined && now - facts.issuedAt < FRESH_MS;
  if (answer.endpoint !== 'probe' || !fresh) {
    return {
      cause: 'access_token_expired',
      also: ['app_misconfigured', 'revoked_by_user', 'session_invalidated'],
    };
  }
  return {
    cause: 'app_misconfigured',
    also: ['access_token_expired', 'revoked_by_user', 'session_invalidated'],
    remedy:
      'The operator checks that Amazon approved this client id for the Ads API: a token that is minutes old was refused.',
  };
}

export const checks: readonly Check[] = [
  pageCheck,
  ...loginChecks,
  ...apiChecks,
  ...firstChecks,
  ...oauthChecks,
  ...lastChecks,
];
