import type { CompiledQuery, DatabaseConnection } from 'kysely';
import pg from 'pg';
import { notTaken, type Side, sideOf, sideValues, TAKE_SIDE } from './side.ts';

/** What pg's own query is made of; its types leave it out. */
interface Parts {
  callback: (error: Error | null, result: pg.QueryResult) => void;
  prepare(connection: pg.Connection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
  handleError(error: unknown, connection: pg.Connection): void;
}
const Query = pg.Query as unknown as new (config: pg.QueryConfig & { queryMode: 'extended' }) => Parts;

/**
 * A statement with the one that takes its side before it, in one message to the server and so in one trip. Between them
 * is no `Sync`: the server takes both for one transaction, at whose end the side is over, also behind a pooler that
 * gives each transaction another connection. Inside a transaction that was begun, the side lasts until the next one.
 */
class SidedQuery extends Query {
  readonly #side: Side;
  #sideTaken = false;

  constructor(text: string, values: unknown[], side: Side) {
    super({ text, values, queryMode: 'extended' });
    this.#side = side;
  }

  override prepare(connection: pg.Connection): void {
    connection.parse({ name: '', text: TAKE_SIDE, types: [] }, true);
    connection.bind({ portal: '', statement: '', binary: '', values: sideValues(this.#side) }, true);
    connection.execute({ portal: '', rows: '' }, true);
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#sideTaken) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    if (this.#sideTaken) super.handleCommandComplete(message, connection);
    this.#sideTaken = true;
  }

  override handleError(error: unknown, connection: pg.Connection): void {
    super.handleError(this.#sideTaken ? error : notTaken(error), connection);
  }
}

/** How a statement that has a side is given to the client, instead of its text. */
class Sided {
  readonly text: string;
  readonly side: Side;

  constructor(text: string, side: Side) {
    this.text = text;
    this.side = side;
  }
}

const Client = pg.Client as unknown as new (
  config?: pg.ClientConfig,
) => { query(first: unknown, ...rest: unknown[]): unknown };

/** A client that takes {@link Sided} statements, too. */
class TakingSides extends Client {
  override query(first: unknown, ...rest: unknown[]): unknown {
    if (!(first instanceof Sided)) return super.query(first, ...rest);
    return new Promise((resolve, reject) => {
      const query = new SidedQuery(first.text, rest[0] as unknown[], first.side);
      query.callback = (error, result) => (error ? reject(error) : resolve(result));
      super.query(query);
    });
  }
}

export const SidedClient = TakingSides as unknown as typeof pg.Client;

/** Makes a connection send each statement from its side. */
export async function takeSides(connection: DatabaseConnection): Promise<void> {
  const plain = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query) => {
    const side = sideOf(query.queryId);
    if (side === undefined) return plain(query);
    try {
      return await plain(sided(query, side));
    } catch (error) {
      throw side.failed(error);
    }
  };
}

/** The driver hands the text on to the client as it is. */
function sided(query: CompiledQuery, side: Side): CompiledQuery {
  return { ...query, sql: new Sided(query.sql, side) as unknown as string };
}
