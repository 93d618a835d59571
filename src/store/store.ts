import type { Cause } from '../core/cause.ts';
import type { GrantState } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type {
  ActivityRecord,
  ApiKeyRecord,
  AppBreaker,
  AppRecord,
  AuthorizationAttemptRecord,
  ClientRecord,
  ConnectionRecord,
  ConnectSessionRecord,
  DataKeyRecord,
  DeclarationRecord,
  GrantRecord,
  IdempotencyRecord,
  NewActivity,
  OutageRecord,
  WorkspaceRecord,
} from './records.ts';

/** Which page of a list: at most `limit` rows after the row whose id is `after` (newest first by creation). */
export interface Page {
  readonly limit: number;
  readonly after: string | null;
}

/** Which page of the deadlines: after that of a grant, as it was when it was read, since a deadline moves. */
export interface DeadlinePage {
  readonly limit: number;
  readonly after: Pick<GrantRecord, 'deadlineAt' | 'id'> | null;
}

export interface GrantFilter {
  readonly appId?: string;
  readonly identityId?: string;
  readonly state?: GrantState;
}

export interface ConnectionFilter {
  readonly status?: 'connected' | 'disconnected';
  readonly clientId?: string;
  readonly grantId?: string;
  readonly platform?: string;
  readonly state?: GrantState;
}

export interface Claim {
  readonly now: Instant;
  readonly owner: string;
  readonly leaseMs: number;
}

export interface ClaimOfMany extends Claim {
  readonly limit: number;
  /** `environment platform` of those of which nothing is wanted just now. Default none. */
  readonly exceptPlatforms?: readonly string[];
}

/** A grant with its new contents, to be written only if its epoch still stands. Releases the lease. */
export interface GrantOutcome {
  readonly grant: GrantRecord;
  /** As it was claimed: what did not change since is not written again. Absent: all of it is written. */
  readonly claimed?: GrantRecord;
  readonly activity: readonly NewActivity[];
  /**
   * Opens an outage for each connected connection on the grant that has none open. Where one is, it goes on; a cause that
   * is `confirmed` takes the place of the one it began with.
   */
  readonly openOutage?: {
    readonly cause: Cause;
    readonly startedAt: Instant;
    readonly startEvidence: string;
    readonly noticedAt: Instant;
    readonly confirmed?: boolean;
  };
  /** Ends the open outages of all connections on the grant, and with them one that {@link openOutage} opens: then it is over as it is noticed. */
  readonly closeOutageAt?: Instant;
}

/** Which master key wraps the data keys, and a value that only this key opens. */
export interface MasterKeyCheck {
  readonly masterKeyId: string;
  readonly check: string;
}

/** What is to be changed of an app. */
export type AppChange = Pick<AppRecord, 'workspaceId' | 'id' | 'updatedAt'> & Partial<AppRecord>;

/** What is to be changed of a client. */
export type ClientChange = Pick<ClientRecord, 'workspaceId' | 'id'> &
  Partial<Pick<ClientRecord, 'name' | 'externalId'>>;

/** One attempt at the request of an idempotency key: another attempt begins at another moment. */
export type IdempotentAttempt = Pick<IdempotencyRecord, 'workspaceId' | 'key' | 'createdAt'>;

/** Which connection, and the grant it rests on. */
export type ConnectionKey = Pick<ConnectionRecord, 'workspaceId' | 'id' | 'grantId'>;

/** A connection with the grant it rests on: what every read needs, in one trip. */
export interface ConnectionView {
  readonly connection: ConnectionRecord;
  readonly grant: GrantRecord;
}

/**
 * Everything that Evergrant remembers. Each workspace sees its own only; `reach.ts` names the methods that cross
 * workspaces, such as the keeper's claims and the look-ups by a secret's hash. Time is always a parameter. Every method either takes effect
 * whole or not at all; `transaction` makes several of them one.
 */
export interface Store {
  /** Runs pending migrations. Throws {@link DatabaseIsNewerError} when the database was written by a newer version. */
  readonly migrate: () => Promise<void>;
  /**
   * Why the second wall between workspaces, row-level security, does not stand, and who can do what about it; null: it
   * stands. Without it the statements keep workspaces apart, as they do anyway.
   */
  readonly wallProblem: () => Promise<string | null>;
  /** A trip to the database and back, for readiness. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
  /**
   * Everything done through the store that `work` gets is one; when `work` throws, nothing of it happened. Inside, use
   * no other store (the embedded database has one connection: it would wait for itself), and give up after an error.
   */
  readonly transaction: <T>(work: (store: Store) => Promise<T>) => Promise<T>;
  /**
   * Work that can be done again: if the power fails before it is over, its latest writes may be lost (never an earlier
   * one without the later ones). When it resolves, all of it is on the disk. Quicker on the embedded database alone.
   */
  readonly hurriedly: <T>(work: () => Promise<T>) => Promise<T>;

  /** Whether the workspace has a row of this id in the list. */
  readonly hasRow: (
    list: 'apps' | 'clients' | 'connections' | 'grants' | 'outages',
    workspaceId: string,
    id: string,
  ) => Promise<boolean>;

  readonly insertWorkspace: (record: WorkspaceRecord) => Promise<void>;
  /** Inside a transaction: holds off every other that calls this, until it ends. Readers are not held up. */
  readonly lockWorkspaces: () => Promise<void>;
  readonly listWorkspaces: () => Promise<readonly WorkspaceRecord[]>;

  readonly insertApiKey: (record: ApiKeyRecord) => Promise<void>;
  readonly listApiKeys: (workspaceId: string) => Promise<readonly ApiKeyRecord[]>;
  /** Those of the hashes that exist; revoked ones too. */
  readonly findApiKeys: (hashes: readonly string[]) => Promise<readonly ApiKeyRecord[]>;
  readonly revokeApiKey: (workspaceId: string, id: string, now: Instant) => Promise<boolean>;

  /** `null` when no master key was ever used with this database; also before the first migration. */
  readonly getMasterKeyCheck: () => Promise<MasterKeyCheck | null>;
  /** Sets the check if the one that stands is of `fromMasterKeyId` (null: if none stands). False: it is not. */
  readonly setMasterKeyCheck: (check: MasterKeyCheck, fromMasterKeyId: string | null) => Promise<boolean>;
  /**
   * Inserts unless the workspace has one; returns the one that stands. Null: the workspace has none, and nothing was
   * inserted because the record's master key is not the one of the check (any more): read the check again.
   */
  readonly ensureDataKey: (record: DataKeyRecord) => Promise<DataKeyRecord | null>;
  readonly getDataKeys: (workspaceId: string) => Promise<readonly DataKeyRecord[]>;
  /** Data keys not wrapped by this master key, a batch at a time. */
  readonly dataKeysNotUnder: (masterKeyId: string, limit: number) => Promise<readonly DataKeyRecord[]>;
  /** Replaces the wrapping if the key is still wrapped by `fromMasterKeyId`. */
  readonly rewrapDataKey: (record: DataKeyRecord, fromMasterKeyId: string) => Promise<boolean>;

  readonly insertApp: (record: AppRecord) => Promise<void>;
  /**
   * Changes what is given and nothing else; of that, neither `breaker` (see `setBreaker`) nor `createdAt`. Settings that
   * are not among those given stay, too.
   */
  readonly updateApp: (change: AppChange) => Promise<boolean>;
  readonly getApp: (workspaceId: string, id: string) => Promise<AppRecord | null>;
  readonly getApps: (
    keys: readonly { readonly workspaceId: string; readonly id: string }[],
  ) => Promise<readonly AppRecord[]>;
  readonly listApps: (workspaceId: string, page: Page) => Promise<readonly AppRecord[]>;
  readonly setBreaker: (workspaceId: string, appId: string, breaker: AppBreaker | null) => Promise<void>;
  /** False while grants rest on it. */
  readonly deleteApp: (workspaceId: string, id: string) => Promise<boolean>;

  readonly insertClient: (record: ClientRecord) => Promise<void>;
  /** Changes what is given and nothing else. */
  readonly updateClient: (change: ClientChange) => Promise<boolean>;
  readonly getClient: (workspaceId: string, id: string) => Promise<ClientRecord | null>;
  readonly findClientByExternalId: (workspaceId: string, externalId: string) => Promise<ClientRecord | null>;
  readonly listClients: (workspaceId: string, page: Page) => Promise<readonly ClientRecord[]>;
  /** False while connections exist. */
  readonly deleteClient: (workspaceId: string, id: string) => Promise<boolean>;

  readonly insertGrant: (record: GrantRecord) => Promise<void>;
  readonly getGrant: (workspaceId: string, id: string) => Promise<GrantRecord | null>;
  readonly listGrants: (
    workspaceId: string,
    filter: GrantFilter,
    page: Page,
  ) => Promise<readonly GrantRecord[]>;
  /**
   * Takes up to `limit` due grants that nobody holds, urgent ones first, then by due time (among equal times as it
   * likes); skips those locked by others (`FOR UPDATE SKIP LOCKED`) and, unless urgent, those whose app's breaker is open. Sets lease and owner, raises the epoch.
   * A grant whose lease ran out is due again, with `leaseOwner` of the former holder still in the returned `previousOwner`.
   */
  readonly claimDue: (claim: ClaimOfMany) => Promise<readonly ClaimedGrant[]>;
  /**
   * Takes up to `limit` grants of which a reminder is due and that nobody holds, the longest due first, as `claimDue` does:
   * one lease and one epoch for all kinds of work.
   */
  readonly claimReminders: (claim: Claim & { readonly limit: number }) => Promise<readonly ClaimedGrant[]>;
  /** Takes one grant if nobody holds it, due or not. */
  readonly claimGrant: (workspaceId: string, id: string, claim: Claim) => Promise<ClaimedGrant | null>;
  /** Gives a claim back without an outcome; `dueAt` null keeps the due time. */
  readonly releaseGrants: (grants: readonly GrantRecord[], dueAt: Instant | null) => Promise<void>;
  /**
   * Lets every lease run out now, with its holder still on record: for whoever knows that all holders are gone. The
   * next claim sees `previousOwner`, as after any lease that ran out without an outcome.
   */
  readonly endLeases: (now: Instant) => Promise<void>;
  /**
   * Makes due now what was spared because of an app that has just been mended, and is held by nobody. What waits for
   * another reason, such as a platform's `Retry-After`, goes on waiting.
   */
  readonly hastenSpared: (workspaceId: string, appId: string, now: Instant) => Promise<void>;
  /** When the next grant can be claimed: it is due, its lease has ended, its app's breaker too. Null: never. */
  readonly nextDueAt: () => Promise<Instant | null>;
  /**
   * Applies outcomes in one transaction; for each, whether its claim still stood: the epoch is the same, and nobody
   * wrote an outcome under it before. Those whose claim did not stand change nothing, so a repeat is harmless.
   */
  readonly applyOutcomes: (outcomes: readonly GrantOutcome[]) => Promise<readonly boolean[]>;
  /** Over all workspaces: grants made before `before` that something is due for, though no connection rests on them. */
  readonly listUnusedGrants: (
    before: Instant,
    limit: number,
  ) => Promise<readonly { readonly workspaceId: string; readonly id: string }[]>;
  /**
   * Consents after that moment behind living grants (not expired, not revoked) of the same identity and app: each has
   * minted a credential. Of a grant that is older than the moment the latest alone is certain to be after it.
   */
  readonly countGrantsOfIdentity: (
    workspaceId: string,
    appId: string,
    identityId: string,
    consentedAfter: Instant,
  ) => Promise<number>;

  readonly insertConnection: (record: ConnectionRecord) => Promise<void>;
  readonly updateConnection: (record: ConnectionRecord) => Promise<boolean>;
  readonly getConnection: (workspaceId: string, id: string) => Promise<ConnectionView | null>;
  /** Inside a transaction: as it is now, and holds off every other that would change it, until it ends. */
  readonly lockConnection: (workspaceId: string, id: string) => Promise<ConnectionRecord | null>;
  /** One trip for many readers. */
  readonly getConnections: (
    keys: readonly { readonly workspaceId: string; readonly id: string }[],
  ) => Promise<readonly ConnectionView[]>;
  /**
   * A text for each key, in their order, that changes with every write to the connection or its grant; null: there is
   * no such connection. Who has the view that belongs to a stamp need not read it again while the stamp stands.
   */
  readonly connectionStamps: (
    keys: readonly { readonly workspaceId: string; readonly id: string }[],
  ) => Promise<readonly (string | null)[]>;
  readonly listConnections: (
    workspaceId: string,
    filter: ConnectionFilter,
    page: Page,
  ) => Promise<readonly ConnectionView[]>;

  /**
   * Over all workspaces: up to `limit` connections in use whose loss is to be looked at by `now`, the longest due first.
   * Their next turn is `again`, so that nobody else takes them meanwhile.
   */
  readonly claimLooks: (claim: {
    readonly now: Instant;
    readonly again: Instant;
    readonly limit: number;
  }) => Promise<readonly ConnectionKey[]>;

  readonly insertConnectSession: (record: ConnectSessionRecord) => Promise<void>;
  /** Changes a session that is still open. False: there is none, or it is over; so one alone finishes it. */
  readonly updateConnectSession: (record: ConnectSessionRecord) => Promise<boolean>;
  readonly getConnectSession: (workspaceId: string, id: string) => Promise<ConnectSessionRecord | null>;
  readonly findConnectSession: (tokenHash: string) => Promise<ConnectSessionRecord | null>;
  readonly insertAttempt: (record: AuthorizationAttemptRecord) => Promise<void>;
  readonly getAttempt: (stateHash: string) => Promise<AuthorizationAttemptRecord | null>;
  /** True for exactly one caller: state is single use. */
  readonly useAttempt: (stateHash: string, now: Instant) => Promise<boolean>;

  /** Ends the open outage of a connection that was disconnected, or has moved to another grant. */
  readonly closeConnectionOutage: (workspaceId: string, connectionId: string, at: Instant) => Promise<void>;
  readonly listOutages: (
    workspaceId: string,
    filter: { readonly connectionId?: string; readonly open?: boolean },
    page: Page,
  ) => Promise<readonly OutageRecord[]>;
  /** Grants with a deadline before `until`, soonest first. */
  readonly listDeadlines: (
    workspaceId: string,
    until: Instant,
    page: DeadlinePage,
  ) => Promise<readonly GrantRecord[]>;

  /** Appends; the log can be neither changed nor shortened through this interface, nor by the database role's triggers. */
  readonly appendActivity: (rows: readonly NewActivity[]) => Promise<void>;
  readonly listActivity: (
    workspaceId: string,
    filter: { readonly subject?: string; readonly action?: string },
    page: { readonly limit: number; readonly beforeSeq: number | null },
  ) => Promise<readonly ActivityRecord[]>;
  /** The first row that is missing or whose hash does not follow from its predecessor; null: unbroken and whole. */
  readonly verifyActivity: (workspaceId: string) => Promise<{ readonly seq: number } | null>;

  /** Inserts; or returns the record that already stands for this key. */
  readonly beginIdempotent: (record: IdempotencyRecord) => Promise<IdempotencyRecord | null>;
  /** Takes the place of the attempt that began at `begunAt`. False: it has its answer, or is not there any more. */
  readonly takeOverIdempotent: (record: IdempotencyRecord, begunAt: Instant) => Promise<boolean>;
  /** Keeps the answer, unless another attempt took this one's place. */
  readonly finishIdempotent: (attempt: IdempotentAttempt, status: number, body: string) => Promise<void>;
  /** Frees the key, unless another attempt took this one's place. */
  readonly dropIdempotent: (attempt: IdempotentAttempt) => Promise<void>;

  readonly putDeclaration: (record: DeclarationRecord) => Promise<void>;
  /** False while apps rest on it, or where there is none. */
  readonly deleteDeclaration: (workspaceId: string, id: string) => Promise<boolean>;
  readonly getDeclaration: (workspaceId: string, id: string) => Promise<DeclarationRecord | null>;
  readonly listDeclarations: (workspaceId: string) => Promise<readonly DeclarationRecord[]>;

  /** Removes what has served: attempts used and sessions closed before `before`, idempotency records begun before `keysBefore`. */
  readonly sweep: (before: Instant, keysBefore: Instant) => Promise<void>;
}

/** A claimed grant, and whether its former holder left without an outcome. */
export interface ClaimedGrant extends GrantRecord {
  /** Who held a lease that ran out without an outcome; null: nobody. */
  readonly previousOwner: string | null;
}

/** The database was migrated by a newer Evergrant: this one must not write to it. */
export class DatabaseIsNewerError extends Error {
  constructor(known: number, found: number) {
    super(
      `The database is at schema version ${found}, but this Evergrant knows versions up to ${known}. ` +
        'It was upgraded by a newer Evergrant: start that version, or restore a backup made before the upgrade.',
    );
    this.name = 'DatabaseIsNewerError';
  }
}

/** The database cannot be reached or broke off. The work can be tried again. */
export class StoreUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailableError';
  }
}

/**
 * Something with this key exists already (`taken`), or what it refers to does not (`reference`).
 * `constraint` names the rule, e.g. `clients_external_id`.
 */
export class ConflictError extends Error {
  readonly kind: 'taken' | 'reference';
  readonly constraint: string;

  constructor(kind: 'taken' | 'reference', constraint: string, options?: ErrorOptions) {
    const what =
      kind === 'taken' ? 'It exists already' : 'What it refers to does not exist, or is referred to';
    super(`${what} (${constraint}).`, options);
    this.name = 'ConflictError';
    this.kind = kind;
    this.constraint = constraint;
  }
}
