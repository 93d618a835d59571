import type { Fact } from '../../core/fact.ts';
import type { Cadence } from '../kit/profile.ts';

export const DOCS = 'https://developers.facebook.com';
export const AUTH_VS_DATA = `${DOCS}/documentation/facebook-login/auth-vs-data`;
const LONG_LIVED = `${DOCS}/docs/facebook-login/guides/access-tokens/get-long-lived`;
export const DEBUGGING = `${DOCS}/docs/facebook-login/access-tokens/debugging-and-error-handling`;
export const SYSTEM_USERS = `${DOCS}/docs/business-management-apis/system-users/install-apps-and-generate-tokens`;
export const FOR_BUSINESS = `${DOCS}/documentation/facebook-login/facebook-login-for-business`;
export const PERMISSIONS = `${DOCS}/docs/reference/login`;
const TWO_TIER = `${DOCS}/docs/business-management-apis/2tier-bm-solution/supported-operations`;
export const checked = '2026-11-22';

const DAYS = 24 * 3600;

const nobodySays = <T>(about: string, note: string): Fact<T> => ({
  value: 'unknown',
  source: about,
  checked,
  confidence: 'likely',
  note,
});

const ourChoice: Fact<number> = {
  value: 300,
  source: 'our choice: debug_token confirms a death, so the second try only bridges a fault of its own',
  checked,
  confidence: 'unverified',
};

const shared = {
  mechanism: {
    value: 'token_exchange',
    source: TWO_TIER,
    checked,
    confidence: 'sure',
    note: 'fb_exchange_token: a live token is exchanged for one that lives longer. There is no refresh token.',
  },
  renewalClock: { value: 'from_renewal', source: SYSTEM_USERS, checked, confidence: 'sure' },
  idleLifetimeSeconds: nobodySays<number | 'never'>(
    PERMISSIONS,
    'No idle end of a token is published. A permission that the app does not use for 90 days has to be granted again.',
  ),
  liveGrantCap: nobodySays<number | 'none'>(LONG_LIVED, 'No cap is published.'),
  testingLifetimeSeconds: nobodySays<number | 'never'>(
    LONG_LIVED,
    'No shorter life in Development mode is published; there only people with a role in the app can sign in.',
  ),
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds: ourChoice,
} as const satisfies Partial<Cadence>;

export const userCadence: Cadence = {
  ...shared,
  accessLifetimeSeconds: {
    value: 60 * DAYS,
    source: AUTH_VS_DATA,
    checked,
    confidence: 'sure',
    note:
      'The long-lived token. The dialog’s own token lives 1 to 2 hours and is exchanged at once. “Do not depend on these ' +
      'lifetimes”: expires_in and debug_token decide.',
    conflicting: [
      {
        value: 'never',
        source: 'pixelant/pxa_social_feed#105, facebookarchive/php-graph-sdk#855, #1199',
        checked,
        confidence: 'likely',
        note: 'Long-lived user tokens without expires_in, shown as “Expires: Never”, with data access of 90 days.',
      },
    ],
  },
  renewalLifetimeSeconds: {
    value: 60 * DAYS,
    source: AUTH_VS_DATA,
    checked,
    confidence: 'sure',
    note: 'The token is its own renewal credential. Daily use does not extend it (daroczig/fbRads#38); an ended one cannot be exchanged.',
  },
  renewalClock: { ...shared.renewalClock, source: LONG_LIVED, confidence: 'likely' },
  singleUseRenewal: {
    value: false,
    source: LONG_LIVED,
    checked,
    confidence: 'unverified',
    note: 'The former token is not said to end. A second exchange on the same day may bring the same token back.',
  },
  personNeededWhen: {
    value:
      'the token ended before it was extended; the app was removed; password change, checkpoint or logout; data access ' +
      'ended (90 days since the person last passed the dialog); a permission was withdrawn',
    source: DEBUGGING,
    checked,
    confidence: 'sure',
  },
};

export const systemUserCadence: Cadence = {
  ...shared,
  accessLifetimeSeconds: {
    value: 60 * DAYS,
    source: SYSTEM_USERS,
    checked,
    confidence: 'sure',
    note: 'Of an expiring token, from generation or last refresh. debug_token tells which kind a token is.',
    conflicting: [
      {
        value: 'never',
        source: SYSTEM_USERS,
        checked,
        confidence: 'sure',
        note: 'Non-expiring tokens exist beside them (expires_at 0). They are probed, never exchanged.',
      },
      {
        value: 90 * DAYS,
        source: 'logly/mureo#726',
        checked,
        confidence: 'unverified',
        note: 'Business Manager is reported to hand out 60 or 90 days, and no longer “never”.',
      },
    ],
  },
  renewalLifetimeSeconds: {
    value: 60 * DAYS,
    source: SYSTEM_USERS,
    checked,
    confidence: 'sure',
    conflicting: [{ value: 'never', source: SYSTEM_USERS, checked, confidence: 'sure' }],
  },
  singleUseRenewal: {
    value: false,
    source: SYSTEM_USERS,
    checked,
    confidence: 'likely',
    note: 'A refresh brings a new token; the old one lives until its own end.',
  },
  personNeededWhen: {
    value:
      'an expiring token ended before it was refreshed; the token was revoked in Business settings; the system user ' +
      'lost its role on the ad accounts',
    source: SYSTEM_USERS,
    checked,
    confidence: 'likely',
  },
};
