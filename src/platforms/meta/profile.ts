import type { AuthMethod, PlatformProfile, ScopeSpec } from '../kit/profile.ts';
import {
  AUTH_VS_DATA,
  checked,
  DEBUGGING,
  DOCS,
  FOR_BUSINESS,
  PERMISSIONS,
  SYSTEM_USERS,
  systemUserCadence,
  userCadence,
} from './cadence.ts';

const scopes: readonly ScopeSpec[] = [
  {
    id: 'ads_read',
    description: 'Read ad accounts, campaigns and their results',
    byDefault: true,
    features: ['ad accounts', 'spend reports', 'pixels and datasets'],
  },
  {
    id: 'business_management',
    description: 'Read the business portfolios behind the ad accounts',
    byDefault: true,
    features: ['accounts of a business portfolio', 'datasets of a business portfolio'],
  },
  {
    id: 'ads_management',
    description: 'Create and change campaigns, audiences and ads',
    byDefault: false,
    features: ['campaign changes', 'audiences', 'conversions'],
  },
  {
    id: 'pages_show_list',
    description: 'The list of Pages (a declared dependency of the ads permissions)',
    byDefault: true,
    required: false,
    features: ['pages behind the ads'],
  },
  {
    id: 'pages_read_engagement',
    description: 'Content and figures of Pages (a declared dependency of the ads permissions)',
    byDefault: true,
    required: false,
    features: ['figures of page posts'],
  },
];

const userLogin: AuthMethod = {
  id: 'user_login',
  name: 'Sign in with Facebook',
  kind: 'oauth',
  revocationSpreads: true,
  pkce: false,
  cadence: userCadence,
  scopes,
  fields: [],
  // People grant access to business assets that they choose (FOR_BUSINESS); granular_scopes of debug_token name them
  // as target_ids (DEBUGGING). Both 2026-11-22.
  asksForAccounts: true,
  notice:
    'Leave every permission ticked. Facebook asks the person again after 90 days of data access; a system user is not ' +
    'affected by that.',
};

const systemUser: AuthMethod = {
  id: 'system_user',
  name: 'System user of a business portfolio',
  kind: 'fields',
  pkce: false,
  cadence: systemUserCadence,
  scopes,
  fields: [
    {
      id: 'access_token',
      label: 'System user access token',
      help:
        'Business settings, Users, System users, choose one, assign the ad accounts, then Generate token: choose this app ' +
        'and ads_read and business_management. Assign the ad accounts before generating the token.',
      secret: true,
      required: true,
      kind: 'password',
    },
  ],
  missingScopes: {
    who: 'account_admin',
    remedy:
      'An administrator of the business portfolio generates a new token with these permissions for the system user ' +
      '(Business settings, Users, System users) and enters it here.',
  },
  notice:
    'The token must be generated for this very app. One of 60 days is extended by Evergrant; one without an end stays as it is.',
};

export const profile: PlatformProfile = {
  id: 'meta',
  name: 'Meta Ads Manager',
  signInName: 'Facebook',
  aliases: ['facebook', 'facebook-ads', 'meta-ads', 'instagram-ads'],
  hosts: ['www.facebook.com', 'graph.facebook.com'],
  appNeedsClient: true,
  appSettings: [
    {
      id: 'graph_version',
      label: 'Graph API version',
      help: 'Such as v26.0, which is used where this is empty. Raise it before Meta switches the version off.',
    },
    {
      id: 'config_id',
      label: 'Login for Business configuration',
      help: 'The id of a Facebook Login for Business configuration. It replaces the list of permissions in the dialog.',
    },
  ],
  methods: [userLogin, systemUser],
  setup: [
    'At developers.facebook.com create an app of type Business and add the Marketing API.',
    'Add Facebook Login (or Facebook Login for Business) and enter Evergrant’s redirect address under Valid OAuth Redirect URIs.',
    'With Login for Business create a configuration with the ads permissions, and enter its id here.',
    'Copy App ID and App Secret from App settings, Basic, into the app here. Turn on “Require app secret” if you like: Evergrant sends the proof.',
    'For people without a role in the app: pass App Review for Advanced Access to the permissions, verify the business, and switch the app to Live.',
  ],
  remarks: [
    {
      text: 'Data access ends 90 days after the person last passed the dialog, while the token stays valid. Extending the token does not help.',
      source: `${AUTH_VS_DATA}; symptom 190/493 in MrSwitch/hello.js#548`,
      checked,
      confidence: 'likely',
      note: 'Business permissions are reported to be exempt; debug_token’s data_access_expires_at decides.',
    },
    {
      text: 'A permission that the app does not use for 90 days must be granted again; the account list uses ads_read.',
      source: PERMISSIONS,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Meta does not tell when a token becomes invalid, except that a removed app may be called back.',
      source: DEBUGGING,
      checked,
      confidence: 'sure',
    },
    {
      text: 'With Login for Business a person grants all permissions or none. Moving an app to it can end all its tokens at once.',
      source: FOR_BUSINESS,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Calls an hour by the app’s access tier: limited 300 and 40 more for each active ad (reports 600 and 400), full 100,000 (reports 190,000). Extending a token and debug_token count against the app alone.',
      source: `${DOCS}/docs/graph-api/overview/rate-limiting and ${DOCS}/docs/marketing-api/overview/rate-limiting`,
      checked,
      confidence: 'likely',
      note: 'Told in X-App-Usage, X-Business-Use-Case-Usage (minutes to wait) and X-Ad-Account-Usage (seconds). An app that is not used for 30 days may fall back to the limited tier.',
    },
    {
      text: 'Some business portfolios cannot generate tokens without an end any more.',
      source: `${SYSTEM_USERS}; logly/mureo#726`,
      checked,
      confidence: 'unverified',
    },
    {
      text: 'debug_token takes GET and the app’s own token only; a system user cannot look up its own token.',
      source: 'logly/mureo#740, #744 (seen against live Business Manager tokens, 2026-09)',
      checked,
      confidence: 'unverified',
    },
    {
      text: 'The access token may travel as an Authorization: Bearer header; the app secret proof is known as a parameter only.',
      source: 'restfb/restfb#1107, huandu/facebook#206, logly/mureo#744',
      checked,
      confidence: 'likely',
    },
  ],
  revocationNotice:
    'Disconnecting a Facebook sign-in takes all of the person’s permissions back from the app: every other connection ' +
    'of the same person to this app ends too.',
};
