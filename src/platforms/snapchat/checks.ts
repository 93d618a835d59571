import type { Check, Evidence } from '../../core/diagnosis.ts';
import {
  check,
  firstChecks,
  lastChecks,
  oauthChecks,
  oauthError,
  onApi,
  onToken,
  pageCheck,
  status,
} from '../kit/checks.ts';
import { errorCode, tellsError } from './envelope.ts';

/** A window of the rate limit is seconds long; a header that tells more is not believed. */
const LONGEST_WAIT_SECONDS = 3600;

/** `X-Rate-Limit-Reset` is a moment in epoch milliseconds (recorded), not a number of seconds. */
function secondsToReset({ answer, now }: Evidence): number | undefined {
  const reset = Number(answer.headers['x-rate-limit-reset'] ?? Number.NaN);
  const seconds = Math.max(1, Math.ceil((reset - now) / 1000));
  return Number.isFinite(seconds) && seconds <= LONGEST_WAIT_SECONDS ? seconds : undefined;
}

const code =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    onApi(e) && pattern.test(errorCode(e.answer.json) ?? '');
const refusedGrant = (e: Evidence): boolean =>
  onToken(e) && (oauthError(e) === 'invalid_grant' || plain(e, 'invalid_grant'));
const refusedClient = (e: Evidence): boolean =>
  onToken(e) &&
  (/^(invalid_client|unauthorized_client)$/.test(oauthError(e) ?? '') || plain(e, 'invalid_client'));

/** The token endpoint's errors are not documented: its words may come as plain text. */
const plain = (e: Evidence, word: string): boolean =>
  e.answer.status < 500 && e.answer.json === undefined && e.answer.body.includes(word);

const ROLE =
  'An organization admin gives the person a role on the ad account (for example “reports”). No reconnect is needed.';

const tokenChecks: readonly Check[] = [
  check('snapchat.invalid_grant', refusedGrant, {
    cause: 'revoked_by_user',
    also: ['session_invalidated', 'renewal_credential_expired', 'password_changed'],
    remedy:
      'Reconnect: a person who is still a member of the organization signs in at Snapchat and allows access again.',
  }),
  check('snapchat.invalid_client', refusedClient, {
    cause: 'app_misconfigured',
    also: ['app_disabled'],
    remedy:
      'The operator compares client id and secret with the OAuth app in Business Details. The secret is shown only once: if it or the app is lost, make a new OAuth app there; then everybody reconnects.',
  }),
];

const apiChecks: readonly Check[] = [
  check('snapchat.E3002', code(/^E3002$/), { cause: 'account_access_removed', remedy: ROLE }),
  check('snapchat.E3003', code(/^E3003$/), {
    cause: 'request_invalid',
    also: ['account_access_removed', 'account_disabled'],
    remedy:
      'Check the id: the account was deleted, the person lost the role on it, or the address is wrong. Refresh the list of accounts to see which.',
  }),
  check(
    'snapchat.token_expired',
    (e) => /access token expired/i.test(e.answer.headers['www-authenticate'] ?? ''),
    {
      cause: 'access_token_expired',
    },
  ),
  check(
    'snapchat.scope',
    (e) => onApi(e) && e.answer.status === 403 && e.answer.body.trim() === 'unauthorized',
    {
      cause: 'permission_missing',
      also: ['account_access_removed'],
    },
  ),
  check('snapchat.forbidden', (e) => onApi(e) && e.answer.status === 403, {
    cause: 'account_access_removed',
    also: ['permission_missing', 'not_provisioned'],
    remedy: `${ROLE} Reports on shared accounts also need the advertiser to share them, at View level or higher.`,
  }),
  check('snapchat.parameter', (e) => code(/^E[12]\d{3}$/)(e) && e.answer.status < 429, {
    cause: 'request_invalid',
  }),
  check('snapchat.call', (e) => onApi(e) && status(400, 405, 406, 410, 418)(e), { cause: 'request_invalid' }),
  check('snapchat.error_under_200', (e) => onApi(e) && e.answer.status === 200 && tellsError(e.answer.json), {
    cause: 'unknown',
  }),
];

export const checks: readonly Check[] = [
  pageCheck,
  check('snapchat.429', status(429), (e) => ({
    cause: 'rate_limited',
    retryAfterSeconds: secondsToReset(e),
  })),
  ...firstChecks,
  ...tokenChecks,
  ...apiChecks,
  ...oauthChecks,
  ...lastChecks,
];
