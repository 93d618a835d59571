import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { CompiledQuery, KyselyPlugin } from 'kysely';
import pg from 'pg';
import { postgresDatabase } from '../src/store/postgres.ts';
import type { Db } from '../src/store/schema.ts';
import { sqlStore } from '../src/store/sqlStore.ts';
import type { Store } from '../src/store/store.ts';
import { freshPostgresUrl } from './support/database.ts';

const GRANTS = 5_000;
const WORKSPACE = 'wsp_1';
const PAGE = { limit: 50, after: null };

/** A workspace of many connections, each on a grant of its own. One in five hundred is broken. */
const FILL = `
  insert into workspaces values ('${WORKSPACE}', 'Many', now());
  insert into apps (workspace_id, id, platform, environment, name, client_id, secret_version, settings, created_at, updated_at)
    select '${WORKSPACE}', 'app_' || n, 'acme', 'live', 'App', 'id', 1, '{}', now(), now() from generate_series(1, 5) n;
  insert into clients select '${WORKSPACE}', 'cli_' || n, 'Client', null, now() from generate_series(1, 500) n;
  insert into grant_records (workspace_id, id, app_id, platform, method, environment, state, state_since, identity, facts,
      secrets, credential_version, deadline_at, failures, created_at)
    select '${WORKSPACE}', 'grt_' || n, 'app_' || 1 + n % 5, 'acme', 'oauth', 'live',
      case when n % 500 = 0 then 'expired' else 'active' end, now(), jsonb_build_object('id', 'person-' || n),
      json_build_object('filler', repeat('x', 800)), json_build_object('filler', repeat('x', 800)), 1,
      now() + n * interval '1 hour', 0, now() from generate_series(1, ${GRANTS}) n;
  insert into grant_claims (workspace_id, id, app_id, due_at, due_reason, epoch, platform, environment)
    select workspace_id, id, app_id, now(), 'probe', 1, platform, environment from grant_records;
  insert into connections (workspace_id, id, client_id, grant_id, name, accounts, status, created_at, loss)
    select '${WORKSPACE}', 'con_' || n, 'cli_' || 1 + n % 500, 'grt_' || n, 'Name', '[]', 'connected',
      now() - n * interval '1 second', case when n % 500 = 0 then '{"lookAt": 1}'::jsonb end
    from generate_series(1, ${GRANTS}) n;
  insert into outages select '${WORKSPACE}', 'out_' || n, 'con_' || n, 'grt_' || n, 'unknown', now(), 'last_proof', now(),
    case when n % 500 = 0 then null else now() end from generate_series(1, ${GRANTS}) n;
  insert into activity (workspace_id, seq, at, actor, action, subjects, detail, hash)
    select '${WORKSPACE}', n, now(), 'keeper', case when n % 500 = 0 then 'grant.expired' else 'grant.renewed' end, '{}', '{}', n
    from generate_series(1, ${GRANTS}) n;
  analyze`;

/** What a question is asked as, in SQL. */
async function asked(url: string, question: (store: Store) => Promise<unknown>): Promise<CompiledQuery[]> {
  const db = postgresDatabase({ databaseUrl: url });
  const queries: CompiledQuery[] = [];
  const noting: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      queries.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const store = sqlStore(db.withPlugin(noting) as Db, () => db.destroy());
  await question(store);
  await store.close();
  return queries;
}

/** Where each question could read all rows of its table to find a few. */
const QUESTIONS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'the newest connections': (store) => store.listConnections(WORKSPACE, {}, PAGE),
  'the next page of them': (store) => store.listConnections(WORKSPACE, {}, { limit: 50, after: 'con_2500' }),
  'connections that are broken': (store) => store.listConnections(WORKSPACE, { state: 'expired' }, PAGE),
  'connections whose renewal fails': (store) => store.listConnections(WORKSPACE, { state: 'failing' }, PAGE),
  'connections of a client': (store) => store.listConnections(WORKSPACE, { clientId: 'cli_7' }, PAGE),
  'connections on a grant': (store) => store.listConnections(WORKSPACE, { grantId: 'grt_7' }, PAGE),
  'grants in doubt': (store) => store.listGrants(WORKSPACE, { state: 'suspect' }, PAGE),
  'grants of a person': (store) =>
    store.listGrants(WORKSPACE, { appId: 'app_3', identityId: 'person-7' }, PAGE),
  'consents of a person': (store) => store.countGrantsOfIdentity(WORKSPACE, 'app_3', 'person-7', 0),
  'deadlines of the next day': (store) =>
    store.listDeadlines(WORKSPACE, Date.now() + 86_400_000, { limit: 50, after: null }),
  'open outages': (store) => store.listOutages(WORKSPACE, { open: true }, PAGE),
  'outages of a connection': (store) => store.listOutages(WORKSPACE, { connectionId: 'con_7' }, PAGE),
  'losses to look at': (store) => store.claimLooks({ now: 5, again: 5, limit: 20 }),
  'losses in the log': (store) =>
    store.listActivity(WORKSPACE, { action: 'grant.expired' }, { limit: 50, beforeSeq: null }),
  'earlier losses in the log': (store) =>
    store.listActivity(WORKSPACE, { action: 'grant.expired' }, { limit: 50, beforeSeq: 2_500 }),
};

/** The log's own key leads past all of its rows, too, where one kind of them is asked for. */
const READS_ALL = /Seq Scan on (grant|connections|outages|activity)|using activity_pkey/;

describe('Among thousands of grants, no table is read whole to find', () => {
  let url: string;
  before(async () => {
    url = await freshPostgresUrl();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(FILL);
    await client.end();
  });

  for (const [name, question] of Object.entries(QUESTIONS))
    it(name, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const queries = await asked(url, question);
      const plans = queries.filter(({ sql }) => /^\s*(select|with)/.test(sql) && !/pg_roles/.test(sql));
      assert.ok(plans.length > 0);
      for (const { sql, parameters } of plans) {
        const { rows } = await client.query(`explain ${sql}`, [...parameters]);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        assert.doesNotMatch(plan, READS_ALL, `${sql}\n${plan}`);
      }
      await client.end();
    });
});
