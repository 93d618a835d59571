import type { Endpoint } from '../core/answer.ts';
import type { Actor, Cause } from '../core/cause.ts';
import type { GrantFacts, PendingVerdict } from '../core/grantFacts.ts';
import type { GrantState } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { ReminderMark } from '../core/reminder.ts';
import type { Sealed } from '../core/sealed.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, unknown>>;
export type Environment = 'live' | 'sandbox';

export interface WorkspaceRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Instant;
}

export interface ApiKeyRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key, hex. The key itself has 256 random bits, so no slow hash is needed. */
  readonly hash: string;
  /** `admin`, `write`, `read`, `token`. */
  readonly scopes: readonly string[];
  readonly createdAt: Instant;
  readonly revokedAt: Instant | null;
}

/** A workspace's data key, wrapped by a master key. */
export interface DataKeyRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly wrapped: string;
  readonly masterKeyId: string;
  readonly createdAt: Instant;
}

/** Why an app is not called for a while: its own fault, or its platform's. Grants are not touched by it. */
export interface AppBreaker {
  readonly failures: number;
  readonly openUntil: Instant;
  readonly since: Instant;
  readonly cause: Cause;
  readonly check: string;
  /** What the platform's answer asks of whom. Absent: what the vocabulary says of the cause. */
  readonly remedy?: string;
  readonly who?: Actor;
}

export interface AppRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly platform: string;
  readonly environment: Environment;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: Sealed | null;
  /** Counts changes of the secret; part of what the seal is bound to. */
  readonly secretVersion: number;
  readonly settings: JsonObject;
  readonly breaker: AppBreaker | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface ClientRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly name: string;
  /** The integrator's own id for this client; unique in the workspace where set. */
  readonly externalId: string | null;
  readonly createdAt: Instant;
}

/** Why the state is what it is: kept with the grant, and in the activity log at each change. Never secret. */
export interface StateEvidence {
  readonly cause: Cause | null;
  readonly check: string | null;
  /** At which kind of door it was seen; null: not in an answer. */
  readonly endpoint: Endpoint | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly remedy: string | null;
  readonly who: string | null;
  /** Whether a new authorization mends it; absent: as with the cause, and with who acts. */
  readonly reconnect?: boolean;
  readonly acceptableOthers: readonly Cause[];
  /** How it was confirmed: `probe`, `second_try`, `end_by_time`, `person`, or null. */
  readonly confirmedBy: string | null;
  /** Scopes that are missing, where that is the cause. */
  readonly missingScopes: readonly string[];
}

export interface GrantRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly appId: string;
  readonly platform: string;
  readonly method: string;
  readonly environment: Environment;
  readonly state: GrantState;
  readonly cause: Cause | null;
  readonly stateSince: Instant;
  readonly evidence: StateEvidence | null;
  readonly pending: PendingVerdict | null;
  readonly identity: {
    readonly id: string;
    readonly kind: string;
    readonly name: string | null;
    readonly email: string | null;
  } | null;
  readonly facts: GrantFacts;
  /** Sealed secrets by field name. */
  readonly secrets: Readonly<Record<string, Sealed>>;
  /** Rises by one with each stored credential; the seal of each field is bound to the version it was written with. */
  readonly credentialVersion: number;
  /** What is due: a renewal, a probe, a confirmation. Null: nothing (a person is needed, or disconnected). */
  readonly dueAt: Instant | null;
  readonly dueReason: string;
  /** From here on it goes before everything else. */
  readonly urgentAt: Instant | null;
  /** The next renewal, for people. Null: none planned. */
  readonly renewAt: Instant | null;
  /** The earliest moment that only a person can put off. */
  readonly deadlineAt: Instant | null;
  /** When a reminder of one of its deadlines is due next; null: none is planned. */
  readonly remindAt: Instant | null;
  /** The latest reminder of each kind of deadline. */
  readonly reminded: readonly ReminderMark[];
  /** Failed attempts in a row. */
  readonly failures: number;
  readonly lastAttemptAt: Instant | null;
  readonly leaseOwner: string | null;
  readonly leaseUntil: Instant | null;
  /** Fencing epoch: rises with each claim; a write with another epoch changes nothing. */
  readonly epoch: number;
  readonly createdAt: Instant;
}

/** What a connection lacks though its grant works: seen by one of its own calls, or in its ad accounts. */
export interface ConnectionLoss {
  readonly cause: Cause;
  readonly since: Instant;
  /** Ids of the ad accounts that it concerns; empty: none is known by name. */
  readonly accounts: readonly string[];
  readonly evidence: StateEvidence;
  /** When the accounts are read again, to see whether it is over. */
  readonly lookAt: Instant;
  /**
   * Known since a person signed in where the consent page asks which ad accounts to open: they may have left these out.
   * `others`: how many ad accounts were listed at the last look that the connection does not use.
   */
  readonly atSignIn?: { readonly others: number };
}

export interface ConnectionRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly clientId: string;
  readonly grantId: string;
  readonly name: string;
  /** The ad accounts chosen from the grant; what the platform last said about them. */
  readonly accounts: readonly JsonObject[];
  readonly status: 'connected' | 'disconnected';
  /** Null: it lacks nothing of its own. */
  readonly loss: ConnectionLoss | null;
  readonly createdAt: Instant;
  readonly disconnectedAt: Instant | null;
}

/** A hosted page's life: from the link to the outcome. */
export interface ConnectSessionRecord {
  readonly workspaceId: string;
  readonly id: string;
  /** SHA-256 of the link's secret part, hex. */
  readonly tokenHash: string;
  readonly clientId: string;
  /** Set on a reconnect. */
  readonly connectionId: string | null;
  readonly platform: string;
  readonly method: string;
  readonly appId: string;
  readonly scopes: readonly string[];
  readonly connectionName: string;
  /** Whether another identity than before is accepted on this reconnect. */
  readonly allowOtherIdentity: boolean;
  /** Where the page sends the person afterwards; null: it stays. */
  readonly returnUrl: string | null;
  readonly status: 'open' | 'completed' | 'failed';
  readonly cause: Cause | null;
  readonly detail: string | null;
  readonly resultConnectionId: string | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly finishedAt: Instant | null;
}

/** One trip to a platform's authorization endpoint: single use, bound to the browser that began. */
export interface AuthorizationAttemptRecord {
  readonly workspaceId: string;
  /** SHA-256 of `state`, hex. */
  readonly stateHash: string;
  readonly sessionId: string;
  readonly codeVerifier: Sealed | null;
  readonly nonce: string;
  /** SHA-256 of the browser's cookie, hex. */
  readonly browserHash: string;
  readonly redirectUri: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly usedAt: Instant | null;
}

export interface OutageRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly connectionId: string;
  readonly grantId: string;
  readonly cause: Cause;
  /** Best estimate of the loss. */
  readonly startedAt: Instant;
  /** How the start is known: `last_proof`, `end_by_time`, `platform_said`. */
  readonly startEvidence: string;
  readonly noticedAt: Instant;
  readonly endedAt: Instant | null;
}

export interface ActivityRecord {
  readonly workspaceId: string;
  /** Rises by one within the workspace, without gaps. */
  readonly seq: number;
  readonly at: Instant;
  /** Who: `api_key:…`, `keeper`, `account_holder`, `cli`, `system`. */
  readonly actor: string;
  /** What: `grant.renewed`, `connection.expired` … */
  readonly action: string;
  /** On what: ids of the grant, connection, app or client. */
  readonly subjects: readonly string[];
  readonly detail: JsonObject;
  /** SHA-256 over the previous row's hash and this row, hex: a changed or missing row is found. */
  readonly hash: string;
}

export type NewActivity = Omit<ActivityRecord, 'seq' | 'hash'>;

export interface IdempotencyRecord {
  readonly workspaceId: string;
  readonly key: string;
  readonly requestHash: string;
  /** Null while the first request is still running. */
  readonly status: number | null;
  /** The sealed answer (it may hold a link or a key that is shown once). */
  readonly body: Sealed | null;
  /** When the request began whose answer this is to hold, in real time, also where the clock of a sandbox was moved. */
  readonly createdAt: Instant;
}

export interface DeclarationRecord {
  readonly workspaceId: string;
  readonly id: string;
  readonly declaration: JsonObject;
  readonly discovered: JsonObject | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
