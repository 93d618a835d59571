import { DAY_MS, type Instant } from '../../core/instant.ts';
import { dayAt } from '../kit/fields.ts';
import type { AuthMethod, Cadence, PlatformProfile } from '../kit/profile.ts';

const AUTH =
  'https://open.thetradedesk.com/advertiser/docsApp/Foundations/resources/doc/PlatformAuthentication (public copy)';
const SHORT =
  'https://open.thetradedesk.com/advertiser/docsApp/Foundations/resources/doc/AuthenticationShortLive (public copy)';
const LIB = 'github GoodwayGroup/lib-tradedesk @a500666 src/tradedesk.ts';
const HARVEST = 'github api-evangelist/trade-desk @a6d37cd';
const checked = '2026-08-25';
const ours = {
  source: 'our choice: no document states one',
  checked: '2026-11-22',
  confidence: 'unverified',
} as const;
const nobodySays = { value: 'unknown', source: AUTH, checked, confidence: 'likely' } as const;

const tokenCadence: Cadence = {
  accessLifetimeSeconds: {
    value: 'unknown',
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'Chosen by the person who makes the token, from a week to a year. No call tells it: the end date is asked for with the token.',
  },
  mechanism: {
    value: 'none',
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'No call extends, renews or makes one. Replacing: new token, swap, revoke the old one.',
  },
  renewalLifetimeSeconds: {
    value: 'never',
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'There is no renewal credential.',
  },
  renewalClock: { value: 'none', source: AUTH, checked, confidence: 'sure' },
  singleUseRenewal: {
    value: false,
    source: AUTH,
    checked,
    confidence: 'sure',
    note: 'Several tokens may live side by side.',
  },
  idleLifetimeSeconds: nobodySays,
  liveGrantCap: nobodySays,
  testingLifetimeSeconds: {
    value: 'never',
    source: AUTH,
    checked,
    confidence: 'likely',
    note: 'There is no Testing status.',
  },
  personNeededWhen: {
    value:
      'the token reaches its end date (a year at most), is revoked in Access Management, or its user is disabled',
    source: AUTH,
    checked,
    confidence: 'sure',
  },
  probeEverySeconds: 8 * 3600,
  confirmAfterSeconds: {
    value: 300,
    ...ours,
    note: 'The probe confirms a death; this is for when it is unclear.',
  },
};

const loginCadence: Cadence = {
  accessLifetimeSeconds: {
    value: 86_400,
    source: SHORT,
    checked,
    confidence: 'sure',
    note: '1 to 1440 minutes by choice, 1440 without one. The answer does not tell; what was asked for holds.',
  },
  mechanism: { value: 'login', source: SHORT, checked, confidence: 'sure' },
  renewalLifetimeSeconds: {
    value: 'unknown',
    source: SHORT,
    checked,
    confidence: 'likely',
    note: 'The password lives until it is changed or its own policy ends it; no policy is published.',
  },
  renewalClock: { value: 'none', source: SHORT, checked, confidence: 'likely' },
  singleUseRenewal: {
    value: false,
    source: LIB,
    checked,
    confidence: 'likely',
    note: 'A login ends no earlier token.',
  },
  idleLifetimeSeconds: nobodySays,
  liveGrantCap: nobodySays,
  testingLifetimeSeconds: {
    value: 'never',
    source: SHORT,
    checked,
    confidence: 'likely',
    note: 'There is no Testing status.',
  },
  personNeededWhen: {
    value:
      'the login is refused once (password changed, user disabled or locked), or API access is withdrawn',
    source: SHORT,
    checked,
    confidence: 'likely',
  },
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds: {
    value: 3600,
    ...ours,
    note: 'Each refused login counts towards a lock-out whose policy is not published: at most one more, and not soon.',
  },
};

/** Tokens are made for a year at most; a few days for calendars and time zones. */
const LONGEST_LIFE_MS = 370 * DAY_MS;

/** A wrong end would silence every reminder. */
function wrongEnd(day: string, now: Instant): string | undefined {
  const end = dayAt(day);
  if (end <= now)
    return 'This day has begun or is over, and the token stops on it. Check the date shown beside the token under Manage API tokens; if it is right, make a new token.';
  if (end > now + LONGEST_LIFE_MS)
    return 'This is more than a year ahead, but tokens end within a year. Check the date shown beside the token under Manage API tokens.';
  return undefined;
}

const apiToken: AuthMethod = {
  id: 'api_token',
  name: 'API token',
  kind: 'fields',
  pkce: false,
  cadence: tokenCadence,
  scopes: [],
  fields: [
    {
      id: 'token',
      label: 'API token',
      help: 'From open.thetradedesk.com, Access Management, Manage API tokens. Paste it whole.',
      secret: true,
      required: true,
      kind: 'password',
    },
    {
      id: 'expires_on',
      label: 'End date of the token',
      help: 'The date shown beside the token. The platform does not tell it to programs, and the token stops on that day.',
      secret: false,
      required: true,
      kind: 'date',
      wrong: wrongEnd,
    },
  ],
  notice:
    'Make the token as an API user of its own, with the longest life. “Access Denied” in the web pages is normal for such a user. On a personal user, everything stops when the person leaves.',
};

const loginExchange: AuthMethod = {
  id: 'login_exchange',
  name: 'Login and password of an API user',
  kind: 'fields',
  pkce: false,
  cadence: loginCadence,
  scopes: [],
  fields: [
    {
      id: 'login',
      label: 'Login',
      help: 'Of an API user of its own.',
      secret: false,
      required: true,
      kind: 'text',
    },
    {
      id: 'password',
      label: 'Password',
      help: 'Kept sealed, sent to The Trade Desk alone, and never shown again.',
      secret: true,
      required: true,
      kind: 'password',
    },
  ],
  notice:
    'The Trade Desk advises this way for temporary use only. An API token is better where a person can replace it once a year.',
};

export const profile: PlatformProfile = {
  id: 'trade-desk',
  name: 'The Trade Desk',
  aliases: ['ttd', 'thetradedesk', 'tradedesk'],
  hosts: ['api.thetradedesk.com', 'ext-api.sb.thetradedesk.com'],
  appNeedsClient: false,
  appSettings: [
    {
      id: 'deployment',
      label: 'Deployment',
      help: 'Production, or The Trade Desk’s own sandbox, which takes production tokens and is wiped weekly. Without a choice: production.',
      choices: ['production', 'sandbox'],
    },
  ],
  methods: [apiToken, loginExchange],
  setup: [
    'Ask the account manager or technical account manager at The Trade Desk for an API user with Public API access (PublicAPI_General_View). The activation mail holds for seven days.',
    'As that user, open open.thetradedesk.com/advertiser/access-management, Manage API tokens, and make a token with the longest life.',
    'Paste the token here together with its end date. No client id or secret is needed.',
  ],
  remarks: [
    {
      text: 'A 403 is a dead token, missing API access, or a seat that is refused or does not exist; the text and then the probe decide. It never causes a login.',
      source: `${HARVEST} errors/; ReturnCodes`,
      checked,
      confidence: 'likely',
    },
    {
      text: 'Limits count per user, and work in the web pages counts along; at most four calls at a time.',
      source: `${HARVEST} rate-limits/`,
      checked,
      confidence: 'sure',
    },
    {
      text: 'The REST calls for partners and advertisers carry the mark “x-legacyDate: 2027-01-11”. What happens on that day is not said; probably 410, with GraphQL as successor.',
      source: 'Platform API reference generated 2026-05-14 (public copy)',
      checked,
      confidence: 'sure',
    },
    {
      text: 'OAuth servers of The Trade Desk exist (auth.thetradedesk.com), but clients cannot be registered there; they are not used.',
      source: `${HARVEST} authentication/, scopes/`,
      checked,
      confidence: 'sure',
    },
  ],
  revocationNotice:
    'No call revokes anything. Disconnecting deletes what is held here; revoke an API token in Access Management, or change the password of the login.',
};
