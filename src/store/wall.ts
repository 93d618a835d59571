import { sql } from 'kysely';
import { withoutContents } from './failures.ts';
import type { Db } from './schema.ts';
import { onSide, SideNotTakenError } from './side.ts';
import { StoreUnavailableError } from './store.ts';
import { type Found, look, problemOf, stepsTowards, take } from './wallRole.ts';

/** Held, to the end of the transaction, by whoever changes the schema: over all processes one at a time. */
const LOCK = 0x65766772;

export async function lockSchema(transaction: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction);
}

/** Goes before what is the matter with the wall (`Store.wallProblem`). */
export const WITHOUT_WALL =
  'Row-level security does not keep the workspaces apart, only the statements of the store do.';
const MENDED =
  'The role behind row-level security, or rights of it, had been taken away while the service ran. They were made again.';

/** How PostgreSQL names, in every language, the place where it misses a right; a policy is another one's. */
const RIGHT_IS_MISSING = /^aclcheck_error/;

/**
 * The wall of one database: row-level security that binds every statement for one workspace to its rows, whatever the
 * statement says. It keeps a forgotten condition from doing harm; it does not hold against whoever can run SQL of their
 * own, who could step out of it.
 */
export class Wall {
  readonly #tell: (said: string) => void;
  #found: Found | undefined;
  #looking: Promise<Found> | undefined;
  #isLost = false;
  /** A transaction stays with what was found at its first statement: one side that is not taken leaves the last one. */
  readonly #ofTransactions = new WeakMap<Db, Promise<Found>>();

  /** @param tell Hears in words what was found after the wall was taken away from a running process. */
  constructor(tell: (said: string) => void = () => {}) {
    this.#tell = tell;
  }

  /**
   * Builds what is missing of it, in a transaction that holds {@link lockSchema}. Throws where the database would hide
   * every row from this process.
   */
  async raise(transaction: Db): Promise<Found> {
    let found = await look(transaction);
    if (found.isBound) throw ownsNothing(found);
    const steps = stepsTowards(found);
    if (steps.length > 0) {
      await take(transaction, steps);
      found = await look(transaction);
    }
    this.#found = found;
    return found;
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
    const found = await this.#known(db);
    if (problemOf(found) !== null) return db;
    return onSide(db, {
      role: workspaceId === null ? found.owner : found.tenant!,
      workspaceId: workspaceId ?? '',
      searchPath: found.searchPath,
      failed: (error) => this.#failed(error, found),
    });
  }

  /** A transaction asks on its own connection: on the embedded database another could not be had before it is over. */
  async #known(db: Db): Promise<Found> {
    if (!db.isTransaction) return this.#found ?? this.#again(db);
    const known = this.#ofTransactions.get(db) ?? (this.#found ? Promise.resolve(this.#found) : look(db));
    this.#ofTransactions.set(db, known);
    return known;
  }

  #again(db: Db): Promise<Found> {
    this.#looking ??= this.#lookAgain(db).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAgain(db: Db): Promise<Found> {
    let found = await look(db);
    const isBuilt = found.isBound || stepsTowards(found).length > 0;
    if (isBuilt) {
      found = await db.transaction().execute(async (transaction) => {
        await lockSchema(transaction);
        return this.raise(transaction);
      });
    }
    const problem = problemOf(found);
    if (this.#isLost && (isBuilt || problem !== null))
      this.#tell(problem === null ? MENDED : `${WITHOUT_WALL} ${problem}`);
    this.#isLost = false;
    // Without tables nothing is known yet: they may be made by another process.
    this.#found = found.tenant === null ? undefined : found;
    return found;
  }

  /** The role, or rights of it, may be taken away at any time: whoever meets that has nothing done, and can try again. */
  #failed(error: unknown, found: Found): unknown {
    const { code, routine } = error as { readonly code?: string; readonly routine?: string };
    const isRefused = error instanceof SideNotTakenError;
    if (!isRefused && !(code === '42501' && RIGHT_IS_MISSING.test(routine ?? ''))) return error;
    if (this.#found === found) {
      this.#found = undefined;
      this.#isLost = true;
    }
    const cause = withoutContents((isRefused ? error.cause : error) as Error);
    return new StoreUnavailableError(
      `The database refused the role ${found.tenant}, as which statements for one workspace run: ${cause.message}. ` +
        'The role and its rights are looked at, and mended where that can be, before the next statement.',
      { cause },
    );
  }
}

function ownsNothing({ owner, ownerQuoted }: Found): Error {
  return new Error(
    `The database user ${owner} does not own Evergrant’s tables, so that row-level security would hide every row from it. ` +
      `Connect as their owner, or let the owner run “grant OWNER to ${ownerQuoted};”.`,
  );
}
