import { at, textAt } from '../../core/answer.ts';
import type { Cause } from '../../core/cause.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import { check, firstChecks, lastChecks, pageCheck, status } from '../kit/checks.ts';
import { codeOf } from './envelope.ts';

const code = (evidence: Evidence): number | undefined => codeOf(evidence.answer.json);
const text = (evidence: Evidence): string => textAt(evidence.answer.json, 'message') ?? '';
const withoutExpiry = (evidence: Evidence): boolean => evidence.facts?.method === 'advertiser_token';
const ofAccount = (evidence: Evidence): boolean => evidence.facts?.method === 'account_token';

const RECONNECT =
  'Reconnect: the person signs in at TikTok for Business again and allows the app for the ad accounts.';
const RECONNECT_ACCOUNT =
  'Reconnect: the holder of the TikTok account signs in at TikTok and allows the app again.';
const START_AGAIN =
  'Start the connection again: TikTok’s one-time code was used, cancelled or older than an hour.';
const OPERATOR_APP =
  'The operator compares app id and secret here with “My Apps” in the TikTok API for Business portal.';
const GIVE_ROLE =
  'An admin of the ad account gives the TikTok user a role on it again (Business Center, Assets, Advertiser accounts), or the advertiser allows the app again.';
const ALLOW_ONE =
  'Reconnect and allow at least one ad account. Where TikTok offers none, an admin of an ad account gives the TikTok user a role on it first (Business Center, Assets, Advertiser accounts).';
const GONE =
  'The advertiser account was deleted or closed at TikTok: remove the account here, or have it restored there.';

/** One finding for some codes of the envelope, whatever the HTTP status: errors come under 200. */
function on(codes: readonly number[], finding: Finding | ((evidence: Evidence) => Finding)): Check {
  return check(`tiktok.${codes.join('_')}`, (e) => codes.includes(code(e) ?? -1), finding);
}

/** As {@link on}, where the words tell apart what the code does not. */
function onText(name: string, codes: readonly number[], words: RegExp, finding: Finding): Check {
  return check(`tiktok.${name}`, (e) => codes.includes(code(e) ?? -1) && words.test(text(e)), finding);
}

/** Temporary although the numbers stand among the token errors; each limit has a wait of its own. */
const limits: readonly Check[] = [
  on([40100, 40016, 40133], limitFinding),
  on([40132], {
    cause: 'rate_limited',
    also: ['malformed_token'],
    remedy:
      'Wait. If it persists for this one pixel, open a ticket with TikTok: its code may be in use elsewhere.',
  }),
];

function limitFinding(evidence: Evidence): Finding {
  const words = text(evidence);
  if (/\bQPD\b|per day|daily/i.test(words)) {
    const remedy =
      'Wait until 00:00 UTC, when TikTok renews the daily allowance. Never reconnect because of this.';
    return {
      cause: 'quota_exceeded',
      also: ['rate_limited'],
      remedy,
      retryAfterSeconds: secondsToMidnightUtc(evidence.now),
    };
  }
  const bySecond = /\bQPS\b|per second/i.test(words);
  // Which limit it is may go unsaid; the longer of the two short waits never makes it worse.
  return { cause: 'rate_limited', also: ['quota_exceeded'], retryAfterSeconds: bySecond ? 1 : 300 };
}

export function secondsToMidnightUtc(now: Instant): number {
  return Math.ceil((DAY_MS - (now % DAY_MS)) / 1000);
}

const tokens: readonly Check[] = [
  on([40105], accessTokenRefused),
  on([40102], (e) => (withoutExpiry(e) ? endedUnexpectedly : { cause: 'access_token_expired' })),
  on([40104], {
    cause: 'request_invalid',
    remedy: 'Send the token in the header Access-Token; it was empty or missing.',
  }),
  on([40106], {
    cause: 'session_invalidated',
    also: ['account_access_removed', 'revoked_by_user', 'account_disabled'],
    remedy: 'Reconnect as a TikTok for Business user who still exists and has the ad account.',
  }),
  on([40103], {
    cause: 'renewal_credential_expired',
    remedy: `${RECONNECT_ACCOUNT} TikTok asks for that once a year.`,
  }),
  on([40107], refreshTokenRefused),
];

const endedUnexpectedly: Finding = {
  cause: 'access_token_expired',
  also: ['revoked_by_user', 'session_invalidated'],
  permanent: true,
  who: 'authorizing_user',
  remedy: RECONNECT,
};

/** Cancelled, revoked and garbled look alike. A 24-hour token past its time is the one harmless reading. */
function accessTokenRefused(evidence: Evidence): Finding {
  const { facts, now } = evidence;
  if (facts?.accessExpiresAt && now >= facts.accessExpiresAt)
    return { cause: 'access_token_expired', also: ['revoked_by_user'] };
  const also: readonly Cause[] = [
    'malformed_token',
    'session_invalidated',
    'access_token_expired',
    'rotation_lost',
  ];
  return {
    cause: 'revoked_by_user',
    also,
    remedy: ofAccount(evidence)
      ? RECONNECT_ACCOUNT
      : `${RECONNECT} The app’s link is shown in the Business Center.`,
  };
}

function refreshTokenRefused(evidence: Evidence): Finding {
  const { facts, now } = evidence;
  if (withoutExpiry(evidence)) {
    return {
      cause: 'request_invalid',
      remedy: 'Do not refresh an advertiser token: it has no expiry and no refresh token.',
    };
  }
  if (facts?.unknownOutcomeAt)
    return {
      cause: 'rotation_lost',
      also: ['revoked_by_user', 'malformed_token'],
      remedy: RECONNECT_ACCOUNT,
    };
  if (facts?.renewalExpiresAt && now >= facts.renewalExpiresAt)
    return { cause: 'renewal_credential_expired', remedy: RECONNECT_ACCOUNT };
  const also: readonly Cause[] = [
    'malformed_token',
    'renewal_credential_expired',
    'rotation_lost',
    'request_invalid',
  ];
  return {
    cause: 'revoked_by_user',
    also,
    remedy: RECONNECT_ACCOUNT,
  };
}

const connecting: readonly Check[] = [
  on([40110], {
    cause: 'session_invalidated',
    also: ['request_invalid', 'revoked_by_user'],
    remedy: START_AGAIN,
  }),
  on([40115], {
    cause: 'session_invalidated',
    also: ['request_invalid', 'app_misconfigured'],
    remedy: `${START_AGAIN} If it persists, the operator checks whether the app’s redirect addresses for advertisers and for account holders were mixed up.`,
  }),
  onText('40101_code', [40101], /auth_code/i, {
    cause: 'session_invalidated',
    also: ['app_misconfigured', 'request_invalid'],
    remedy: START_AGAIN,
  }),
  on([40101], {
    cause: 'app_misconfigured',
    also: ['session_invalidated', 'request_invalid'],
    remedy: OPERATOR_APP,
  }),
];

const app: readonly Check[] = [
  onText('40113_other_app', [40113], /inconsistent/i, {
    cause: 'app_misconfigured',
    also: ['malformed_token', 'app_disabled'],
    remedy: OPERATOR_APP,
  }),
  on([40113], {
    cause: 'app_disabled',
    also: ['app_misconfigured'],
    remedy:
      'The operator looks at the app in “My Apps” of the TikTok API for Business portal: it is blocked, or its id is wrong here.',
  }),
  on([40118], {
    cause: 'not_provisioned',
    who: 'operator',
    reach: 'app',
    also: ['app_misconfigured'],
    remedy: 'The operator applies to TikTok for this feature: it is open to an allowlist of apps only.',
  }),
  on([40119], {
    cause: 'app_misconfigured',
    also: ['not_provisioned', 'policy_violation'],
    remedy:
      'The operator needs another type of app: this one may only serve advertisers of the developer’s own company.',
  }),
  on([40124], {
    cause: 'app_misconfigured',
    also: ['app_disabled', 'not_provisioned'],
    remedy:
      'The operator completes the developer profile in the TikTok API for Business portal and has it approved.',
  }),
  on([40125], {
    cause: 'permission_missing',
    who: 'operator',
    reach: 'app',
    also: ['app_misconfigured', 'not_provisioned'],
    remedy:
      'The operator adds the permission to the app in “My Apps” (TikTok reviews it); then each advertiser reconnects.',
  }),
  on([41000], {
    cause: 'policy_violation',
    who: 'operator',
    reach: 'app',
    also: ['app_misconfigured', 'request_invalid'],
    remedy: 'The operator lets calls leave from an address in another country: TikTok refuses this server’s.',
  }),
];

/** 40001 and 40002 mean several things; their words are all there is to tell them apart. */
const NO_PERMISSION = [40001, 40002];

const access: readonly Check[] = [
  on([40300, 40301], {
    cause: 'account_disabled',
    also: ['account_access_removed', 'request_invalid'],
    remedy: GONE,
  }),
  onText('deleted', NO_PERMISSION, /advertiser.*(delet|not exist)/i, {
    cause: 'account_disabled',
    also: ['account_access_removed'],
    remedy: GONE,
  }),
  onText('scope', NO_PERMISSION, /grant you|:(get|post) permission/i, {
    cause: 'permission_missing',
    also: ['account_access_removed'],
    remedy:
      'Reconnect with all boxes ticked. If the box is not offered, the operator adds the permission to the app first.',
  }),
  onText('role', NO_PERMISSION, /no permission|must be an? (admin|operator)|permission to operate/i, {
    cause: 'account_access_removed',
    also: ['permission_missing', 'account_disabled'],
    remedy: GIVE_ROLE,
  }),
  on([40001], {
    cause: 'account_access_removed',
    also: ['permission_missing', 'account_disabled'],
    remedy: GIVE_ROLE,
  }),
  check('tiktok.no_advertisers', hasNoAdvertisers, reachesNone),
];

/** A living token that reaches nothing: the answer of `oauth2/advertiser/get` is a success with an empty list. */
function hasNoAdvertisers({ answer }: Evidence): boolean {
  const found = at(answer.json, 'data', 'list');
  const bare = at(answer.json, 'data', 'page_info') === undefined;
  return (
    answer.endpoint !== 'token' &&
    codeOf(answer.json) === 0 &&
    Array.isArray(found) &&
    found.length === 0 &&
    bare
  );
}

/** Nothing can have been taken away of what no probe has ever seen. */
function reachesNone({ facts }: Evidence): Finding {
  if (facts && facts.extra.advertisers_reachable === undefined)
    return {
      cause: 'not_provisioned',
      who: 'authorizing_user',
      also: ['account_access_removed', 'account_disabled'],
      remedy: ALLOW_ONE,
    };
  return {
    cause: 'account_access_removed',
    also: ['not_provisioned', 'account_disabled'],
    remedy: GIVE_ROLE,
  };
}

const ours: readonly Check[] = [
  onText('app_mismatch', [40000], /\bapp(_id)?\b.*token|token.*\bapp(_id)?\b/i, {
    cause: 'app_misconfigured',
    also: ['request_invalid', 'malformed_token'],
    remedy: OPERATOR_APP,
  }),
  on([40000, 40002, 40108, 40109, 40112, 40116, 40117], { cause: 'request_invalid' }),
  on([40006, 40007, 40008, 40010, 40051, 41001], {
    cause: 'request_invalid',
    remedy:
      'Upgrade: TikTok has moved or retired this address or version of its interface. Nothing has to be reconnected.',
  }),
];

const passing: readonly Check[] = [
  on([40200, 40201, 40202], {
    cause: 'platform_outage',
    who: 'nobody',
    also: ['rate_limited', 'request_invalid'],
    remedy: 'Make the call again in a while: its task is not done yet, or something else was being written.',
  }),
  on([40700], { cause: 'platform_outage' }),
  on([60001], { cause: 'platform_outage', remedy: 'Wait: TikTok is in maintenance, for minutes or hours.' }),
  check('tiktok.server', (e) => (code(e) ?? 0) >= 50_000 && (code(e) ?? 0) <= 69_999, {
    cause: 'platform_outage',
  }),
  // Never judged by its number range: rate limits stand among the token errors.
  check('tiktok.unlisted', (e) => (code(e) ?? 0) >= 40_000 && (code(e) ?? 0) <= 49_999, { cause: 'unknown' }),
];

const transport: readonly Check[] = [
  check('tiktok.address', status(404, 405), {
    cause: 'request_invalid',
    remedy: 'Correct the address: it must end with a slash.',
  }),
  check('tiktok.gateway', (e) => e.answer.status >= 500, {
    cause: 'platform_outage',
    retryAfterSeconds: 300,
  }),
];

export const checks: readonly Check[] = [
  pageCheck,
  ...limits,
  ...tokens,
  ...connecting,
  ...app,
  ...access,
  ...ours,
  ...passing,
  ...transport,
  ...firstChecks,
  ...lastChecks,
];
