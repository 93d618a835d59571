import { at, type PlatformAnswer, type ReadAnswer, readAnswer, textAt } from '../../core/answer.ts';
import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { MINUTE_MS } from '../../core/instant.ts';
import { check, firstChecks, lastChecks, onApi, onToken, pageCheck, status } from '../kit/checks.ts';

/** A token this young that is refused will not be healed by another login. */
const FRESH_MS = 10 * MINUTE_MS;
const DEFAULT_WAIT_SECONDS = 60;

const DEAD_TOKEN = /auth token is not valid or has expired/i;
const NO_API_ACCESS = /required permissions to perform/i;
const NO_SEAT = /not authorized to access/i;

/** Errors come as an object, as a bare JSON string, and from the gateway with a small `message`: the text is what they share. */
const wordsOf = (answer: ReadAnswer): string =>
  textAt(answer.json) ?? textAt(answer.json, 'Message') ?? textAt(answer.json, 'message') ?? answer.body;
const says =
  (pattern: RegExp) =>
  (e: Evidence): boolean =>
    pattern.test(wordsOf(e.answer));
/** Data API v2 alone has codes. */
const errorCode = (answer: ReadAnswer): string => textAt(answer.json, 'ErrorCode') ?? '';
/** GraphQL dresses its errors as a success. */
const graphqlCode = (answer: ReadAnswer): string =>
  textAt(answer.json, 'errors', 0, 'extensions', 'code') ?? '';
const graphqlWords = (answer: ReadAnswer): string => textAt(answer.json, 'errors', 0, 'message') ?? '';

function isDeadToken(answer: ReadAnswer): boolean {
  if (answer.endpoint === 'token') return false;
  if (
    /^(AuthenticationFailed|InvalidToken)$/.test(errorCode(answer)) ||
    graphqlCode(answer) === 'UNAUTHENTICATED'
  )
    return true;
  if (NO_API_ACCESS.test(wordsOf(answer))) return false;
  return answer.status === 401 || (answer.status === 403 && DEAD_TOKEN.test(wordsOf(answer)));
}

/** Whether the platform said in so many words that the token no longer works. A 403 alone never does. */
export const saysTokenIsDead = (answer: PlatformAnswer): boolean =>
  answer.kind === 'answer' && isDeadToken(readAnswer(answer));

/** Whether the answer refuses one seat and leaves the token alone. */
export const refusesSeat = (answer: PlatformAnswer): boolean =>
  answer.kind === 'answer' && answer.status === 403 && NO_SEAT.test(wordsOf(readAnswer(answer)));

const NEW_TOKEN =
  'As the API user, make a new token at open.thetradedesk.com (Access Management, Manage API tokens) and enter it here, whole and without blanks, with its end date; then revoke the old one there.';

/** The platform never says why; the method and the own clock do, as far as they can. */
function deadToken({ facts, now }: Evidence): Finding {
  if (facts?.method === 'api_token') {
    if (facts.accessExpiresAt !== null && now >= facts.accessExpiresAt) {
      return {
        cause: 'renewal_credential_expired',
        also: ['access_token_expired', 'revoked_by_user'],
        remedy: NEW_TOKEN,
      };
    }
    const also = [
      'renewal_credential_expired',
      'access_token_expired',
      'malformed_token',
      'account_disabled',
    ] as const;
    return { cause: 'revoked_by_user', also, remedy: NEW_TOKEN };
  }
  if (facts?.method === 'login_exchange' && now - facts.issuedAt < FRESH_MS) {
    return {
      cause: 'not_provisioned',
      also: ['access_token_expired', 'session_invalidated', 'account_disabled'],
      remedy:
        'The login works, but the token it brought is refused. Ask The Trade Desk’s representative whether API access was withdrawn. No further login is tried for it.',
    };
  }
  return {
    cause: 'access_token_expired',
    also: [
      'revoked_by_user',
      'renewal_credential_expired',
      'malformed_token',
      'not_provisioned',
      'account_disabled',
    ],
    remedy: `With a login, Evergrant logs in once more by itself. With an API token, a person acts. ${NEW_TOKEN}`,
  };
}

const loginChecks: readonly Check[] = [
  check('trade_desk.login_refused', (e) => onToken(e) && e.answer.status === 401, {
    cause: 'password_changed',
    also: ['account_disabled', 'renewal_credential_expired', 'revoked_by_user'],
    remedy:
      'Enter the login’s current password. If it is right, ask the admin whether the API user is disabled or locked, and The Trade Desk’s representative for a new ' +
      'activation mail if it was never activated. Evergrant does not go on trying: refused logins lock the user out.',
  }),
];

const tokenChecks: readonly Check[] = [
  check('trade_desk.no_api_access', (e) => status(401, 403)(e) && says(NO_API_ACCESS)(e), {
    cause: 'not_provisioned',
    also: ['permission_missing'],
    remedy:
      'Ask The Trade Desk’s representative to enable Public API access for this user (at least PublicAPI_General_View). A new token or login does not help.',
  }),
  check('trade_desk.dead_token', (e) => isDeadToken(e.answer), deadToken),
];

/** Data API v2. */
const dataChecks: readonly Check[] = [
  check('trade_desk.data_permission', (e) => errorCode(e.answer) === 'IncorrectPermissions', {
    cause: 'permission_missing',
    also: ['account_access_removed', 'not_provisioned'],
    who: 'account_admin',
    reconnect: false,
    remedy:
      'The partner’s admin or The Trade Desk’s representative gives the API user the data permission. No new token is needed.',
  }),
  check(
    'trade_desk.data_misconfigured',
    (e) => /^(Advertiser|DataProvider|Merchant)Misconfigured$/.test(errorCode(e.answer)),
    (e) => ({
      cause: 'not_provisioned',
      also: ['request_invalid', 'account_disabled'],
      remedy: `The Trade Desk’s representative sets the account up for data (${errorCode(e.answer)}). No new token is needed.`,
    }),
  ),
  check('trade_desk.data_limit', (e) => errorCode(e.answer) === 'TargetingDataLimitReached', {
    cause: 'quota_exceeded',
    who: 'account_admin',
    remedy:
      'Remove targeting data that is no longer used, or ask The Trade Desk’s representative for a larger limit. No new token is needed.',
  }),
];

const permissionChecks: readonly Check[] = [
  check('trade_desk.seat', (e) => e.answer.status === 403 && says(NO_SEAT)(e), {
    cause: 'account_access_removed',
    also: ['request_invalid', 'account_disabled'],
    remedy:
      'Check the id: the same answer stands for one that does not exist. Otherwise the partner’s admin gives the API user access to it. No new token is needed.',
  }),
  check(
    'trade_desk.report_permission',
    (e) => e.answer.status === 403 && says(/permissions needed to generate the report/i)(e),
    {
      cause: 'permission_missing',
      also: ['account_access_removed', 'not_provisioned'],
      who: 'account_admin',
      reconnect: false,
      remedy:
        'The partner’s admin adds the Reporting role, or partner-level permission, to the API user. No new token is needed.',
    },
  ),
  check(
    'trade_desk.graphql_permission',
    (e) => graphqlCode(e.answer) === 'FORBIDDEN' && NO_API_ACCESS.test(graphqlWords(e.answer)),
    {
      cause: 'not_provisioned',
      also: ['permission_missing'],
      remedy:
        'Ask The Trade Desk’s representative to enable API access for this user. A new token or login does not help.',
    },
  ),
  check('trade_desk.forbidden', (e) => e.answer.status === 403 || graphqlCode(e.answer) === 'FORBIDDEN', {
    cause: 'account_access_removed',
    also: ['not_provisioned', 'permission_missing', 'access_token_expired', 'request_invalid'],
    remedy: 'The partner’s admin checks what the API user may reach. No new token and no login is needed.',
  }),
];

const plainChecks: readonly Check[] = [
  check('trade_desk.429', status(429), (e) => ({
    cause: 'rate_limited',
    retryAfterSeconds: waitOf(e.answer),
  })),
  // No Content, by a status of its own: nothing is wrong.
  check('trade_desk.240', status(240), {
    cause: 'unknown',
    remedy: 'None: 240 is The Trade Desk’s “No Content”, a success.',
  }),
];

const callChecks: readonly Check[] = [
  check(
    'trade_desk.no_seat',
    (e) =>
      e.answer.status === 200 &&
      Array.isArray(at(e.answer.json, 'Result')) &&
      at(e.answer.json, 'Result', 0) === undefined,
    {
      cause: 'not_provisioned',
      also: ['account_access_removed'],
      remedy:
        'The token works, but its API user reaches no partner. The partner’s admin gives the user access to the seat.',
    },
  ),
  check('trade_desk.gone', status(410), {
    cause: 'request_invalid',
    remedy:
      'This interface was retired by The Trade Desk. Upgrade to a version that uses its successor; nothing has to be reconnected.',
  }),
  check('trade_desk.request', (e) => status(400, 404, 409)(e), {
    cause: 'request_invalid',
  }),
  check(
    'trade_desk.graphql_request',
    (e) => onApi(e) && e.answer.status === 200 && at(e.answer.json, 'errors', 0) !== undefined,
    {
      cause: 'request_invalid',
    },
  ),
];

/** The header in seconds, which may be a fraction; a minute, the usual window, where it is absent. */
function waitOf(answer: ReadAnswer): number | undefined {
  const header = answer.headers['retry-after']?.trim();
  if (header === undefined) return DEFAULT_WAIT_SECONDS;
  return /^\d+(\.\d+)?$/.test(header) ? Math.ceil(Number(header)) : undefined;
}

export const checks: readonly Check[] = [
  pageCheck,
  ...plainChecks,
  ...loginChecks,
  ...tokenChecks,
  ...dataChecks,
  ...permissionChecks,
  ...callChecks,
  ...firstChecks,
  ...lastChecks,
];
