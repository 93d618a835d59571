import { ConflictError, StoreUnavailableError } from './store.ts';

interface DatabaseFailure {
  readonly code?: string;
  readonly message?: string;
  readonly name?: string;
  readonly constraint?: string;
  readonly errors?: readonly DatabaseFailure[];
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

/** SQLSTATE classes and codes after which the same work can succeed: nothing is wrong with the work itself. */
const PASSING_CLASSES = ['08', '53', '57'];
const PASSING_CODES = [
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
  '25006', // read-only: a failover is under way
  '25P03', // idle in transaction for too long
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** How the drivers word a broken connection where they give no code. */
const PASSING_WORDS = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed',
  'Cannot use a pool after calling end',
  'PGlite is closed',
  'driver has already been destroyed',
  'discarded',
];

/** The embedded engine died (a failed fsync, for one, is a panic): only a restart of the process helps. */
const ENGINE_DEATH = ['RuntimeError', 'ExitStatus'];

function isPassing(failure: DatabaseFailure): boolean {
  const { code, message = '', name = '' } = failure;
  if (code !== undefined && (PASSING_CODES.includes(code) || /^[0-9A-Z]{5}$/.test(code))) {
    return PASSING_CODES.includes(code) || PASSING_CLASSES.includes(code.slice(0, 2));
  }
  if (failure.errors?.some(isPassing)) return true;
  return ENGINE_DEATH.includes(name) || PASSING_WORDS.some((words) => message.includes(words));
}

export function isForeignKeyViolation(error: unknown): boolean {
  return (error as DatabaseFailure)?.code === FOREIGN_KEY_VIOLATION;
}

/** Where the drivers put statements, parameters and rows: sealed secrets, hashes and people's data do not belong in errors. */
const TELLTALE = ['params', 'query', 'queryOptions', 'internalQuery', 'detail', 'where', 'parameters'];

/** Takes out of a database’s error what it holds of statements and rows. */
export function withoutContents(error: Error): Error {
  for (const property of TELLTALE) delete (error as unknown as Record<string, unknown>)[property];
  return error;
}

/** What callers get to see: a conflict, an unavailable store, or the error as it is. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ConflictError || error instanceof StoreUnavailableError)
    return error;
  const failure = withoutContents(error) as DatabaseFailure;
  if (failure.code === UNIQUE_VIOLATION) {
    return new ConflictError('taken', failure.constraint ?? 'unknown', { cause: error });
  }
  if (failure.code === FOREIGN_KEY_VIOLATION) {
    return new ConflictError('reference', failure.constraint ?? 'unknown', { cause: error });
  }
  if (isPassing(failure)) {
    return new StoreUnavailableError(`The database is not available: ${error.message || failure.code}`, {
      cause: error,
    });
  }
  return error;
}

/** The same object, whose methods reject with translated errors only. */
export function withTranslatedErrors<T extends object>(methods: T): T {
  const guarded = Object.entries(methods).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw translated(error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}
