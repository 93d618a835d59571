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

export const ADS_SCOPE = 'https://www.googleapis.com/auth/adwords';

const SCOPES: readonly ScopeSpec[] = [
  {
    id: ADS_SCOPE,
    description: 'Read and manage Google Ads accounts (no read-only scope exists)',
    byDefault: true,
    features: ['ad accounts', 'spend reports', 'campaigns', 'conversion actions'],
  },
];

const PASSKEY = 'https://developers.google.com/ads/blog/posts/2026/07/passkey-authentication-requirement-for';
const DEVELOPER_TOKEN = 'https://developers.google.com/google-ads/api/docs/api-policy/developer-token';
const checked = '2026-09-30';

export const profile: PlatformProfile = {
  id: 'google-ads',
  name: 'Google Ads',
  signInName: 'Google',
  aliases: ['google', 'googleads', 'google_ads', 'adwords'],
  hosts: [...SIGN_IN_HOSTS, 'googleads.googleapis.com'],
  appNeedsClient: true,
  appSettings: [
    PUBLISHING_STATUS,
    {
      id: 'api_version',
      label: 'API version (optional)',
      help: 'Such as v26. Google ends versions about once a year; leave empty for the version that Evergrant knows.',
    },
  ],
  methods: [
    userLoginMethod(
      SCOPES,
      'Google asks for a passkey when Google Ads access is newly allowed (since August 2026). Leave every permission ticked.',
    ),
    serviceAccountMethod(
      SCOPES,
      'Add the service account’s e-mail address as a user of the Google Ads account first (or let it act for a user of it).',
      'E-mail of the user that the service account acts for. Needs domain-wide delegation. Leave empty if the service account itself is a user of the ad account.',
    ),
  ],
  setup: [
    ...setupSteps('Google Ads API'),
    'In the Google Cloud console open “Google Ads API Overview” and apply for the access level you need (test accounts only, Explorer, Basic, Standard). A developer token is no longer needed.',
  ],
  remarks: [
    ...REMARKS,
    {
      text: 'Developer tokens ended on 2026-09-09: the header is ignored, and the access level belongs to the Google Cloud project that owns the OAuth client.',
      source: DEVELOPER_TOKEN,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Since 2026-08-05 a new refresh token with the Ads scope needs a passkey at sign-in. Refresh tokens that exist keep working, and service accounts are not affected.',
      source: PASSKEY,
      checked,
      confidence: 'likely',
    },
    {
      text: 'An account below a manager is called with the manager’s id as login-customer-id; without it the answer is a lack of permission.',
      source: 'https://developers.google.com/google-ads/api/docs/get-started/common-errors',
      checked,
      confidence: 'sure',
    },
    {
      text: 'Operations per day and project: Explorer 2,880, Basic 15,000. Renewing and tokeninfo cost none; reading the account list costs one, and one for each directly reachable customer.',
      source: 'https://developers.google.com/google-ads/api/docs/api-policy/access-levels',
      checked,
      confidence: 'sure',
    },
  ],
  revocationNotice: REVOCATION_NOTICE,
};
