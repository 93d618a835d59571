import type { Store } from '../store.ts';
import { newestFirst, truncated } from './rows.ts';
import { keyOf, type Tables } from './tables.ts';

type Keys = Pick<
  Store,
  | 'getMasterKeyCheck'
  | 'setMasterKeyCheck'
  | 'ensureDataKey'
  | 'getDataKeys'
  | 'dataKeysNotUnder'
  | 'rewrapDataKey'
>;

/** The check of the master key, and the workspaces' data keys. */
export function keys(tables: Tables): Keys {
  const dataKeysOf = (workspaceId: string) =>
    newestFirst(tables.dataKeys.all().filter((key) => key.workspaceId === workspaceId));
  const check = () => tables.masterKeyCheck.get('one') ?? null;
  return {
    getMasterKeyCheck: async () => check(),
    setMasterKeyCheck: async (next, fromMasterKeyId) => {
      const stands = (check()?.masterKeyId ?? null) === fromMasterKeyId;
      if (stands) tables.masterKeyCheck.put(next);
      return stands;
    },
    ensureDataKey: async (record) => {
      const isFirst = dataKeysOf(record.workspaceId).length === 0;
      if (isFirst && check()?.masterKeyId === record.masterKeyId) tables.dataKeys.put(truncated(record));
      return dataKeysOf(record.workspaceId)[0] ?? null;
    },
    getDataKeys: async (workspaceId) => dataKeysOf(workspaceId),
    dataKeysNotUnder: async (masterKeyId, limit) =>
      tables.dataKeys
        .all()
        .filter((key) => key.masterKeyId !== masterKeyId)
        .sort((a, b) => (keyOf(a.workspaceId, a.id) < keyOf(b.workspaceId, b.id) ? -1 : 1))
        .slice(0, limit),
    rewrapDataKey: async (record, fromMasterKeyId) => {
      const before = tables.dataKeys.get(keyOf(record.workspaceId, record.id));
      if (before?.masterKeyId !== fromMasterKeyId) return false;
      tables.dataKeys.put({ ...before, wrapped: record.wrapped, masterKeyId: record.masterKeyId });
      return true;
    },
  };
}
