import { numberAt, textAt } from '../../core/answer.ts';
import type { Cause } from '../../core/cause.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { check, firstChecks, lastChecks, onApi, onToken, pageCheck } from '../kit/checks.ts';

/** The `code` of Pinterest's envelope `{code, message}`. Codes are reused: they mean something only with a status. */
export const codeOf = (json: unknown): number | undefined => numberAt(json, 'code');

const code = (evidence: Evidence): number | undefined => codeOf(evidence.answer.json);
const status = (evidence: Evidence): number => evidence.answer.status;
const text = (evidence: Evidence): string => textAt(evidence.answer.json, 'message') ?? '';

type When = (evidence: Evidence) => boolean;
type Found = Finding | ((evidence: Evidence) => Finding);

/** One finding for a pair of status and code. */
function pair(statuses: readonly number[], of: number, finding: Found, also: When = () => true): Check {
  const name = `pinterest.${statuses.join('_')}_${of}`;
  return check(name, (e) => statuses.includes(status(e)) && code(e) === of && also(e), finding);
}

const HOUR_SECONDS = 3600;
const OPERATOR_APP =
  'The operator compares app id and secret here with “My apps” at developers.pinterest.com.';
const RECONNECT = 'Reconnect: the person signs in at Pinterest again and allows the app.';
const GIVE_ROLE =
  'An admin of the ad account gives the person a role on it in the Business Hub (Analyst or more). No reconnect is needed.';

/** The code is 8 or 30, and 30 means something else elsewhere: the status decides. */
const limits: readonly Check[] = [
  check('pinterest.429_spam', (e) => status(e) === 429 && /spam/i.test(text(e)), {
    cause: 'policy_violation',
    also: ['rate_limited'],
    permanent: false,
    who: 'operator',
    reach: 'platform',
    remedy:
      'The operator stops writing for some hours: Pinterest takes these calls for spam. Its help center says what it looks for. Never reconnect because of this.',
    retryAfterSeconds: 6 * HOUR_SECONDS,
  }),
  check('pinterest.429', (e) => status(e) === 429, limitFinding),
  check(
    'pinterest.400_retry_after',
    (e) => status(e) === 400 && /retry after/i.test(e.answer.body),
    (e) => ({
      cause: 'rate_limited',
      also: ['quota_exceeded'],
      retryAfterSeconds: secondsIn(/retry after\D{0,3}(\d+)/i, e.answer.body) ?? 60,
    }),
  ),
];

/** Minutes pass by themselves; a reset many hours away is the daily allowance of an app with Trial access. */
function limitFinding({ answer }: Evidence): Finding {
  const reset = secondsIn(/(\d+)/, answer.headers['x-ratelimit-reset'] ?? '');
  const wait = reset === undefined ? {} : { retryAfterSeconds: reset };
  if (reset === undefined || reset < HOUR_SECONDS)
    return { cause: 'rate_limited', also: ['quota_exceeded'], ...wait };
  return {
    cause: 'quota_exceeded',
    also: ['rate_limited'],
    remedy:
      'Wait until the daily allowance is renewed, or ask Pinterest for Standard access. Never reconnect because of this.',
    ...wait,
  };
}

function secondsIn(pattern: RegExp, words: string): number | undefined {
  const found = pattern.exec(words)?.[1];
  return found === undefined ? undefined : Number(found);
}

const app: readonly Check[] = [
  pair(
    [400, 401, 403],
    3,
    {
      cause: 'app_disabled',
      also: ['app_misconfigured', 'not_provisioned'],
      remedy:
        'The operator gets Trial or Standard access for the app at developers.pinterest.com: it has none now.',
    },
    (e) => /consumer type/i.test(text(e)),
  ),
  pair([400, 401], 283, { cause: 'app_misconfigured', also: ['app_disabled'], remedy: OPERATOR_APP }, (e) =>
    /application id/i.test(e.answer.body),
  ),
];

const tokenEndpoint: readonly Check[] = [
  pair([400, 401], 283, refusedGrant, onToken),
  pair([401], 2, refusedClient, onToken),
];

/** 283 does not say why: our own record and clock decide, as far as they can. */
function refusedGrant({ facts, now }: Evidence): Finding {
  if (facts?.unknownOutcomeAt)
    return { cause: 'rotation_lost', also: ['revoked_by_user'], remedy: RECONNECT };
  if (facts?.renewalExpiresAt && now >= facts.renewalExpiresAt) {
    const remedy = `${RECONNECT} It was not renewed within 60 days.`;
    return { cause: 'renewal_credential_expired', also: ['revoked_by_user'], remedy };
  }
  const also: readonly Cause[] = [
    'renewal_credential_expired',
    'rotation_lost',
    'session_invalidated',
    'password_changed',
    'account_disabled',
    'malformed_token',
  ];
  return { cause: 'revoked_by_user', also, remedy: RECONNECT };
}

/** A wrong secret and a dead refresh token share this answer; the secret is the one that can be put right unharmed. */
function refusedClient({ facts, now }: Evidence): Finding {
  if (facts?.renewalExpiresAt && now >= facts.renewalExpiresAt) {
    return {
      cause: 'renewal_credential_expired',
      also: ['app_misconfigured', 'revoked_by_user'],
      remedy: RECONNECT,
    };
  }
  return {
    cause: 'app_misconfigured',
    also: [
      'revoked_by_user',
      'rotation_lost',
      'renewal_credential_expired',
      'session_invalidated',
      'app_disabled',
    ],
    remedy: `${OPERATOR_APP} If only this one connection fails, reconnect it.`,
  };
}

const accessToken: readonly Check[] = [
  check('pinterest.ad_account_not_found', (e) => code(e) === 2 && /not found/i.test(text(e)), {
    cause: 'account_access_removed',
    also: ['account_disabled', 'request_invalid'],
    remedy:
      'The ad account was deleted, or the person’s role on it ended: an admin of the ad account gives the role again in the Business Hub, or the operator removes the account here.',
  }),
  pair(
    [401],
    2,
    {
      cause: 'access_token_expired',
      also: [
        'revoked_by_user',
        'session_invalidated',
        'password_changed',
        'malformed_token',
        'account_disabled',
        'app_disabled',
      ],
    },
    onApi,
  ),
];

const access: readonly Check[] = [
  pair([401, 403], 3, {
    cause: 'permission_missing',
    remedy: 'Reconnect and accept all that is asked for: the authorization lacks a permission for this call.',
  }),
  pair(
    [401, 403],
    29,
    {
      cause: 'request_invalid',
      also: ['account_access_removed'],
      who: 'authorizing_user',
      remedy:
        'Pinterest ends only system users’ tokens this way: the person removes the app under Settings, Security, Connected apps.',
    },
    (e) => e.answer.endpoint === 'revoke',
  ),
  pair([401, 403], 29, {
    cause: 'account_access_removed',
    also: ['permission_missing', 'not_provisioned'],
    remedy: GIVE_ROLE,
  }),
  pair([401, 403], 7, {
    cause: 'request_invalid',
    also: ['account_access_removed'],
    remedy:
      'This board or Pin belongs to somebody else: ask for one of the account’s own. The authorization is fine.',
  }),
  pair([403], 403, {
    cause: 'account_access_removed',
    also: ['not_provisioned', 'permission_missing'],
    remedy: GIVE_ROLE,
  }),
];

const merchant: readonly Check[] = [
  pair([403], 2625, {
    cause: 'policy_violation',
    also: ['account_disabled'],
    remedy:
      'Pinterest has disapproved the merchant account: one of its admins appeals in the Business Hub. No reconnect is needed.',
  }),
  pair([403], 2626, {
    cause: 'not_provisioned',
    also: ['policy_violation', 'account_disabled'],
    permanent: false,
    who: 'platform',
    remedy: 'Wait: Pinterest is reviewing the merchant account. The Business Hub shows how far it is.',
    retryAfterSeconds: 24 * HOUR_SECONDS,
  }),
  pair([403], 654, {
    cause: 'not_provisioned',
    who: 'authorizing_user',
    remedy: 'Convert the account to a Pinterest business account, or reconnect with one that is.',
  }),
];

const calls: readonly Check[] = [
  pair([404], 30, { cause: 'request_invalid', also: ['account_disabled'] }),
  pair([400], 12, { cause: 'platform_outage', also: ['request_invalid'] }),
  pair([400, 404, 422], 1, { cause: 'request_invalid' }),
  pair([503], 4197, {
    cause: 'platform_outage',
    also: ['request_invalid'],
    remedy: 'Wait: Pinterest has taken this endpoint off for now.',
    retryAfterSeconds: HOUR_SECONDS,
  }),
  check('pinterest.400', (e) => onApi(e) && status(e) === 400, { cause: 'request_invalid' }),
  check('pinterest.403', (e) => onApi(e) && status(e) === 403, {
    cause: 'account_access_removed',
    also: ['permission_missing', 'not_provisioned', 'policy_violation'],
    remedy: GIVE_ROLE,
  }),
  // A code that nobody has documented is no reason to doubt the token.
  check('pinterest.401_unlisted', (e) => status(e) === 401 && code(e) !== undefined, {
    cause: 'unknown',
    also: ['permission_missing', 'account_access_removed', 'access_token_expired'],
  }),
];

export const checks: readonly Check[] = [
  pageCheck,
  ...limits,
  ...app,
  ...tokenEndpoint,
  ...accessToken,
  ...access,
  ...merchant,
  ...calls,
  ...firstChecks,
  ...lastChecks,
];
