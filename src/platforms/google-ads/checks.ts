import { at, type ReadAnswer, textAt } from '../../core/answer.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { listAt } from '../google/answers.ts';
import { durationSeconds, waiting } from '../google/errorBody.ts';
import { isServiceAccount } from '../google/tokenChecks.ts';
import { check, onApi } from '../kit/checks.ts';
import { ADS_ERRORS } from './errors.ts';

/** The errors of a GoogleAdsFailure. Streamed answers wrap the error object in a list. */
function adsErrors(answer: ReadAnswer): readonly unknown[] {
  const root = Array.isArray(answer.json) ? answer.json[0] : answer.json;
  return listAt(root, 'error', 'details').flatMap((detail) => listAt(detail, 'errors'));
}

/** Codes as `authenticationError.NOT_ADS_USER`, in the order in which they came. */
export function errorCodes(answer: ReadAnswer): readonly string[] {
  return adsErrors(answer).flatMap((error) => {
    const code = at(error, 'errorCode');
    if (typeof code !== 'object' || code === null) return [];
    return Object.entries(code).map(([kind, value]) => `${kind}.${value}`);
  });
}

/** Google Ads tells in the body how long to wait, never in a header. */
function retryDelay(answer: ReadAnswer): number | undefined {
  const delays = adsErrors(answer).map((error) =>
    textAt(error, 'details', 'quotaErrorDetails', 'retryDelay'),
  );
  return durationSeconds(delays.find((delay) => delay !== undefined));
}

const documented: Check = {
  name: 'google_ads.error_code',
  look: (evidence: Evidence): Finding | undefined => {
    const { answer } = evidence;
    const code = errorCodes(answer).find((candidate) => Object.hasOwn(ADS_ERRORS, candidate));
    if (code === undefined) return undefined;
    const finding = waiting(ADS_ERRORS[code]!, retryDelay(answer));
    return isServiceAccount(evidence) ? ofKey(finding) : finding;
  },
};

/** Nobody signed in with a key, so no sign-in can have ended: the next token that is minted tells what is wrong. */
function ofKey(finding: Finding): Finding {
  const { cause } = finding;
  if (cause !== 'revoked_by_user' && cause !== 'session_invalidated') return finding;
  return { cause: 'access_token_expired', also: [cause, 'account_disabled'] };
}

/** What only Google Ads says. */
export const adsChecks: readonly Check[] = [
  documented,
  check(
    'google_ads.other_quota',
    (e) => errorCodes(e.answer).some((code) => code.startsWith('quotaError.')),
    { cause: 'rate_limited' },
  ),
  check(
    'google_ads.other_internal',
    (e) => errorCodes(e.answer).some((code) => /^(internal|database)Error\./.test(code)),
    {
      cause: 'platform_outage',
    },
  ),
  check(
    'google_ads.other_login',
    (e) => errorCodes(e.answer).some((code) => code.startsWith('authenticationError.')),
    {
      cause: 'access_token_expired',
      also: ['revoked_by_user', 'session_invalidated', 'request_invalid'],
    },
  ),
  check(
    'google_ads.other_permission',
    (e) => errorCodes(e.answer).some((code) => code.startsWith('authorizationError.')),
    {
      cause: 'account_access_removed',
      also: ['app_misconfigured', 'account_disabled'],
    },
  ),
  check('google_ads.query', (e) => errorCodes(e.answer).length > 0, { cause: 'request_invalid' }),
  check(
    'google_ads.version_gone',
    (e) => onApi(e) && e.answer.status === 404 && e.answer.json === undefined,
    {
      cause: 'request_invalid',
      remedy:
        'This version of the Google Ads API has ended, or the address is wrong: set a current “API version” in the app here.',
    },
  ),
];
