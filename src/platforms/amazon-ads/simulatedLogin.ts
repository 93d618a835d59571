import { createHash } from 'node:crypto';
import { askConsent } from '../kit/consent.ts';
import { type SimApp, SimApps } from '../kit/simApps.ts';
import {
  type BreakTarget,
  basicOf,
  bearerOf,
  formOf,
  jsonAnswer,
  redirectAnswer,
  type SimAnswer,
  type SimRequest,
  type SimWorld,
  textAnswer,
} from '../kit/simulator.ts';
import { PEOPLE, PLACES } from './simulatedAccounts.ts';

const LOOK = { colour: '#f59e0b', ink: '#1f2937', ground: '#eaeded', corners: 3, allow: 'Allow' };

/** The client that is registered from the start. */
export const SANDBOX_APP = {
  clientId: 'amzn1.application-oa2-client.sandbox',
  clientSecret: 'amazon-ads-sandbox-secret',
};

const ACCESS_LIFETIME_MS = 3_600_000;
const CODE_LIFETIME_MS = 5 * 60_000;
const CONSENTS_END_SINCE = Date.parse('2026-07-30T00:00:00Z');
const CONSENT_LIFETIME_MS = 365 * 86_400_000;
const ADS_SCOPES = [
  'advertising::campaign_management',
  'advertising::audiences',
  'advertising::test:create_account',
  'cpc_advertising:campaign_management',
];
const LOGIN_SCOPES = ['profile', 'profile:user_id', 'postal_code'];

export interface SimConsent {
  readonly person: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  at: number;
  ended: boolean;
}

interface Code {
  readonly consent: SimConsent;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly challengeMethod: string;
  readonly expiresAt: number;
}

/** Login with Amazon: one refresh token per consent that always stays the same, access tokens of an hour beside each other. */
export class SimulatedLogin {
  readonly apps = new SimApps(SANDBOX_APP);
  /** Clients whose approval for the Ads API was withdrawn. */
  readonly unapproved = new Set<string>();
  /** The outage on record: every refresh is refused as if it had been revoked. */
  refusesEverybody = false;
  throttles = false;
  readonly #world: SimWorld;
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens = new Map<string, SimConsent>();
  readonly #accessTokens = new Map<string, { consent: SimConsent; expiresAt: number }>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  handle(request: SimRequest): SimAnswer {
    if (request.path === '/ap/oa') return this.#authorize(request);
    if (request.path === '/auth/o2/token' && request.method === 'POST') return this.#token(request);
    if (request.path === '/auth/o2/tokeninfo') return this.#tokenInfo(request);
    if (request.path === '/user/profile') return this.#profile(request);
    return textAnswer(404, 'Not found');
  }

  /** The consent behind an access token that still works. */
  consentOf(accessToken: string | undefined): SimConsent | undefined {
    const held = this.#accessTokens.get(accessToken ?? '');
    return held && held.expiresAt > this.#world.now() ? held.consent : undefined;
  }

  issued(accessToken: string): boolean {
    return this.#accessTokens.has(accessToken);
  }

  /** Whether a refresh token stands for a consent that goes on. */
  renews(refreshToken: string | undefined): boolean {
    const consent = this.#refreshTokens.get(refreshToken ?? '');
    return consent !== undefined && !consent.ended && !this.#isOver(consent);
  }

  eachConsent(target: BreakTarget, act: (consent: SimConsent) => void): void {
    for (const consent of new Set(this.#refreshTokens.values()))
      if (this.#matches(consent, target)) act(consent);
  }

  /** Ends access tokens before their time. */
  dropAccess(target: BreakTarget): void {
    for (const [token, held] of this.#accessTokens)
      if (this.#matches(held.consent, target)) this.#accessTokens.delete(token);
  }

  #matches(consent: SimConsent, target: BreakTarget): boolean {
    return (
      (target.identity === undefined || matchesIdentity(consent.person, target.identity)) &&
      (target.clientId === undefined || target.clientId === consent.clientId) &&
      (target.accessToken === undefined || this.#accessTokens.get(target.accessToken)?.consent === consent)
    );
  }

  #authorize(request: SimRequest): SimAnswer {
    const app = this.apps.get(request.query.get('client_id'));
    const redirectUri = request.query.get('redirect_uri');
    if (!app || app.disabled || !redirectUri)
      return textAnswer(400, 'We’re sorry! An error occurred when we tried to process your request.');
    const scopes = (request.query.get('scope') ?? '').split(' ').filter(Boolean);
    if (scopes.length === 0 || !scopes.every((scope) => this.#knowsScope(app, scope))) {
      return this.#back(request, redirectUri, {
        error: 'invalid_scope',
        error_description: 'An unknown scope was requested',
      });
    }
    const screen = {
      platformName: 'Amazon',
      appName: app.clientId,
      people: PEOPLE,
      scopes,
      partial: false,
      look: LOOK,
    };
    const decision = askConsent(request, screen);
    if (decision.decision === 'ask') return decision.page;
    if (decision.decision === 'deny') {
      return this.#back(request, redirectUri, {
        error: 'access_denied',
        error_description: 'User not authorizing application',
      });
    }
    const code = this.#world.token(20);
    this.#codes.set(code, {
      consent: {
        person: decision.person,
        clientId: app.clientId,
        scopes,
        at: this.#world.now(),
        ended: false,
      },
      redirectUri,
      challenge: request.query.get('code_challenge'),
      challengeMethod: request.query.get('code_challenge_method') ?? 'plain',
      expiresAt: this.#world.now() + CODE_LIFETIME_MS,
    });
    return this.#back(request, redirectUri, { code, scope: scopes.join(' ') });
  }

  /** A client that is not approved for the Ads API does not know its scopes. */
  #knowsScope(app: SimApp, scope: string): boolean {
    return LOGIN_SCOPES.includes(scope) || (ADS_SCOPES.includes(scope) && !this.unapproved.has(app.clientId));
  }

  #back(request: SimRequest, redirectUri: string, fields: Record<string, string>): SimAnswer {
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries(fields)) back.searchParams.set(name, value);
    const state = request.query.get('state');
    if (state) back.searchParams.set('state', state);
    return redirectAnswer(back.href);
  }

  #token(request: SimRequest): SimAnswer {
    if (this.throttles) return this.#error(429, 'too_many_requests', 'Request rate exceeded');
    const form = formOf(request);
    const app = this.#client(request, form);
    if (!app) return this.#error(401, 'invalid_client', 'Client authentication failed');
    if (form.get('grant_type') === 'authorization_code') return this.#exchange(request, form, app);
    if (form.get('grant_type') === 'refresh_token') return this.#refresh(request, form, app);
    return this.#error(
      400,
      'unsupported_grant_type',
      'The authorization grant type is not supported by the authorization server',
    );
  }

  /** Client id and secret in the body or by Basic, both are taken. */
  #client(request: SimRequest, form: URLSearchParams): SimApp | undefined {
    const basic = basicOf(request);
    const app = basic
      ? this.apps.authenticate(basic.user, basic.password)
      : this.apps.authenticate(form.get('client_id'), form.get('client_secret'));
    return app?.disabled ? undefined : app;
  }

  #exchange(request: SimRequest, form: URLSearchParams, app: SimApp): SimAnswer {
    const code = form.get('code') ?? '';
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    const good =
      found &&
      found.expiresAt > this.#world.now() &&
      found.consent.clientId === app.clientId &&
      found.redirectUri === form.get('redirect_uri') &&
      verifies(found, form.get('code_verifier'));
    if (!good) return this.#error(400, 'invalid_grant', 'The request has an invalid grant parameter : code');
    const refreshToken = `Atzr|IQEB${this.#world.token(96)}`;
    this.#refreshTokens.set(refreshToken, found.consent);
    return this.#issue(request, found.consent, refreshToken);
  }

  #refresh(request: SimRequest, form: URLSearchParams, app: SimApp): SimAnswer {
    const refreshToken = form.get('refresh_token') ?? '';
    const consent = this.#refreshTokens.get(refreshToken);
    const alive = consent?.clientId === app.clientId && this.renews(refreshToken);
    if (alive && !this.refusesEverybody) return this.#issue(request, consent, refreshToken);
    return this.#error(
      400,
      'invalid_grant',
      "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
    );
  }

  #isOver(consent: SimConsent): boolean {
    return consent.at >= CONSENTS_END_SINCE && this.#world.now() >= consent.at + CONSENT_LIFETIME_MS;
  }

  #issue(request: SimRequest, consent: SimConsent, refreshToken: string): SimAnswer {
    const accessToken = `Atza|IQEB${this.#world.token(120)}`;
    this.#accessTokens.set(accessToken, { consent, expiresAt: this.#world.now() + ACCESS_LIFETIME_MS });
    const seconds = ACCESS_LIFETIME_MS / 1000;
    // One page of Amazon’s prints the lifetime as text.
    const expires_in = request.host.endsWith('.jp') ? String(seconds) : seconds;
    const answer = {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in,
      refresh_token: refreshToken,
    };
    return jsonAnswer(200, answer, {
      'cache-control': 'no-cache, no-store, must-revalidate',
      'x-amzn-requestid': this.#world.token(16),
    });
  }

  #tokenInfo(request: SimRequest): SimAnswer {
    const accessToken = request.query.get('access_token') ?? '';
    const consent = this.consentOf(accessToken);
    const expiresAt = this.#accessTokens.get(accessToken)?.expiresAt;
    if (!consent || !expiresAt)
      return this.#error(400, 'invalid_token', 'The request has an invalid parameter : access_token');
    const now = this.#world.now();
    return jsonAnswer(200, {
      iss: 'https://www.amazon.com',
      user_id: consent.person,
      aud: consent.clientId,
      exp: Math.floor((expiresAt - now) / 1000),
      iat: Math.floor(now / 1000),
    });
  }

  #profile(request: SimRequest): SimAnswer {
    const consent = this.consentOf(
      bearerOf(request) ?? request.headers['x-amz-access-token'] ?? request.query.get('access_token') ?? '',
    );
    if (!consent)
      return this.#error(400, 'invalid_token', 'The request has an invalid parameter : access_token');
    const person = PEOPLE.find((candidate) => candidate.id === consent.person);
    if (consent.scopes.includes('profile')) {
      return jsonAnswer(200, { user_id: consent.person, name: person?.name, email: person?.email });
    }
    if (consent.scopes.includes('profile:user_id')) return jsonAnswer(200, { user_id: consent.person });
    return this.#error(
      403,
      'insufficient_scope',
      'The access token provided does not have the required scopes for this request',
    );
  }

  #error(status: number, error: string, error_description: string): SimAnswer {
    return jsonAnswer(status, {
      error_index: this.#world.token(24),
      error,
      error_description,
      request_id: this.#world.token(16),
    });
  }
}

/** A person is known by their id, or, to apps without the profile scope, by an account that several people may reach. */
export function matchesIdentity(person: string, identity: string): boolean {
  if (identity === person) return true;
  return PLACES.some(
    ({ profile, viewers }) => identity === `account:${profile.accountInfo.id}` && viewers.includes(person),
  );
}

function verifies(code: Code, verifier: string | null): boolean {
  if (code.challenge === null) return true;
  const text = verifier ?? '';
  const given =
    code.challengeMethod === 'S256' ? createHash('sha256').update(text).digest('base64url') : text;
  return given === code.challenge;
}
