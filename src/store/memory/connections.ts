import type { GrantState } from '../../core/grantState.ts';
import type { ConnectionRecord } from '../records.ts';
import { ConflictError, type ConnectionFilter, type ConnectionView, type Store } from '../store.ts';
import { pageOf, present, settledJson, truncated } from './rows.ts';
import { keyOf, type Tables } from './tables.ts';

type Connections = Pick<
  Store,
  | 'insertConnection'
  | 'updateConnection'
  | 'getConnection'
  | 'lockConnection'
  | 'getConnections'
  | 'connectionStamps'
  | 'listConnections'
  | 'claimLooks'
>;

export function connections(tables: Tables): Connections {
  const versions = new Versions();
  const view = (key: string): ConnectionView | undefined => {
    const connection = tables.connections.get(key);
    const grant = connection && tables.grants.get(keyOf(connection.workspaceId, connection.grantId));
    return connection && grant && { connection, grant };
  };
  const put = (record: ConnectionRecord): void => {
    if (!tables.grants.get(keyOf(record.workspaceId, record.grantId)))
      throw new ConflictError('reference', 'connections_workspace_id_grant_id_fkey');
    if (!tables.clients.get(keyOf(record.workspaceId, record.clientId)))
      throw new ConflictError('reference', 'connections_workspace_id_client_id_fkey');
    tables.connections.put({ ...truncated(record), accounts: settledJson(record.accounts) });
  };
  return {
    insertConnection: async (record) => {
      if (tables.connections.get(keyOf(record.workspaceId, record.id)))
        throw new ConflictError('taken', 'connections_pkey');
      put(record);
    },
    updateConnection: async (record) => {
      const before = tables.connections.get(keyOf(record.workspaceId, record.id));
      if (before === undefined) return false;
      put({ ...record, createdAt: before.createdAt });
      return true;
    },
    getConnection: async (workspaceId, id) => view(keyOf(workspaceId, id)) ?? null,
    // Nothing else runs while a transaction is open.
    lockConnection: async (workspaceId, id) => tables.connections.get(keyOf(workspaceId, id)) ?? null,
    getConnections: async (keys) =>
      present([...new Set(keys.map((key) => keyOf(key.workspaceId, key.id)))].map(view)),
    connectionStamps: async (keys) =>
      keys.map((key) => {
        const found = view(keyOf(key.workspaceId, key.id));
        return found === undefined ? null : `${versions.of(found.connection)}.${versions.of(found.grant)}`;
      }),
    claimLooks: async ({ now, again, limit }) => {
      const due = tables.connections
        .all()
        .filter(
          ({ status, loss }) => status === 'connected' && loss !== null && loss.lookAt <= Math.trunc(now),
        )
        .sort((a, b) => (a.loss?.lookAt ?? 0) - (b.loss?.lookAt ?? 0))
        .slice(0, limit);
      for (const connection of due)
        put({ ...connection, loss: connection.loss && { ...connection.loss, lookAt: Math.trunc(again) } });
      return due.map(({ workspaceId, id, grantId }) => ({ workspaceId, id, grantId }));
    },
    listConnections: async (workspaceId, filter, page) =>
      present(
        pageOf(tables.connections.all(), workspaceId, page, (record) => isWanted(tables, record, filter)).map(
          (record) => view(keyOf(record.workspaceId, record.id)),
        ),
      ),
  };
}

function isWanted(tables: Tables, record: ConnectionRecord, filter: ConnectionFilter): boolean {
  const grant = tables.grants.get(keyOf(record.workspaceId, record.grantId));
  return (
    (filter.clientId === undefined || record.clientId === filter.clientId) &&
    (filter.grantId === undefined || record.grantId === filter.grantId) &&
    (filter.status === undefined || record.status === filter.status) &&
    (filter.platform === undefined || grant?.platform === filter.platform) &&
    (filter.state === undefined || stateOf(record, grant?.state) === filter.state)
  );
}

/** As a connection is shown, and as PostgreSQL lists it. */
function stateOf(record: ConnectionRecord, ofGrant: GrantState | undefined): GrantState | undefined {
  if (record.status === 'disconnected') return 'revoked';
  return ofGrant === 'active' && record.loss !== null ? 'degraded' : ofGrant;
}

/** Every version of a record is an object of its own; each gets a number when it is first asked for. */
class Versions {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  of(record: object): number {
    const known = this.#numbers.get(record);
    if (known !== undefined) return known;
    this.#last += 1;
    this.#numbers.set(record, this.#last);
    return this.#last;
  }
}
