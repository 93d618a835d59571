import { RefreshTokens } from '../../kit/refreshTokens.ts';
import { SimApps } from '../../kit/simApps.ts';
import { meansGrant, SimSwitches } from '../../kit/simBreaks.ts';
import type { BreakTarget, SimAnswer, SimWorld } from '../../kit/simulator.ts';
import { advertisers, USERS } from './data.ts';
import { Envelope } from './envelope.ts';
import { FAULTS } from './faults.ts';

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
  refreshEndsAt: number;
  revoked: boolean;
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
  /** The documents leave open whether the former one survives; here it dies, unless a deed says otherwise. */
  readonly refreshTokens = new RefreshTokens<AccountGrant>('always');
  readonly withoutRole = new Set<string>();
  readonly goneUsers = new Set<string>();
  readonly switches = new SimSwitches();

  constructor(world: SimWorld) {
    this.world = world;
    this.envelope = new Envelope(world);
  }

  /** What stands in the way of every call of this app (and person, where known). */
  faultFor(clientId: string, person?: string): SimAnswer | undefined {
    if (this.apps.get(clientId)?.disabled) {
      return this.envelope.error(40113, 'The app has been blocked or does not exist.');
    }
    const means = (target: BreakTarget) => meansGrant(target, { person, clientId });
    const fault = FAULTS[this.switches.first(Object.keys(FAULTS), means) ?? ''];
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

  issued(accessToken: string): boolean {
    const ofAdvertiser = [...this.advertiserGrants.values()].some((grant) => grant.token === accessToken);
    return ofAdvertiser || this.accountTokens.has(accessToken);
  }

  advertiserGrantsIn(target: BreakTarget): readonly AdvertiserGrant[] {
    return [...this.advertiserGrants.values()].filter((grant) => {
      const sameToken = target.accessToken === undefined || target.accessToken === grant.token;
      return sameToken && meansGrant(target, grant);
    });
  }

  accountGrantsIn(target: BreakTarget): readonly AccountGrant[] {
    const byToken =
      target.accessToken === undefined ? undefined : this.accountTokens.get(target.accessToken)?.grant;
    return [...this.accountGrants].filter((grant) => {
      const sameToken = target.accessToken === undefined || byToken === grant;
      return sameToken && meansGrant(target, grant);
    });
  }
}
