import { ConflictError, StoreUnavailableError } from '../store/store.ts';

/** Whether the database is away: the same work can succeed later. */
export function isAway(error: unknown): boolean {
  return error instanceof StoreUnavailableError;
}

/**
 * Whether the contents themselves are refused, now and later: SQLSTATE classes 22 and 23, or our own mapping, which
 * fails by type or range.
 */
export function refusesContents(error: unknown): boolean {
  if ([ConflictError, TypeError, RangeError].some((kind) => error instanceof kind)) return true;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code);
}
