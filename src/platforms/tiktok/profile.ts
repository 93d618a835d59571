import type { PlatformProfile, ScopeSpec } from '../kit/profile.ts';
import {
  ACCOUNTS_API,
  AUTHENTICATION,
  accountCadence,
  advertiserCadence,
  checked,
  EXPIRY_FAQ,
  RATE_LIMITS,
  RETURN_CODES,
} from './cadence.ts';

/** The advertiser's permissions are numbers, ticked on the app in the portal; the address of the consent names none. */
const ADVERTISER_SCOPES: readonly ScopeSpec[] = [
  scope('1', 'Ad Account Management', true, ['ad accounts', 'account status']),
  scope('2', 'Ads Management', false, ['campaigns']),
  scope('3', 'Audience Management', false, ['audiences']),
  scope('4', 'Reporting', true, ['spend reports']),
  scope('5', 'Measurement', false, ['measurement']),
  scope('6', 'Creative Management', false, ['creatives']),
  scope('7', 'App Management', false, ['apps']),
  scope('8', 'Pixel Management', false, ['pixels', 'conversion events']),
  scope('9', 'DPA Catalog Management', false, ['catalogs']),
];

const ACCOUNT_SCOPES: readonly ScopeSpec[] = [
  scope('user.info.basic', 'Name and picture of the TikTok account', true, ['identity of the account']),
  scope('user.account.type', 'Kind of the TikTok account', false, ['account type']),
  scope('user.info.username', 'User name', false, ['user name']),
  scope('user.info.stats', 'Followers and likes', false, ['account statistics']),
  scope('user.insights', 'Insights of the account', false, ['account insights']),
  scope('video.list', 'List of videos', true, ['videos for Spark Ads']),
  scope('video.insights', 'Insights of videos', false, ['video insights']),
  scope('video.publish', 'Publish videos', false, ['publishing']),
  scope('comment.list', 'Read comments', false, ['comments']),
  scope('comment.list.manage', 'Manage comments', false, ['comment management']),
];

function scope(id: string, description: string, byDefault: boolean, features: readonly string[]): ScopeSpec {
  return { id, description, byDefault, features };
}

export const profile: PlatformProfile = {
  id: 'tiktok',
  name: 'TikTok Ads',
  signInName: 'TikTok for Business',
  aliases: ['tiktok-ads', 'tiktok-marketing', 'tiktok-business'],
  hosts: ['business-api.tiktok.com', 'www.tiktok.com'],
  appNeedsClient: true,
  appSettings: [
    {
      id: 'client_key',
      label: 'Client key for account holders',
      help: 'Only for TikTok account tokens, and only if the portal’s address for account holders shows a client_key other than the app id.',
    },
  ],
  methods: [
    {
      id: 'advertiser_token',
      name: 'Advertiser (Marketing API)',
      kind: 'oauth',
      pkce: false,
      cadence: advertiserCadence,
      scopes: ADVERTISER_SCOPES,
      fields: [],
      // The list is of advertisers that granted it (tiktok/tiktok-business-api-sdk#9), and can be empty although consent
      // was given (PostHog/posthog#83459). Both 2026-11-22.
      asksForAccounts: true,
      notice:
        'Tick every permission and every ad account: TikTok lets you leave some out, and what is left out does not work.',
    },
    {
      id: 'account_token',
      name: 'TikTok account (Accounts API)',
      kind: 'oauth',
      pkce: false,
      cadence: accountCadence,
      scopes: ACCOUNT_SCOPES,
      fields: [],
      notice: 'TikTok wants this consent again after one year, however often it is renewed meanwhile.',
    },
  ],
  setup: [
    'Register as a developer at business-api.tiktok.com and have the developer profile approved.',
    'Create an app under “My Apps”, with Evergrant’s redirect address as advertiser redirect URL (at most ten).',
    'For TikTok account tokens enter the same address as the TikTok account holder redirect URL too.',
    'Tick the permissions the app needs: they cannot be asked for later without a review and a new consent of every advertiser.',
    'Copy app id and secret into the app here.',
  ],
  remarks: [
    {
      text: 'Errors come under HTTP 200: the code in the body decides. 40100, 40016 and 40133 are rate limits although they stand among token errors.',
      source: RETURN_CODES,
      checked,
      confidence: 'sure',
    },
    {
      text: 'Calls per app: 10 a second, 600 a minute and 864,000 a day at the Basic level; Advanced 20 and 1,200, Premium 30 and 1,800, Ultimate 50 and 3,000. A minute’s limit passes after five minutes, a day’s at 00:00 UTC; no header tells.',
      source: RATE_LIMITS,
      checked,
      confidence: 'sure',
    },
    {
      text: 'A living token may reach no account: a person who lost their role keeps the token and an empty advertiser list.',
      source: 'public note of 2026-10-01 (live trace)',
      checked: '2026-10-01',
      confidence: 'likely',
    },
    {
      text: 'The advertiser list is asked for with the app secret in the address, since the platform knows no other way; addresses are never logged.',
      source: `${AUTHENTICATION} and portal/docs?id=1738455508553729`,
      checked,
      confidence: 'sure',
    },
    {
      text: 'After a reconnect the new token is used; the older one is not revoked, because whether both are one authorization is not documented.',
      source: EXPIRY_FAQ,
      checked,
      confidence: 'unverified',
    },
    {
      text: 'Account tokens are a product of their own (tt_user endpoints); the consumer Login Kit at open.tiktokapis.com is a third, not used here.',
      source: ACCOUNTS_API,
      checked,
      confidence: 'sure',
    },
    {
      text: 'No event tells of a cancelled authorization; a webhook subscription simply falls silent.',
      source: 'github api-evangelist/tiktok-ads @9269bfa asyncapi/',
      checked,
      confidence: 'likely',
    },
  ],
  revocationNotice: 'Revoking ends this token for every ad account that was granted with it.',
};
