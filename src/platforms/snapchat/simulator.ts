import { askConsent } from '../kit/consent.ts';
import { SimApps } from '../kit/simApps.ts';
import {
  type BreakTarget,
  bearerOf,
  formOf,
  jsonAnswer,
  redirectAnswer,
  type SimAnswer,
  type SimBreak,
  type SimRequest,
  type Simulator,
  type SimWorld,
  textAnswer,
} from '../kit/simulator.ts';

const ACCESS_LIFETIME_MS = 3_600_000;
const CODE_LIFETIME_MS = 600_000;

const PEOPLE = [
  { id: '5a0e9c1e-0001-4000-8000-000000000001', name: 'Ida Sommer', email: 'ida@example.org' },
  { id: '5a0e9c1e-0002-4000-8000-000000000002', name: 'Noah Winter', email: 'noah@example.org' },
];

const ACCOUNTS = [
  { id: 'acc-5a0e-01', name: 'Summer Shoes DE', status: 'ACTIVE', currency: 'EUR', timezone: 'Europe/Berlin' },
  { id: 'acc-5a0e-02', name: 'Summer Shoes US', status: 'ACTIVE', currency: 'USD', timezone: 'America/New_York' },
];

interface Authorization {
  readonly person: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  revoked: boolean;
}

/** Simulated Snapchat: one refresh token per authorization that stays the same, opaque access tokens of an hour. */
export function simulateSnapchat(world: SimWorld): Simulator {
  const apps = new SimApps({ clientId: 'snapchat-sandbox-app', clientSecret: 'snapchat-sandbox-secret' });
  const codes = new Map<string, { authorization: Authorization; redirectUri: string; expiresAt: number }>();
  const refreshTokens = new Map<string, Authorization>();
  const accessTokens = new Map<string, { authorization: Authorization; expiresAt: number }>();
  const rolesRemoved = new Set<string>();
  const removedPeople = new Set<string>();

  const matches = (authorization: Authorization, target: BreakTarget): boolean =>
    (target.identity === undefined || target.identity === authorization.person) &&
    (target.clientId === undefined || target.clientId === authorization.clientId) &&
    (target.accessToken === undefined || accessTokens.get(target.accessToken)?.authorization === authorization);

  function authorize(request: SimRequest): SimAnswer {
    const app = apps.get(request.query.get('client_id'));
    const redirectUri = request.query.get('redirect_uri');
    if (!app || app.disabled || !redirectUri) return textAnswer(400, 'This app is not available.');
    const decision = askConsent(request, {
      platformName: 'Snapchat',
      appName: app.clientId,
      people: PEOPLE,
      scopes: (request.query.get('scope') ?? '').split(' ').filter(Boolean),
      partial: false,
      colour: '#facc15',
    });
    if (decision.decision === 'ask') return decision.page;
    const back = new URL(redirectUri);
    const state = request.query.get('state');
    if (state) back.searchParams.set('state', state);
    if (decision.decision === 'deny') back.searchParams.set('error', 'access_denied');
    else {
      const code = world.token(32);
      const { person, scopes } = decision;
      const authorization = { person, clientId: app.clientId, scopes, revoked: false };
      codes.set(code, { authorization, redirectUri, expiresAt: world.now() + CODE_LIFETIME_MS });
      back.searchParams.set('code', code);
    }
    return redirectAnswer(back.href);
  }

  function issue(authorization: Authorization, refreshToken: string): SimAnswer {
    const accessToken = `eyJ${world.token(80)}`;
    accessTokens.set(accessToken, { authorization, expiresAt: world.now() + ACCESS_LIFETIME_MS });
    return jsonAnswer(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: ACCESS_LIFETIME_MS / 1000,
      refresh_token: refreshToken,
      scope: authorization.scopes.join(' '),
    });
  }

  function exchange(form: URLSearchParams, clientId: string): SimAnswer {
    const code = form.get('code') ?? '';
    const found = codes.get(code);
    codes.delete(code);
    const good =
      found &&
      found.expiresAt > world.now() &&
      found.redirectUri === form.get('redirect_uri') &&
      found.authorization.clientId === clientId;
    if (!good) return oauthError(400, 'invalid_grant', 'Authorization code is invalid.');
    const refreshToken = world.token(64);
    refreshTokens.set(refreshToken, found.authorization);
    return issue(found.authorization, refreshToken);
  }

  function tokenEndpoint(request: SimRequest): SimAnswer {
    const form = formOf(request);
    const app = apps.authenticate(form.get('client_id'), form.get('client_secret'));
    if (!app || app.disabled) return oauthError(401, 'invalid_client', 'Client authentication failed.');
    if (form.get('grant_type') === 'authorization_code') return exchange(form, app.clientId);
    if (form.get('grant_type') !== 'refresh_token') return oauthError(400, 'unsupported_grant_type', '');
    const refreshToken = form.get('refresh_token') ?? '';
    const authorization = refreshTokens.get(refreshToken);
    const alive = authorization && !authorization.revoked && authorization.clientId === app.clientId;
    if (!alive || removedPeople.has(authorization.person)) {
      return oauthError(400, 'invalid_grant', 'Refresh token is invalid.');
    }
    return issue(authorization, refreshToken);
  }

  function api(request: SimRequest): SimAnswer {
    const held = accessTokens.get(bearerOf(request) ?? '');
    if (!held || held.authorization.revoked || removedPeople.has(held.authorization.person)) return textAnswer(401, 'unauthorized');
    if (held.expiresAt <= world.now()) {
      const challenge = 'Bearer error="invalid_token", error_description="The access token expired"';
      return textAnswer(401, 'unauthorized', { 'www-authenticate': challenge });
    }
    const { person } = held.authorization;
    if (request.path === '/v1/me') return jsonAnswer(200, { request_status: 'SUCCESS', request_id: world.token(12), me: meOf(person) });
    if (request.path === '/v1/me/organizations') return jsonAnswer(200, organizationsOf(person));
    if (/^\/v1\/adaccounts\//.test(request.path)) return account(request, person);
    return apiError(404, 'E3003', 'Resource can not be found');
  }

  function meOf(id: string) {
    const person = PEOPLE.find((candidate) => candidate.id === id);
    return { id, email: person?.email, organization_id: 'org-5a0e', display_name: person?.name, member_status: 'MEMBER' };
  }

  function organizationsOf(person: string) {
    const ad_accounts = rolesRemoved.has(person) ? [] : ACCOUNTS.map((account) => ({ ...account, roles: ['reports'] }));
    const organization = { id: 'org-5a0e', name: 'Summer Agency', type: 'ENTERPRISE', state: 'ACTIVE', roles: ['member'], ad_accounts };
    return { request_status: 'success', organizations: [{ sub_request_status: 'SUCCESS', organization }] };
  }

  function account(request: SimRequest, person: string): SimAnswer {
    const found = ACCOUNTS.find((candidate) => request.path.startsWith(`/v1/adaccounts/${candidate.id}`));
    if (!found) return apiError(404, 'E3003', 'Resource can not be found');
    if (rolesRemoved.has(person)) return apiError(403, 'E3002', 'Caller does not have permission');
    return jsonAnswer(200, { request_status: 'SUCCESS', adaccounts: [{ sub_request_status: 'SUCCESS', adaccount: found }] });
  }

  function setRevoked(target: BreakTarget): void {
    for (const authorization of refreshTokens.values()) if (matches(authorization, target)) authorization.revoked = true;
  }

  function eachPerson(target: BreakTarget, act: (person: string) => void): void {
    for (const person of PEOPLE) if (target.identity === undefined || target.identity === person.id) act(person.id);
  }

  const eachApp = (target: BreakTarget) => apps.all().filter((app) => !target.clientId || app.clientId === target.clientId);

  const breaks: readonly SimBreak[] = [
    { how: 'revoked_by_user', title: 'The person removes the app', truth: 'revoked_by_user', shows: 'renew', apply: setRevoked },
    {
      how: 'person_removed',
      title: 'The person leaves the organization',
      truth: 'session_invalidated',
      shows: 'renew',
      apply: (target) => eachPerson(target, (person) => removedPeople.add(person)),
      mend: (target) => eachPerson(target, (person) => removedPeople.delete(person)),
    },
    {
      how: 'account_access_removed',
      title: 'The person loses the role on the ad accounts',
      truth: 'account_access_removed',
      shows: 'api',
      apply: (target) => eachPerson(target, (person) => rolesRemoved.add(person)),
      mend: (target) => eachPerson(target, (person) => rolesRemoved.delete(person)),
    },
    {
      how: 'secret_rotated',
      title: 'The operator rotates the app’s secret',
      truth: 'app_misconfigured',
      shows: 'renew',
      apply: (target) => {
        for (const app of eachApp(target)) app.clientSecret = `rotated-${app.clientSecret}`;
      },
      mend: (target) => {
        for (const app of eachApp(target)) app.clientSecret = app.clientSecret.replace(/^(rotated-)+/, '');
      },
    },
  ];

  return {
    platforms: ['snapchat'],
    hosts: ['accounts.snapchat.com', 'adsapi.snapchat.com'],
    people: PEOPLE,
    app: () => ({ clientId: 'snapchat-sandbox-app', clientSecret: 'snapchat-sandbox-secret', settings: {} }),
    fields: () => ({}),
    breaks: () => breaks,
    rateLimited: () => apiError(429, 'E1009', 'Too many requests'),
    handle: (request) => {
      if (request.host === 'adsapi.snapchat.com') return api(request);
      if (request.path === '/login/oauth2/authorize') return authorize(request);
      if (request.path === '/login/oauth2/access_token' && request.method === 'POST') return tokenEndpoint(request);
      return textAnswer(404, 'Not found');
    },
  };
}

function oauthError(status: number, error: string, error_description: string): SimAnswer {
  return jsonAnswer(status, { error, error_description });
}

function apiError(status: number, error_code: string, debug_message: string): SimAnswer {
  return jsonAnswer(status, {
    request_status: 'ERROR',
    request_id: 'r-1',
    debug_message,
    display_message: 'We’re sorry, but the requested resource is not available at this time',
    error_code,
  });
}
