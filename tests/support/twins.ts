import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import type { GrantOutcome, Store } from '../../src/store/store.ts';
import type { RawSql } from './database.ts';
import {
  aClient,
  aConnection,
  aGrant,
  anActivity,
  anApp,
  anAttempt,
  aSession,
  furnish,
  START_AT,
} from './databaseRecords.ts';

/** Two workspaces in which everything has the same ids. */
export const MINE = 'ws_one';
export const TWIN = 'ws_two';
const PAGE = { limit: 100, after: null };
const LATER = START_AT + HOUR_MS;
const CLAIM = { now: START_AT, owner: 'test', leaseMs: HOUR_MS };

const key = (workspaceId: string) => ({
  workspaceId,
  id: 'key',
  name: 'k',
  scopes: ['read'],
  createdAt: START_AT,
});
const dataKey = (workspaceId: string) => ({
  workspaceId,
  id: 'dk',
  wrapped: 'w',
  masterKeyId: 'm',
  createdAt: START_AT,
});
const idempotent = (workspaceId: string, name = 'i') => ({
  workspaceId,
  key: name,
  requestHash: 'h',
  status: null,
  body: null,
  createdAt: START_AT,
});
const declaration = (workspaceId: string, name = 'One') => ({
  workspaceId,
  id: 'd',
  declaration: { name },
  discovered: null,
  createdAt: START_AT,
  updatedAt: START_AT,
});
const outcome = (workspaceId: string, changes: Partial<GrantOutcome>): GrantOutcome => ({
  grant: aGrant({ workspaceId, epoch: 1, deadlineAt: START_AT + DAY_MS }),
  activity: [anActivity({ workspaceId })],
  ...changes,
});
const breaker = { failures: 3, openUntil: LATER, since: START_AT, opened: 1, cause: null };

/** The same ids, all of them, in a workspace that only its name and its secrets tell from the other. */
async function fill(store: Store, workspaceId: string, secret: string): Promise<void> {
  await furnish(store, workspaceId, { deadlineAt: START_AT + DAY_MS, remindAt: START_AT });
  await store.updateClient(aClient({ workspaceId, externalId: 'ext' }));
  await store.insertApiKey({ ...key(workspaceId), hash: secret.repeat(64), revokedAt: null });
  await store.ensureDataKey(dataKey(workspaceId));
  await store.insertConnectSession(aSession({ workspaceId, tokenHash: secret.repeat(64) }));
  await store.insertAttempt(anAttempt({ workspaceId, stateHash: secret.repeat(64) }));
  await store.beginIdempotent(idempotent(workspaceId));
  await store.putDeclaration(declaration(workspaceId));
  await store.claimGrant(workspaceId, 'gr_one', CLAIM);
  const openOutage = {
    cause: 'revoked_by_user',
    startedAt: START_AT,
    startEvidence: 'x',
    noticedAt: START_AT,
  } as const;
  await store.applyOutcomes([outcome(workspaceId, { openOutage })]);
}

/** Every method that is for one workspace, called for mine: what reads first, what deletes last. */
export const CALLS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  hasRow: async (store) => assert.equal(await store.hasRow('clients', MINE, 'cl_twin'), false),
  listApiKeys: (store) => store.listApiKeys(MINE),
  getDataKeys: (store) => store.getDataKeys(MINE),
  getApp: (store) => store.getApp(MINE, 'app_one'),
  getApps: (store) => store.getApps([{ workspaceId: MINE, id: 'app_one' }]),
  listApps: (store) => store.listApps(MINE, PAGE),
  getClient: (store) => store.getClient(MINE, 'cl_one'),
  findClientByExternalId: (store) => store.findClientByExternalId(MINE, 'ext'),
  listClients: (store) => store.listClients(MINE, PAGE),
  getGrant: (store) => store.getGrant(MINE, 'gr_one'),
  listGrants: (store) => store.listGrants(MINE, {}, PAGE),
  countGrantsOfIdentity: (store) => store.countGrantsOfIdentity(MINE, 'app_one', 'person-1', START_AT - 1),
  getConnection: (store) => store.getConnection(MINE, 'co_one'),
  lockConnection: (store) => store.transaction((inside) => inside.lockConnection(MINE, 'co_one')),
  getConnections: (store) => store.getConnections([{ workspaceId: MINE, id: 'co_one' }]),
  connectionStamps: (store) => store.connectionStamps([{ workspaceId: MINE, id: 'co_one' }]),
  listConnections: (store) => store.listConnections(MINE, {}, PAGE),
  getConnectSession: (store) => store.getConnectSession(MINE, 'cs_one'),
  listOutages: (store) => store.listOutages(MINE, {}, PAGE),
  listDeadlines: (store) => store.listDeadlines(MINE, START_AT + 2 * DAY_MS, { limit: 100, after: null }),
  listActivity: (store) => store.listActivity(MINE, {}, { limit: 100, beforeSeq: null }),
  verifyActivity: (store) => store.verifyActivity(MINE),
  getDeclaration: (store) => store.getDeclaration(MINE, 'd'),
  listDeclarations: (store) => store.listDeclarations(MINE),

  insertApiKey: (store) => store.insertApiKey({ ...key(MINE), id: 'key2', hash: 'x', revokedAt: null }),
  revokeApiKey: (store) => store.revokeApiKey(MINE, 'key', LATER),
  ensureDataKey: (store) => store.ensureDataKey({ ...dataKey(MINE), id: 'dk2' }),
  rewrapDataKey: (store) => store.rewrapDataKey({ ...dataKey(MINE), wrapped: 'w2' }, 'm'),
  insertApp: (store) => store.insertApp(anApp({ id: 'app_two' })),
  updateApp: (store) => store.updateApp(anApp({ name: 'Changed' })),
  setBreaker: (store) => store.setBreaker(MINE, 'app_one', breaker as never),
  insertClient: (store) => store.insertClient(aClient({ id: 'cl_two' })),
  updateClient: (store) => store.updateClient(aClient({ name: 'Changed' })),
  insertGrant: (store) => store.insertGrant(aGrant({ id: 'gr_two' })),
  claimGrant: (store) => store.claimGrant(MINE, 'gr_one', CLAIM),
  releaseGrants: (store) => store.releaseGrants([aGrant({ epoch: 2 })], LATER),
  hastenSpared: (store) => store.hastenSpared(MINE, 'app_one', LATER),
  applyOutcomes: async (store) => {
    await store.claimGrant(MINE, 'gr_one', { ...CLAIM, now: LATER });
    return store.applyOutcomes([
      outcome(MINE, { grant: aGrant({ epoch: 3, state: 'expired' }), closeOutageAt: LATER }),
    ]);
  },
  insertConnection: (store) => store.insertConnection(aConnection({ id: 'co_two' })),
  closeConnectionOutage: (store) => store.closeConnectionOutage(MINE, 'co_one', LATER),
  updateConnection: (store) => store.updateConnection(aConnection({ name: 'Changed' })),
  insertConnectSession: (store) => store.insertConnectSession(aSession({ id: 'cs_two' })),
  updateConnectSession: (store) =>
    store.updateConnectSession(aSession({ status: 'completed', finishedAt: LATER })),
  insertAttempt: (store) => store.insertAttempt(anAttempt({ stateHash: 'y' })),
  appendActivity: (store) => store.appendActivity([anActivity()]),
  beginIdempotent: (store) => store.beginIdempotent(idempotent(MINE, 'i2')),
  takeOverIdempotent: (store) => store.takeOverIdempotent(idempotent(MINE), idempotent(MINE).createdAt),
  finishIdempotent: (store) => store.finishIdempotent(idempotent(MINE), 200, 'body'),
  dropIdempotent: (store) => store.dropIdempotent(idempotent(MINE)),
  putDeclaration: (store) => store.putDeclaration(declaration(MINE, 'Changed')),
  deleteDeclaration: (store) => store.deleteDeclaration(MINE, 'd'),
  deleteClient: (store) => store.deleteClient(MINE, 'cl_two'),
  deleteApp: (store) => store.deleteApp(MINE, 'app_two'),
};

/** The tables that have rows of workspaces. */
export async function tablesOf(raw: RawSql): Promise<readonly string[]> {
  const found = await raw(
    `select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and column_name = 'workspace_id' and table_type = 'BASE TABLE' order by 1`,
  );
  assert.ok(found.length >= 12, 'the tables are found');
  return found.map(({ table_name }) => String(table_name));
}

/** Every row of a workspace with the transaction that wrote it, in one trip. */
export async function rowsOf(raw: RawSql, tables: readonly string[], workspaceId: string): Promise<string> {
  const each = tables.map(
    (table) =>
      `select '${table}' as place, xmin::text, t::text as content from ${table} t where workspace_id = '${workspaceId}'`,
  );
  return JSON.stringify(await raw(`${each.join(' union all ')} order by 1, 3`));
}

/** Both of them. The twin comes first: a look-up without its workspace would find it before mine. */
export async function fillTwins(store: Store): Promise<void> {
  await store.setMasterKeyCheck({ masterKeyId: 'm', check: 'c' }, null);
  await fill(store, TWIN, 'b');
  await fill(store, MINE, 'a');
}
