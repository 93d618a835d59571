import type { Instant } from '../../core/instant.ts';
import { ConflictError, type IdempotentAttempt, type Store } from '../store.ts';
import { wantWorkspace } from './directory.ts';
import { newestFirst, settledJson, truncated } from './rows.ts';
import type { Table } from './table.ts';
import { keyOf, type Tables } from './tables.ts';

type Visits = Pick<
  Store,
  | 'insertConnectSession'
  | 'updateConnectSession'
  | 'getConnectSession'
  | 'findConnectSession'
  | 'insertAttempt'
  | 'getAttempt'
  | 'useAttempt'
  | 'beginIdempotent'
  | 'takeOverIdempotent'
  | 'finishIdempotent'
  | 'dropIdempotent'
  | 'sweep'
>;

/** What lives for a while: connect sessions, trips to a platform, idempotency records. */
export function visits(tables: Tables): Visits {
  return {
    ...sessions(tables),
    ...attempts(tables),
    ...idempotency(tables),
    sweep: async (before: Instant, keysBefore: Instant) => {
      const isOver = (ended: Instant | null, expiresAt: Instant): boolean =>
        (ended !== null && ended < before) || expiresAt < before;
      drop(
        tables.attempts,
        (one) => one.stateHash,
        (one) => isOver(one.usedAt, one.expiresAt),
      );
      drop(
        tables.sessions,
        (one) => keyOf(one.workspaceId, one.id),
        (one) => isOver(one.finishedAt, one.expiresAt),
      );
      drop(
        tables.idempotency,
        (one) => keyOf(one.workspaceId, one.key),
        (one) => one.createdAt < keysBefore,
      );
    },
  };
}

function drop<R extends object>(
  table: Table<R>,
  keyOfRow: (row: R) => string,
  isOver: (row: R) => boolean,
): void {
  for (const row of table.all().filter(isOver)) table.delete(keyOfRow(row));
}

function sessions(tables: Tables) {
  return {
    insertConnectSession: async (record) => {
      wantWorkspace(tables, record.workspaceId, 'connect_sessions');
      if (tables.sessions.get(keyOf(record.workspaceId, record.id)))
        throw new ConflictError('taken', 'connect_sessions_pkey');
      tables.sessions.put(truncated(record));
    },
    updateConnectSession: async (record) => {
      if (tables.sessions.get(keyOf(record.workspaceId, record.id))?.status !== 'open') return false;
      tables.sessions.put(truncated(record));
      return true;
    },
    getConnectSession: async (workspaceId: string, id: string) =>
      tables.sessions.get(keyOf(workspaceId, id)) ?? null,
    findConnectSession: async (tokenHash: string) => tables.sessionsByToken.of(tokenHash)[0] ?? null,
  } satisfies Partial<Store>;
}

function attempts(tables: Tables) {
  return {
    insertAttempt: async (record) => {
      if (tables.attempts.get(record.stateHash))
        throw new ConflictError('taken', 'authorization_attempts_pkey');
      tables.attempts.put(truncated(record));
    },
    getAttempt: async (stateHash: string) => tables.attempts.get(stateHash) ?? null,
    useAttempt: async (stateHash: string, now: Instant) => {
      const attempt = tables.attempts.get(stateHash);
      if (attempt === undefined || attempt.usedAt !== null) return false;
      tables.attempts.put({ ...attempt, usedAt: Math.trunc(now) });
      return true;
    },
  } satisfies Partial<Store>;
}

function idempotency(tables: Tables) {
  const attemptOf = ({ workspaceId, key, createdAt }: IdempotentAttempt) => {
    const standing = tables.idempotency.get(keyOf(workspaceId, key));
    return standing?.createdAt === Math.trunc(createdAt) ? standing : undefined;
  };
  return {
    beginIdempotent: async (record) => {
      const standing = tables.idempotency.get(keyOf(record.workspaceId, record.key));
      if (standing === undefined) tables.idempotency.put(truncated(record));
      return standing ?? null;
    },
    takeOverIdempotent: async (record, begunAt) => {
      const standing = attemptOf({ ...record, createdAt: begunAt });
      if (standing?.status !== null) return false;
      const { requestHash, createdAt } = record;
      tables.idempotency.put(truncated({ ...standing, requestHash, createdAt }));
      return true;
    },
    finishIdempotent: async (attempt, status, body) => {
      const standing = attemptOf(attempt);
      if (standing !== undefined) tables.idempotency.put({ ...standing, status, body });
    },
    dropIdempotent: async (attempt) => {
      if (attemptOf(attempt)) tables.idempotency.delete(keyOf(attempt.workspaceId, attempt.key));
    },
  } satisfies Partial<Store>;
}

/** Declared platforms. */
export function declarations(
  tables: Tables,
): Pick<Store, 'putDeclaration' | 'deleteDeclaration' | 'getDeclaration' | 'listDeclarations'> {
  return {
    putDeclaration: async (record) => {
      wantWorkspace(tables, record.workspaceId, 'declarations');
      const before = tables.declarations.get(keyOf(record.workspaceId, record.id));
      const stored = {
        ...truncated(record),
        declaration: settledJson(record.declaration),
        discovered: record.discovered && settledJson(record.discovered),
      };
      tables.declarations.put({ ...stored, createdAt: before?.createdAt ?? stored.createdAt });
    },
    deleteDeclaration: async (workspaceId, id) => {
      const isUsed = tables.apps.all().some((app) => app.workspaceId === workspaceId && app.platform === id);
      return !isUsed && tables.declarations.delete(keyOf(workspaceId, id));
    },
    getDeclaration: async (workspaceId, id) => tables.declarations.get(keyOf(workspaceId, id)) ?? null,
    listDeclarations: async (workspaceId) =>
      newestFirst(tables.declarations.all().filter((record) => record.workspaceId === workspaceId)),
  };
}
