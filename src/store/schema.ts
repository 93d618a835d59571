import type { ColumnType, GeneratedAlways, Kysely } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type {
  ActivityRecord,
  ApiKeyRecord,
  AppRecord,
  AuthorizationAttemptRecord,
  ClientRecord,
  ConnectionRecord,
  ConnectSessionRecord,
  DataKeyRecord,
  DeclarationRecord,
  GrantRecord,
  IdempotencyRecord,
  OutageRecord,
  WorkspaceRecord,
} from './records.ts';

/** A timestamptz: read as an {@link Instant}, written as RFC 3339. */
type Time = ColumnType<Instant, string, string>;
type OptionalTime = ColumnType<Instant | null, string | null, string | null>;
/** A jsonb column: read as what it holds, written as text by `json()`. */
type JsonColumn<T> = ColumnType<T, string, string>;
type OptionalJson<T> = ColumnType<T | null, string | null, string | null>;

type Columns<R, Times extends keyof R, Jsons extends keyof R> = {
  [K in keyof R]: K extends Times
    ? null extends R[K]
      ? OptionalTime
      : Time
    : K extends Jsons
      ? null extends R[K]
        ? OptionalJson<NonNullable<R[K]>>
        : JsonColumn<R[K]>
      : R[K];
};

type GrantTimes =
  | 'stateSince'
  | 'dueAt'
  | 'urgentAt'
  | 'renewAt'
  | 'deadlineAt'
  | 'remindAt'
  | 'lastAttemptAt'
  | 'leaseUntil'
  | 'createdAt';
type GrantJsons = 'evidence' | 'pending' | 'identity' | 'facts' | 'secrets' | 'reminded';
type GrantColumns = Columns<GrantRecord, GrantTimes, GrantJsons>;
/** What the keeper walks over and a claim changes. */
type ClaimColumn = 'dueAt' | 'dueReason' | 'urgentAt' | 'leaseOwner' | 'leaseUntil' | 'epoch';

/** The tables. Column names are the records' own names; the connection turns them into snake_case. */
export interface Schema {
  workspaces: Columns<WorkspaceRecord, 'createdAt', never>;
  apiKeys: Columns<ApiKeyRecord, 'createdAt' | 'revokedAt', never>;
  masterKeyCheck: { one: ColumnType<boolean, boolean | undefined>; masterKeyId: string; check: string };
  dataKeys: Columns<DataKeyRecord, 'createdAt', never>;
  apps: Columns<AppRecord, 'createdAt' | 'updatedAt', 'settings' | 'breaker'> & {
    breakerOpenUntil: GeneratedAlways<Instant | null>;
  };
  clients: Columns<ClientRecord, 'createdAt', never>;
  /** A view of the next two, for reading. */
  grants: GrantColumns & { identityId: GeneratedAlways<string | null> };
  grantRecords: Omit<GrantColumns, ClaimColumn>;
  grantClaims: Pick<GrantColumns, ClaimColumn | 'workspaceId' | 'id' | 'appId' | 'platform' | 'environment'>;
  connections: Columns<ConnectionRecord, 'createdAt' | 'disconnectedAt', 'accounts' | 'loss'>;
  connectSessions: Columns<ConnectSessionRecord, 'createdAt' | 'expiresAt' | 'finishedAt', never>;
  authorizationAttempts: Columns<AuthorizationAttemptRecord, 'createdAt' | 'expiresAt' | 'usedAt', never>;
  outages: Columns<OutageRecord, 'startedAt' | 'noticedAt' | 'endedAt', never>;
  activity: Columns<ActivityRecord, 'at', 'detail'>;
  activityHeads: { workspaceId: string; seq: number; hash: string };
  idempotency: Columns<IdempotencyRecord, 'createdAt', never>;
  declarations: Columns<DeclarationRecord, 'createdAt' | 'updatedAt', 'declaration' | 'discovered'>;
}

/** A connection to the database, or a transaction on it. */
export type Db = Kysely<Schema>;
