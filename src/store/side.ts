import type { KyselyPlugin, QueryId } from 'kysely';
import type { Db } from './schema.ts';

/** As whom a statement runs, and whose rows it may see and write. */
export interface Side {
  readonly role: string;
  /** Empty: none, which does not bind the owner. */
  readonly workspaceId: string;
  /** Where names are looked up: `"$user"` in a path of the owner’s means another schema, or none, to another role. */
  readonly searchPath: string;
  /** What a statement’s failure means to its caller. */
  readonly failed: (error: unknown) => unknown;
}

/** What puts the rest of the transaction on a side: its parameters are {@link sideValues}. Ends with the transaction. */
export const TAKE_SIDE = `select set_config('role', $1, true), set_config('evergrant.workspace', $2, true),
  set_config('search_path', $3, true)`;

export function sideValues({ role, workspaceId, searchPath }: Side): string[] {
  return [role, workspaceId, searchPath];
}

/** The database refused the side, so that the statement for it was not run. Its reason is the `cause`. */
export class SideNotTakenError extends Error {
  override readonly name = 'SideNotTakenError';

  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** SQLSTATE classes of a role that is not there, or may not be taken. Others tell of the connection, not of the side. */
const REFUSALS = /^(22|42)/;

/** What came instead of a side. */
export function notTaken(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  return error instanceof Error && typeof code === 'string' && REFUSALS.test(code)
    ? new SideNotTakenError(error)
    : error;
}

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
