import type { Cadence, PlatformProfile, ScopeSpec } from '../kit/profile.ts';

const SPEC = 'github pinterest/api-description v5/openapi.yaml @c05b189 (5.23.0)';
const AUTH = 'https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/';
const LIMITS = 'https://developers.pinterest.com/docs/reference/rate-limits/';
const QUICKSTART = 'github pinterest/api-quickstart @592b4ba nodejs/src/access_token.js';
const checked = '2026-11-22';

const sure = { source: SPEC, checked, confidence: 'sure' } as const;
const likely = { source: SPEC, checked, confidence: 'likely' } as const;
const unverified = { source: SPEC, checked, confidence: 'unverified' } as const;

const cadence: Cadence = {
  accessLifetimeSeconds: { value: 2_592_000, ...sure, note: 'Use the value of the answer.' },
  mechanism: { value: 'refresh_token', ...sure },
  renewalLifetimeSeconds: {
    value: 5_184_000,
    ...sure,
    conflicting: [
      {
        value: 31_536_000,
        ...sure,
        note: 'Refresh tokens of before 2025-09-25, whose end never moved: no longer supported. Such connections are made anew.',
      },
    ],
  },
  renewalClock: {
    value: 'from_renewal',
    ...sure,
    note: 'Each renewal brings a new refresh token with 60 new days.',
  },
  singleUseRenewal: {
    value: true,
    ...unverified,
    note: 'That each renewal brings a new one is sure; whether the old one still works then is not documented. Assumed dead at once.',
  },
  idleLifetimeSeconds: {
    value: 5_184_000,
    ...sure,
    note: 'Not renewed for 60 days: a person has to reconnect.',
  },
  liveGrantCap: { value: 'unknown', ...unverified },
  testingLifetimeSeconds: { value: 'unknown', ...unverified },
  personNeededWhen: {
    value:
      'it was not renewed within 60 days, or the person removed the app, or the authorization lacks a permission',
    source: AUTH,
    checked,
    confidence: 'likely',
  },
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds: {
    value: 600,
    source: 'our choice: access tokens live 30 days, so two answers ten minutes apart cost nothing',
    checked,
    confidence: 'unverified',
  },
};

const scopes: readonly ScopeSpec[] = [
  scope('ads:read', 'See ads, ad accounts and reports', true, [
    'ad accounts',
    'spend reports',
    'conversion tags',
  ]),
  scope('user_accounts:read', 'See the account that signed in', true, ['identity of the account']),
  scope('ads:write', 'Create and change ads', false, ['campaign changes']),
  scope('biz_access:read', 'See roles in businesses', false, ['roles in businesses']),
  scope('biz_access:write', 'Change roles in businesses', false, ['changing roles']),
  scope('catalogs:read', 'See catalogs', false, ['catalogs']),
  scope('catalogs:write', 'Change catalogs', false, ['catalog uploads']),
  scope('billing:read', 'See billing', false, ['billing']),
  scope('billing:write', 'Change billing', false, ['billing changes']),
  scope('boards:read', 'See public boards', false, ['boards']),
  scope('boards:read_secret', 'See secret boards', false, ['secret boards']),
  scope('boards:write', 'Change public boards', false, ['board changes']),
  scope('boards:write_secret', 'Change secret boards', false, ['secret board changes']),
  scope('pins:read', 'See public Pins', false, ['Pins']),
  scope('pins:read_secret', 'See secret Pins', false, ['secret Pins']),
  scope('pins:write', 'Change public Pins', false, ['publishing Pins']),
  scope('pins:write_secret', 'Change secret Pins', false, ['publishing secret Pins']),
  scope('user_accounts:write', 'Change the account', false, ['account changes']),
  scope('msot:write', 'Send measurement data', false, ['measurement uploads']),
];

function scope(id: string, description: string, byDefault: boolean, features: readonly string[]): ScopeSpec {
  return { id, description, byDefault, features };
}

export const profile: PlatformProfile = {
  id: 'pinterest',
  name: 'Pinterest Ads',
  signInName: 'Pinterest',
  aliases: ['pinterest-ads'],
  hosts: ['www.pinterest.com', 'api.pinterest.com'],
  appNeedsClient: true,
  appSettings: [],
  methods: [
    {
      id: 'user_login',
      name: 'Sign in with Pinterest',
      kind: 'oauth',
      pkce: false,
      cadence,
      scopes,
      fields: [],
      notice:
        'Sign in with the Pinterest business account that has a role on the ad accounts, not with a personal one.',
    },
  ],
  setup: [
    'At developers.pinterest.com open “My apps” with a business account and connect an app.',
    'Wait for Trial access (1,000 requests a day for all connections together), then ask for Standard access.',
    'Add Evergrant’s redirect address to the app; it must match to the letter.',
    'Copy the app id and the app secret key into the app here.',
  ],
  remarks: [
    {
      text: 'The answer names every permission the person ever approved for the app, not only those asked for now.',
      source: QUICKSTART,
      checked,
      confidence: 'sure',
    },
    {
      text: '401 is not always a dead token: roles (code 29), permissions (3) and foreign Pins (7) are refused with it too.',
      source: SPEC,
      checked,
      confidence: 'sure',
    },
    {
      text: 'With Trial access renewals, probes and inventories share 1,000 requests a day over all connections of the app.',
      source: LIMITS,
      checked,
      confidence: 'sure',
    },
    {
      text: 'With Standard access: 100 requests a second, and a minute 1,000 to read ads (renewals and probes count with 1,000 of their own), 300 analytics, 400 to change ads, 100 catalogs; each for one person and app.',
      source: LIMITS,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Access tokens copied from the developer portal live 24 hours and cannot be renewed.',
      source: 'public research note of 2026-09-09',
      checked: '2026-09-09',
      confidence: 'likely',
    },
    {
      text: 'Pinterest takes part in GitHub’s secret scanning: a token in a public repository is reported to it.',
      source: 'https://developers.pinterest.com/docs/reference/spam/',
      checked,
      confidence: 'sure',
    },
    { text: 'No event tells of a revoked authorization.', ...likely },
  ],
  revocationNotice:
    'Pinterest revokes tokens of system users only. For a person’s, Evergrant forgets them; the person also removes the app in their Pinterest settings.',
};
