import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Db, Schema } from './schema.ts';
import { parseTime } from './values.ts';

export interface PostgresOptions {
  readonly databaseUrl: string;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** After this long the server gives a statement up. Default 30,000; 0: never. */
  readonly statementTimeoutMs?: number;
  /** How the connections are named in `pg_stat_activity`. Default `evergrant`. */
  readonly applicationName?: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;

/** How both drivers read what JavaScript has no type of its own for: whole numbers and moments become numbers. */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.TIMESTAMPTZ]: parseTime,
};

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS[oid] ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

export function postgresDatabase(options: PostgresOptions): Db {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.poolSize ?? 10,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    application_name: options.applicationName ?? 'evergrant',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types,
  });
  // A connection that breaks is told by the next call on it and replaced; unheard, these events would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin(NAMES)],
  });
}

/** Keys inside jsonb are data, not columns. */
export const NAMES = { maintainNestedObjectKeys: true };
