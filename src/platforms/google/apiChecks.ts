import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { check, firstChecks, lastChecks, oauthChecks, onApi, pageCheck } from '../kit/checks.ts';
import {
  errorOf,
  lookUp,
  messageOf,
  reasonsOf,
  retryDelaySeconds,
  statusName,
  waiting,
} from './errorBody.ts';
import { isServiceAccount, tokenChecks } from './tokenChecks.ts';

const STALE: Finding = {
  cause: 'access_token_expired',
  also: ['revoked_by_user', 'malformed_token', 'session_invalidated'],
};
const RATE: Finding = { cause: 'rate_limited', also: ['quota_exceeded'] };
const QUOTA: Finding = { cause: 'quota_exceeded', also: ['rate_limited'] };
const OUTAGE: Finding = { cause: 'platform_outage' };
const OUR_CALL: Finding = { cause: 'request_invalid' };

const SCOPE: Finding = {
  cause: 'permission_missing',
  remedy: 'Reconnect and leave every permission ticked: one that this call needs was not granted.',
};
const API_OFF: Finding = {
  cause: 'app_misconfigured',
  remedy:
    'The operator enables this API in the Google Cloud project that owns the OAuth client (APIs & Services, Library). No reconnect is needed.',
};
const PROJECT: Finding = {
  cause: 'app_disabled',
  also: ['app_misconfigured'],
  remedy:
    'The Google Cloud project behind the app is suspended or deleted: the operator resolves it in the Google Cloud console.',
};
const POLICY: Finding = {
  cause: 'admin_policy',
  remedy:
    'A rule of the Workspace or Cloud organization blocks the call: its administrator allows the app or the place it is called from.',
};
const ACCOUNT_STATE: Finding = {
  cause: 'account_disabled',
  reach: 'grant',
  who: 'authorizing_user',
  also: ['revoked_by_user'],
  remedy:
    'The Google account (or service account) is disabled or deleted. Restore it at Google, or reconnect with another.',
};
const KEY_STATE: Finding = {
  cause: 'account_disabled',
  reach: 'grant',
  who: 'operator',
  also: ['revoked_by_user'],
  remedy:
    'The service account (or the user whom it acts for) is disabled or deleted: the operator enables or restores it in the Google Cloud console (IAM, Service Accounts), or enters the key file of another.',
};
const KEY_SCOPE: Finding = {
  cause: 'permission_missing',
  who: 'operator',
  remedy:
    'The tokens of this service account lack a scope that the call needs: the operator enters the key file again with that scope chosen. Where it acts for a user, an administrator of the Workspace domain adds the scope to the domain-wide delegation first.',
};
const NO_ROLE: Finding = {
  cause: 'account_access_removed',
  also: ['not_provisioned', 'permission_missing'],
};
const NOT_FOUND: Finding = { cause: 'request_invalid', also: ['account_access_removed'] };

/** google.api.ErrorReason, and the older `errors[].reason`. */
const BY_REASON: Readonly<Record<string, Finding>> = {
  ACCESS_TOKEN_EXPIRED: { cause: 'access_token_expired' },
  ACCOUNT_STATE_INVALID: ACCOUNT_STATE,
  CREDENTIALS_MISSING: { cause: 'request_invalid', also: ['access_token_expired'] },
  ACCESS_TOKEN_TYPE_UNSUPPORTED: { cause: 'request_invalid', also: ['malformed_token'] },
  JWT_TOKEN_INVALID: { cause: 'request_invalid', also: ['malformed_token'] },
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: SCOPE,
  SERVICE_DISABLED: API_OFF,
  CONSUMER_SUSPENDED: PROJECT,
  CONSUMER_INVALID: PROJECT,
  USER_PROJECT_DENIED: PROJECT,
  GCP_SUSPENDED: PROJECT,
  USER_BLOCKED_BY_ADMIN: POLICY,
  ORG_RESTRICTION_VIOLATION: POLICY,
  SECURITY_POLICY_VIOLATED: POLICY,
  LOCATION_POLICY_VIOLATED: POLICY,
  RATE_LIMIT_EXCEEDED: RATE,
  RESOURCE_QUOTA_EXCEEDED: QUOTA,
  insufficientPermissions: SCOPE,
  accessNotConfigured: API_OFF,
  userRateLimitExceeded: RATE,
  rateLimitExceeded: RATE,
  dailyLimitExceeded: QUOTA,
  quotaExceeded: QUOTA,
  authError: STALE,
  required: { cause: 'access_token_expired', also: ['request_invalid', 'malformed_token'] },
  internalError: OUTAGE,
  backendError: OUTAGE,
  forbidden: NO_ROLE,
  notFound: NOT_FOUND,
};

/** google.rpc.Code, where no reason said more. */
const BY_STATUS: Readonly<Record<string, Finding>> = {
  UNAUTHENTICATED: STALE,
  RESOURCE_EXHAUSTED: RATE,
  PERMISSION_DENIED: NO_ROLE,
  NOT_FOUND,
  INVALID_ARGUMENT: OUR_CALL,
  FAILED_PRECONDITION: OUR_CALL,
  OUT_OF_RANGE: OUR_CALL,
  UNIMPLEMENTED: OUR_CALL,
  ALREADY_EXISTS: OUR_CALL,
  ABORTED: OUTAGE,
  INTERNAL: OUTAGE,
  UNKNOWN: OUTAGE,
  UNAVAILABLE: OUTAGE,
  CANCELLED: OUTAGE,
  DEADLINE_EXCEEDED: OUTAGE,
};

const table = (
  name: string,
  entries: Readonly<Record<string, Finding>>,
  codes: (evidence: Evidence) => readonly string[],
): Check => ({
  name,
  look: (evidence) => {
    if (!onApi(evidence) || errorOf(evidence) === undefined) return undefined;
    const finding = lookUp(entries, codes(evidence));
    return finding && waiting(finding, retryDelaySeconds(evidence));
  },
});

const lacksScope = (evidence: Evidence): boolean =>
  onApi(evidence) &&
  (/insufficient authentication scopes/i.test(messageOf(evidence)) ||
    reasonsOf(evidence).some((reason) =>
      ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'insufficientPermissions'].includes(reason),
    ));

/** The layer that all Google APIs share. Reasons decide before statuses: a 403 may be a quota. */
const apiChecks: readonly Check[] = [
  check('google.api.key_scope', (e) => isServiceAccount(e) && lacksScope(e), KEY_SCOPE),
  check(
    'google.api.key_state',
    (e) => onApi(e) && isServiceAccount(e) && reasonsOf(e).includes('ACCOUNT_STATE_INVALID'),
    KEY_STATE,
  ),
  table('google.api.reason', BY_REASON, reasonsOf),
  check('google.api.scopes', lacksScope, SCOPE),
  check(
    'google.api.disabled',
    (e) => onApi(e) && /has not been used in project|it is disabled/i.test(messageOf(e)),
    API_OFF,
  ),
  table('google.api.status', BY_STATUS, (e) => {
    const name = statusName(e);
    return name === undefined ? [] : [name];
  }),
];

/** A platform's own checks, then what all of Google says, then what HTTP and OAuth say. */
export function googleChain(own: readonly Check[]): readonly Check[] {
  return [pageCheck, ...own, ...tokenChecks, ...apiChecks, ...firstChecks, ...oauthChecks, ...lastChecks];
}
