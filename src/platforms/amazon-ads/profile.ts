import type { Cadence, PlatformProfile, ScopeSpec } from '../kit/profile.ts';

const DOCS = 'https://advertising.amazon.com/API/docs/en-us/guides/account-management/authorization';
const ACCESS = `${DOCS}/access-tokens`;
const REFRESH = `${DOCS}/refresh-tokens`;
const LWA = 'https://developer.amazon.com/docs/login-with-amazon';
const QUOTED = `${REFRESH}, as quoted by github cesteral/mcp-open-advertising packages/amazon-dsp-mcp/README.md`;
const checked = '2026-08-13';

const YEAR_SECONDS = 365 * 86_400;

const cadence: Cadence = {
  accessLifetimeSeconds: {
    value: 3600,
    source: ACCESS,
    checked,
    confidence: 'sure',
    note: 'Use the value of the answer.',
  },
  mechanism: { value: 'refresh_token', source: ACCESS, checked, confidence: 'sure' },
  renewalLifetimeSeconds: {
    value: YEAR_SECONDS,
    source: QUOTED,
    checked,
    confidence: 'likely',
    note:
      'For consents from 2026-07-30 on: 365 days from the advertiser’s consent. Older consents have no fixed end. No answer tells the end; ' +
      'it is counted from the code exchange, from the earlier of the two dates on.',
    conflicting: [
      {
        value: YEAR_SECONDS,
        source: 'a news page of the platform’s change, summer 2026',
        checked,
        confidence: 'unverified',
        note: 'States 2026-06-30 as the cut-off date. It is the one that is acted on: a reminder too early does no harm.',
      },
      {
        value: 'never',
        source: `${ACCESS} (copy of 2025-09-16: “refresh tokens do not expire”)`,
        checked: '2025-09-16',
        confidence: 'sure',
        note: 'Outdated for newer consents, still so for older ones.',
      },
    ],
  },
  renewalClock: {
    value: 'from_consent',
    source: QUOTED,
    checked,
    confidence: 'likely',
    note: 'A refresh brings the same refresh token and extends nothing.',
    conflicting: [
      {
        value: 'none',
        source: ACCESS,
        checked: '2025-09-16',
        confidence: 'sure',
        note: 'For older consents.',
      },
    ],
  },
  singleUseRenewal: {
    value: false,
    source: ACCESS,
    checked,
    confidence: 'sure',
    note: '“The same refresh token is returned along with a new access token.” A different one would be stored all the same.',
    conflicting: [
      {
        value: true,
        source: `${LWA}/access-token.html`,
        checked,
        confidence: 'unverified',
        note: 'The general page speaks of “a new access token and a new refresh token”; no traffic shows one.',
      },
    ],
  },
  idleLifetimeSeconds: {
    value: 'unknown',
    source: REFRESH,
    checked,
    confidence: 'likely',
    note: 'No rule for a grant is published. An app without any successful API call for two years loses its access.',
  },
  liveGrantCap: { value: 'unknown', source: REFRESH, checked, confidence: 'likely' },
  testingLifetimeSeconds: {
    value: 'never',
    source: `${LWA}/authorization-code-grant.html`,
    checked,
    confidence: 'likely',
    note: 'There is no Testing status.',
  },
  personNeededWhen: {
    value:
      'the consent is 365 days old (newer consents), the advertiser revokes it or removes the app, Amazon sees suspicious activity, ' +
      'or the person loses their role on the ad accounts',
    source: QUOTED,
    checked,
    confidence: 'likely',
  },
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds: {
    value: 1800,
    source:
      'github amzn/selling-partner-api-models#2798 (2024-05-08: mass false invalid_grant that healed by itself)',
    checked,
    confidence: 'likely',
    note: 'At least half an hour before an invalid_grant is believed.',
  },
};

const scopes: readonly ScopeSpec[] = [
  {
    id: 'advertising::campaign_management',
    description: 'Read and manage campaigns, accounts and reports (no read-only scope exists)',
    byDefault: true,
    features: ['ad accounts', 'spend reports', 'campaigns'],
  },
  {
    id: 'profile',
    description:
      'Id, name and mail address of the person: shows who consented, and that a reconnect is by the same person',
    byDefault: true,
    required: false,
    features: ['the name of the person', 'check of the person on reconnect'],
  },
  {
    id: 'profile:user_id',
    description: 'The id of the person alone, without name and address, in place of “profile”',
    byDefault: false,
    required: false,
    features: ['check of the person on reconnect'],
  },
  {
    id: 'advertising::audiences',
    description: 'Data Provider audiences',
    byDefault: false,
    features: ['audiences'],
  },
  {
    id: 'advertising::test:create_account',
    description: 'Make test accounts',
    byDefault: false,
    features: ['test accounts'],
  },
  {
    id: 'cpc_advertising:campaign_management',
    description: 'As “advertising::campaign_management”, for clients approved before October 2020',
    byDefault: false,
    features: ['ad accounts', 'spend reports', 'campaigns'],
  },
];

export const profile: PlatformProfile = {
  id: 'amazon-ads',
  name: 'Amazon Ads',
  signInName: 'Amazon',
  aliases: ['amazon', 'amazon-advertising', 'amazon-dsp'],
  hosts: [
    'www.amazon.com',
    'eu.account.amazon.com',
    'apac.account.amazon.com',
    'api.amazon.com',
    'api.amazon.co.uk',
    'api.amazon.co.jp',
    'advertising-api.amazon.com',
    'advertising-api-eu.amazon.com',
    'advertising-api-fe.amazon.com',
  ],
  appNeedsClient: true,
  appSettings: [
    {
      id: 'region',
      label: 'Region',
      help:
        'Where people sign in and where calls go: NA (Americas), EU (Europe, Middle East, India) or FE (Japan, Australia, Singapore). ' +
        'Ad accounts are listed over all three. Without a choice: NA.',
      choices: ['NA', 'EU', 'FE'],
    },
  ],
  methods: [
    {
      id: 'user_login',
      name: 'Login with Amazon',
      kind: 'oauth',
      pkce: true,
      cadence,
      fields: [],
      scopes,
      notice:
        'The browser silently uses whoever is signed in at Amazon. Sign out of a private shopping login first, and sign in as the person who works with the ad accounts.',
    },
  ],
  setup: [
    'At developer.amazon.com, make a security profile under Login with Amazon; its client id begins with amzn1.application-oa2-client.',
    'In its Web Settings, add Evergrant’s redirect address (https) to the Allowed Return URLs.',
    'Apply for Amazon Ads API access, and assign the approval to that client id by the link in Amazon’s mail, signed in as the applicant.',
    'Copy the client id and the client secret into the app here, and choose the region.',
  ],
  remarks: [
    {
      text: 'A grant belongs to the person who consented. When they leave or lose their role, the data stops while the token stays valid: watch for accounts that vanish from the list.',
      source: 'https://advertising.amazon.com/API/docs/en-us (Amazon Marketing Stream FAQ)',
      checked,
      confidence: 'sure',
    },
    {
      text: 'A profile answers only on its own region’s host; elsewhere it is “No matching advertiser found for scope”.',
      source: `${DOCS}/authorization-grants`,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Limits of calls are not published: they move by region and load, and are answered with 429 and mostly a Retry-After.',
      source: 'https://advertising.amazon.com/API/docs/en-us/reference/concepts/rate-limiting',
      checked,
      confidence: 'sure',
    },
    {
      text: 'An app without a successful API call for two years loses its access.',
      source: QUOTED,
      checked,
      confidence: 'likely',
    },
    {
      text: 'A security profile that also serves the Selling Partner API must change its secret every 180 days; all grants then fail at once with invalid_client until the new one is entered.',
      source: 'github amzn/selling-partner-api-models#320',
      checked,
      confidence: 'likely',
    },
    {
      text: 'The profile scope of Login with Amazon is asked for along with the Ads scope; several public clients do so, no official Ads page mentions it.',
      source: `${LWA}/customer-profile.html`,
      checked: '2026-11-22',
      confidence: 'likely',
    },
  ],
  revocationNotice:
    'Amazon documents no way to revoke by call. Disconnecting deletes the tokens here; the person removes the app at Amazon (Login with Amazon, manage apps).',
};
