import type { BreakTarget, SimWorld } from '../kit/simulator.ts';
import { type SimApiUser, USERS } from './simulatedSeats.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LONGEST_MINUTES = 1440;
const LONG_LIFE_DAYS = 180;
/** The real number is not published. */
const REFUSALS_BEFORE_LOCK = 5;

interface SimToken {
  readonly user: SimApiUser;
  readonly kind: 'long' | 'short';
  expiresAt: number;
}

/** Logins, passwords and tokens. Tokens live side by side; short ones cannot be taken back. */
export class SimulatedTokens {
  readonly disabled = new Set<string>();
  readonly #world: SimWorld;
  readonly #passwords = new Map<string, string>(USERS.map((user) => [user.id, user.firstPassword]));
  readonly #refusals = new Map<string, number>();
  readonly #tokens = new Map<string, SimToken>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** What a person copies from “Manage API tokens”: the token, and the day on which it ends (at noon). */
  makeLong(user: SimApiUser): { token: string; expires_on: string } {
    const day = new Date(this.#world.now() + LONG_LIFE_DAYS * DAY_MS).toISOString().slice(0, 10);
    const token = this.#world.token(64);
    this.#tokens.set(token, { user, kind: 'long', expiresAt: Date.parse(`${day}T12:00:00Z`) });
    return { token, expires_on: day };
  }

  password(user: SimApiUser): string {
    return this.#passwords.get(user.id) ?? '';
  }

  changePassword(user: SimApiUser, password: string): void {
    this.#passwords.set(user.id, password);
  }

  /** A token of so many minutes; undefined where the login is refused, and for good after too many refusals. */
  logIn(login: string, password: string, minutes: number): string | undefined {
    const user = this.userBy(login, password);
    if (!user) {
      this.#refusals.set(login, (this.#refusals.get(login) ?? 0) + 1);
      return undefined;
    }
    this.#refusals.delete(login);
    const token = this.#world.token(88);
    this.#tokens.set(token, {
      user,
      kind: 'short',
      expiresAt: this.#world.now() + Math.min(minutes, LONGEST_MINUTES) * MINUTE_MS,
    });
    return token;
  }

  /** The user whose login is taken, with this password. */
  userBy(login: string, password: string): SimApiUser | undefined {
    const user = USERS.find((candidate) => candidate.id === login.toLowerCase());
    const open =
      user && !this.disabled.has(user.id) && (this.#refusals.get(login) ?? 0) < REFUSALS_BEFORE_LOCK;
    return open && this.#passwords.get(user.id) === password ? user : undefined;
  }

  /** The user behind a token that still works. */
  userOf(token: string): SimApiUser | undefined {
    const held = this.#tokens.get(token);
    return held && held.expiresAt > this.#world.now() && !this.disabled.has(held.user.id)
      ? held.user
      : undefined;
  }

  issued(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** Ends long tokens now, as revoking them or their last day does. */
  endLong(target: BreakTarget): void {
    for (const [token, held] of this.#tokens) {
      const meant =
        target.accessToken === undefined ? meansUser(target, held.user) : target.accessToken === token;
      if (held.kind === 'long' && meant) held.expiresAt = this.#world.now();
    }
  }
}

export function meansUser({ identity }: BreakTarget, user: SimApiUser): boolean {
  return identity === undefined || identity === user.id || identity === firstSeatOf(user);
}

/** No call tells whose a token is; this is the most that a grant can be known as. */
export const firstSeatOf = (user: SimApiUser): string => `partner:${[...user.partners].sort()[0]}`;
