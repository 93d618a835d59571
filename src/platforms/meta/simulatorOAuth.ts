import type { SimApp } from '../kit/simApps.ts';
import { jsonAnswer, type SimAnswer, type SimRequest } from '../kit/simulator.ts';
import {
  CANNOT_PARSE,
  failure,
  notThere,
  parametersOf,
  SESSION_FAULTS,
  type SimFault,
} from './simulatorAnswers.ts';
import { TERSE_PERSON } from './simulatorData.ts';
import { granted, isFault, type Login, type Logins, type Token, tokenValue } from './simulatorLogins.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SIXTY_DAYS_MS = 60 * DAY_MS;
const CODE_LIFETIME_MS = 10 * 60_000;

interface Code {
  readonly login: Login;
  readonly redirectUri: string;
  readonly expiresAt: number;
  used: boolean;
}

/** The token endpoint, /oauth/revoke and /debug_token. */
export class SimulatedOAuth {
  readonly #logins: Logins;
  readonly #codes = new Map<string, Code>();

  constructor(logins: Logins) {
    this.#logins = logins;
  }

  code(login: Login, redirectUri: string): string {
    const { world } = this.#logins;
    const value = `AQ${world.token(180)}`;
    this.#codes.set(value, { login, redirectUri, expiresAt: world.now() + CODE_LIFETIME_MS, used: false });
    return value;
  }

  /** GET with a query, POST with a form or JSON: all are taken. */
  token(request: SimRequest): SimAnswer {
    const parameters = parametersOf(request);
    const app = this.#client(parameters);
    if (isFault(app)) return failure(app);
    if (parameters.get('grant_type') === 'client_credentials') {
      return jsonAnswer(200, { access_token: `${app.clientId}|${app.clientSecret}`, token_type: 'bearer' });
    }
    if (parameters.get('grant_type') === 'fb_exchange_token') return this.#exchange(app, parameters);
    return this.#redeem(app, parameters);
  }

  #client(parameters: URLSearchParams): SimApp | SimFault {
    const id = parameters.get('client_id');
    if (id === null) return { code: 101, message: 'Missing client_id parameter.' };
    const app = this.#logins.apps.get(id);
    if (!app)
      return {
        code: 101,
        message: 'Error validating application. Cannot get application info due to a system error.',
      };
    if (app.disabled)
      return { code: 190, message: 'Error validating application. Application has been deleted.' };
    return app.clientSecret === parameters.get('client_secret')
      ? app
      : { code: 1, message: 'Error validating client secret.' };
  }

  #redeem(app: SimApp, parameters: URLSearchParams): SimAnswer {
    const code = this.#codes.get(parameters.get('code') ?? '');
    const fault = this.#codeFault(code, app, parameters);
    if (fault || !code) return failure(fault ?? CANNOT_PARSE);
    code.used = true;
    const { world } = this.#logins;
    if (code.login.kind === 'SYSTEM_USER')
      return tokenAnswer(this.#logins.issue(code.login, null, true), undefined);
    // One to two hours, never the same.
    const lifetime = HOUR_MS + Math.floor(world.random() * 3600) * 1000;
    return tokenAnswer(this.#logins.issue(code.login, lifetime, false), lifetime);
  }

  #codeFault(code: Code | undefined, app: SimApp, parameters: URLSearchParams): SimFault | undefined {
    const fault = (subcode: number, message: string): SimFault => ({ code: 100, subcode, message });
    if (!parameters.get('code')) return { code: 1, message: 'Missing authorization code' };
    if (!code || code.login.clientId !== app.clientId)
      return fault(36009, 'Invalid verification code format.');
    if (code.used) return fault(36009, 'This authorization code has been used.');
    if (code.expiresAt <= this.#logins.world.now())
      return fault(36007, 'This authorization code has expired.');
    if (code.redirectUri === parameters.get('redirect_uri')) return undefined;
    const why =
      'Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request';
    return fault(36008, `Error validating verification code. ${why}`);
  }

  #exchange(app: SimApp, parameters: URLSearchParams): SimAnswer {
    const token = this.#logins.find(parameters.get('fb_exchange_token'));
    if (!token || token.login.clientId !== app.clientId) return failure(CANNOT_PARSE);
    const fault = this.#logins.faultOf(token);
    if (fault) return failure(fault);
    if (token.login.kind === 'SYSTEM_USER') return this.#refreshBot(token, parameters);
    return this.#extendUser(token);
  }

  /** A new token of 60 days beside the old one, which lives on. A permanent token is traded in as well. */
  #refreshBot(token: Token, parameters: URLSearchParams): SimAnswer {
    if (parameters.get('set_token_expires_in_60_days') !== 'true') {
      return failure({
        code: 100,
        message: '(#100) The parameter set_token_expires_in_60_days is required.',
      });
    }
    return tokenAnswer(this.#logins.issue(token.login, SIXTY_DAYS_MS, true), SIXTY_DAYS_MS);
  }

  /** Once a day at most: asked again sooner, the same token comes back with what it has left. */
  #extendUser(token: Token): SimAnswer {
    const { world } = this.#logins;
    const recent = token.longLived && world.now() - token.issuedAt < DAY_MS;
    const lifetime = SIXTY_DAYS_MS - Math.floor(world.random() * 120) * 1000;
    const longer = recent ? token : this.#logins.issue(token.login, lifetime, true);
    const left = (longer.expiresAt ?? 0) - world.now();
    return tokenAnswer(longer, token.login.person === TERSE_PERSON ? undefined : left);
  }

  revoke(request: SimRequest): SimAnswer {
    const parameters = parametersOf(request);
    const app = this.#client(parameters);
    if (isFault(app)) return failure(app);
    const caller = this.#logins.caller(request, parameters);
    if (isFault(caller)) return failure(caller);
    const token = this.#logins.find(parameters.get('revoke_token'));
    if (!token) return failure(CANNOT_PARSE);
    token.fault = SESSION_FAULTS.loggedOut;
    return jsonAnswer(200, { success: 'true' });
  }

  /** GET as the app only; always 200 when the caller is in order, whatever the token is like. */
  debug(request: SimRequest): SimAnswer {
    if (request.method !== 'GET') return failure(notThere(request.method, 'debug_token'));
    const parameters = parametersOf(request);
    const value = tokenValue(request, parameters);
    if (this.#logins.find(value)) {
      const message =
        '(#100) You must provide an app access token, or a user access token that is an owner or developer of the app';
      return failure({ code: 100, message });
    }
    const app = this.#logins.appOf(value);
    if (isFault(app)) return failure(app);
    const token = this.#logins.find(parameters.get('input_token'));
    if (!token) return jsonAnswer(200, { data: { error: CANNOT_PARSE, is_valid: false, scopes: [] } });
    if (token.login.clientId !== app.clientId) {
      return failure({
        code: 100,
        message: '(#100) The App_id in the input_token did not match the Viewing App',
      });
    }
    return jsonAnswer(200, { data: this.#report(token) });
  }

  #report(token: Token) {
    const { login } = token;
    const fault = this.#logins.faultOf(token);
    const about = {
      app_id: login.clientId,
      type: login.kind,
      application: 'Evergrant sandbox',
      data_access_expires_at: Math.floor(login.dataAccessEndsAt / 1000),
      expires_at: token.expiresAt === null ? 0 : Math.floor(token.expiresAt / 1000),
      is_valid: fault === undefined,
      user_id: login.person === TERSE_PERSON ? Number(login.person) : login.person,
    };
    if (fault) {
      const { code, message, subcode } = fault;
      return { ...about, error: { code, message, subcode }, scopes: [] };
    }
    const issued = token.longLived ? { issued_at: Math.floor(token.issuedAt / 1000) } : {};
    const metadata = login.kind === 'USER' ? { metadata: { auth_type: 'rerequest' } } : {};
    const scopes = granted(login);
    const granular_scopes = scopes
      .filter((scope) => scope !== 'public_profile')
      .map((scope) => granular(scope, login));
    return { ...about, ...issued, ...metadata, scopes, granular_scopes };
  }
}

const granular = (scope: string, login: Login) => ({
  scope,
  ...(login.targets ? { target_ids: login.targets } : {}),
});

function tokenAnswer(token: Token, lifetimeMs: number | undefined): SimAnswer {
  const lifetime = lifetimeMs === undefined ? {} : { expires_in: Math.floor(lifetimeMs / 1000) };
  return jsonAnswer(200, { access_token: token.value, token_type: 'bearer', ...lifetime });
}
