import { type Instant, SECOND_MS } from '../core/instant.ts';
import type { AppRecord } from '../store/records.ts';
import { Breakers } from './breakers.ts';
import { Committer, type Spool } from './committer.ts';
import type { House } from './context.ts';
import { Flights } from './flights.ts';
import { gather } from './gather.ts';
import { ReadLog } from './readLog.ts';
import { rememberedViews } from './rememberedViews.ts';

/** What the house is made of; the rest follows from it. */
export type HouseParts = Pick<
  House,
  | 'store'
  | 'vault'
  | 'wire'
  | 'registry'
  | 'now'
  | 'sleep'
  | 'randomBytes'
  | 'log'
  | 'meter'
  | 'publicUrl'
  | 'nodeId'
> & { readonly spool: Spool };

/** Puts the parts together. One process has one house. */
export function createHouse(parts: HouseParts): House {
  const { spool, ...rest } = parts;
  const { store } = parts;
  const idOf = (key: { workspaceId: string; id: string }): string => `${key.workspaceId} ${key.id}`;
  const connection = gather(rememberedViews(store), idOf, (view) => idOf(view.connection));
  const app = gather(store.getApps, idOf, idOf);
  return {
    ...rest,
    committer: new Committer(store, spool, parts.sleep),
    flights: new Flights(),
    readLog: new ReadLog(store.appendActivity),
    breakers: new Breakers(),
    connections: (workspaceId, id) => connection({ workspaceId, id }),
    apps: briefly((workspaceId, id) => app({ workspaceId, id }), parts.now),
  };
}

type AppLookup = (workspaceId: string, id: string) => Promise<AppRecord | undefined>;
const MOST_REMEMBERED = 10_000;

/** Remembers what it found for a second. */
function briefly(lookup: AppLookup, now: () => Instant): AppLookup {
  const known = new Map<
    string,
    { readonly until: Instant; readonly found: Promise<AppRecord | undefined> }
  >();
  return (workspaceId, id) => {
    const key = `${workspaceId} ${id}`;
    const entry = known.get(key);
    if (entry && entry.until > now()) return entry.found;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const found = lookup(workspaceId, id);
    known.set(key, { until: now() + SECOND_MS, found });
    found.catch(() => known.delete(key));
    return found;
  };
}
