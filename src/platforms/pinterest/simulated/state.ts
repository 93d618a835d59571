import { RefreshTokens } from '../../kit/refreshTokens.ts';
import { SimApps } from '../../kit/simApps.ts';
import { meansGrant, SimSwitches } from '../../kit/simBreaks.ts';
import type { BreakTarget, SimAnswer, SimWorld } from '../../kit/simulator.ts';
import { Answers } from './answers.ts';
import { adAccounts, PEOPLE } from './data.ts';
import { FAULTS } from './faults.ts';

export const APP = { clientId: '1490001', clientSecret: 'pinterest-sandbox-secret' };

export interface Authorization {
  readonly person: string;
  readonly clientId: string;
  readonly codeScopes: readonly string[];
  refreshEndsAt: number;
  revoked: boolean;
}

/** All that the simulated platform remembers. */
export class PinterestState {
  readonly world: SimWorld;
  readonly answers: Answers;
  readonly apps = new SimApps(APP);
  readonly adAccounts = adAccounts();
  readonly authorizations = new Set<Authorization>();
  readonly accessTokens = new Map<
    string,
    { readonly authorization: Authorization; readonly expiresAt: number }
  >();
  /** The documents leave open whether the old one survives a renewal; here it dies, unless a deed says otherwise. */
  readonly refreshTokens = new RefreshTokens<Authorization>('always');
  readonly withoutRole = new Set<string>();
  readonly deactivated = new Set<string>();
  readonly deletedApps = new Set<string>();
  readonly switches = new SimSwitches();
  readonly #approved = new Map<string, Set<string>>();

  constructor(world: SimWorld) {
    this.world = world;
    this.answers = new Answers(world);
  }

  /** All scopes that a person ever approved for an app: that is what their tokens may do, and what answers name. */
  approved(person: string, clientId: string): Set<string> {
    const key = `${clientId}/${person}`;
    const scopes = this.#approved.get(key) ?? new Set<string>();
    this.#approved.set(key, scopes);
    return scopes;
  }

  /** What stands in the way of every call of this app (and person, where known). */
  faultFor(clientId: string, person?: string): SimAnswer | undefined {
    const means = (target: BreakTarget) => meansGrant(target, { person, clientId });
    const how = this.switches.first(Object.keys(FAULTS), means);
    return how === undefined ? undefined : FAULTS[how]?.answer(this.answers);
  }

  peopleIn(target: BreakTarget): readonly string[] {
    return PEOPLE.map((person) => person.id).filter(
      (id) => target.identity === undefined || target.identity === id,
    );
  }

  authorizationsIn(target: BreakTarget): readonly Authorization[] {
    const byToken =
      target.accessToken === undefined ? undefined : this.accessTokens.get(target.accessToken)?.authorization;
    return [...this.authorizations].filter((one) => {
      const sameToken = target.accessToken === undefined || byToken === one;
      return sameToken && meansGrant(target, one);
    });
  }
}
