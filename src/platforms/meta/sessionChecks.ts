import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { check } from '../kit/checks.ts';
import { code, type GraphCondition, graphCheck, mendedBy, session, sub, told } from './graphError.ts';

/** The app's own token was refused at debug_token: that is the app's secret, never the grant. */
const onAppToken: GraphCondition = (error, { answer }) =>
  answer.endpoint === 'probe' && !error.ofDebuggedToken;

/** A call made while the held token still lives by our own clock was made with a token from before the renewal. */
function isOlderToken({ answer, facts, now }: Evidence): boolean {
  if (answer.endpoint !== 'api' || !facts?.accessExpiresAt || facts.accessExpiryAssumed) return false;
  return now < facts.accessExpiresAt;
}

function expired(evidence: Evidence): Finding {
  if (isOlderToken(evidence)) {
    return {
      cause: 'access_token_expired',
      also: ['renewal_credential_expired'],
      remedy:
        'The call was made with an older token: fetch the current one from Evergrant. Nobody has to sign in.',
    };
  }
  return {
    cause: 'renewal_credential_expired',
    also: ['access_token_expired'],
    ...mendedBy(
      evidence,
      'Reconnect: the person signs in with Facebook again. A token that has ended cannot be extended any more.',
    ),
  };
}

function dataAccessEnded(): Finding {
  return {
    cause: 'renewal_credential_expired',
    also: ['permission_missing', 'session_invalidated'],
    reach: 'part_of_grant',
    remedy:
      'Reconnect: the person passes Facebook’s dialog again, which starts the 90 days of data access anew. ' +
      'No renewal can do that for them.',
  };
}

const appFault: Finding = {
  cause: 'app_misconfigured',
  also: ['malformed_token'],
  remedy:
    'The operator compares the app id and app secret entered here with App settings, Basic, in the App Dashboard ' +
    '(developers.facebook.com). Nobody has to reconnect.',
};

/** Faults of the app that Meta also words as 190; they come before everything that blames a token. */
export const appIdentityChecks: readonly Check[] = [
  graphCheck(
    'app_deleted',
    (e) => [190, 101, 1].includes(e.code) && /application has been deleted/i.test(e.message),
    {
      cause: 'app_disabled',
      remedy:
        'The app was deleted at Meta: the operator restores it in the App Dashboard, or sets up a new app with which everyone reconnects.',
    },
  ),
  graphCheck('client_secret', (e) => /validating client secret/i.test(e.message), appFault),
  graphCheck('app_token', (e, evidence) => onAppToken(e, evidence) && session(e, evidence), appFault),
  graphCheck(
    'application',
    (e) =>
      [190, 101].includes(e.code) && /validating application|cannot get application info/i.test(e.message),
    {
      ...appFault,
      also: ['app_disabled', 'platform_outage'],
    },
  ),
  graphCheck('101', code(101), { ...appFault, also: ['platform_outage'] }),
];

/** Why a token or its session no longer works: 190 (and the older 102), by subcode. */
export const sessionChecks: readonly Check[] = [
  graphCheck('190_458', told([458], /not authorized application|has not installed|de-?authorized/i), (e) => ({
    cause: 'revoked_by_user',
    ...mendedBy(
      e,
      'Reconnect: the person removed the app from their Facebook account; they sign in and allow it again.',
    ),
  })),
  graphCheck('190_459', told([459], /log in (to|at) (www\.)?facebook\.com/i), (e) => ({
    cause: 'security_checkpoint',
    ...mendedBy(
      e,
      'The person signs in at www.facebook.com and follows the instructions there. It may then work again by itself; ' +
        'reconnect only if it stays broken.',
    ),
  })),
  graphCheck(
    '190_460',
    told([460], /changed (their|the|your) password|session for security reasons/i),
    (e) => ({
      cause: 'password_changed',
      also: ['session_invalidated', 'security_checkpoint'],
      ...mendedBy(
        e,
        'Reconnect: the person changed the Facebook password (or Facebook reset the session) and signs in again.',
      ),
    }),
  ),
  graphCheck('190_493', told([493], /hasn.t engaged the app|longer than 90 days/i), dataAccessEnded),
  graphCheck('190_463', told([463], /session has expired/i), expired),
  graphCheck('190_464', told([464], /not a confirmed user/i), (e) => ({
    cause: 'security_checkpoint',
    ...mendedBy(
      e,
      'The person confirms their account (mail address or phone) at www.facebook.com; reconnect only if it stays broken.',
    ),
  })),
  graphCheck('190_490', told([490], /blocking,? logged-?in checkpoint/i), (e) => ({
    cause: 'security_checkpoint',
    ...mendedBy(
      e,
      'The person signs in at www.facebook.com and passes the security check that blocks them; reconnect only if it stays broken.',
    ),
  })),
  graphCheck('190_492', told([492], /appropriate role on the page/i), {
    cause: 'account_access_removed',
    remedy:
      'An administrator of the Page gives the person their role on the Page back. No reconnect is needed.',
  }),
  graphCheck(
    '457',
    (e, evidence) => e.code === 457 || sub(session, 457)(e, evidence),
    (e) => ({
      cause: 'admin_policy',
      also: ['session_invalidated', 'security_checkpoint'],
      ...mendedBy(
        e,
        'The person turns on two-factor authentication at www.facebook.com, as the business portfolio demands, and reconnects.',
      ),
    }),
  ),
  graphCheck(
    '190_malformed',
    told([], /cannot parse|malformed|could not be decrypted|signature|bad token/i),
    {
      cause: 'malformed_token',
      also: ['app_misconfigured'],
      remedy:
        'The operator compares the app id and app secret here with App settings, Basic, in the App Dashboard: was the secret reset? If both are right, the person reconnects, or the system user’s token is entered again.',
    },
  ),
  graphCheck('190_467', session, (e) => ({
    cause: 'session_invalidated',
    also: ['revoked_by_user', 'renewal_credential_expired', 'password_changed'],
    ...mendedBy(
      e,
      'Reconnect: the person was logged out or the token was revoked at Facebook; they sign in again.',
    ),
  })),
  check(
    'meta.debug_invalid',
    (e) => isDebuggedInvalid(e.answer.json),
    (e) => ({
      cause: 'session_invalidated',
      also: ['revoked_by_user', 'renewal_credential_expired', 'password_changed'],
      ...mendedBy(
        e,
        'Reconnect: Facebook no longer accepts the token and does not say why; the person signs in again.',
      ),
    }),
  ),
];

function isDebuggedInvalid(json: unknown): boolean {
  const data = (json as { data?: { is_valid?: unknown } } | undefined)?.data;
  return data?.is_valid === false;
}
