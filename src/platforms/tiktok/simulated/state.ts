import { SimApps } from '../../kit/simApps.ts';
import type { BreakTarget, SimAnswer, SimWorld } from '../../kit/simulator.ts';
import { advertisers, USERS } from './data.ts';
import { Envelope } from './envelope.ts';

export const APP = { clientId: '7400000000000000901', clientSecret: 'tiktok-sandbox-secret' };

/** What an advertiser's user gave one app: one token, for good. */
export interface AdvertiserGrant {
  readonly person: string;
  readonly clientId: string;
  readonly token: string;
  readonly advertiserIds: readonly string[];
  permissions: readonly number[];
  revoked: boolean;
}

/** What the holder of a TikTok account gave one app. */
export interface AccountGrant {
  readonly person: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  refreshToken: string;
  refreshEndsAt: number;
  revoked: boolean;
}

interface Fault {
  readonly how: string;
  readonly target: BreakTarget;
  readonly code: number;
  readonly message: string;
}

/** All that the simulated platform remembers. */
export class TiktokState {
  readonly world: SimWorld;
  readonly envelope: Envelope;
  readonly apps = new SimApps(APP);
  readonly advertisers = advertisers();
  readonly advertiserGrants = new Map<string, AdvertiserGrant>();
  readonly accountGrants = new Set<AccountGrant>();
  readonly accountTokens = new Map<string, { readonly grant: AccountGrant; readonly expiresAt: number }>();
  readonly withoutRole = new Set<string>();
  readonly goneUsers = new Set<string>();
  #faults: readonly Fault[] = [];

  constructor(world: SimWorld) {
    this.world = world;
    this.envelope = new Envelope(world);
  }

  addFault(fault: Fault): void {
    this.#faults = [...this.#faults, fault];
  }

  endFault(how: string): void {
    this.#faults = this.#faults.filter((fault) => fault.how !== how);
  }

  /** What stands in the way of every call of this app (and person, where known). */
  faultFor(clientId: string, person?: string): SimAnswer | undefined {
    if (this.apps.get(clientId)?.disabled) {
      return this.envelope.error(40113, 'The app has been blocked or does not exist.');
    }
    const fault = this.#faults.find(({ target }) => {
      const sameApp = target.clientId === undefined || target.clientId === clientId;
      return sameApp && (target.identity === undefined || target.identity === person);
    });
    return fault && this.envelope.error(fault.code, fault.message);
  }

  /** The app, if id and secret belong together; otherwise the platform's refusal. */
  authenticate(clientId: string, secret: string): SimAnswer | undefined {
    if (!this.apps.get(clientId))
      return this.envelope.error(40113, 'The app has been blocked or does not exist.');
    if (this.apps.authenticate(clientId, secret)) return undefined;
    return this.envelope.error(40101, 'Invalid parameter values for authentication');
  }

  /** The ads accounts that a grant still reaches: none once the user's role is gone. */
  reach(grant: AdvertiserGrant) {
    if (this.withoutRole.has(grant.person)) return [];
    return this.advertisers.filter((one) => grant.advertiserIds.includes(one.advertiser_id));
  }

  usersIn(target: BreakTarget): readonly string[] {
    return USERS.map((user) => user.id).filter(
      (id) => target.identity === undefined || target.identity === id,
    );
  }

  advertiserGrantsIn(target: BreakTarget): readonly AdvertiserGrant[] {
    return [...this.advertiserGrants.values()].filter((grant) => {
      const sameToken = target.accessToken === undefined || target.accessToken === grant.token;
      return sameToken && meets(grant, target);
    });
  }

  accountGrantsIn(target: BreakTarget): readonly AccountGrant[] {
    const byToken =
      target.accessToken === undefined ? undefined : this.accountTokens.get(target.accessToken)?.grant;
    return [...this.accountGrants].filter((grant) => {
      const sameToken = target.accessToken === undefined || byToken === grant;
      return sameToken && meets(grant, target);
    });
  }

  appsIn(target: BreakTarget) {
    return this.apps.all().filter((app) => target.clientId === undefined || app.clientId === target.clientId);
  }
}

function meets(grant: { readonly person: string; readonly clientId: string }, target: BreakTarget): boolean {
  const samePerson = target.identity === undefined || target.identity === grant.person;
  return samePerson && (target.clientId === undefined || target.clientId === grant.clientId);
}
