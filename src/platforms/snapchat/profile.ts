import type { Cadence, PlatformProfile } from '../kit/profile.ts';

const AUTH = 'https://developers.snap.com/api/marketing-api/Ads-API/authentication';
const RECORDED =
  'github k0va1/snapchat_api @67f74b7 test/fixtures/vcr_cassettes (recorded live traffic, 2025-07-29)';
const checked = '2026-08-13';

const cadence: Cadence = {
  accessLifetimeSeconds: {
    value: 3600,
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'Use the value of the answer.',
    conflicting: [{ value: 1800, source: 'older documents and client code', checked, confidence: 'likely' }],
  },
  mechanism: { value: 'refresh_token', source: AUTH, checked, confidence: 'sure' },
  renewalLifetimeSeconds: {
    value: 'unknown',
    source: AUTH,
    checked,
    confidence: 'likely',
    note: 'Not published. Clients report no age limit; none is promised.',
  },
  renewalClock: { value: 'none', source: RECORDED, checked, confidence: 'likely' },
  singleUseRenewal: {
    value: false,
    source: RECORDED,
    checked,
    confidence: 'likely',
    note: 'Seven refreshes within 9 s with one token all succeeded, and brought the same refresh token back.',
  },
  idleLifetimeSeconds: { value: 'unknown', source: AUTH, checked, confidence: 'likely' },
  liveGrantCap: { value: 'unknown', source: AUTH, checked, confidence: 'likely' },
  testingLifetimeSeconds: { value: 'never', source: AUTH, checked, confidence: 'likely' },
  personNeededWhen: {
    value: 'the refresh token is refused: app revoked, person removed, OAuth app deleted',
    source: AUTH,
    checked,
    confidence: 'likely',
  },
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds: {
    value: 300,
    source: 'our choice: no document states one',
    checked: '2026-11-22',
    confidence: 'unverified',
  },
};

export const profile: PlatformProfile = {
  id: 'snapchat',
  name: 'Snapchat Ads',
  signInName: 'Snapchat',
  aliases: ['snap', 'snapchat-ads'],
  hosts: ['accounts.snapchat.com', 'adsapi.snapchat.com'],
  appNeedsClient: true,
  appSettings: [],
  methods: [
    {
      id: 'user_login',
      name: 'Sign in with Snapchat',
      kind: 'oauth',
      pkce: false,
      cadence,
      fields: [],
      scopes: [
        {
          id: 'snapchat-marketing-api',
          description: 'Read and manage ad accounts (no read-only scope exists)',
          byDefault: true,
          features: ['ad accounts', 'spend reports', 'pixels'],
        },
        {
          id: 'snapchat-offline-conversions-api',
          description: 'Send offline conversions',
          byDefault: false,
          features: ['offline conversions'],
        },
        {
          id: 'snapchat-profile-api',
          description: 'Public profiles',
          byDefault: false,
          features: ['public profiles'],
        },
      ],
    },
  ],
  setup: [
    'In Snapchat Ads Manager open Business Details, then OAuth Apps (an Organization Admin can).',
    'Create an OAuth app with Evergrant’s redirect address; it cannot be changed later.',
    'Copy the client id and the secret, which is shown once, into the app here.',
  ],
  remarks: [
    {
      text: 'A token sees what its person’s roles allow, no more: a 403 with E3002 is a role, not a dead grant.',
      source: AUTH,
      checked,
      confidence: 'sure',
    },
    {
      text: 'HTTP 200 can carry an error, for the whole call (request_status) or for single items (sub_request_status).',
      source: 'https://developers.snap.com/api/marketing-api/Ads-API/api-patterns',
      checked,
      confidence: 'sure',
    },
    {
      text: 'At most 20 calls a second per app and 10 per token. X-Rate-Limit-Reset is a moment in epoch milliseconds, sent by reports and writes only.',
      source: RECORDED,
      checked,
      confidence: 'sure',
    },
    {
      text: 'A redirect address cannot be changed and the secret is shown once: losing either means a new OAuth app, and everybody reconnects.',
      source: AUTH,
      checked,
      confidence: 'sure',
    },
  ],
  revocationNotice:
    'Snap documents no way for an app to withdraw an ads authorization; Evergrant tries the one for sign-in. To be sure, the person removes the app under accounts.snapchat.com/v2/manage-apps.',
};
