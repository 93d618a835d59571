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
    id: 'https://www.googleapis.com/auth/dfatrafficking',
    description: 'Accounts, advertisers, campaigns, floodlights, user profiles',
    byDefault: true,
    features: ['ad accounts', 'advertisers', 'floodlight activities'],
  },
  {
    id: 'https://www.googleapis.com/auth/dfareporting',
    description: 'Reports and their files',
    byDefault: true,
    features: ['spend reports'],
  },
  {
    id: 'https://www.googleapis.com/auth/ddmconversions',
    description: 'Upload conversions',
    byDefault: false,
    features: ['conversion upload'],
  },
];

export const DEFAULT_SCOPES = SCOPES.filter((scope) => scope.byDefault).map((scope) => scope.id);

const DISCOVERY = 'discovery document dfareporting v5, revision 20260721 (google-api-python-client 2.201.0)';
const QUOTAS = 'https://developers.google.com/doubleclick-advertisers/quotas';

export const profile: PlatformProfile = {
  id: 'google-cm360',
  name: 'Campaign Manager 360',
  signInName: 'Google',
  aliases: ['cm360', 'campaign-manager-360', 'campaign-manager', 'campaignmanager360', 'dcm', 'dfareporting'],
  hosts: [...SIGN_IN_HOSTS, 'dfareporting.googleapis.com'],
  appNeedsClient: true,
  appSettings: [PUBLISHING_STATUS],
  methods: [
    userLoginMethod(
      SCOPES,
      'Sign in with the Google account that has a user profile in Campaign Manager 360. Leave every permission ticked.',
    ),
    serviceAccountMethod(
      SCOPES,
      'The service account’s e-mail address needs a user profile of its own in Campaign Manager 360 (or acts for a user who has one).',
      'E-mail of the user that the service account acts for. Needs domain-wide delegation. Leave empty if the service account has a user profile of its own.',
    ),
  ],
  setup: [
    ...setupSteps('Campaign Manager 360 API'),
    'In Campaign Manager 360 an administrator enables the account for the API and gives the person (or service account) a user profile.',
  ],
  remarks: [
    ...REMARKS,
    {
      text: 'Limits are answered with HTTP 403 and no header: dailyLimitExceeded until midnight Pacific, userRateLimitExceeded for seconds. They are never a lost permission.',
      source: QUOTAS,
      checked: '2026-09-30',
      confidence: 'sure',
    },
    {
      text: 'Allowances: 50,000 requests a day and project, and one a second (60 a minute and person, 600 at most). Reports have quotas of their own.',
      source: QUOTAS,
      checked: '2026-09-30',
      confidence: 'sure',
    },
    {
      text: 'Removing the user profile in Campaign Manager 360 does not touch the token: renewals keep succeeding, only calls are refused or lists are empty.',
      source: DISCOVERY,
      checked: '2026-07-21',
      confidence: 'likely',
    },
    {
      text: 'Listing user profiles takes any one of the three scopes. Every other call needs a profile id, which the account’s permissions show here.',
      source: DISCOVERY,
      checked: '2026-07-21',
      confidence: 'sure',
    },
    {
      text: 'Whether Google Ads’ passkey rule reaches a grant of these scopes is not stated.',
      source: 'https://developers.google.com/ads/blog/posts/2026/07/passkey-authentication-requirement-for',
      checked: '2026-09-30',
      confidence: 'unverified',
    },
  ],
  revocationNotice: REVOCATION_NOTICE,
};
