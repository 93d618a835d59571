import { createHmac } from 'node:crypto';
import { type SimApp, SimApps } from '../kit/simApps.ts';
import { type BreakTarget, bearerOf, type SimRequest, type SimWorld } from '../kit/simulator.ts';
import { APP_DELETED, CANNOT_PARSE, expired, NO_TOKEN, type SimFault } from './simulatorAnswers.ts';
import { APP, CLOCKLESS_PERSON } from './simulatorData.ts';

const DAY_MS = 86_400_000;
const DATA_ACCESS_MS = 90 * DAY_MS;

export type PermissionStatus = 'granted' | 'declined' | 'expired';

/** What one identity allowed one app, as of one pass through the dialog or one installation. */
export interface Login {
  readonly person: string;
  readonly clientId: string;
  readonly kind: 'USER' | 'SYSTEM_USER';
  readonly permissions: Map<string, PermissionStatus>;
  /** The ad accounts ticked; undefined: all. */
  readonly targets: readonly string[] | undefined;
  /** 0: no such clock. */
  dataAccessEndsAt: number;
  fault: SimFault | undefined;
}

export interface Token {
  readonly value: string;
  readonly login: Login;
  readonly issuedAt: number;
  /** null: never. */
  expiresAt: number | null;
  readonly longLived: boolean;
  fault: SimFault | undefined;
}

export const granted = (login: Login): readonly string[] =>
  [...login.permissions].filter(([, status]) => status === 'granted').map(([name]) => name);

/** Apps, logins and tokens of the simulated platform, and who may do what with them. */
export class Logins {
  readonly world: SimWorld;
  readonly apps = new SimApps(APP);
  readonly all: Login[] = [];
  /** Whether the app demands a proof on every call (App settings, Advanced). */
  proofRequired = false;
  readonly #tokens = new Map<string, Token>();
  /** Permissions once declined, by person and app: not offered again unless asked for. */
  readonly #declined = new Map<string, Set<string>>();

  constructor(world: SimWorld) {
    this.world = world;
  }

  begin(login: Omit<Login, 'dataAccessEndsAt' | 'fault'>): Login {
    const clock = login.kind === 'USER' && login.person !== CLOCKLESS_PERSON;
    const fresh: Login = {
      ...login,
      dataAccessEndsAt: clock ? this.world.now() + DATA_ACCESS_MS : 0,
      fault: undefined,
    };
    this.all.push(fresh);
    return fresh;
  }

  /** What was asked, less what was unticked now or (without a re-request) on an earlier pass. */
  decide(
    person: string,
    clientId: string,
    asked: readonly string[],
    ticked: readonly string[],
    again: boolean,
  ) {
    const key = `${person} ${clientId}`;
    const declined = again ? new Set<string>() : new Set(this.#declined.get(key));
    for (const scope of asked) if (!ticked.includes(scope)) declined.add(scope);
    this.#declined.set(key, declined);
    const status = (scope: string): PermissionStatus => (declined.has(scope) ? 'declined' : 'granted');
    return new Map([
      ['public_profile', 'granted'] as const,
      ...asked.map((scope) => [scope, status(scope)] as const),
    ]);
  }

  issue(login: Login, lifetimeMs: number | null, longLived: boolean): Token {
    const now = this.world.now();
    const expiresAt = lifetimeMs === null ? null : now + lifetimeMs;
    const value = `EAAB${this.world.token(login.kind === 'USER' ? 160 : 190)}`;
    const token: Token = { value, login, issuedAt: now, expiresAt, longLived, fault: undefined };
    this.#tokens.set(value, token);
    return token;
  }

  find(value: string | null | undefined): Token | undefined {
    return this.#tokens.get(value ?? '');
  }

  tokensOf(login: Login): readonly Token[] {
    return [...this.#tokens.values()].filter((token) => token.login === login);
  }

  /** Why a token no longer works, if it does not. */
  faultOf(token: Token): SimFault | undefined {
    const appLives = this.apps.get(token.login.clientId)?.disabled === false;
    return appLives ? this.sessionFaultOf(token) : APP_DELETED;
  }

  /** The same, were the app in order. */
  sessionFaultOf(token: Token): SimFault | undefined {
    const now = this.world.now();
    if (token.fault ?? token.login.fault) return token.fault ?? token.login.fault;
    return token.expiresAt !== null && token.expiresAt <= now ? expired(token.expiresAt, now) : undefined;
  }

  /** The live token of a Graph call with a right proof, or what is wrong. */
  caller(request: SimRequest, parameters: URLSearchParams): Token | SimFault {
    const value = tokenValue(request, parameters);
    if (value === undefined) return NO_TOKEN;
    const token = this.find(value);
    // The real one repeats the token in its message, too.
    if (!token) return { ...CANNOT_PARSE, message: `Malformed access token ${value}` };
    return this.faultOf(token) ?? this.#proofFault(token, parameters.get('appsecret_proof')) ?? token;
  }

  #proofFault(token: Token, proof: string | null): SimFault | undefined {
    const secret = this.apps.get(token.login.clientId)?.clientSecret ?? '';
    const right = createHmac('sha256', secret).update(token.value).digest('hex');
    const fault = (message: string): SimFault => ({ code: 100, type: 'GraphMethodException', message });
    if (proof !== null && proof !== right)
      return fault('Invalid appsecret_proof provided in the API argument');
    if (proof !== null || !this.proofRequired) return undefined;
    return fault('API calls from the server require an appsecret_proof argument');
  }

  /** The app of `{id}|{secret}`, or what is wrong with that token. */
  appOf(value: string | undefined): SimApp | SimFault {
    const [id, ...secret] = (value ?? '').split('|');
    const app = this.apps.get(id);
    if (!app) return CANNOT_PARSE;
    if (app.disabled) return APP_DELETED;
    if (app.clientSecret !== secret.join('|'))
      return { code: 190, message: 'Invalid OAuth access token signature.' };
    return app;
  }

  matching(target: BreakTarget): readonly Login[] {
    const only = target.accessToken === undefined ? undefined : this.find(target.accessToken)?.login;
    return this.all.filter(
      (login) =>
        (target.identity === undefined || login.person === target.identity) &&
        (target.clientId === undefined || login.clientId === target.clientId) &&
        (target.accessToken === undefined || login === only),
    );
  }
}

export const isFault = (found: object): found is SimFault => 'code' in found && 'message' in found;

/** The token from the header (`Bearer`, or the older `OAuth`) or the parameter. */
export function tokenValue(request: SimRequest, parameters: URLSearchParams): string | undefined {
  const older = /^OAuth\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearerOf(request) ?? older ?? parameters.get('access_token') ?? undefined;
}
