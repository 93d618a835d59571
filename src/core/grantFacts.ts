import type { Cause } from './cause.ts';
import type { Instant } from './instant.ts';

/** A moment after which only a person can save the grant, or a part of it. */
export interface HardEnd {
  /** What ends, in snake_case: `refresh_token`, `access_token`, `data_access`, `testing_mode`, `consent`, `api_token` … */
  readonly kind: string;
  readonly at: Instant;
  /** How the moment is known: the platform's answer, or a rule of its documents. */
  readonly source: string;
  /** Whether the whole grant stops then. False: a part of it does (data access, a permission). */
  readonly endsGrant: boolean;
}

/** What is known about one grant that is not secret. All of it may be shown, logged and compared. */
export interface GrantFacts {
  readonly platform: string;
  readonly method: string;
  /** The publishing status the operator declared for the app. */
  readonly appPublishing: 'testing' | 'production' | 'unknown';
  /** When a person last authorized (or entered) this grant. Some platforms count every lifetime from here. */
  readonly consentedAt: Instant;
  /** When the current access credential was issued. */
  readonly issuedAt: Instant;
  /** When the current access credential ends; null: it does not end by time. */
  readonly accessExpiresAt: Instant | null;
  /** True when the platform did not say and its documented default was used (RFC 6749 5.1). */
  readonly accessExpiryAssumed: boolean;
  /** When the credential from which access credentials are made ends; null: never by time, not known, or there is none. */
  readonly renewalExpiresAt: Instant | null;
  /** Whether a renewal credential (refresh token, key, login) is held. */
  readonly renewable: boolean;
  readonly scopesRequested: readonly string[];
  readonly scopesGranted: readonly string[];
  /** Ends beyond those two that the platform told or its documents state. */
  readonly hardEnds: readonly HardEnd[];
  /** Last moment at which the platform proved that the grant works. */
  readonly lastProofAt: Instant | null;
  /** Set when the platform itself said that the current access credential no longer works. */
  readonly accessDeadAt: Instant | null;
  /** Set when a renewal was begun and no outcome was ever recorded. Cleared by the next success. */
  readonly unknownOutcomeAt: Instant | null;
  /** Consents of the same identity to the same app after this one's, at least so many; for platforms with a cap. */
  readonly newerGrantsOfIdentity: number;
  /** How often a person authorized this grant: each time minted a credential that counts against a platform's cap. */
  readonly consentCount: number;
  /** Platform-specific facts that its own adapter wrote and reads. Never secret. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A verdict that was reached but still wants confirmation. */
export interface PendingVerdict {
  readonly cause: Cause;
  readonly firstSeenAt: Instant;
  readonly confirmAt: Instant;
}
