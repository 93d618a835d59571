import { type RawBuilder, sql } from 'kysely';
import type { GrantState } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import { GRANT } from './grants.ts';
import type { ConnectionRecord, GrantRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { ConnectionFilter, ConnectionKey, ConnectionView, Page } from './store.ts';
import { afterRow, column, json, jsonOrNull, keyTable, time, timeOrNull } from './values.ts';

/** The connection's columns beside those of its grant; the rest are the grant's own. */
const BESIDE_GRANT = [
  'connections.id as connectionId',
  'connections.clientId',
  'connections.name',
  'connections.accounts',
  'connections.status',
  'connections.loss',
  'connections.createdAt as connectedAt',
  'connections.disconnectedAt',
] as const;

type ViewRow = GrantRecord &
  Pick<ConnectionRecord, 'clientId' | 'name' | 'accounts' | 'status' | 'loss' | 'disconnectedAt'> & {
    readonly connectionId: string;
    readonly connectedAt: number;
  };

function toView(row: ViewRow): ConnectionView {
  const { connectionId, clientId, name, accounts, status, loss, connectedAt, disconnectedAt, ...grant } = row;
  const connection = {
    workspaceId: grant.workspaceId,
    id: connectionId,
    clientId,
    grantId: grant.id,
    name,
    accounts,
    status,
    loss,
    createdAt: connectedAt,
    disconnectedAt,
  };
  return { connection, grant };
}

function views(db: Db) {
  return db
    .selectFrom('connections')
    .innerJoin('grants', (join) =>
      join
        .onRef('grants.workspaceId', '=', 'connections.workspaceId')
        .onRef('grants.id', '=', 'connections.grantId'),
    )
    .select(BESIDE_GRANT)
    .select(GRANT);
}

export async function insertConnection(db: Db, record: ConnectionRecord): Promise<void> {
  const values = {
    ...record,
    accounts: json(record.accounts),
    loss: jsonOrNull(record.loss),
    createdAt: time(record.createdAt),
    disconnectedAt: timeOrNull(record.disconnectedAt),
  };
  await db.insertInto('connections').values(values).execute();
}

export async function updateConnection(db: Db, record: ConnectionRecord): Promise<boolean> {
  const { workspaceId, id, createdAt: _createdAt, ...rest } = record;
  const result = await db
    .updateTable('connections')
    .set({
      ...rest,
      accounts: json(record.accounts),
      loss: jsonOrNull(record.loss),
      disconnectedAt: timeOrNull(record.disconnectedAt),
    })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function getConnection(db: Db, workspaceId: string, id: string): Promise<ConnectionView | null> {
  const row = await views(db)
    .where('connections.workspaceId', '=', workspaceId)
    .where('connections.id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toView(row);
}

export async function lockConnection(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<ConnectionRecord | null> {
  const row = await db
    .selectFrom('connections')
    .selectAll()
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function getConnections(
  db: Db,
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<ConnectionView[]> {
  if (keys.length === 0) return [];
  const rows = await views(db)
    .innerJoin(keyTable(keys), (join) =>
      join.onRef('key.workspaceId', '=', 'connections.workspaceId').onRef('key.id', '=', 'connections.id'),
    )
    .distinctOn(['connections.workspaceId', 'connections.id'])
    .execute();
  return rows.map(toView);
}

/** `xmin`, the transaction that wrote a row, is another for each version of it; nothing has to be kept for that. */
export async function connectionStamps(
  db: Db,
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<(string | null)[]> {
  if (keys.length === 0) return [];
  const workspaces = column(
    'text',
    keys.map((key) => key.workspaceId),
  );
  const ids = column(
    'text',
    keys.map((key) => key.id),
  );
  const { rows } = await sql<{ place: number; stamp: string }>`
    select key.place, concat_ws('.', connections.xmin, grant_records.xmin, grant_claims.xmin, grant_claims.epoch) as stamp
    from unnest(${workspaces}, ${ids}) with ordinality as key(workspace_id, id, place)
    join connections on connections.workspace_id = key.workspace_id and connections.id = key.id
    join grant_records
      on grant_records.workspace_id = connections.workspace_id and grant_records.id = connections.grant_id
    join grant_claims
      on grant_claims.workspace_id = connections.workspace_id and grant_claims.id = connections.grant_id`.execute(
    db,
  );
  const stamps: (string | null)[] = keys.map(() => null);
  for (const { place, stamp } of rows) stamps[place - 1] = stamp;
  return stamps;
}

/**
 * As a connection is shown: one that was disconnected counts as revoked, whatever its grant is, and one that lacks
 * something of its own as degraded where its grant works. In words of which the index of what is not active can be used.
 */
function inState(state: GrantState): RawBuilder<boolean> {
  const ofGrant = sql<boolean>`grants.state = ${state}`;
  if (state === 'revoked') return sql<boolean>`(${ofGrant} or connections.status = 'disconnected')`;
  const connected = sql<boolean>`connections.status = 'connected'`;
  if (state === 'active') return sql<boolean>`(${connected} and ${ofGrant} and connections.loss is null)`;
  if (state !== 'degraded') return sql<boolean>`(${connected} and ${ofGrant})`;
  return sql<boolean>`(${connected} and (${ofGrant} or grants.state = 'active' and connections.loss is not null))`;
}

export async function listConnections(
  db: Db,
  workspaceId: string,
  filter: ConnectionFilter,
  page: Page,
): Promise<ConnectionView[]> {
  let query = views(db)
    .where('connections.workspaceId', '=', workspaceId)
    .where(afterRow('connections', workspaceId, page));
  if (filter.clientId !== undefined) query = query.where('connections.clientId', '=', filter.clientId);
  if (filter.grantId !== undefined) query = query.where('connections.grantId', '=', filter.grantId);
  if (filter.platform !== undefined) query = query.where('grants.platform', '=', filter.platform);
  if (filter.status !== undefined) query = query.where('connections.status', '=', filter.status);
  if (filter.state !== undefined) query = query.where(inState(filter.state));
  const rows = await query
    .orderBy('connections.createdAt', 'desc')
    .orderBy('connections.id', 'desc')
    .limit(page.limit)
    .execute();
  return rows.map(toView);
}

/** As the index has it. */
const LOOK_AT = sql.raw("(loss ->> 'lookAt')::double precision");

export async function claimLooks(
  db: Db,
  { now, again, limit }: { readonly now: Instant; readonly again: Instant; readonly limit: number },
): Promise<ConnectionKey[]> {
  const { rows } = await sql<ConnectionKey>`
    with due as materialized (
      select ctid as place from connections
      where loss is not null and status = 'connected' and ${LOOK_AT} <= ${Math.trunc(now)}::double precision
      order by ${LOOK_AT} limit ${sql.lit(limit)} for update skip locked
    )
    update connections set loss = jsonb_set(loss, '{lookAt}', to_jsonb(${Math.trunc(again)}::bigint))
    where ctid = any (array(select place from due))
    returning workspace_id, id, grant_id`.execute(db);
  return rows;
}
