import type { Socket } from 'node:net';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Db, Schema } from './schema.ts';
import { parseTime } from './values.ts';
import { SidedClient, takeSides } from './walledPostgres.ts';

export interface PostgresOptions {
  readonly databaseUrl: string;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** After this long the server gives a statement up. Default 30,000; 0: never. */
  readonly statementTimeoutMs?: number;
  /**
   * After this long without an answer the connection is given up: what was asked on it fails with `StoreUnavailableError`,
   * and the pool makes a new one. Default the server's limit and 5,000; 0: never.
   */
  readonly silenceTimeoutMs?: number;
  /** How long to wait for a connection: for a free one, or for the server to take a new one. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How the connections are named in `pg_stat_activity`. Default `evergrant`. */
  readonly applicationName?: string;
}

const STATEMENT_TIMEOUT_MS = 30_000;
/** What an answer may take beyond the server's own limit. */
const WAY_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** From then on the system asks whether an idle connection still stands. */
const KEEP_ALIVE_AFTER_MS = 30_000;
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

/**
 * A client that gives up a server which has fallen silent. A network that swallows what is sent tells nobody, and the
 * server's own limits do not reach over it. pg's `query_timeout` ends the waiting alone: the client goes back to the
 * pool as if it were free, and the next statement waits behind the one that is not answered. A closed socket ends
 * all of it.
 */
export function clientGivingUpAfter(silenceMs: number): typeof pg.Client {
  return class extends SidedClient {
    #silence: SilentServerError | null = null;
    /** A rollback is asked for while what it undoes may still be under way. */
    #asked = 0;

    override query(...statement: unknown[]) {
      // The rollback of what was cut off fails too: the reason told is the one that counts.
      if (this.#silence) return Promise.reject(this.#silence) as never;
      const asked = (super.query as (...statement: unknown[]) => unknown)(...statement);
      if (silenceMs <= 0 || !(asked instanceof Promise)) return asked as never;
      const stream = this.connection.stream as Socket;
      if (this.#asked === 0) stream.setTimeout(silenceMs, this.#giveUp);
      this.#asked += 1;
      return asked.finally(() => {
        this.#asked -= 1;
        if (this.#asked === 0) stream.setTimeout(0, this.#giveUp);
      }) as never;
    }

    readonly #giveUp = (): void => {
      this.#silence = new SilentServerError(silenceMs);
      this.connection.stream.destroy(this.#silence);
    };
  };
}

class SilentServerError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(silenceMs: number) {
    super(
      `It did not answer within ${silenceMs} ms, so the connection was closed. What was asked may have been done.`,
    );
    this.name = 'SilentServerError';
  }
}

export function postgresDatabase(options: PostgresOptions): Db {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const silenceMs = options.silenceTimeoutMs ?? (statementTimeoutMs > 0 ? statementTimeoutMs + WAY_MS : 0);
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    Client: clientGivingUpAfter(silenceMs),
    max: options.poolSize ?? 10,
    statement_timeout: statementTimeoutMs,
    application_name: options.applicationName ?? 'evergrant',
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types,
  });
  // A connection that breaks is told by the next call on it and replaced; unheard, these events would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool, onCreateConnection: takeSides }),
    plugins: [new CamelCasePlugin(NAMES)],
  });
}

/** Keys inside jsonb are data, not columns. */
export const NAMES = { maintainNestedObjectKeys: true };
