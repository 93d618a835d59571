import { DAY_MS, type Instant, SECOND_MS } from '../../core/instant.ts';
import { meansGrant } from '../kit/simBreaks.ts';
import type { BreakTarget, SimWorld } from '../kit/simulator.ts';

const ACCESS_LIFETIME_MS = 60 * DAY_MS;
const REFRESH_LIFETIME_MS = 365 * DAY_MS;
const CODE_LIFETIME_MS = 30 * 60 * SECOND_MS;

/** What one member gave one app at one consent. */
export interface Authorization {
  readonly person: string;
  readonly clientId: string;
  scopes: readonly string[];
  /** The refresh token's year counts from here. */
  authorizedAt: Instant;
  /** null: the app gets no refresh tokens. */
  readonly refreshToken: string | null;
  ended: boolean;
}

export interface AccessToken {
  readonly text: string;
  readonly authorization: Authorization;
  readonly issuedAt: Instant;
  expiresAt: Instant;
  /** Ended by a consent with other scopes, while the authorization lives on. */
  invalidated: boolean;
}

interface Code {
  readonly person: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly expiresAt: Instant;
}

export type TokenStatus = 'active' | 'expired' | 'revoked';

/** Codes, authorizations and tokens of the simulated LinkedIn. */
export class SimulatedGrants {
  readonly #world: SimWorld;
  readonly #codes = new Map<string, Code>();
  readonly #access = new Map<string, AccessToken>();
  readonly #byRefreshToken = new Map<string, Authorization>();
  readonly #authorizations: Authorization[] = [];

  constructor(world: SimWorld) {
    this.#world = world;
  }

  newCode(code: Omit<Code, 'expiresAt'>): string {
    const text = `AQT${this.#world.token(80)}`;
    this.#codes.set(text, { ...code, expiresAt: this.#world.now() + CODE_LIFETIME_MS });
    return text;
  }

  /** The code, once. `unknown`: never given or used already. `unfit`: too old, or for another app or address. */
  takeCode(text: string, clientId: string, redirectUri: string): Code | 'unknown' | 'unfit' {
    const code = this.#codes.get(text);
    if (!code) return 'unknown';
    this.#codes.delete(text);
    const fit =
      code.expiresAt > this.#world.now() && code.clientId === clientId && code.redirectUri === redirectUri;
    return fit ? code : 'unfit';
  }

  /** A consent with other scopes ends all earlier access tokens of the member for the app. */
  authorize(code: Code, withRefresh: boolean): Authorization {
    const { person, clientId, scopes } = code;
    for (const token of this.#access.values()) {
      const same = token.authorization.person === person && token.authorization.clientId === clientId;
      if (same && !sameScopes(token.authorization.scopes, scopes)) token.invalidated = true;
    }
    const refreshToken = withRefresh ? opaque(`AQW${this.#world.token(60)}`) : null;
    const authorization = {
      person,
      clientId,
      scopes,
      authorizedAt: this.#world.now(),
      refreshToken,
      ended: false,
    };
    this.#authorizations.push(authorization);
    if (refreshToken !== null) this.#byRefreshToken.set(refreshToken, authorization);
    return authorization;
  }

  byRefreshToken(text: string, clientId: string): Authorization | undefined {
    const found = this.#byRefreshToken.get(text);
    return found && found.clientId === clientId && this.#renews(found) ? found : undefined;
  }

  #renews(authorization: Authorization): boolean {
    return !authorization.ended && this.refreshLeftMs(authorization) > 0;
  }

  /** Whether the refresh token is taken or, where there is none, the access token. A restricted member keeps both. */
  lives(refreshToken: string | undefined, accessToken: string | undefined): boolean {
    const authorization = this.#byRefreshToken.get(refreshToken ?? '');
    if (refreshToken !== undefined) return authorization !== undefined && this.#renews(authorization);
    const token = this.accessToken(accessToken);
    return token !== undefined && this.statusOf(token) === 'active';
  }

  refreshLeftMs(authorization: Authorization): number {
    return authorization.authorizedAt + REFRESH_LIFETIME_MS - this.#world.now();
  }

  /** A new access token; earlier ones live on. Near the end of the year it is as short as what is left. */
  issue(authorization: Authorization): AccessToken {
    const now = this.#world.now();
    const left = authorization.refreshToken === null ? ACCESS_LIFETIME_MS : this.refreshLeftMs(authorization);
    const expiresAt = now + Math.min(ACCESS_LIFETIME_MS, left);
    const token = {
      text: opaque(`AQV${this.#world.token(60)}`),
      authorization,
      issuedAt: now,
      expiresAt,
      invalidated: false,
    };
    this.#access.set(token.text, token);
    return token;
  }

  accessToken(text: string | undefined): AccessToken | undefined {
    return text === undefined ? undefined : this.#access.get(text);
  }

  statusOf(token: AccessToken): TokenStatus {
    if (token.authorization.ended || token.invalidated) return 'revoked';
    return token.expiresAt <= this.#world.now() ? 'expired' : 'active';
  }

  targeted(target: BreakTarget): readonly Authorization[] {
    return this.#authorizations.filter((authorization) => this.matches(target, authorization));
  }

  targetedTokens(target: BreakTarget): readonly AccessToken[] {
    const all = [...this.#access.values()].filter((token) => this.matches(target, token.authorization));
    return target.accessToken === undefined ? all : all.filter((token) => token.text === target.accessToken);
  }

  matches(target: BreakTarget, authorization: Authorization): boolean {
    const { accessToken } = target;
    const sameToken =
      accessToken === undefined || this.#access.get(accessToken)?.authorization === authorization;
    return sameToken && meansGrant(target, authorization);
  }
}

/** LinkedIn’s tokens are long; the part that is drawn makes them unique. */
const opaque = (drawn: string): string => drawn.repeat(Math.ceil(350 / drawn.length)).slice(0, 350);

function sameScopes(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join(' ') === [...other].sort().join(' ');
}
