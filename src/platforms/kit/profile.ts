import type { Cadence } from '../../core/cadence.ts';
import type { Actor } from '../../core/cause.ts';
import type { Sourced } from '../../core/fact.ts';
import type { Instant } from '../../core/instant.ts';

export type { Cadence, RenewalClock, RenewalMechanism } from '../../core/cadence.ts';

export interface ScopeSpec {
  readonly id: string;
  readonly description: string;
  /** Asked for unless the operator chose otherwise. */
  readonly byDefault: boolean;
  /** The features that stop without it, in words: "spend reports". */
  readonly features: readonly string[];
  /** False: asked for, but its absence does not degrade a grant (identity scopes that answers may omit). */
  readonly required?: boolean;
}

/** One field of a fields-type connection. */
export interface FieldSpec {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  /** Never shown again, sealed in the vault. */
  readonly secret: boolean;
  readonly required: boolean;
  readonly kind: 'text' | 'password' | 'date' | 'json' | 'choice';
  readonly choices?: readonly string[];
  /**
   * What is wrong with a value of the right kind, before the platform is asked, in a sentence for the person who
   * entered it; undefined: nothing. Never repeats the value.
   */
  readonly wrong?: (value: string, now: Instant) => string | undefined;
}

export interface AuthMethod {
  /** `user_login`, `system_user`, `service_account`, `account_token`, `advertiser_token`, `api_token`, `login_exchange` … */
  readonly id: string;
  readonly name: string;
  readonly kind: 'oauth' | 'fields';
  /** Whether the platform takes PKCE with S256 on its authorization endpoint (RFC 7636). */
  readonly pkce: boolean;
  readonly cadence: Cadence;
  readonly scopes: readonly ScopeSpec[];
  /** For `fields` methods; empty for `oauth`. */
  readonly fields: readonly FieldSpec[];
  /** Whether revoking one authorization ends all that the same person gave the same OAuth client. Default false. */
  readonly revocationSpreads?: boolean;
  /** Who brings permissions that are missing, and how, where no consent page has boxes to tick. Default: reconnect and allow them. */
  readonly missingScopes?: { readonly who: Actor; readonly remedy: string };
  /**
   * Whether its consent page asks which ad accounts to open, so that one may be left out there. Default false: then it
   * opens all that the person has.
   */
  readonly asksForAccounts?: boolean;
  /** Said to the person before they connect, where the platform has a trap. */
  readonly notice?: string;
}

/** A setting of the app (OAuth client) beyond client id and secret. */
export interface AppSettingSpec {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly required?: boolean;
}

export interface PlatformProfile {
  /** As in the address: `meta`, `google-ads`. */
  readonly id: string;
  readonly name: string;
  /** Where the person signs in, as they know it, where that is not the platform itself: one signs in at Google. */
  readonly signInName?: string;
  /** Other spellings that people use. */
  readonly aliases: readonly string[];
  readonly methods: readonly AuthMethod[];
  /** Every host that requests may go to. No other is ever called (allow-list). */
  readonly hosts: readonly string[];
  /** Plain http to loopback hosts is allowed: only for declared servers on the same machine. Default false. */
  readonly insecureLoopback?: boolean;
  /** Whether it can be asked for the ad accounts. Default true; false: that it lists none means nothing. */
  readonly listsAccounts?: boolean;
  readonly appSettings: readonly AppSettingSpec[];
  /** Whether the app needs a client id and secret before people can connect; false where fields carry everything. */
  readonly appNeedsClient: boolean;
  /** How to register an app, as short steps. */
  readonly setup: readonly string[];
  /** Facts worth knowing that no field above holds. */
  readonly remarks: readonly (Sourced & { readonly text: string })[];
  /** Said before a disconnect where revoking has side effects; null where there are none. */
  readonly revocationNotice: string | null;
}
