import type { Fact, Sourced } from '../../core/fact.ts';
import type { AppSettingSpec, AuthMethod, Cadence, FieldSpec, ScopeSpec } from '../kit/profile.ts';
import { wrongKeyFile } from './keyFile.ts';

const OAUTH = 'https://developers.google.com/identity/protocols/oauth2';
const WEB = 'https://developers.google.com/identity/protocols/oauth2/web-server';
const SERVICE = 'https://developers.google.com/identity/protocols/oauth2/service-account';
const ORDINARY_CALL = 'https://github.com/googleapis/google-api-nodejs-client/issues/2553';

/** Dates of the stored pages that were read. */
const READ = '2026-09-30';
const SERVICE_READ = '2026-03-23';

const sure = <T>(value: T, source: string, note?: string, checked = READ): Fact<T> => ({
  value,
  source,
  checked,
  confidence: 'sure',
  ...(note === undefined ? {} : { note }),
});

const confirmAfterSeconds: Fact<number> = {
  value: 300,
  source: 'our choice: no document states one',
  checked: '2026-11-22',
  confidence: 'unverified',
  note: `tokeninfo knows access tokens only, and a refresh token is proved by using it (${ORDINARY_CALL}).`,
};

const userCadence: Cadence = {
  accessLifetimeSeconds: sure<number | 'never'>(3600, WEB, 'Answers say 3599. It cannot be lengthened.'),
  mechanism: sure('refresh_token', WEB),
  renewalLifetimeSeconds: sure<number | 'never'>(
    'never',
    OAUTH,
    'In production. Where a person allows access for a limited time, refresh_token_expires_in of the answer says how long.',
  ),
  renewalClock: sure('none', OAUTH),
  singleUseRenewal: sure<boolean>(false, WEB, 'A renewal brings no refresh token; the old one stays.'),
  idleLifetimeSeconds: sure<number | 'never'>(
    180 * 86_400,
    OAUTH,
    'Six months without use; counted here as 180 days.',
  ),
  liveGrantCap: sure<number | 'none'>(
    100,
    OAUTH,
    'Refresh tokens per Google account and client id; the oldest ends without a word.',
  ),
  testingLifetimeSeconds: sure<number | 'never'>(
    604_800,
    OAUTH,
    'External apps in Testing, unless only identity scopes are asked for.',
  ),
  personNeededWhen: sure(
    'the person withdraws access, more than 100 tokens live for the account and client, the app is in Testing (7 days), six months without use, a limited time ends, or the organization limits sign-ins',
    OAUTH,
  ),
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds,
};

const serviceCadence: Cadence = {
  accessLifetimeSeconds: sure<number | 'never'>(3600, SERVICE, 'Answers say 3599.', SERVICE_READ),
  mechanism: sure(
    'jwt_bearer',
    SERVICE,
    'No refresh token: each time a token is minted from the key (RFC 7523).',
    SERVICE_READ,
  ),
  renewalLifetimeSeconds: sure<number | 'never'>(
    'never',
    SERVICE,
    'A key lives until somebody rotates it, or a policy ends it.',
    SERVICE_READ,
  ),
  renewalClock: sure('none', SERVICE, undefined, SERVICE_READ),
  singleUseRenewal: sure<boolean>(false, SERVICE, undefined, SERVICE_READ),
  idleLifetimeSeconds: {
    value: 'unknown',
    source: SERVICE,
    checked: SERVICE_READ,
    confidence: 'likely',
    note: 'No end by idleness is documented.',
  },
  liveGrantCap: sure<number | 'none'>(
    'none',
    OAUTH,
    'The cap of refresh tokens does not apply to service accounts.',
  ),
  testingLifetimeSeconds: {
    value: 'never',
    source: SERVICE,
    checked: SERVICE_READ,
    confidence: 'likely',
    note: 'No consent screen is involved.',
  },
  personNeededWhen: sure(
    'the key is deleted, disabled or expired, the service account is deleted, its role in the product is removed, or domain-wide delegation is withdrawn',
    SERVICE,
    undefined,
    SERVICE_READ,
  ),
  probeEverySeconds: 24 * 3600,
  confirmAfterSeconds,
};

/** Asked for to learn `sub`, by which a reconnect is known to be the same person. Answers name them differently. */
const IDENTITY_SCOPES: readonly ScopeSpec[] = [
  {
    id: 'openid',
    description: 'Who signed in',
    byDefault: true,
    features: ['recognizing the same person'],
    required: false,
  },
  {
    id: 'email',
    description: 'The person’s e-mail address',
    byDefault: true,
    features: ['showing who signed in'],
    required: false,
  },
];

export function userLoginMethod(scopes: readonly ScopeSpec[], notice: string): AuthMethod {
  return {
    id: 'user_login',
    name: 'Sign in with Google',
    kind: 'oauth',
    revocationSpreads: true,
    pkce: true,
    cadence: userCadence,
    scopes: [...scopes, ...IDENTITY_SCOPES],
    fields: [],
    notice,
  };
}

export function serviceAccountMethod(
  scopes: readonly ScopeSpec[],
  notice: string,
  subjectHelp: string,
): AuthMethod {
  return {
    id: 'service_account',
    name: 'Service account key',
    kind: 'fields',
    pkce: false,
    cadence: serviceCadence,
    scopes,
    fields: [KEY_FILE, { ...SUBJECT, help: subjectHelp }],
    notice,
  };
}

const KEY_FILE: FieldSpec = {
  id: 'key_file',
  label: 'Key file (JSON)',
  help: 'The whole JSON key file of the service account, from the Google Cloud console: IAM, Service Accounts, Keys, Add key.',
  secret: true,
  required: true,
  kind: 'json',
  wrong: wrongKeyFile,
};

const SUBJECT: FieldSpec = {
  id: 'subject',
  label: 'Act for (optional)',
  help: '',
  secret: false,
  required: false,
  kind: 'text',
};

export const PUBLISHING_STATUS: AppSettingSpec = {
  id: 'publishing_status',
  label: 'Publishing status',
  help: 'As the Google Cloud console shows it (Google Auth Platform, Audience). In Testing, every authorization ends after 7 days.',
  choices: ['testing', 'production'],
  required: true,
};

export function setupSteps(apiName: string): readonly string[] {
  return [
    `In the Google Cloud console create (or choose) a project and enable the ${apiName} (APIs & Services, Library).`,
    'Set up the consent screen (Google Auth Platform): External, and “In production”. While it is in Testing, every authorization ends after 7 days.',
    'Create an OAuth client of the type “Web application” and add Evergrant’s redirect address, letter for letter.',
    'Copy the client id and the client secret, which is shown once, into the app here, and say whether it is in Testing or in production.',
    'For a service account instead: create it in the project, create a JSON key, and give its e-mail address a role in the product.',
  ];
}

export const REVOCATION_NOTICE =
  'Google withdraws everything that this person allowed this OAuth client: all their connections through the same client end, on every Google platform that shares it.';

export const REMARKS: readonly (Sourced & { readonly text: string })[] = [
  {
    text: 'Google does not tell why a refresh token died: withdrawn, idle for six months, Testing, the cap of 100 and a limited time all read alike.',
    source: ORDINARY_CALL,
    checked: READ,
    confidence: 'sure',
  },
  {
    text: 'Most refusals of a sign-in are shown on Google’s own page and never come back to Evergrant: a sign-in that does not return may have been refused there.',
    source: WEB,
    checked: READ,
    confidence: 'sure',
  },
  {
    text: 'People may untick single permissions; what was granted is in the answer’s scope.',
    source: WEB,
    checked: READ,
    confidence: 'likely',
  },
  {
    text: 'Whether refresh_token_expires_in is sent for apps in Testing is disputed; Evergrant uses it where it comes, and the declared publishing status where not.',
    source: WEB,
    checked: READ,
    confidence: 'unverified',
  },
];
