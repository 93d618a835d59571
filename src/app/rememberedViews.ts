import type { ConnectionView, Store } from '../store/store.ts';

interface Key {
  readonly workspaceId: string;
  readonly id: string;
}

interface Remembered {
  readonly stamp: string;
  readonly view: ConnectionView;
}

/** Views kept in memory, the latest ones, with their secrets sealed as they are in the database: some 5 kB each. */
const MOST_REMEMBERED = 10_000;

/**
 * Looks connections up as they are now: the database is asked each time, but only for what has changed since the last
 * time. What is remembered may be younger than its stamp, never older: then it is read once more than needed.
 */
export function rememberedViews(store: Pick<Store, 'connectionStamps' | 'getConnections'>) {
  const known = new Map<string, Remembered>();
  const remember = (id: string, remembered: Remembered): void => {
    known.delete(id);
    known.set(id, remembered);
    if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value as string);
  };
  return async (keys: readonly Key[]): Promise<readonly ConnectionView[]> => {
    const stamps = await store.connectionStamps(keys);
    const views: ConnectionView[] = [];
    const changed = new Map<string, string>();
    const toRead = keys.filter((key, index) => {
      const stamp = stamps[index] ?? null;
      if (stamp === null) return false;
      const id = idOf(key);
      const remembered = known.get(id);
      const isSame = stamp === remembered?.stamp;
      if (isSame) views.push(remembered.view);
      else changed.set(id, stamp);
      return !isSame;
    });
    for (const view of await store.getConnections(toRead)) {
      const id = idOf(view.connection);
      remember(id, { stamp: changed.get(id) as string, view });
      views.push(view);
    }
    return views;
  };
}

function idOf({ workspaceId, id }: Key): string {
  return `${workspaceId} ${id}`;
}
