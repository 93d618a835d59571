import type { Finding } from '../../core/diagnosis.ts';

const STALE: Finding = { cause: 'access_token_expired', also: ['revoked_by_user', 'malformed_token'] };
const OUR_CALL: Finding = { cause: 'request_invalid' };
const OUTAGE: Finding = { cause: 'platform_outage' };
const RATE: Finding = { cause: 'rate_limited', also: ['quota_exceeded'] };
const QUOTA: Finding = { cause: 'quota_exceeded', also: ['rate_limited'] };
const WRONG_CUSTOMER: Finding = {
  cause: 'request_invalid',
  also: ['account_disabled', 'account_access_removed'],
  remedy:
    'No account has this customer id, or it is not enabled: correct the id (ten digits, no dashes). Nothing has to be reconnected.',
};
const ENROL: Finding = {
  cause: 'security_checkpoint',
  // Of the ad account that demands it: the authorization lives, and is renewed.
  reach: 'part_of_grant',
  also: ['admin_policy'],
  remedy:
    'An administrator of the ad account demands stronger sign-in. The person enrols (2-Step Verification or Advanced Protection, at myaccount.google.com/security) and then reconnects: the old authorization keeps failing.',
};
const PROJECT: Finding = {
  cause: 'app_misconfigured',
  remedy:
    'The operator opens “Google Ads API Overview” of the project in the Google Cloud console and completes what is missing there.',
};
const TEST_LEVEL: Finding = {
  cause: 'app_misconfigured',
  remedy:
    'The project may use test accounts only. The operator applies for Explorer or Basic access in the Google Cloud console (Google Ads API Overview).',
};
const ACCOUNT: Finding = {
  cause: 'account_disabled',
  also: ['policy_violation'],
  remedy:
    'The ad account is not active (cancelled, suspended or not yet set up): its administrator resolves it in Google Ads. No reconnect is needed.',
};
const GOOGLE_ACCOUNT: Finding = {
  cause: 'account_disabled',
  reach: 'grant',
  who: 'authorizing_user',
  remedy: 'The Google account was deleted. Restore it at Google, or reconnect with another account.',
};
const NO_PERMISSION: Finding = {
  cause: 'account_access_removed',
  also: ['request_invalid'],
  remedy:
    'Either the person (or service account) lost access to this ad account (its administrator invites them again in Google Ads), or it is reached through a manager account, whose id the call has to carry as login-customer-id. No reconnect is needed.',
};
const UNLINKED: Finding = {
  cause: 'account_access_removed',
  also: ['request_invalid'],
  remedy:
    'The manager account is no longer linked to this customer: an administrator links them again, or another login-customer-id is used.',
};
const NOT_ALLOWED: Finding = {
  cause: 'account_access_removed',
  also: ['account_disabled', 'request_invalid'],
  remedy:
    'The person’s access level on this ad account, or the kind of account, does not allow the call: an administrator of the account looks at both in Google Ads (Admin, Access and security). No reconnect is needed.',
};

/** Codes of google.ads.googleads.errors as REST names them: enum in camel case, then its member. */
export const ADS_ERRORS: Readonly<Record<string, Finding>> = {
  'authenticationError.OAUTH_TOKEN_EXPIRED': { cause: 'access_token_expired' },
  'authenticationError.OAUTH_TOKEN_INVALID': STALE,
  'authenticationError.OAUTH_TOKEN_HEADER_INVALID': STALE,
  'authenticationError.AUTHENTICATION_ERROR': STALE,
  'authenticationError.OAUTH_TOKEN_REVOKED': {
    cause: 'revoked_by_user',
    also: ['session_invalidated', 'admin_policy'],
    remedy: 'Reconnect: the person signs in at Google and allows access again.',
  },
  'authenticationError.OAUTH_TOKEN_DISABLED': {
    cause: 'app_disabled',
    also: ['revoked_by_user'],
    remedy:
      'Google has disabled the OAuth client or its tokens: the operator looks at the client in the Google Cloud console (Google Auth Platform, Clients) and resolves what Google says there.',
  },
  'authenticationError.NOT_ADS_USER': {
    cause: 'not_provisioned',
    remedy:
      'This Google account (or service account) is no user of any Google Ads account: an administrator invites it, or connect the right account.',
  },
  'authenticationError.CUSTOMER_NOT_FOUND': WRONG_CUSTOMER,
  'authenticationError.CLIENT_CUSTOMER_ID_INVALID': WRONG_CUSTOMER,
  'authenticationError.GOOGLE_ACCOUNT_DELETED': GOOGLE_ACCOUNT,
  'authenticationError.GOOGLE_ACCOUNT_AUTHENTICATION_FAILED': {
    cause: 'session_invalidated',
    also: ['account_disabled', 'security_checkpoint'],
    remedy:
      'Reconnect: the person signs in at Google again, and first resolves what Google says of their account, if it says something.',
  },
  'authenticationError.TWO_STEP_VERIFICATION_NOT_ENROLLED': ENROL,
  'authenticationError.ADVANCED_PROTECTION_NOT_ENROLLED': ENROL,
  'authenticationError.ORGANIZATION_NOT_RECOGNIZED': PROJECT,
  'authenticationError.ORGANIZATION_NOT_APPROVED': PROJECT,
  'authenticationError.ORGANIZATION_NOT_ASSOCIATED_WITH_DEVELOPER_TOKEN': PROJECT,
  'authenticationError.DEVELOPER_TOKEN_INVALID': PROJECT,
  'authenticationError.GOOGLE_ACCOUNT_COOKIE_INVALID': OUR_CALL,
  'authenticationError.LOGIN_COOKIE_REQUIRED': OUR_CALL,
  'authenticationError.LOGIN_COOKIE_INVALID': OUR_CALL,
  'authenticationError.USER_ID_INVALID': OUR_CALL,
  'authenticationError.INVALID_EMAIL_ADDRESS': OUR_CALL,

  'authorizationError.USER_PERMISSION_DENIED': NO_PERMISSION,
  'authorizationError.CUSTOMER_NOT_ENABLED': ACCOUNT,
  'authorizationError.INCOMPLETE_SIGNUP': ACCOUNT,
  'authorizationError.ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT': ACCOUNT,
  'authorizationError.INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION': UNLINKED,
  'authorizationError.ACTION_NOT_PERMITTED': NOT_ALLOWED,
  'authorizationError.ACCESS_DENIED_FOR_ACCOUNT_TYPE': NOT_ALLOWED,
  'authorizationError.DEVELOPER_TOKEN_NOT_APPROVED': TEST_LEVEL,
  'authorizationError.CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION': TEST_LEVEL,
  'authorizationError.DEVELOPER_TOKEN_PROHIBITED': PROJECT,
  'authorizationError.DEVELOPER_TOKEN_NOT_ON_ALLOWLIST': PROJECT,
  'authorizationError.CLOUD_PROJECT_NOT_UNDER_ORGANIZATION': PROJECT,
  'authorizationError.SERVICE_ACCESS_DENIED': PROJECT,
  'authorizationError.METRIC_ACCESS_DENIED': PROJECT,
  'authorizationError.PROJECT_DISABLED': { ...PROJECT, cause: 'app_disabled' },
  'authorizationError.MISSING_TOS': {
    cause: 'app_misconfigured',
    remedy:
      'The operator accepts the terms of the Google Ads API (API Center, or Google Ads API Overview in the Google Cloud console).',
  },

  'quotaError.RESOURCE_EXHAUSTED': QUOTA,
  'quotaError.EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION': QUOTA,
  'quotaError.RESOURCE_TEMPORARILY_EXHAUSTED': RATE,
  'quotaError.EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION': RATE,
  'quotaError.ACCESS_PROHIBITED': {
    cause: 'policy_violation',
    who: 'operator',
    reach: 'app',
    remedy:
      'Google prohibits this project’s use of the API: the operator reads Google’s notice and resolves or appeals it.',
  },
  'internalError.INTERNAL_ERROR': OUTAGE,
  'internalError.TRANSIENT_ERROR': OUTAGE,
  'internalError.DEADLINE_EXCEEDED': OUTAGE,
  'databaseError.CONCURRENT_MODIFICATION': OUTAGE,

  'requestError.UNSUPPORTED_VERSION': {
    cause: 'request_invalid',
    remedy: 'This version of the Google Ads API has ended: set a current “API version” in the app here.',
  },
  'requestError.CLOUD_PROJECT_NOT_FOUND': PROJECT,
};
