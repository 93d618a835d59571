import type { Check, Evidence, Finding } from '../../core/diagnosis.ts';
import { firstChecks, lastChecks, oauthChecks, pageCheck } from '../kit/checks.ts';
import { code, type GraphCondition, type GraphError, graphCheck, mendedBy, says, sub } from './graphError.ts';
import { limitChecks, outageChecks } from './limitChecks.ts';
import { appIdentityChecks, sessionChecks } from './sessionChecks.ts';

const RESTART =
  'Start connecting again: what Facebook’s dialog gives works once, and for a few minutes only.';
const SHARE =
  'An administrator of the ad account (Business settings, Accounts, Ad accounts) assigns the person or system user to ' +
  'it again. No reconnect is needed.';

const codeProblem: Finding = { cause: 'request_invalid', who: 'authorizing_user', remedy: RESTART };

/** The code exchange: 100 with subcodes of its own. No grant is at fault yet. */
const exchangeChecks: readonly Check[] = [
  graphCheck('100_36007', says(code(100), /code (has )?expired/i), codeProblem),
  graphCheck('100_36009', says(code(100), /code has been used|verification code format/i), codeProblem),
  graphCheck('100_36007_36009', sub(code(100), 36007, 36009), codeProblem),
  graphCheck(
    '100_36008',
    (e, v) => sub(code(100), 36008)(e, v) || (e.code === 100 && /redirect_uri/i.test(e.message)),
    {
      cause: 'app_misconfigured',
      also: ['request_invalid'],
      remedy:
        'The operator makes sure that the redirect address is the same one, to the letter, in the dialog and at the exchange.',
    },
  ),
  graphCheck('191', code(191), {
    cause: 'app_misconfigured',
    remedy:
      'The operator adds Evergrant’s redirect address to Valid OAuth Redirect URIs (App Dashboard, Facebook Login, Settings).',
  }),
];

/** The app itself: its proof, its tier, its restrictions, its version. */
const appChecks: readonly Check[] = [
  graphCheck('appsecret_proof', says(code(100), /appsecret_proof/i), {
    cause: 'app_misconfigured',
    also: ['request_invalid'],
    remedy:
      'The app demands an app secret proof: compute it anew for every token (HMAC-SHA256 of the token with the app ' +
      'secret) and check the app secret entered here. Nobody has to reconnect.',
  }),
  graphCheck('other_app', says(code(100), /app_id in the input_token did not match/i), {
    cause: 'malformed_token',
    also: ['app_misconfigured'],
    remedy:
      'The token was generated for another app: the operator generates one for this app, or enters the app it belongs to.',
  }),
  graphCheck('blocked', says(code(200), /api access blocked/i), {
    cause: 'app_disabled',
    also: ['policy_violation', 'security_checkpoint'],
    remedy:
      'Meta has restricted the app (or the person): the operator reads the alerts in the App Dashboard, acts on them ' +
      'or appeals there. Reconnecting does not help.',
  }),
  graphCheck('3', code(3), {
    cause: 'not_provisioned',
    also: ['permission_missing', 'app_misconfigured'],
    who: 'operator',
    reach: 'app',
    remedy:
      'The app lacks the feature or access level for this call: the operator requests Advanced Access in App Review.',
  }),
  graphCheck('2635', code(2635), {
    cause: 'request_invalid',
    remedy:
      'This Graph API version has been switched off: the operator sets a newer one in the app’s settings here.',
  }),
];

/** Accounts and policies: the grant lives, something that it reaches does not. */
const accountChecks: readonly Check[] = [
  graphCheck('100_33', sub(code(100), 33), unsupportedOrLost),
  graphCheck('100_missing', says(code(100), /missing permissions?/i), {
    cause: 'account_access_removed',
    also: ['permission_missing'],
    remedy: SHARE,
  }),
  graphCheck('200_1870034', sub(code(200), 1870034), {
    cause: 'not_provisioned',
    also: ['permission_missing'],
    remedy:
      'An administrator of the ad account accepts the Custom Audience Terms in Ads Manager. No reconnect is needed.',
  }),
  graphCheck('274', code(274), {
    cause: 'not_provisioned',
    also: ['permission_missing', 'account_access_removed'],
    remedy:
      'The ad account is not enabled for the Ads API: an administrator of the account has it enabled, or another is chosen.',
  }),
  graphCheck('275', code(275), { cause: 'request_invalid', also: ['account_access_removed'] }),
  graphCheck('368', code(368), {
    cause: 'policy_violation',
    who: 'operator',
    remedy:
      'Meta has blocked this for a while because of its policies: the operator reads the notice, waits or appeals. Do not retry quickly.',
  }),
  graphCheck('415', code(415), (e) => ({
    cause: 'admin_policy',
    also: ['security_checkpoint'],
    // Of the portfolio's ad accounts: the token lives, and debug_token says so.
    reach: 'part_of_grant',
    reconnect: false,
    ...mendedBy(
      e,
      'The business portfolio demands two-factor authentication: the person turns it on at www.facebook.com.',
    ),
  })),
];

/** 33 is also said of an edge that does not take the method; at the token and probe endpoints it is only that. */
function unsupportedOrLost({ answer }: Evidence): Finding {
  if (answer.endpoint !== 'api') return { cause: 'request_invalid' };
  return {
    cause: 'account_access_removed',
    also: ['request_invalid', 'account_disabled', 'permission_missing'],
    remedy: SHARE,
  };
}

const isPermissionError: GraphCondition = (e) => e.code === 10 || (e.code >= 200 && e.code <= 299);

const SCOPE_NAMES = /\b(?:ads|business|catalog|pages)_[a-z_]+\b/g;

/** Whether one of the permissions that the message names (or else one to read ads) is known to be granted. */
function isGranted({ facts }: Evidence, message: string): boolean {
  const named = message.match(SCOPE_NAMES) ?? ['ads_read', 'ads_management'];
  return named.some((scope) => facts?.scopesGranted?.includes(scope));
}

/** One answer for two faults: what debug_token last said about the permissions tells them apart. */
function permissionError(evidence: Evidence, error: GraphError): Finding {
  if (error.code !== 10 && isGranted(evidence, error.message)) {
    return {
      cause: 'account_access_removed',
      also: ['permission_missing', 'not_provisioned'],
      remedy: SHARE,
    };
  }
  return {
    cause: 'permission_missing',
    also: ['account_access_removed', 'not_provisioned'],
    ...mendedBy(
      evidence,
      'Reconnect and leave every permission ticked. If nothing was left out, an administrator of the ' +
        'ad account assigns the person to it instead.',
    ),
  };
}

const permissionChecks: readonly Check[] = [
  graphCheck('294', code(294, 278), (evidence) => ({
    cause: 'permission_missing',
    also: ['not_provisioned'],
    ...mendedBy(
      evidence,
      'Reconnect and allow the ads permissions (managing ads needs ads_management, reading them ads_read); the operator ' +
        'checks that the app has the access level for them.',
    ),
  })),
  graphCheck('permission', isPermissionError, permissionError),
  graphCheck('our_call', code(100, 104, 2500), { cause: 'request_invalid' }),
];

/** Decides on code and subcode, never on `type`: limits, outages and dead tokens all say OAuthException. */
export const checks: readonly Check[] = [
  pageCheck,
  ...limitChecks,
  ...firstChecks,
  ...appIdentityChecks,
  ...outageChecks,
  ...exchangeChecks,
  ...appChecks,
  ...sessionChecks,
  ...accountChecks,
  ...permissionChecks,
  ...oauthChecks,
  ...lastChecks,
];
