import { type KyselyPlugin, type QueryId, sql } from 'kysely';
import type { Db } from './schema.ts';

/** Who statements for one workspace run as: a role that can do nothing but what {@link RIGHTS} say, and owns nothing. */
export const TENANT = 'evergrant_tenant';

/** As whom a statement runs, and whose rows it may see and write. */
export interface Side {
  readonly role: string;
  /** Empty: none, which does not bind the owner. */
  readonly workspaceId: string;
}

/** What puts the rest of the transaction on a side: its parameters are role and workspace. Ends with the transaction. */
export const TAKE_SIDE = "select set_config('role', $1, true), set_config('evergrant.workspace', $2, true)";

const SIDES = new WeakMap<QueryId, Side>();

/** The side that a statement has to be sent from; undefined: as the connection is. */
export function sideOf(queryId: QueryId): Side | undefined {
  return SIDES.get(queryId);
}

/** The same connection or transaction, each of whose statements is sent from that side. */
export function onSide(db: Db, side: Side): Db {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      SIDES.set(queryId, side);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return db.withPlugin(plugin);
}

/** What the role may do in each table with rows of workspaces. The log only grows; data keys are changed by rotation. */
export const RIGHTS: Readonly<Record<string, string>> = {
  api_keys: 'select, insert, update',
  data_keys: 'select, insert',
  apps: 'select, insert, update, delete',
  clients: 'select, insert, update, delete',
  grants: 'select',
  grant_records: 'select, insert, update',
  grant_claims: 'select, insert, update',
  connections: 'select, insert, update',
  connect_sessions: 'select, insert, update',
  authorization_attempts: 'select, insert',
  outages: 'select, update',
  activity: 'select, insert',
  activity_heads: 'select, insert, update',
  idempotency: 'select, insert, update, delete',
  declarations: 'select, insert, update, delete',
  // Of the installation. A data key is only made while the row of the check is locked, and a lock is a right to update.
  master_key_check: 'select',
};

const RIGHTS_NEEDED = Object.entries(RIGHTS).flatMap(([table, rights]) =>
  rights.split(', ').map((right) => ({ table, right })),
);

/** How a database is found: whether the wall stands in it, and as whom this process works on its own side. */
interface Found {
  readonly owner: string;
  /** The owner's name as SQL takes it. */
  readonly ownerQuoted: string;
  readonly version: number;
  /** The policies bind this user too: it is not the owner of the tables. */
  readonly isBound: boolean | null;
  readonly isMade: boolean;
  readonly canEnter: boolean | null;
  readonly isPowerful: boolean | null;
  readonly isComplete: boolean | null;
}

const OLDEST_VERSION = 150_000;

async function look(db: Db): Promise<Found> {
  const tables = RIGHTS_NEEDED.map(({ table }) => table);
  const rights = RIGHTS_NEEDED.map(({ right }) => right);
  const { rows } = await sql<Found>`
    select current_user as owner, quote_ident(current_user) as owner_quoted,
      current_setting('server_version_num')::int as version,
      row_security_active(to_regclass('grant_records')) as is_bound,
      tenant.oid is not null as is_made,
      pg_has_role(tenant.oid,
        case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) as can_enter,
      tenant.rolsuper or tenant.rolbypassrls or pg_has_role(tenant.oid, records.relowner, 'USAGE') as is_powerful,
      has_schema_privilege(tenant.oid, current_schema(), 'USAGE')
        and has_function_privilege(tenant.oid,
          to_regprocedure('activity_about(text,text,text,bigint,bigint)'), 'EXECUTE')
        and has_any_column_privilege(tenant.oid, to_regclass('master_key_check'), 'UPDATE')
        and (select bool_and(coalesce(has_table_privilege(tenant.oid, to_regclass(name), kind), false))
          from unnest(${tables}::text[], ${rights}::text[]) as needed(name, kind))
        and (select 'security_invoker=true' = any (reloptions) from pg_class where oid = to_regclass('grants'))
        as is_complete
    from (select) as here
      left join pg_roles as tenant on tenant.rolname = ${TENANT}
      left join pg_class as records on records.oid = to_regclass('grant_records')`.execute(db);
  return rows[0]!;
}

/** Why the wall does not stand, and who can do what about it; null: it stands. */
function problemOf(found: Found): string | null {
  const { owner, ownerQuoted: user } = found;
  if (found.version < OLDEST_VERSION)
    return `The database is older than PostgreSQL ${OLDEST_VERSION / 10_000}, whose views can be bound too. Upgrade it.`;
  if (!found.isMade)
    return `The database user ${owner} may not make roles. As somebody who may, run “create role ${TENANT} nologin; grant ${TENANT} to ${user};”, then restart.`;
  if (!found.canEnter)
    return `The database user ${owner} may not act as the role ${TENANT}. As its administrator, run “grant ${TENANT} to ${user};”, then restart.`;
  if (found.isPowerful)
    return `The role ${TENANT} has the rights of a superuser or of the tables’ owner, or passes over policies. Run “alter role ${TENANT} nosuperuser nobypassrls;”, and revoke from it every role that it was granted; then restart.`;
  if (!found.isComplete)
    return `The role ${TENANT} lacks rights on Evergrant’s tables, and the database user ${owner} could not grant them. Let the owner of the tables run “evergrant migrate”.`;
  return null;
}

/** Each step may be refused without harm to the others: what is missing in the end is told by {@link problemOf}. */
const STEPS = [
  `if not exists (select from pg_roles where rolname = '${TENANT}') then create role ${TENANT} nologin; end if;`,
  `if not pg_has_role('${TENANT}', case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
    then grant ${TENANT} to current_user; end if;`,
  `execute format('grant usage on schema %I to ${TENANT}', current_schema());`,
  [
    ...Object.entries(RIGHTS).map(([table, rights]) => `grant ${rights} on ${table} to ${TENANT};`),
    `grant update (one) on master_key_check to ${TENANT};`,
    `grant execute on function activity_about to ${TENANT};`,
    'alter view grants set (security_invoker = true);',
  ].join('\n'),
];

/** Runs inside a transaction. Another database of the same server may make the role at the same moment. */
async function build(db: Db): Promise<void> {
  const steps = STEPS.map(
    (step) => `begin ${step} exception when insufficient_privilege or undefined_object or duplicate_object
      or unique_violation or invalid_parameter_value then null; end;`,
  );
  await sql.raw(`do $wall$ begin ${steps.join('\n')} end $wall$`).execute(db);
}

/**
 * The wall of one database: row-level security that binds every statement for one workspace to its rows, whatever the
 * statement says. It keeps a forgotten condition from doing harm; it does not hold against whoever can run SQL of their
 * own, who could step out of it.
 */
export class Wall {
  #found: Found | undefined;

  /** Builds what is missing of it. Throws where the database would hide every row from this process. */
  async raise(db: Db): Promise<void> {
    let found = await look(db);
    if (found.isBound) throw ownsNothing(found);
    if (problemOf(found) !== null && found.version >= OLDEST_VERSION) {
      await build(db);
      found = await look(db);
    }
    this.#found = found;
  }

  async problem(db: Db): Promise<string | null> {
    return problemOf(await this.#known(db));
  }

  /**
   * The database as a call may see it: that of one workspace from behind the wall, any other as the owner.
   * @param workspaceId Null: no single workspace's.
   */
  async around(db: Db, workspaceId: string | null): Promise<Db> {
    // Outside a transaction a connection is always the owner's.
    if (workspaceId === null && !db.isTransaction) return db;
    const found = this.#found ?? (await this.#known(db));
    if (problemOf(found) !== null) return db;
    return onSide(
      db,
      workspaceId === null ? { role: found.owner, workspaceId: '' } : { role: TENANT, workspaceId },
    );
  }

  /** Asked on the connection that is at hand: on the embedded database another could not be had before this one is over. */
  async #known(db: Db): Promise<Found> {
    this.#found ??= await look(db);
    return this.#found;
  }
}

function ownsNothing({ owner, ownerQuoted }: Found): Error {
  return new Error(
    `The database user ${owner} does not own Evergrant’s tables, so that row-level security would hide every row from it. ` +
      `Connect as their owner, or let the owner run “grant OWNER to ${ownerQuoted};”.`,
  );
}
