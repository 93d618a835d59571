import { at } from '../../core/answer.ts';
import type { Check, Evidence } from '../../core/diagnosis.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import { reasonsOf } from '../google/errorBody.ts';
import { check, onApi } from '../kit/checks.ts';

const reason =
  (...wanted: readonly string[]) =>
  (evidence: Evidence): boolean =>
    onApi(evidence) && reasonsOf(evidence).some((found) => wanted.includes(found));

/** What only Campaign Manager 360 says. Its limits are 403s, so they are asked for before any permission. */
export const cm360Checks: readonly Check[] = [
  check('cm360.daily_limit', reason('dailyLimitExceeded'), ({ now }) => ({
    cause: 'quota_exceeded',
    also: ['rate_limited'],
    remedy:
      'The project’s calls for today are used up. It passes at midnight Pacific time. Never reconnect because of this.',
    retryAfterSeconds: secondsToPacificMidnight(now),
  })),
  check('cm360.user_rate', reason('userRateLimitExceeded', 'rateLimitExceeded'), {
    cause: 'rate_limited',
    also: ['quota_exceeded'],
  }),
  check('cm360.report_quota', reason('quotaExceeded'), {
    cause: 'quota_exceeded',
    remedy:
      'An allowance for reports (of the account or the profile) is used up. Run fewer reports, or wait until tomorrow. Never reconnect because of this.',
  }),
  check(
    'cm360.forbidden',
    (e) => reason('forbidden')(e) && reasonsOf(e).every((one) => one === 'forbidden'),
    {
      cause: 'account_access_removed',
      also: ['not_provisioned', 'account_disabled', 'request_invalid'],
      remedy:
        'The user profile lost a permission, it is the wrong profile, or the account is not enabled for the API: a Campaign Manager 360 administrator checks the profile’s user role. No reconnect is needed.',
    },
  ),
  check('cm360.no_profile', isEmptyProfileList, {
    cause: 'not_provisioned',
    remedy:
      'This Google account has no user profile in Campaign Manager 360: an administrator there adds one for its e-mail address, or connect another account.',
  }),
];

/** 200 without a single profile. Not documented; a 403 is possible too, and read above. */
function isEmptyProfileList({ answer }: Evidence): boolean {
  const isList = answer.status === 200 && at(answer.json, 'kind') === 'dfareporting#userProfileList';
  const items = at(answer.json, 'items');
  return isList && (items === undefined || (Array.isArray(items) && items.length === 0));
}

/** The project's daily allowance is renewed at midnight in Los Angeles. An hour off on the two days of a clock change. */
export function secondsToPacificMidnight(now: Instant): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'America/Los_Angeles',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(new Date(now));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return DAY_MS / 1000 - (part('hour') * 3600 + part('minute') * 60 + part('second'));
}
