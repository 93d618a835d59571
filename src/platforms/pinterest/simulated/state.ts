import { SimApps } from '../../kit/simApps.ts';
import type { BreakTarget, SimAnswer, SimWorld } from '../../kit/simulator.ts';
import { Answers } from './answers.ts';
import { adAccounts, PEOPLE } from './data.ts';

export const APP = { clientId: '1490001', clientSecret: 'pinterest-sandbox-secret' };

export interface Authorization {
  readonly person: string;
  readonly clientId: string;
  readonly codeScopes: readonly string[];
  refreshToken: string;
  refreshEndsAt: number;
  revoked: boolean;
}

interface Fault {
  readonly how: string;
  readonly target: BreakTarget;
  readonly answer: () => SimAnswer;
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
  readonly withoutRole = new Set<string>();
  readonly deactivated = new Set<string>();
  readonly deletedApps = new Set<string>();
  readonly #approved = new Map<string, Set<string>>();
  #faults: readonly Fault[] = [];

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

  addFault(fault: Fault): void {
    this.#faults = [...this.#faults, fault];
  }

  endFault(how: string): void {
    this.#faults = this.#faults.filter((fault) => fault.how !== how);
  }

  faultFor(clientId: string, person?: string): SimAnswer | undefined {
    const fault = this.#faults.find(({ target }) => {
      const sameApp = target.clientId === undefined || target.clientId === clientId;
      return sameApp && (target.identity === undefined || target.identity === person);
    });
    return fault?.answer();
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
      const samePerson = target.identity === undefined || target.identity === one.person;
      return sameToken && samePerson && (target.clientId === undefined || target.clientId === one.clientId);
    });
  }

  appsIn(target: BreakTarget) {
    return this.apps.all().filter((app) => target.clientId === undefined || app.clientId === target.clientId);
  }
}
