import { DAY_MS, HOUR_MS, type Instant } from '../../../core/instant.ts';
import type { SimWorld } from '../../kit/simulator.ts';

export const ACCESS_LIFETIME_MS = HOUR_MS - 1000;
const LIVE_REFRESH_TOKENS = 100;
const IDLE_MS = 183 * DAY_MS;
/** Ended access tokens are remembered this long, to be called expired rather than unknown. */
const REMEMBERED_MS = 2 * HOUR_MS;

/** One authorization: a person's for an OAuth client, or what a service account mints its tokens for. */
export interface Grant {
  /** `sub` of the person, or the service account's e-mail. */
  readonly identity: string;
  /** For whom calls count: the same, or the user that a service account acts for. */
  readonly actor: string;
  readonly clientId: string;
  readonly kind: 'person' | 'service';
  scopes: readonly string[];
  readonly refreshToken: string | null;
  /** Testing mode or limited access. */
  endsAt: Instant | null;
  lastUsedAt: Instant;
  refreshDead: boolean;
  revoked: boolean;
  /** Signed in without what an ad account's administrator has come to demand. */
  weakSignIn: boolean;
}

export type AccessState = {
  readonly state: 'live' | 'expired' | 'revoked';
  readonly grant: Grant;
  readonly expiresAt: Instant;
};

/** The tokens that the simulated Google has issued, and what became of them. */
export class Grants {
  readonly #world: SimWorld;
  readonly #byRefresh = new Map<string, Grant>();
  readonly #byAccess = new Map<string, { readonly grant: Grant; readonly expiresAt: Instant }>();
  readonly #tokensOf = new Map<Grant, string[]>();
  readonly #byOwner = new Map<string, Grant[]>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  newRefreshToken(): string {
    return `1//0${this.#world.token(60)}`;
  }

  /** Above the cap, the oldest refresh token of the same account and client ends without a word. */
  open(grant: Grant): Grant {
    if (grant.refreshToken === null) return grant;
    this.#byRefresh.set(grant.refreshToken, grant);
    const owned = [...this.ofIdentity(grant.identity, grant.clientId), grant];
    this.#byOwner.set(ownerKey(grant.identity, grant.clientId), owned);
    const living = owned.filter((one) => this.renewable(one));
    for (const oldest of living.slice(0, Math.max(0, living.length - LIVE_REFRESH_TOKENS)))
      oldest.refreshDead = true;
    return grant;
  }

  /** The same person authorizes the same client as often as the cap allows. */
  fillUp(like: Grant): void {
    for (let time = 0; time < LIVE_REFRESH_TOKENS; time += 1) {
      const fresh = { refreshToken: this.newRefreshToken(), lastUsedAt: this.#world.now() };
      this.open({ ...like, ...fresh, endsAt: null, refreshDead: false, revoked: false });
    }
  }

  issueAccess(grant: Grant): string {
    const now = this.#world.now();
    const token = `ya29.a0${this.#world.token(120)}`;
    grant.lastUsedAt = now;
    this.#byAccess.set(token, { grant, expiresAt: now + ACCESS_LIFETIME_MS });
    const earlier = this.#tokensOf.get(grant) ?? [];
    this.#tokensOf.set(grant, [...earlier.filter((one) => this.#remembers(one, now)), token]);
    return token;
  }

  #remembers(token: string, now: Instant): boolean {
    const expiresAt = this.#byAccess.get(token)?.expiresAt ?? 0;
    if (expiresAt + REMEMBERED_MS > now) return true;
    this.#byAccess.delete(token);
    return false;
  }

  access(token: string | null | undefined): AccessState | undefined {
    const found = this.#byAccess.get(token ?? '');
    if (!found) return undefined;
    if (found.grant.revoked) return { state: 'revoked', ...found };
    return { state: found.expiresAt > this.#world.now() ? 'live' : 'expired', ...found };
  }

  byRefresh(token: string | null | undefined): Grant | undefined {
    return this.#byRefresh.get(token ?? '');
  }

  /** Whether a refresh token still works: all its deaths are told alike. */
  renewable(grant: Grant): boolean {
    const now = this.#world.now();
    const ended = grant.endsAt !== null && now >= grant.endsAt;
    return !grant.revoked && !grant.refreshDead && !ended && now - grant.lastUsedAt < IDLE_MS;
  }

  /** Oldest first. */
  ofIdentity(identity: string, clientId: string): readonly Grant[] {
    return this.#byOwner.get(ownerKey(identity, clientId)) ?? [];
  }

  /** People's grants. */
  all(): readonly Grant[] {
    return [...this.#byRefresh.values()];
  }
}

const ownerKey = (identity: string, clientId: string): string => `${identity} ${clientId}`;
