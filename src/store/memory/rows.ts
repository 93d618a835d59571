import type { Instant } from '../../core/instant.ts';
import type { Page } from '../store.ts';
import { json, storable } from '../values.ts';

interface Owned {
  readonly workspaceId: string;
  readonly id: string;
}

export function present<R>(rows: readonly (R | undefined)[]): R[] {
  return rows.filter((row) => row !== undefined);
}

/** The record as a table holds it: moments in whole milliseconds, texts that PostgreSQL could hold too. */
export function truncated<R extends object>(record: R): R {
  const row = { ...record } as Record<string, unknown>;
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'number') row[name] = Math.trunc(value);
    else if (typeof value === 'string') row[name] = storable(value);
  }
  return row as R;
}

/** A copy of the value as JSON keeps it. */
export function settledJson<T>(value: T): T {
  return JSON.parse(json(value)) as T;
}

type Created<R> = (row: R) => Instant;

/** The order of all lists: by creation and id, both descending. */
export function newestFirst<R extends { readonly id: string }>(
  rows: R[],
  createdAt: Created<R> = (row) => (row as R & { createdAt: Instant }).createdAt,
): R[] {
  return rows.sort((a, b) => createdAt(b) - createdAt(a) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}

/** The page of the workspace's rows; a mark that does not exist has nothing after it. */
export function pageOf<R extends Owned>(
  rows: readonly R[],
  workspaceId: string,
  page: Page,
  isWanted: (row: R) => boolean = () => true,
  createdAt?: Created<R>,
): R[] {
  const own = newestFirst(
    rows.filter((row) => row.workspaceId === workspaceId),
    createdAt,
  );
  const mark = page.after === null ? -1 : own.findIndex((row) => row.id === page.after);
  if (page.after !== null && mark < 0) return [];
  return own
    .slice(mark + 1)
    .filter(isWanted)
    .slice(0, page.limit);
}
