import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import { CallLimits } from '../kit/callLimits.ts';
import { askConsent } from '../kit/consent.ts';
import { type SimApp, SimApps } from '../kit/simApps.ts';
import {
  breakApp,
  breakEach,
  breakSecret,
  meansGrant,
  type SimBreakWords,
  SimSwitches,
} from '../kit/simBreaks.ts';
import {
  type BreakTarget,
  basicOf,
  bearerOf,
  formOf,
  redirectAnswer,
  type SimAnswer,
  type SimBreak,
  type SimRequest,
  type Simulator,
  type SimWorld,
  textAnswer,
} from '../kit/simulator.ts';
import { answerAds, PEOPLE, tooManyCalls } from './simulatedAccounts.ts';
import { callLimits } from './simulatedLimits.ts';

const LOOK = { colour: '#facc15', ink: '#1e1e1e', ground: '#fffbe6', corners: 20, allow: 'Continue' };

const ACCESS_LIFETIME_MS = HOUR_MS;
const CODE_LIFETIME_MS = 10 * MINUTE_MS;
/** So long an ended token is still answered as ended, and not as unknown. */
const REMEMBERED_MS = 7 * DAY_MS;
const APP = { clientId: 'snapchat-sandbox-app', clientSecret: 'snapchat-sandbox-secret' };
const ADS_SCOPE = 'snapchat-marketing-api';

/** The documented door, and the older one that many clients use; the same house is behind both. */
const AUTHORIZE_PATHS = ['/login/oauth2/authorize', '/accounts/oauth2/auth'];
const TOKEN_PATHS = ['/login/oauth2/access_token', '/accounts/oauth2/token'];
const REVOKE_PATH = '/accounts/oauth2/revoke';

interface Authorization {
  readonly person: string;
  readonly clientId: string;
  readonly refreshToken: string;
  scopes: readonly string[];
  revoked: boolean;
}

interface AccessToken {
  readonly authorization: Authorization;
  expiresAt: number;
}

interface Code {
  readonly authorization: Authorization;
  readonly redirectUri: string;
  readonly expiresAt: number;
}

type Described = Omit<SimBreakWords, 'how'>;

/** What stays on for its targets until it is mended. */
const SWITCHED: Readonly<Record<string, Described>> = {
  person_removed: {
    title: 'The person leaves the organization',
    truth: 'session_invalidated',
    shows: 'renew',
  },
  account_access_removed: {
    title: 'The person loses the role on the ad accounts',
    truth: 'account_access_removed',
    shows: 'api',
  },
  organization_access_removed: {
    title: 'The person loses the role on the organizations',
    truth: 'account_access_removed',
    shows: 'api',
  },
  account_deleted: { title: 'An ad account is deleted', truth: 'account_disabled', shows: 'api' },
  rate_limited: { title: 'The app makes too many calls', truth: 'rate_limited', shows: 'api' },
  platform_down: { title: 'Snapchat is under maintenance', truth: 'platform_outage', shows: 'api' },
};

/** Simulated Snapchat: one refresh token per authorization that stays the same, opaque access tokens of an hour. */
class SimulatedSnapchat implements Simulator {
  readonly platforms = ['snapchat'];
  readonly hosts = ['accounts.snapchat.com', 'adsapi.snapchat.com'];
  readonly people = PEOPLE;
  readonly #world: SimWorld;
  readonly #apps = new SimApps(APP);
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens = new Map<string, Authorization>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #switches = new SimSwitches();
  readonly #breaks: readonly SimBreak[];
  readonly #limits: CallLimits;

  constructor(world: SimWorld) {
    this.#world = world;
    this.#limits = new CallLimits(
      callLimits((request) => this.rateLimited(request)),
      world.now,
    );
    this.#breaks = [
      ...this.#grantBreaks(),
      ...this.#appBreaks(),
      ...Object.entries(SWITCHED).map(([how, words]) => this.#switches.switch({ how, ...words })),
    ];
  }

  app() {
    return { ...APP, settings: {} };
  }

  fields(): Record<string, string> {
    return {};
  }

  breaks(): readonly SimBreak[] {
    return this.#breaks;
  }

  deeds() {
    return [this.#limits.deed];
  }

  lives(_platform: string, _method: string, secrets: Readonly<Record<string, string>>): boolean {
    const authorization = this.#refreshTokens.get(secrets.refresh_token ?? '');
    return authorization !== undefined && this.#renews(authorization);
  }

  takes(
    _platform: string,
    _method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    const held = this.#accessTokens.get(token);
    return held !== undefined && held.expiresAt > this.#world.now() && this.#renews(held.authorization);
  }

  #renews(authorization: Authorization): boolean {
    return !authorization.revoked && !this.#on('person_removed', authorization);
  }

  clientIds(): readonly string[] {
    return [APP.clientId];
  }

  issued(accessToken: string): boolean {
    return this.#accessTokens.has(accessToken);
  }

  rateLimited(request: SimRequest): SimAnswer {
    return tooManyCalls(request, this.#world.now());
  }

  handle(request: SimRequest): SimAnswer {
    if (request.host === 'adsapi.snapchat.com') return this.#limits.pass(request, () => this.#api(request));
    if (AUTHORIZE_PATHS.includes(request.path)) return this.#authorize(request);
    if (request.method !== 'POST') return textAnswer(404, 'Not found');
    if (TOKEN_PATHS.includes(request.path)) return this.#tokenEndpoint(request);
    return request.path === REVOKE_PATH ? this.#revoke(request) : textAnswer(404, 'Not found');
  }

  #authorize(request: SimRequest): SimAnswer {
    const app = this.#apps.get(request.query.get('client_id'));
    const redirectUri = request.query.get('redirect_uri');
    if (!app || app.disabled || !redirectUri) return textAnswer(400, 'This app is not available.');
    const scopes = (request.query.get('scope') ?? '').split(' ').filter(Boolean);
    const screen = {
      platformName: 'Snapchat',
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
    if (decision.decision === 'deny') back.searchParams.set('error', 'access_denied');
    else back.searchParams.set('code', this.#newCode(app.clientId, decision.person, scopes, redirectUri));
    return redirectAnswer(back.href);
  }

  #newCode(clientId: string, person: string, scopes: readonly string[], redirectUri: string): string {
    const code = this.#world.token(32);
    const authorization = { person, clientId, scopes, refreshToken: this.#world.token(64), revoked: false };
    this.#codes.set(code, { authorization, redirectUri, expiresAt: this.#world.now() + CODE_LIFETIME_MS });
    return code;
  }

  /** The app, told in the body or by HTTP Basic. */
  #client(request: SimRequest): SimApp | undefined {
    const form = formOf(request);
    const header = basicOf(request);
    const id = header?.user ?? form.get('client_id');
    const app = this.#apps.authenticate(id, header?.password ?? form.get('client_secret'));
    return app?.disabled ? undefined : app;
  }

  #tokenEndpoint(request: SimRequest): SimAnswer {
    const app = this.#client(request);
    if (!app) return oauthError(401, 'invalid_client', 'Client authentication failed.');
    const form = formOf(request);
    if (form.get('grant_type') === 'authorization_code') return this.#exchange(form, app.clientId);
    if (form.get('grant_type') !== 'refresh_token') return oauthError(400, 'unsupported_grant_type', '');
    const authorization = this.#refreshTokens.get(form.get('refresh_token') ?? '');
    if (authorization?.clientId !== app.clientId || !this.#renews(authorization))
      return oauthError(400, 'invalid_grant', 'Refresh token is invalid.');
    // The older door leaves the refresh token out: the one that was sent goes on.
    return this.#issue(authorization, request.path === TOKEN_PATHS[0]);
  }

  #exchange(form: URLSearchParams, clientId: string): SimAnswer {
    const text = form.get('code') ?? '';
    const code = this.#codes.get(text);
    this.#codes.delete(text);
    const inTime = code !== undefined && code.expiresAt > this.#world.now();
    const fits =
      inTime && code.redirectUri === form.get('redirect_uri') && code.authorization.clientId === clientId;
    if (!fits) return oauthError(400, 'invalid_grant', 'Authorization code is invalid.');
    this.#refreshTokens.set(code.authorization.refreshToken, code.authorization);
    return this.#issue(code.authorization, true);
  }

  #issue(authorization: Authorization, withRefreshToken: boolean): SimAnswer {
    this.#forgetLongEnded();
    const access_token = `eyJ${this.#world.token(61).repeat(17)}`.slice(0, 994);
    this.#accessTokens.set(access_token, {
      authorization,
      expiresAt: this.#world.now() + ACCESS_LIFETIME_MS,
    });
    return prettyAnswer(200, {
      access_token,
      token_type: 'Bearer',
      expires_in: ACCESS_LIFETIME_MS / 1000,
      ...(withRefreshToken ? { refresh_token: authorization.refreshToken } : {}),
      scope: authorization.scopes.join(' '),
    });
  }

  /** Tokens of an hour pile up over simulated years; they stand in the order of their ends. */
  #forgetLongEnded(): void {
    for (const [text, token] of this.#accessTokens) {
      if (token.expiresAt > this.#world.now() - REMEMBERED_MS) return;
      this.#accessTokens.delete(text);
    }
  }

  #revoke(request: SimRequest): SimAnswer {
    if (!this.#client(request)) return oauthError(401, 'invalid_client', 'Client authentication failed.');
    const token = formOf(request).get('token') ?? '';
    const authorization = this.#refreshTokens.get(token) ?? this.#accessTokens.get(token)?.authorization;
    if (authorization) authorization.revoked = true;
    return prettyAnswer(200, {});
  }

  #api(request: SimRequest): SimAnswer {
    const held = this.#accessTokens.get(bearerOf(request) ?? '');
    const on = (how: string) => this.#on(how, held?.authorization);
    if (on('platform_down')) return textAnswer(503, '');
    if (!held || held.authorization.revoked || on('person_removed')) return textAnswer(401, 'unauthorized');
    if (held.expiresAt <= this.#world.now()) {
      const challenge = 'Bearer error="invalid_token", error_description="The access token expired"';
      return textAnswer(401, 'unauthorized', { 'www-authenticate': challenge });
    }
    if (on('rate_limited')) return this.rateLimited(request);
    if (!held.authorization.scopes.includes(ADS_SCOPE)) return textAnswer(403, 'unauthorized');
    if (request.method !== 'GET') return textAnswer(405, '');
    return answerAds(request, held.authorization.person, on, this.#world.now());
  }

  #on(how: string, authorization: Authorization | undefined): boolean {
    if (authorization === undefined) return false;
    return this.#switches.isOn(how, (target) => this.#matches(target, authorization));
  }

  #matches(target: BreakTarget, authorization: Authorization): boolean {
    const { accessToken } = target;
    const held = accessToken === undefined ? undefined : this.#accessTokens.get(accessToken);
    return (
      (accessToken === undefined || held?.authorization === authorization) &&
      meansGrant(target, authorization)
    );
  }

  #grantBreaks(): readonly SimBreak[] {
    const among = (target: BreakTarget) =>
      [...this.#refreshTokens.values()].filter((authorization) => this.#matches(target, authorization));
    const tokens = (target: BreakTarget) =>
      [...this.#accessTokens.values()].filter((token) => this.#matches(target, token.authorization));
    return [
      breakEach(
        {
          how: 'revoked_by_user',
          title: 'The person removes the app',
          truth: 'revoked_by_user',
          shows: 'renew',
        },
        among,
        (authorization) => {
          authorization.revoked = true;
        },
      ),
      breakEach(
        {
          how: 'access_token_expired',
          title: 'The access token reaches its end',
          truth: 'access_token_expired',
          shows: 'api',
        },
        tokens,
        (token) => {
          token.expiresAt = this.#world.now();
        },
      ),
      breakEach(
        {
          how: 'permission_missing',
          title: 'The authorization lacks the marketing scope',
          truth: 'permission_missing',
          shows: 'api',
        },
        among,
        (authorization) => {
          authorization.scopes = authorization.scopes.filter((scope) => scope !== ADS_SCOPE);
        },
      ),
    ];
  }

  #appBreaks(): readonly SimBreak[] {
    return [
      breakSecret(
        {
          how: 'secret_rotated',
          title: 'The operator rotates the app’s secret',
          truth: 'app_misconfigured',
          shows: 'renew',
        },
        this.#apps.in,
      ),
      breakApp(
        {
          how: 'app_deleted',
          title: 'An organization admin deletes the OAuth app',
          truth: 'app_disabled',
          shows: 'renew',
        },
        this.#apps.in,
      ),
    ];
  }
}

export const simulateSnapchat = (world: SimWorld): Simulator => new SimulatedSnapchat(world);

/** The token endpoint indents its JSON. */
function prettyAnswer(status: number, body: unknown): SimAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body, null, 2) };
}

function oauthError(status: number, error: string, error_description: string): SimAnswer {
  return prettyAnswer(status, { error, error_description });
}
