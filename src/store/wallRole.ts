import { sql } from 'kysely';
import type { Db } from './schema.ts';

/**
 * What the role behind the wall may do in each table with rows of workspaces. The log only grows; data keys are changed
 * by rotation.
 */
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
export interface Found {
  readonly owner: string;
  /** The owner's name as SQL takes it. */
  readonly ownerQuoted: string;
  readonly version: number;
  /**
   * The role of statements for one workspace. It owns nothing. Named after the database and the owner of its tables:
   * roles are those of the whole server, and whoever may act as one reaches all that was granted to it. Null: there are
   * no tables yet.
   */
  readonly tenant: string | null;
  /** Where the owner's names are looked up, as SQL takes it. */
  readonly searchPath: string;
  readonly schemaQuoted: string;
  /** The policies bind this user too: it is not the owner of the tables. */
  readonly isBound: boolean | null;
  readonly isMade: boolean;
  readonly mayMake: boolean;
  readonly canEnter: boolean | null;
  readonly mayLetIn: boolean | null;
  readonly isPowerful: boolean | null;
  readonly mayGrant: boolean | null;
  /** As `grant` takes them. */
  readonly missing: readonly string[];
  readonly isViewBound: boolean | null;
  /** Roles of this kind that are other databases', and have rights here: a copied or renamed database keeps them. */
  readonly strangers: readonly string[];
}

const OLDEST_VERSION = 150_000;

/** What the role is named by, in hexadecimal digits. */
const NAME_DIGITS = 12;
export const TENANT_PREFIX = 'evergrant_tenant';

export async function look(db: Db): Promise<Found> {
  const tables = RIGHTS_NEEDED.map(({ table }) => table);
  const rights = RIGHTS_NEEDED.map(({ right }) => right);
  const { rows } = await sql<Found>`
    select current_user as owner, quote_ident(current_user) as owner_quoted, here.version, named.tenant,
      (select string_agg(quote_ident(name), ', ' order by place)
        from unnest(current_schemas(false)) with ordinality as path(name, place)) as search_path,
      quote_ident(current_schema()) as schema_quoted,
      row_security_active(records.oid) as is_bound,
      tenant.oid is not null as is_made,
      (me.rolsuper or me.rolcreaterole) as may_make,
      pg_has_role(tenant.oid, case when here.version >= 160000 then 'SET' else 'MEMBER' end) as can_enter,
      pg_has_role(tenant.oid, 'MEMBER WITH ADMIN OPTION') or (me.rolcreaterole and here.version < 160000)
        as may_let_in,
      tenant.rolsuper or tenant.rolbypassrls or pg_has_role(tenant.oid, records.relowner, 'USAGE') as is_powerful,
      pg_has_role(records.relowner, 'USAGE') as may_grant,
      array(
        select kind || ' on ' || name from unnest(${tables}::text[], ${rights}::text[]) as needed(name, kind)
          where has_table_privilege(tenant.oid, to_regclass(name), kind) is not true
        union all select 'update (one) on master_key_check'
          where has_column_privilege(tenant.oid, to_regclass('master_key_check'), 'one', 'UPDATE') is not true
        union all select 'execute on function activity_about' where has_function_privilege(tenant.oid,
          to_regprocedure('activity_about(text,text,text,bigint,bigint)'), 'EXECUTE') is not true
        union all select 'usage on schema ' || quote_ident(current_schema())
          where has_schema_privilege(tenant.oid, current_schema(), 'USAGE') is not true) as missing,
      (select 'security_invoker=true' = any (reloptions) from pg_class where oid = to_regclass('grants'))
        as is_view_bound,
      array(select distinct quote_ident(role.rolname)
        from pg_class as held, aclexplode(held.relacl) as given join pg_roles as role on role.oid = given.grantee
        where held.relnamespace = records.relnamespace and held.relowner = records.relowner
          and starts_with(role.rolname, ${sql.lit(TENANT_PREFIX)}) and role.rolname <> named.tenant) as strangers
    from (select current_setting('server_version_num')::int as version) as here
      join pg_roles as me on me.rolname = current_user
      left join pg_class as records on records.oid = to_regclass('grant_records')
      cross join lateral (select ${sql.lit(TENANT_PREFIX)} || '_' || left(encode(sha256(convert_to(json_build_array(
        current_database(), pg_get_userbyid(records.relowner))::text, 'UTF8')), 'hex'), ${sql.lit(NAME_DIGITS)}) as tenant
        where records.oid is not null union all select null where records.oid is null) as named
      left join pg_roles as tenant on tenant.rolname = named.tenant`.execute(db);
  return rows[0]!;
}

/** Why the wall does not stand, and who can do what about it; null: it stands. */
export function problemOf(found: Found): string | null {
  const { owner, ownerQuoted: user, tenant } = found;
  if (found.version < OLDEST_VERSION)
    return `The database is older than PostgreSQL ${OLDEST_VERSION / 10_000}, whose views can be bound too. Upgrade it.`;
  if (tenant === null) return 'Evergrant’s tables are not there. Run “evergrant migrate”.';
  if (!found.isMade)
    return `The database user ${owner} may not make roles. As somebody who may, run “create role ${tenant} nologin; grant ${tenant} to ${user};”, then restart.`;
  if (!found.canEnter)
    return `The database user ${owner} may not act as the role ${tenant}. As its administrator, run “grant ${tenant} to ${user};”, then restart.`;
  if (found.isPowerful)
    return `The role ${tenant} has the rights of a superuser or of the tables’ owner, or passes over policies. Run “alter role ${tenant} nosuperuser nobypassrls;”, and revoke from it every role that it was granted; then restart.`;
  if (found.missing.length > 0 || !found.isViewBound)
    return `The role ${tenant} lacks rights on Evergrant’s tables, and the database user ${owner} could not grant them. Let the owner of the tables run “evergrant migrate”.`;
  return null;
}

/** What this user can do towards the wall: nothing where it stands, or where somebody else has to act first. */
export function stepsTowards(found: Found): readonly string[] {
  if (found.version < OLDEST_VERSION || found.tenant === null || !found.mayGrant) return [];
  return [...stepsAgainst(found), ...stepsFor(found, found.tenant)];
}

function stepsFor(found: Found, tenant: string): string[] {
  if (found.isPowerful || !(found.isMade || found.mayMake)) return [];
  // Whoever makes a role may let somebody in.
  if (found.isMade && !(found.canEnter || found.mayLetIn)) return [];
  return [
    ...(found.isMade ? [] : [`create role ${tenant} nologin;`]),
    ...(found.canEnter ? [] : [`grant ${tenant} to current_user;`]),
    ...found.missing.map((right) => `grant ${right} to ${tenant};`),
    ...(found.isViewBound ? [] : ['alter view grants set (security_invoker = true);']),
  ];
}

function stepsAgainst({ strangers, schemaQuoted }: Found): string[] {
  if (strangers.length === 0) return [];
  const [tables, roles] = [Object.keys(RIGHTS).join(', '), strangers.join(', ')];
  return [
    `revoke all on ${tables} from ${roles};`,
    `revoke all on function activity_about from ${roles};`,
    `revoke all on schema ${schemaQuoted} from ${roles};`,
  ];
}

/**
 * Runs inside a transaction. Each step may be refused without harm to the others: what is missing in the end is told by
 * {@link problemOf}. Another installation of the server may make the same role at the same moment.
 */
export async function take(db: Db, steps: readonly string[]): Promise<void> {
  const each = steps.map(
    (step) => `begin ${step} exception when insufficient_privilege or undefined_object or duplicate_object
      or unique_violation or invalid_parameter_value then null; end;`,
  );
  await sql.raw(`do $wall$ begin ${each.join('\n')} end $wall$`).execute(db);
}
