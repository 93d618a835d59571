import type { Fact } from './fact.ts';

/** How the access credential is renewed. `none`: it cannot be, or need not be. */
export type RenewalMechanism = 'refresh_token' | 'token_exchange' | 'jwt_bearer' | 'login' | 'none';

/**
 * How the end of the renewal credential moves.
 * - `none`: it has no end by time.
 * - `from_consent`: fixed when a person authorized; no renewal extends it.
 * - `from_renewal`: each renewal restarts it.
 */
export type RenewalClock = 'none' | 'from_consent' | 'from_renewal';

/** How the credentials of one auth method live and die. Lifetimes in seconds; `never` means no end by time. */
export interface Cadence {
  readonly accessLifetimeSeconds: Fact<number | 'never'>;
  readonly mechanism: Fact<RenewalMechanism>;
  readonly renewalLifetimeSeconds: Fact<number | 'never'>;
  readonly renewalClock: Fact<RenewalClock>;
  /** Whether a renewal replaces the renewal credential, so that the old one must not be sent again. */
  readonly singleUseRenewal: Fact<boolean>;
  /** The renewal credential dies when unused for this long. */
  readonly idleLifetimeSeconds: Fact<number | 'never'>;
  /** Live authorizations per identity and app; one more silently ends the oldest. */
  readonly liveGrantCap: Fact<number | 'none'>;
  /** How many days after consent the grant ends while the app is in Testing. */
  readonly testingLifetimeSeconds: Fact<number | 'never'>;
  /** In which cases a person is needed, in words. */
  readonly personNeededWhen: Fact<string>;
  /** How often the grant is probed when nothing else proves that it lives. */
  readonly probeEverySeconds: number;
  /** How long to wait for a second try where no probe can confirm a death. */
  readonly confirmAfterSeconds: Fact<number>;
}
