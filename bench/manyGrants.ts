import pg from 'pg';
import { newId } from '../src/app/ids.ts';
import { openAppOnce, openGrant, sealSecrets } from '../src/app/openGrant.ts';
import { scheduleOf } from '../src/app/schedule.ts';
import { MINUTE_MS, toRfc3339, toRfc3339OrNull } from '../src/core/instant.ts';
import { IN_CLAIM, IN_RECORD } from '../src/store/grants.ts';
import type { AppRecord, ConnectionRecord, GrantRecord } from '../src/store/records.ts';
import { snakeCase } from '../src/store/values.ts';
import type { BenchWorld } from './world.ts';

const CHUNK = 5_000;

export interface MadeConnection {
  readonly connectionId: string;
  readonly grantId: string;
}

/**
 * Copies the model's grant and connection: each under its own id, with its own secrets sealed for it, as old as told.
 * Its times are set back, so that what an hour's token is due for is due now where it was issued 45 minutes ago.
 */
export async function insertMany(
  world: BenchWorld,
  count: number,
  issuedMinutesAgo: number,
): Promise<MadeConnection[]> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  try {
    const made: MadeConnection[] = [];
    while (made.length < count) {
      const wanted = Math.min(CHUNK, count - made.length);
      made.push(...(await insertChunk(client, world, wanted, issuedMinutesAgo)));
    }
    await client.query('vacuum (analyze) grant_records, grant_claims, connections');
    await client.query('checkpoint');
    return made;
  } finally {
    await client.end();
  }
}

async function insertChunk(client: pg.Client, world: BenchWorld, count: number, issuedMinutesAgo: number) {
  const { house, model } = world;
  const app = (await house.store.getApp(model.grant.workspaceId, model.grant.appId)) as AppRecord;
  const opened = await openAppOnce(house, app, model.grant.method);
  const { held } = await openGrant(house, opened, model.grant);
  const grants: GrantRecord[] = [];
  const connections: ConnectionRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = newId(house, 'grt');
    const issuedAt = house.now() - issuedMinutesAgo * MINUTE_MS;
    const facts = { ...model.grant.facts, issuedAt, accessExpiresAt: issuedAt + 60 * MINUTE_MS };
    const secrets = await sealSecrets(house, { ...model.grant, id }, held.secrets, 1);
    const schedule = scheduleOf(opened.method.cadence, { id, facts, reminded: [] }, house.now());
    grants.push({ ...model.grant, id, facts, secrets, credentialVersion: 1, ...schedule });
    connections.push({ ...model.connection, id: newId(house, 'con'), grantId: id, name: `Bench ${index}` });
  }
  await insertRows(client, 'grant_records', IN_RECORD, grants.map(grantColumns));
  await insertRows(
    client,
    'grant_claims',
    ['workspaceId', 'id', 'appId', 'platform', 'environment', ...IN_CLAIM],
    grants.map(grantColumns),
  );
  await insertRows(
    client,
    'connections',
    Object.keys(connections[0] ?? {}),
    connections.map(connectionColumns),
  );
  return connections.map(({ id, grantId }) => ({ connectionId: id, grantId }));
}

async function insertRows(
  client: pg.Client,
  table: 'grant_records' | 'grant_claims' | 'connections',
  fields: readonly string[],
  rows: readonly object[],
): Promise<void> {
  const names = fields.map(snakeCase).join(', ');
  const text = `insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, $1::json)`;
  await client.query(text, [JSON.stringify(rows)]);
}

function grantColumns(grant: GrantRecord) {
  return {
    ...snake(grant),
    state_since: toRfc3339(grant.stateSince),
    due_at: toRfc3339OrNull(grant.dueAt),
    urgent_at: toRfc3339OrNull(grant.urgentAt),
    renew_at: toRfc3339OrNull(grant.renewAt),
    deadline_at: toRfc3339OrNull(grant.deadlineAt),
    remind_at: toRfc3339OrNull(grant.remindAt),
    last_attempt_at: toRfc3339OrNull(grant.lastAttemptAt),
    lease_until: toRfc3339OrNull(grant.leaseUntil),
    created_at: toRfc3339(grant.createdAt),
  };
}

function connectionColumns(connection: ConnectionRecord) {
  return {
    ...snake(connection),
    created_at: toRfc3339(connection.createdAt),
    disconnected_at: toRfc3339OrNull(connection.disconnectedAt),
  };
}

function snake(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [snakeCase(key), value]));
}
