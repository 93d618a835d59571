import type { Cadence } from '../kit/profile.ts';

const DOCS = 'https://business-api.tiktok.com/portal/docs?id=';
export const AUTHENTICATION = `${DOCS}1738373164380162`;
export const ACCOUNTS_API = `${DOCS}1738084387220481`;
export const EXPIRY_FAQ = `${DOCS}1766042058952706`;
export const RATE_LIMITS = `${DOCS}1740029171730433`;
export const RETURN_CODES = `${DOCS}1737172488964097`;
const SDK = 'github tiktok/tiktok-business-api-sdk @f809c39 js_sdk/docs/AuthenticationApi.md';
const RECORDED = 'github sns-sdks/python-tiktok testsdata/business/access_token (recorded live answers)';
export const checked = '2026-08-13';

const sure = { checked, confidence: 'sure' } as const;
const likely = { checked, confidence: 'likely' } as const;
const unverified = { checked, confidence: 'unverified' } as const;
const ourChoice = {
  source: 'our choice: no document states one',
  checked: '2026-11-22',
  confidence: 'unverified',
} as const;
const YEAR_SECONDS = 31_536_000;
const MIXED_UP = 'The text describes the account token; error 40107 names the mix-up.';

export const advertiserCadence: Cadence = {
  accessLifetimeSeconds: {
    value: 'never',
    source: EXPIRY_FAQ,
    ...sure,
    note: 'Lives until the advertiser cancels the authorization or the app revokes it. An expires_in that appears is obeyed.',
    conflicting: [{ value: 86_400, source: SDK, ...unverified, note: MIXED_UP }],
  },
  mechanism: {
    value: 'none',
    source: AUTHENTICATION,
    ...sure,
    note: 'Error 40107: “using a refresh token to refresh a long-time access token for Marketing API”.',
    conflicting: [{ value: 'refresh_token', source: SDK, ...unverified, note: MIXED_UP }],
  },
  renewalLifetimeSeconds: {
    value: 'never',
    source: AUTHENTICATION,
    ...sure,
    note: 'There is no renewal credential.',
    conflicting: [{ value: YEAR_SECONDS, source: SDK, ...unverified, note: MIXED_UP }],
  },
  renewalClock: { value: 'none', source: AUTHENTICATION, ...sure },
  singleUseRenewal: { value: false, source: AUTHENTICATION, ...sure, note: 'Nothing is renewed.' },
  idleLifetimeSeconds: {
    value: 'never',
    source: EXPIRY_FAQ,
    ...likely,
    note: 'Cancelling is the only end that is documented.',
  },
  liveGrantCap: {
    value: 'unknown',
    source: AUTHENTICATION,
    ...unverified,
    note: 'Whether an older token survives a new authorization by the same person is not documented.',
  },
  testingLifetimeSeconds: { value: 'unknown', source: AUTHENTICATION, ...unverified },
  personNeededWhen: {
    value:
      'the advertiser cancels the app, the token is revoked, or the app gets a permission that the consent did not cover',
    source: EXPIRY_FAQ,
    ...sure,
  },
  // Nothing else proves that the token lives: it is never renewed, and no event tells of its end.
  probeEverySeconds: 6 * 3600,
  confirmAfterSeconds: { value: 600, ...ourChoice },
};

export const accountCadence: Cadence = {
  accessLifetimeSeconds: { value: 86_400, source: ACCOUNTS_API, ...sure },
  mechanism: { value: 'refresh_token', source: ACCOUNTS_API, ...sure },
  renewalLifetimeSeconds: {
    value: YEAR_SECONDS,
    source: ACCOUNTS_API,
    ...sure,
    note: 'Each answer tells the seconds that are left.',
  },
  renewalClock: {
    value: 'from_consent',
    source: RECORDED,
    ...likely,
    note: 'Two recorded answers 8,686 s apart: refresh_token_expires_in fell by 8,686.',
  },
  singleUseRenewal: {
    value: 'unknown',
    source: ACCOUNTS_API,
    ...unverified,
    note: 'Each answer brings a refresh token, which is stored; whether the former one still works is not documented.',
  },
  idleLifetimeSeconds: { value: 'unknown', source: ACCOUNTS_API, ...unverified },
  liveGrantCap: { value: 'unknown', source: ACCOUNTS_API, ...unverified },
  testingLifetimeSeconds: { value: 'unknown', source: ACCOUNTS_API, ...unverified },
  personNeededWhen: {
    value: 'a year has passed since the consent, or the account holder removes the app',
    source: ACCOUNTS_API,
    ...sure,
  },
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds: { value: 600, ...ourChoice },
};
