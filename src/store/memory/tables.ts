import type {
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
} from '../records.ts';
import type { MasterKeyCheck } from '../store.ts';
import { ActivityLog } from './activityLog.ts';
import { DueQueue } from './dueQueue.ts';
import { Index, Table, Undo } from './table.ts';

interface Owned {
  readonly workspaceId: string;
  readonly id: string;
}

/** A record's place in its table; also for the record that another one refers to. */
export function keyOf(workspaceId: string, id: string): string {
  return `${workspaceId}/${id}`;
}

const ofOwned = ({ workspaceId, id }: Owned): string => keyOf(workspaceId, id);

/** Everything that the memory store holds, with the indexes that its hot paths need. */
export class Tables {
  readonly undo = new Undo();
  readonly workspaces = new Table<WorkspaceRecord>(this.undo, ({ id }) => id);
  readonly apiKeys = new Table<ApiKeyRecord>(this.undo, ofOwned);
  readonly masterKeyCheck = new Table<MasterKeyCheck>(this.undo, () => 'one');
  readonly dataKeys = new Table<DataKeyRecord>(this.undo, ofOwned);
  readonly apps = new Table<AppRecord>(this.undo, ofOwned);
  readonly clients = new Table<ClientRecord>(this.undo, ofOwned);
  readonly grants = new Table<GrantRecord>(this.undo, ofOwned);
  readonly connections = new Table<ConnectionRecord>(this.undo, ofOwned);
  readonly sessions = new Table<ConnectSessionRecord>(this.undo, ofOwned);
  readonly attempts = new Table<AuthorizationAttemptRecord>(this.undo, ({ stateHash }) => stateHash);
  readonly outages = new Table<OutageRecord>(this.undo, ofOwned);
  readonly idempotency = new Table<IdempotencyRecord>(this.undo, (record) =>
    keyOf(record.workspaceId, record.key),
  );
  readonly declarations = new Table<DeclarationRecord>(this.undo, ofOwned);
  readonly activity: ActivityLog;

  readonly due = new DueQueue(this.grants, ({ dueAt }) => dueAt);
  readonly reminders = new DueQueue(this.grants, ({ remindAt }) => remindAt);
  readonly apiKeysByHash = new Index(this.apiKeys, ({ hash }) => hash);
  readonly grantsByApp = new Index(this.grants, ({ workspaceId, appId }) => keyOf(workspaceId, appId));
  readonly connectionsByGrant = new Index(this.connections, (record) =>
    keyOf(record.workspaceId, record.grantId),
  );
  readonly connectionsByClient = new Index(this.connections, (record) =>
    keyOf(record.workspaceId, record.clientId),
  );
  readonly sessionsByToken = new Index(this.sessions, ({ tokenHash }) => tokenHash);
  readonly openOutagesByGrant = new Index(this.outages, (record) =>
    record.endedAt === null ? keyOf(record.workspaceId, record.grantId) : null,
  );
  readonly openOutagesByConnection = new Index(this.outages, (record) =>
    record.endedAt === null ? keyOf(record.workspaceId, record.connectionId) : null,
  );
  readonly appsWithBreaker = new Index(this.apps, ({ breaker }) => (breaker === null ? null : 'open'));

  constructor(mostActivity: number) {
    this.activity = new ActivityLog(this.undo, mostActivity);
  }
}
