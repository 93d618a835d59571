import { askConsent } from '../kit/consent.ts';
import { escapeHtml } from '../kit/consentPage.ts';
import { type SimApp, SimApps } from '../kit/simApps.ts';
import { SimSwitches } from '../kit/simBreaks.ts';
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
import { PEOPLE } from './simulatedAccounts.ts';
import { simulatedBreaks } from './simulatedBreaks.ts';
import { openidDocument } from './simulatedDiscovery.ts';
import { type AccessToken, type Authorization, SimulatedGrants } from './simulatedGrants.ts';
import { answerRest, restError } from './simulatedRest.ts';

const LOOK = { colour: '#0a66c2', ink: '#fff', ground: '#f4f2ee', corners: 8, allow: 'Allow' };

const WITH_REFRESH = { clientId: 'linkedin-sandbox-app', clientSecret: 'linkedin-sandbox-secret' };
const WITHOUT_REFRESH = { clientId: 'linkedin-sandbox-app-60d', clientSecret: 'linkedin-sandbox-secret-60d' };

/** Versions before this one are retired already. */
const OLDEST_VERSION = '202512';
/** Under the switch, every version up to the one that is current here is retired. */
const OLDEST_VERSION_AFTER_SUNSET = '202608';
/** For so long after its issue a token may be called revoked, under the switch. */
const FALSE_REVOCATION_MS = 20_000;

const SCOPES = new Set(
  [
    'r_ads rw_ads r_ads_reporting r_basicprofile rw_conversions r_organization_admin rw_organization_admin',
    'r_organization_social w_organization_social w_member_social r_1st_connections_size openid profile email',
  ].flatMap((line) => line.split(' ')),
);

const REFUSED_REFRESH = 'The provided authorization grant or refresh token is invalid, expired or revoked';
const MISMATCH =
  'Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists';

/** Simulated LinkedIn: two apps (with and without refresh tokens), a year that counts down, introspection. */
class SimulatedLinkedIn implements Simulator {
  readonly platforms = ['linkedin'];
  readonly hosts = ['www.linkedin.com', 'api.linkedin.com'];
  readonly people = PEOPLE;
  readonly #world: SimWorld;
  readonly #grants: SimulatedGrants;
  readonly #switches = new SimSwitches();
  readonly #registries = [new SimApps(WITH_REFRESH), new SimApps(WITHOUT_REFRESH)];
  readonly #breaks: readonly SimBreak[];

  constructor(world: SimWorld) {
    this.#world = world;
    this.#grants = new SimulatedGrants(world);
    this.#breaks = simulatedBreaks(world, this.#grants, this.#switches, (target) => this.#appsOf(target));
  }

  app() {
    return { ...WITH_REFRESH, settings: {} };
  }

  fields(): Record<string, string> {
    return {};
  }

  breaks(): readonly SimBreak[] {
    return this.#breaks;
  }

  lives(_platform: string, _method: string, secrets: Readonly<Record<string, string>>): boolean {
    return this.#grants.lives(secrets.refresh_token, secrets.access_token);
  }

  takes(
    _platform: string,
    _method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    return this.#grants.lives(undefined, token);
  }

  clientIds(): readonly string[] {
    return this.#appsOf({}).map((app) => app.clientId);
  }

  issued(accessToken: string): boolean {
    return this.#grants.accessToken(accessToken) !== undefined;
  }

  rateLimited(): SimAnswer {
    return restError(
      429,
      'TOO_MANY_REQUESTS',
      'Resource level throttle limit for calls to this resource is reached.',
      101,
    );
  }

  handle(request: SimRequest): SimAnswer {
    const answer = this.#route(request);
    const trace = { 'x-li-fabric': 'prod-sim', 'x-li-uuid': this.#world.token(22) };
    return { ...answer, headers: { ...answer.headers, ...trace } };
  }

  #route(request: SimRequest): SimAnswer {
    if (request.host === 'api.linkedin.com') return this.#api(untunnelled(request));
    if (request.path === '/oauth/v2/authorization') return this.#authorize(request);
    if (request.method !== 'POST') return openidDocument(request.path) ?? textAnswer(404, 'Not found');
    if (request.path === '/oauth/v2/accessToken') return this.#tokenEndpoint(formOf(request));
    if (request.path === '/oauth/v2/introspectToken') return this.#introspect(formOf(request));
    if (request.path === '/oauth/v2/revoke') return this.#revoke(formOf(request));
    return textAnswer(404, 'Not found');
  }

  #appsOf(target: BreakTarget): readonly SimApp[] {
    return this.#registries.flatMap((registry) => registry.in(target));
  }

  #on(how: string, token: AccessToken): boolean {
    return this.#switches.isOn(how, (target) => this.#grants.matches(target, token.authorization));
  }

  #app(clientId: string | null): SimApp | undefined {
    return this.#appsOf({}).find((app) => app.clientId === clientId);
  }

  #authorize(request: SimRequest): SimAnswer {
    const app = this.#app(request.query.get('client_id'));
    const redirectUri = request.query.get('redirect_uri') ?? '';
    if (!app || app.disabled || request.query.get('response_type') !== 'code')
      return ownErrorPage('The passed in client_id is invalid');
    if (!URL.canParse(redirectUri) || redirectUri.includes('#'))
      return ownErrorPage('The redirect_uri does not match the registered value');
    // The documents separate scopes by space; LinkedIn’s own client by comma.
    const scopes = (request.query.get('scope') ?? '').split(/[\s,]+/).filter((scope) => scope !== '');
    const unknown = scopes.find((scope) => !SCOPES.has(scope));
    if (unknown !== undefined) return ownErrorPage(`Unknown scope "${unknown}"`);
    return this.#consent(request, app, redirectUri, scopes);
  }

  #consent(request: SimRequest, app: SimApp, redirectUri: string, scopes: readonly string[]): SimAnswer {
    const screen = {
      platformName: 'LinkedIn',
      appName: app.clientId,
      people: PEOPLE,
      scopes,
      partial: false,
      look: LOOK,
    };
    const decision = askConsent(request, screen);
    if (decision.decision === 'ask') return decision.page;
    const back = new URL(redirectUri);
    const state = request.query.get('state');
    if (state) back.searchParams.set('state', state);
    if (decision.decision === 'deny') {
      back.searchParams.set('error', 'user_cancelled_authorize');
      back.searchParams.set('error_description', 'The user cancelled the authorization');
    } else {
      const { person } = decision;
      back.searchParams.set(
        'code',
        this.#grants.newCode({ person, clientId: app.clientId, scopes, redirectUri }),
      );
    }
    return redirectAnswer(back.href);
  }

  /** The failing answer to a form whose client cannot be told or proved; undefined when it can. */
  #clientFault(form: URLSearchParams, needed: readonly string[]): SimAnswer | undefined {
    const missing = ['client_id', 'client_secret', ...needed].find((name) => !form.get(name));
    if (missing) return oauthError(400, 'invalid_request', `A required parameter "${missing}" is missing`);
    const app = this.#app(form.get('client_id'));
    if (!app || app.disabled)
      return oauthError(401, 'invalid_client_id', 'The passed in client_id is invalid');
    if (app.clientSecret !== form.get('client_secret'))
      return oauthError(401, 'invalid_client', 'Client authentication failed');
    return undefined;
  }

  #tokenEndpoint(form: URLSearchParams): SimAnswer {
    const fault = this.#clientFault(form, ['grant_type']);
    if (fault) return fault;
    const grantType = form.get('grant_type');
    if (grantType === 'authorization_code') return this.#exchange(form);
    if (grantType === 'refresh_token') return this.#refresh(form);
    if (grantType === 'client_credentials') {
      return oauthError(401, 'access_denied', 'This application is not allowed to create application tokens');
    }
    return oauthError(400, 'unsupported_grant_type', 'The grant type is not supported');
  }

  #exchange(form: URLSearchParams): SimAnswer {
    const fault = this.#clientFault(form, ['code', 'redirect_uri']);
    if (fault) return fault;
    const clientId = form.get('client_id') ?? '';
    const code = this.#grants.takeCode(form.get('code') ?? '', clientId, form.get('redirect_uri') ?? '');
    if (code === 'unknown') {
      return oauthError(
        401,
        'invalid_request',
        'Unable to retrieve access token: authorization code not found',
      );
    }
    if (code === 'unfit') return oauthError(400, 'invalid_redirect_uri', MISMATCH);
    return this.#issue(this.#grants.authorize(code, clientId !== WITHOUT_REFRESH.clientId));
  }

  #refresh(form: URLSearchParams): SimAnswer {
    const fault = this.#clientFault(form, ['refresh_token']);
    if (fault) return fault;
    const authorization = this.#grants.byRefreshToken(
      form.get('refresh_token') ?? '',
      form.get('client_id') ?? '',
    );
    return authorization ? this.#issue(authorization) : oauthError(400, 'invalid_request', REFUSED_REFRESH);
  }

  /** No `token_type`, scopes by comma, and the same refresh token with what is left of its year. */
  #issue(authorization: Authorization): SimAnswer {
    const token = this.#grants.issue(authorization);
    const { refreshToken, scopes } = authorization;
    const refresh = refreshToken !== null && {
      refresh_token: refreshToken,
      refresh_token_expires_in: Math.floor(this.#grants.refreshLeftMs(authorization) / 1000),
    };
    const expires_in = Math.floor((token.expiresAt - token.issuedAt) / 1000);
    return jsonAnswer(200, { access_token: token.text, expires_in, ...refresh, scope: scopes.join(',') });
  }

  #introspect(form: URLSearchParams): SimAnswer {
    const fault = this.#clientFault(form, ['token']);
    // A client id that is not known is a bad request here, and a wrong secret alone is unauthorized.
    const known = this.#app(form.get('client_id'))?.disabled === false;
    if (fault) return known ? fault : { ...fault, status: 400 };
    const token = this.#grants.accessToken(form.get('token') ?? '');
    if (!token) return oauthError(400, 'invalid_request', 'The token is invalid');
    const { authorization } = token;
    if (authorization.clientId !== form.get('client_id')) return jsonAnswer(200, { active: false });
    const status = this.#grants.statusOf(token);
    return jsonAnswer(200, {
      active: status === 'active',
      status,
      scope: authorization.scopes.join(','),
      client_id: authorization.clientId,
      created_at: seconds(token.issuedAt),
      expires_at: seconds(token.expiresAt),
      authorized_at: seconds(authorization.authorizedAt),
      auth_type: '3L',
    });
  }

  #revoke(form: URLSearchParams): SimAnswer {
    const fault = this.#clientFault(form, ['token']);
    if (fault) return fault;
    const token = this.#grants.accessToken(form.get('token') ?? '');
    if (token?.authorization.clientId === form.get('client_id')) token.authorization.ended = true;
    return textAnswer(200, '');
  }

  #api(request: SimRequest): SimAnswer {
    const stale = this.#versionFault(request);
    if (stale) return stale;
    const text = bearerOf(request);
    if (text === undefined) return restError(401, 'EMPTY_ACCESS_TOKEN', 'Empty oauth2 access token', 65604);
    const token = this.#grants.accessToken(text);
    if (!token) return restError(401, 'INVALID_ACCESS_TOKEN', 'Invalid access token', 65600);
    const hindered = (how: string) => this.#on(how, token);
    return this.#tokenFault(token) ?? answerRest(request, token.authorization, hindered, this.#world.now());
  }

  /** The gateway asks for a version before it looks at the token; the unversioned API knows none. */
  #versionFault(request: SimRequest): SimAnswer | undefined {
    if (!request.path.startsWith('/rest/')) return undefined;
    const version = request.headers['linkedin-version'] ?? '';
    const header =
      'A version must be present. Please specify a version by adding the LinkedIn-Version header.';
    if (version === '') return restError(400, 'VERSION_MISSING', header);
    const token = this.#grants.accessToken(bearerOf(request));
    const sunset = token !== undefined && this.#on('version_sunset', token);
    const current =
      /^\d{6}$/.test(version) && version >= (sunset ? OLDEST_VERSION_AFTER_SUNSET : OLDEST_VERSION);
    return current
      ? undefined
      : restError(426, 'NONEXISTENT_VERSION', `Requested version ${version} is not active`);
  }

  #tokenFault(token: AccessToken): SimAnswer | undefined {
    const on = (how: string) => this.#on(how, token);
    if (on('platform_down')) return restError(503, 'UNDER_MAINTENANCE', 'Service temporarily unavailable');
    if (on('quota_exceeded')) return this.rateLimited();
    const young = this.#world.now() - token.issuedAt < FALSE_REVOCATION_MS;
    if (token.authorization.ended || (young && on('false_revocation'))) {
      return restError(
        401,
        'REVOKED_ACCESS_TOKEN',
        'The token used in the request has been revoked by the user',
        65601,
      );
    }
    if (token.invalidated) return restError(401, 'INVALID_ACCESS_TOKEN', 'Invalid access token', 65600);
    if (this.#grants.statusOf(token) === 'expired') {
      return restError(401, 'EXPIRED_ACCESS_TOKEN', 'The token used in the request has expired', 65602);
    }
    return on('member_restricted')
      ? restError(401, 'RESTRICTED_MEMBER', 'Member is restricted', 65608)
      : undefined;
  }
}

export const simulateLinkedIn = (world: SimWorld): Simulator => new SimulatedLinkedIn(world);

/** LinkedIn’s clients send a GET with a long query as a POST with the query in its body. */
function untunnelled(request: SimRequest): SimRequest {
  if (request.headers['x-http-method-override'] !== 'GET') return request;
  return { ...request, method: 'GET', query: new URLSearchParams(request.body), body: '' };
}

function ownErrorPage(text: string): SimAnswer {
  const body = `<!doctype html><html lang="en"><title>LinkedIn</title><p>Something went wrong.</p><p>${escapeHtml(text)}</p></html>`;
  return { status: 401, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function oauthError(status: number, error: string, error_description: string): SimAnswer {
  return jsonAnswer(status, { error, error_description });
}

const seconds = (at: number): number => Math.floor(at / 1000);
