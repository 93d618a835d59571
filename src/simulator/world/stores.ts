import { memoryStore } from '../../store/memory/memoryStore.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import type { StoreKind } from './plan.ts';
import type { Rest } from './rest.ts';

/** Rows of the activity log that a world keeps in memory for each town. */
const MOST_ACTIVITY = 1_000;

/** How a world opens its store. `postgres` takes an empty database. */
export function storeOf(kind: StoreKind, databaseUrl: string | null): (rest: Rest) => Promise<Store> {
  if (kind === 'memory') return async () => memoryStore({ mostActivity: MOST_ACTIVITY });
  return async (rest) => {
    if (kind === 'postgres' && databaseUrl === null)
      throw new Error('Set DATABASE_URL to an empty PostgreSQL database for a world on postgres.');
    const store = await openStore(kind === 'postgres' ? { databaseUrl: databaseUrl! } : { memory: true });
    return announced(store, rest);
  };
}

/** A database is outside of the event loop: the clock waits for it. */
function announced(store: Store, rest: Rest): Store {
  const entries = Object.entries(store).map(([name, method]) => {
    const call = method as (...given: unknown[]) => Promise<unknown>;
    return [name, (...given: unknown[]) => rest.during(() => call(...given))];
  });
  return Object.fromEntries(entries) as unknown as Store;
}
