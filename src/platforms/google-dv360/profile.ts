import { SIGN_IN_HOSTS } from '../google/endpoints.ts';
import {
  PUBLISHING_STATUS,
  REMARKS,
  REVOCATION_NOTICE,
  serviceAccountMethod,
  setupSteps,
  userLoginMethod,
} from '../google/profileParts.ts';
import type { PlatformProfile, ScopeSpec } from '../kit/profile.ts';

const SCOPES: readonly ScopeSpec[] = [
  {
    id: 'https://www.googleapis.com/auth/display-video',
    description: 'Partners, advertisers, campaigns, line items',
    byDefault: true,
    features: ['ad accounts', 'partners', 'campaigns'],
  },
  {
    id: 'https://www.googleapis.com/auth/doubleclickbidmanager',
    description: 'Reports (Bid Manager API)',
    byDefault: true,
    features: ['spend reports'],
  },
  {
    id: 'https://www.googleapis.com/auth/display-video-mediaplanning',
    description: 'Media planning, for approved clients',
    byDefault: false,
    features: ['media planning'],
  },
];

/** Google refuses it to people: only a service account with the Admin role may manage users. */
const USER_MANAGEMENT: ScopeSpec = {
  id: 'https://www.googleapis.com/auth/display-video-user-management',
  description: 'Manage Display & Video 360 users (service accounts with the Admin role only)',
  byDefault: false,
  features: ['user management'],
};

export const DEFAULT_SCOPES = SCOPES.filter((scope) => scope.byDefault).map((scope) => scope.id);

const USERS = 'https://developers.google.com/display-video/api/guides/tasks/grant-user-access/overview';
const DISCOVERY = 'discovery document displayvideo v4, revision 20260924 (google-api-python-client 2.201.0)';

export const profile: PlatformProfile = {
  id: 'google-dv360',
  name: 'Display & Video 360',
  signInName: 'Google',
  aliases: [
    'dv360',
    'display-video-360',
    'display-and-video-360',
    'displayvideo',
    'dbm',
    'doubleclick-bid-manager',
  ],
  hosts: [...SIGN_IN_HOSTS, 'displayvideo.googleapis.com', 'doubleclickbidmanager.googleapis.com'],
  appNeedsClient: true,
  appSettings: [PUBLISHING_STATUS],
  methods: [
    userLoginMethod(
      SCOPES,
      'Sign in with the Google account that has a role in Display & Video 360. Leave every permission ticked.',
    ),
    serviceAccountMethod(
      [...SCOPES, USER_MANAGEMENT],
      'Add the service account’s e-mail address as a user with a role in Display & Video 360 first; no domain-wide delegation is needed.',
      'Usually empty: the service account itself is a user of Display & Video 360. An e-mail here needs domain-wide delegation.',
    ),
  ],
  setup: [
    ...setupSteps('Display & Video 360 API (and the Bid Manager API for reports)'),
    'In Display & Video 360 a partner’s administrator gives the person (or service account) a role on the partner or advertiser.',
  ],
  remarks: [
    ...REMARKS,
    {
      text: 'Managing users works with service accounts only, never with a person’s sign-in: its refusal is no broken token.',
      source: USERS,
      checked: '2026-03-23',
      confidence: 'sure',
    },
    {
      text: 'Advertisers are listed one partner at a time; partnerId is required.',
      source: DISCOVERY,
      checked: '2026-09-24',
      confidence: 'sure',
    },
    {
      text: 'Allowances: 1,500 requests a minute and project (700 of them writes), 300 a minute and advertiser. Answered with 429.',
      source: 'https://developers.google.com/display-video/api/limits',
      checked: '2026-09-30',
      confidence: 'likely',
    },
    {
      text: 'A person who may only see reports may find no partners here and still work in the Bid Manager API.',
      source: 'https://developers.google.com/display-video/api/guides/concepts/general/user-permissions',
      checked: '2026-03-23',
      confidence: 'unverified',
    },
  ],
  revocationNotice: REVOCATION_NOTICE,
};
