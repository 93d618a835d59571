import type { Instant } from '../../core/instant.ts';
import type { AppBreaker, AppRecord, ClientRecord } from '../records.ts';
import { ConflictError, type Page, type Store } from '../store.ts';
import { newestFirst, pageOf, present, settledJson, truncated } from './rows.ts';
import { keyOf, type Tables } from './tables.ts';

type Directory = Pick<
  Store,
  | 'insertWorkspace'
  | 'lockWorkspaces'
  | 'listWorkspaces'
  | 'insertApiKey'
  | 'listApiKeys'
  | 'findApiKeys'
  | 'revokeApiKey'
  | 'insertApp'
  | 'updateApp'
  | 'getApp'
  | 'getApps'
  | 'listApps'
  | 'setBreaker'
  | 'deleteApp'
  | 'insertClient'
  | 'updateClient'
  | 'getClient'
  | 'findClientByExternalId'
  | 'listClients'
  | 'deleteClient'
>;

/** Workspaces, API keys, apps and clients. */
export function directory(tables: Tables): Directory {
  return { ...workspaces(tables), ...apps(tables), ...clients(tables) };
}

function workspaces(tables: Tables) {
  return {
    insertWorkspace: async (record) => {
      if (tables.workspaces.get(record.id)) throw new ConflictError('taken', 'workspaces_pkey');
      tables.workspaces.put(truncated(record));
    },
    // Nothing else runs while a transaction is open.
    lockWorkspaces: async () => {},
    listWorkspaces: async () => newestFirst(tables.workspaces.all()).reverse(),
    insertApiKey: async (record) => {
      wantWorkspace(tables, record.workspaceId, 'api_keys');
      tables.apiKeys.put(truncated(record));
    },
    listApiKeys: async (workspaceId: string) =>
      newestFirst(tables.apiKeys.all().filter((key) => key.workspaceId === workspaceId)),
    findApiKeys: async (hashes: readonly string[]) =>
      [...new Set(hashes)].flatMap((hash) => tables.apiKeysByHash.of(hash)),
    revokeApiKey: async (workspaceId: string, id: string, now: Instant) => {
      const key = tables.apiKeys.get(keyOf(workspaceId, id));
      if (key === undefined || key.revokedAt !== null) return false;
      tables.apiKeys.put({ ...key, revokedAt: Math.trunc(now) });
      return true;
    },
  } satisfies Partial<Store>;
}

function apps(tables: Tables) {
  // What a process remembers by an app's record must not reach another process through it.
  const copy = (record: AppRecord | undefined) => record && { ...record };
  const stored = (record: AppRecord): AppRecord => ({
    ...truncated(record),
    settings: settledJson(record.settings),
  });
  return {
    insertApp: async (record) => {
      wantWorkspace(tables, record.workspaceId, 'apps');
      if (tables.apps.get(keyOf(record.workspaceId, record.id)))
        throw new ConflictError('taken', 'apps_pkey');
      tables.apps.put(stored(record));
    },
    updateApp: async (change) => {
      const before = tables.apps.get(keyOf(change.workspaceId, change.id));
      if (before === undefined) return false;
      const { breaker, createdAt } = before;
      const settings = { ...before.settings, ...change.settings };
      tables.apps.put({ ...stored({ ...before, ...givenOf(change), settings }), breaker, createdAt });
      return true;
    },
    getApp: async (workspaceId: string, id: string) => copy(tables.apps.get(keyOf(workspaceId, id))) ?? null,
    getApps: async (keys) =>
      present(
        [...new Set(keys.map((key) => keyOf(key.workspaceId, key.id)))].map((key) =>
          copy(tables.apps.get(key)),
        ),
      ),
    listApps: async (workspaceId: string, page: Page) => pageOf(tables.apps.all(), workspaceId, page),
    setBreaker: async (workspaceId: string, appId: string, breaker: AppBreaker | null) => {
      const app = tables.apps.get(keyOf(workspaceId, appId));
      if (app !== undefined)
        tables.apps.put({
          ...app,
          breaker: breaker && { ...breaker, openUntil: Math.trunc(breaker.openUntil) },
        });
    },
    deleteApp: async (workspaceId: string, id: string) => {
      const key = keyOf(workspaceId, id);
      return tables.grantsByApp.of(key).length === 0 && tables.apps.delete(key);
    },
  } satisfies Partial<Store>;
}

function clients(tables: Tables) {
  const ofWorkspace = (workspaceId: string) =>
    tables.clients.all().filter((client) => client.workspaceId === workspaceId);
  const wantFreeExternalId = ({ workspaceId, id, externalId }: ClientRecord): void => {
    const isTaken = (other: ClientRecord): boolean => other.externalId === externalId && other.id !== id;
    if (externalId !== null && ofWorkspace(workspaceId).some(isTaken))
      throw new ConflictError('taken', 'clients_external_id');
  };
  return {
    insertClient: async (record) => {
      wantWorkspace(tables, record.workspaceId, 'clients');
      if (tables.clients.get(keyOf(record.workspaceId, record.id)))
        throw new ConflictError('taken', 'clients_pkey');
      wantFreeExternalId(record);
      tables.clients.put(truncated(record));
    },
    updateClient: async (change) => {
      const before = tables.clients.get(keyOf(change.workspaceId, change.id));
      if (before === undefined) return false;
      const { name, externalId } = { ...before, ...givenOf(change) };
      wantFreeExternalId({ ...before, externalId });
      tables.clients.put(truncated({ ...before, name, externalId }));
      return true;
    },
    getClient: async (workspaceId: string, id: string) => tables.clients.get(keyOf(workspaceId, id)) ?? null,
    findClientByExternalId: async (workspaceId: string, externalId: string) =>
      ofWorkspace(workspaceId).find((client) => client.externalId === externalId) ?? null,
    listClients: async (workspaceId: string, page: Page) => pageOf(tables.clients.all(), workspaceId, page),
    deleteClient: async (workspaceId: string, id: string) => {
      const key = keyOf(workspaceId, id);
      return tables.connectionsByClient.of(key).length === 0 && tables.clients.delete(key);
    },
  } satisfies Partial<Store>;
}

/** What a change gives; what is undefined in it stays as it was. */
function givenOf<R extends object>(change: R): R {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as R;
}

/** As the foreign key of the table does. */
export function wantWorkspace(tables: Tables, workspaceId: string, table: string): void {
  if (!tables.workspaces.get(workspaceId)) throw new ConflictError('reference', `${table}_workspace_id_fkey`);
}
