import type { PlatformAnswer } from '../../core/answer.ts';
import type { Cause } from '../../core/cause.ts';
import type { Check } from '../../core/diagnosis.ts';
import type { GrantFacts, HardEnd } from '../../core/grantFacts.ts';
import type { Instant } from '../../core/instant.ts';
import type { FieldErrors, Fields } from './fields.ts';
import type { PlatformRequest } from './request.ts';

/** The operator's OAuth client on a platform, opened. */
export interface AppConfig {
  readonly id: string;
  readonly platform: string;
  readonly environment: 'live' | 'sandbox';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Secret values by field name: `access_token`, `refresh_token`, `private_key`, `password` … */
export type Secrets = Readonly<Record<string, string>>;

/** Who authorized a grant, as the platform names them. `id` is stable; a mail address is not an id. */
export interface Identity {
  readonly id: string;
  readonly kind: 'person' | 'system_user' | 'service_account' | 'api_user' | 'account';
  readonly name: string | null;
  readonly email: string | null;
}

/** An ad account that is reachable through a grant. */
export interface AdAccount {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'limited' | 'disabled' | 'closed' | 'unknown';
  readonly currency: string | null;
  readonly timezone: string | null;
  /** The identity's roles or tasks on the account, in the platform's words. */
  readonly permissions: readonly string[];
}

/**
 * What a platform issued. Absent means "as before": an answer without a refresh token keeps the old one
 * (RFC 6749 6), an answer without scope means the scopes asked for (RFC 6749 5.1).
 */
export interface Issued {
  /** Only the fields that this answer brought. */
  readonly secrets: Secrets;
  readonly issuedAt: Instant;
  /** null: the access credential does not end by time. */
  readonly accessExpiresAt: Instant | null;
  readonly accessExpiryAssumed: boolean;
  /** Absent: unchanged. null: no end by time, or none known. */
  readonly renewalExpiresAt?: Instant | null;
  readonly scopesGranted?: readonly string[];
  /** Absent: unchanged. Replaces the former list. */
  readonly hardEnds?: readonly HardEnd[];
  readonly identity?: Identity;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An opened grant: its secrets and what is known about it. */
export interface Held {
  readonly secrets: Secrets;
  readonly facts: GrantFacts;
  readonly identity: Identity | null;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly answer: PlatformAnswer };

/**
 * What came of entered fields. `refused`: the platform was asked and plainly refuses a value, so that the person can
 * correct it; a sentence for each field that may be at fault. Absent: the answer is to be diagnosed.
 */
export type Accepted =
  | Extract<Outcome<Issued>, { ok: true }>
  | { readonly ok: false; readonly answer: PlatformAnswer; readonly refused?: FieldErrors };

/** An ad account that is listed while the platform refuses to tell more of it. */
export interface RefusedAccount {
  readonly id: string;
  readonly answer: PlatformAnswer;
}

/** The ad accounts that are listed; `refused`: those of them of which the platform told nothing else, with its answer. */
export type Listing =
  | {
      readonly ok: true;
      readonly value: readonly AdAccount[];
      readonly refused?: readonly RefusedAccount[];
    }
  | { readonly ok: false; readonly answer: PlatformAnswer };

/** What a probe learned beside its verdict, to be merged into the grant's facts. */
export type Learned = Partial<
  Pick<Issued, 'accessExpiresAt' | 'renewalExpiresAt' | 'scopesGranted' | 'hardEnds' | 'extra'>
>;

/**
 * What a probe saw. `unclear`: the platform did not say whether the grant lives; its answer is read all the same, in the
 * light of what an earlier call of the same probe told (`facts`).
 */
export type ProbeResult =
  | { readonly verdict: 'alive'; readonly facts?: Learned }
  | { readonly verdict: 'dead'; readonly answer: PlatformAnswer; readonly cause?: Cause }
  | { readonly verdict: 'unclear'; readonly answer: PlatformAnswer; readonly facts?: Learned };

/** The edge, as an adapter sees it. `send` never throws: silence is an answer too. */
export interface Io {
  readonly send: (request: PlatformRequest) => Promise<PlatformAnswer>;
  readonly now: () => Instant;
  /** Cryptographically strong bytes. */
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface AuthorizeInput {
  readonly redirectUri: string;
  readonly state: string;
  /** RFC 7636 4.2, S256. Present when the method's profile says `pkce: true`. */
  readonly codeChallenge: string | null;
  /** OpenID Connect nonce; sent where `openid` is asked for. */
  readonly nonce: string;
  readonly scopes: readonly string[];
  /** The identity that should sign in, on a reconnect. */
  readonly identity: Identity | null;
  /** True on a reconnect: ask for declined permissions again, force a fresh refresh token. */
  readonly reconnect: boolean;
  /** On a reconnect, the ends of what is held that no renewal moves: which of them the person has come to move. */
  readonly hardEnds?: readonly HardEnd[];
}

export type CallbackResult =
  | { readonly kind: 'code'; readonly code: string; readonly issuer: string | null }
  | {
      readonly kind: 'denied';
      readonly cause: Cause;
      readonly error: string;
      readonly description: string | null;
    };

export interface ExchangeInput {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string | null;
  readonly nonce: string;
  readonly scopes: readonly string[];
}

/** What one auth method of a platform does. Building requests and reading answers live here; deciding does not. */
export interface MethodAdapter {
  /** The address to which the person is sent. `oauth` methods only. */
  readonly authorizeUrl?: (app: AppConfig, input: AuthorizeInput, io: Io) => string | Promise<string>;
  /** Reads the callback's query. Default: RFC 6749 4.1.2 and 4.1.2.1. */
  readonly readCallback?: (query: URLSearchParams, app: AppConfig) => CallbackResult;
  /** Exchanges the code, once; brings the identity along. `oauth` methods only. */
  readonly exchange?: (io: Io, app: AppConfig, input: ExchangeInput) => Promise<Outcome<Issued>>;
  /** Takes the fields that a person entered, as `readFields` let them through, and proves them at the platform. `fields` methods only. */
  readonly accept?: (io: Io, app: AppConfig, fields: Fields, scopes?: readonly string[]) => Promise<Accepted>;
  /** Brings a new access credential. Absent where the method's mechanism is `none`. */
  readonly renew?: (io: Io, app: AppConfig, held: Held) => Promise<Outcome<Issued>>;
  /** Asks the platform whether the grant lives, as cheaply as it can be asked. */
  readonly probe: (io: Io, app: AppConfig, held: Held) => Promise<ProbeResult>;
  /** Ends the grant at the platform (RFC 7009 or the platform's own way). Absent where there is none. */
  readonly revoke?: (io: Io, app: AppConfig, held: Held) => Promise<Outcome<null>>;
  readonly accounts: (io: Io, app: AppConfig, held: Held) => Promise<Listing>;
  /** The headers with which a caller uses the access credential. */
  readonly callHeaders: (app: AppConfig, held: Held) => Readonly<Record<string, string>>;
  /** Where a caller's requests go, without trailing slash. */
  readonly baseUrl: (app: AppConfig, held: Held) => string;
}

export interface PlatformAdapter {
  readonly methods: Readonly<Record<string, MethodAdapter>>;
  /** The ordered checks that read this platform's answers. Ends with the kit's common checks. */
  readonly checks: readonly Check[];
}
