import type { AuthMethod, Cadence, PlatformProfile, ScopeSpec } from '../kit/profile.ts';

const AUTH = 'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow';
const REFRESH =
  'https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens';
const INTROSPECTION = 'https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection';
const PRODUCTS = 'https://learn.microsoft.com/en-us/linkedin/marketing/increasing-access';
const VERSIONS = 'https://learn.microsoft.com/en-us/linkedin/marketing/versioning';
const checked = '2026-08-13';
const DAY_SECONDS = 24 * 3600;

/** What both methods share: the way a consent and its access token live. */
const common = {
  accessLifetimeSeconds: {
    value: 60 * DAY_SECONDS,
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'Shorter near the end of a refresh token: never longer than what is left of it.',
  },
  idleLifetimeSeconds: {
    value: 'unknown',
    source: REFRESH,
    checked,
    confidence: 'likely',
    note: 'No document names one.',
  },
  liveGrantCap: {
    value: 'unknown',
    source: AUTH,
    checked,
    confidence: 'likely',
    note: 'Several tokens live at once, but a consent with other scopes ends all earlier access tokens of the member for the app.',
  },
  testingLifetimeSeconds: {
    value: 'never',
    source: PRODUCTS,
    checked,
    confidence: 'likely',
    note: 'LinkedIn knows no Testing status.',
  },
  probeEverySeconds: DAY_SECONDS,
  confirmAfterSeconds: {
    value: 300,
    source:
      'github twobitfool/linkedin-auth-bug and omniauth-linkedin-openid#6: stale answers for up to about 5 minutes',
    checked,
    confidence: 'likely',
  },
} as const satisfies Partial<Cadence>;

const withRefresh: Cadence = {
  ...common,
  mechanism: {
    value: 'refresh_token',
    source: REFRESH,
    checked,
    confidence: 'sure',
    note: 'Only for apps that LinkedIn approved for programmatic refresh.',
  },
  renewalLifetimeSeconds: {
    value: 365 * DAY_SECONDS,
    source: REFRESH,
    checked,
    confidence: 'sure',
    note: 'refresh_token_expires_in is what is left, in seconds.',
    conflicting: [
      {
        value: 525_600,
        source: `${REFRESH} (a sample answer; 525600 are the minutes of a year)`,
        checked,
        confidence: 'unverified',
      },
    ],
  },
  renewalClock: { value: 'from_consent', source: REFRESH, checked, confidence: 'sure' },
  singleUseRenewal: {
    value: false,
    source: REFRESH,
    checked,
    confidence: 'sure',
    note: 'A renewal brings the same refresh token back, with what is left of its life.',
  },
  personNeededWhen: {
    value:
      'every 365 days after the authorization at the latest; earlier when the member or LinkedIn withdraws it',
    source: REFRESH,
    checked,
    confidence: 'sure',
  },
};

const withoutRefresh: Cadence = {
  ...common,
  mechanism: {
    value: 'none',
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'Apps without programmatic refresh get no refresh token; the member signs in again before day 60.',
  },
  renewalLifetimeSeconds: {
    value: 'unknown',
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'There is no renewal credential.',
  },
  renewalClock: {
    value: 'none',
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'There is no renewal credential.',
  },
  singleUseRenewal: {
    value: false,
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'There is no renewal credential.',
  },
  personNeededWhen: {
    value:
      'every 60 days; the consent page is skipped while the member is signed in at LinkedIn and the scopes are the same',
    source: AUTH,
    checked,
    confidence: 'sure',
  },
};

const scopes: readonly ScopeSpec[] = [
  {
    id: 'r_ads',
    description: 'Read ad accounts, their users and campaigns',
    byDefault: true,
    features: ['ad accounts', 'campaigns', 'roles on ad accounts'],
  },
  { id: 'r_ads_reporting', description: 'Read ad reports', byDefault: true, features: ['spend reports'] },
  {
    id: 'r_basicprofile',
    description: 'Read the name of the person who connects',
    byDefault: true,
    required: false,
    features: ['the name of who connected'],
  },
  {
    id: 'rw_conversions',
    description: 'Read and write conversion rules',
    byDefault: false,
    features: ['conversion rules'],
  },
  {
    id: 'r_organization_admin',
    description: 'Read the pages that the person administers',
    byDefault: false,
    features: ['company pages'],
  },
  {
    id: 'openid',
    description: 'Sign in with LinkedIn (its own product on the app)',
    byDefault: false,
    required: false,
    features: ['the name of who connected'],
  },
  {
    id: 'profile',
    description: 'Name and photo, with openid',
    byDefault: false,
    required: false,
    features: ['the name of who connected'],
  },
  {
    id: 'email',
    description: 'Mail address, with openid',
    byDefault: false,
    required: false,
    features: ['the mail address of who connected'],
  },
];

function method(id: string, name: string, cadence: Cadence, notice: string): AuthMethod {
  return { id, name, kind: 'oauth', pkce: false, cadence, scopes, fields: [], notice };
}

export const profile: PlatformProfile = {
  id: 'linkedin',
  name: 'LinkedIn Ads',
  signInName: 'LinkedIn',
  aliases: ['linkedin-ads', 'linkedin-marketing', 'li'],
  hosts: ['www.linkedin.com', 'api.linkedin.com'],
  appNeedsClient: true,
  appSettings: [
    {
      id: 'api_version',
      label: 'API version',
      help: 'The LinkedIn-Version header, as YYYYMM. Each version lives about a year; a retired one answers 426 for every client at once.',
      required: false,
    },
  ],
  methods: [
    method(
      'user_login',
      'Sign in with LinkedIn',
      withRefresh,
      'Sign in as the member who has a role on the ad accounts. The authorization holds for a year; then the member signs in again.',
    ),
    method(
      'user_login_without_refresh',
      'Sign in with LinkedIn (app without programmatic refresh)',
      withoutRefresh,
      'This app has no programmatic refresh: the authorization holds for 60 days, and only signing in again continues it.',
    ),
  ],
  setup: [
    'At developer.linkedin.com create an app for your company page, and have the page verify it.',
    'On the Products tab apply for the Advertising API (it brings r_ads, r_ads_reporting and r_basicprofile).',
    'Ask LinkedIn for programmatic refresh tokens; without them every member signs in again each 60 days.',
    'On the Auth tab add Evergrant’s redirect address (HTTPS, exactly as shown here).',
    'In the Development tier, add the ids of the ad accounts to the app’s account management list, or apply for the Standard tier.',
    'Copy the client id and the primary client secret from the Auth tab into the app here.',
  ],
  remarks: [
    {
      text: 'LinkedIn sometimes calls a token revoked seconds after issuing it. Such an answer is waited out; introspection decides.',
      source:
        'github jclusso/omniauth-linkedin-openid#6, decioferreira/omniauth-linkedin-oauth2#81, tomasvotava/fastapi-sso#196',
      checked,
      confidence: 'sure',
    },
    {
      text: 'A refused refresh token is told as invalid_request, not invalid_grant, with one text for expired, revoked and never valid.',
      source: REFRESH,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Introspection tells status, end, scopes and the moment of the authorization. The probe asks it first, then one account, to see a restricted member.',
      source: INTROSPECTION,
      checked,
      confidence: 'sure',
    },
    {
      text: 'A retired API version (426) stops every connection of the app at once and is no fault of any authorization.',
      source: VERSIONS,
      checked,
      confidence: 'sure',
    },
    {
      text: 'An empty report means either no activity or no access; it proves nothing.',
      source: 'https://learn.microsoft.com/en-us/linkedin/marketing/integrations/ads-reporting/ads-reporting',
      checked,
      confidence: 'sure',
    },
    {
      text: 'Quotas are daily, per app and per member, end at 00:00 UTC and are announced by no header.',
      source: 'https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits',
      checked,
      confidence: 'sure',
      note: 'The app’s Developer Admins get a mail at 75 % of one, an hour or two late. The numbers are not published.',
    },
    {
      text: 'In the Development tier an app reads every account that the member administers, edits five of them at most, and has one test account.',
      source: 'https://learn.microsoft.com/en-us/linkedin/marketing/integrations/marketing-tiers',
      checked,
      confidence: 'likely',
    },
  ],
  revocationNotice:
    'LinkedIn documents no way for an app to withdraw an authorization; Evergrant tries an undocumented one. To be sure, the member removes the app under linkedin.com/psettings/permitted-services.',
};
