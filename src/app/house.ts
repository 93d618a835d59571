import type { Instant } from '../core/instant.ts';
import type { Store } from '../store/store.ts';
import { Breakers } from './breakers.ts';
import { briefly } from './briefly.ts';
import { Changes } from './changes.ts';
import { Committer, type Spool } from './committer.ts';
import type { House } from './context.ts';
import { Flights } from './flights.ts';
import { notingWrites } from './notingWrites.ts';
import { OpenedTokens } from './openToken.ts';
import { OwnFaults } from './ownFaults.ts';
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
> &
  Partial<Pick<House, 'clock'>> & { readonly spool: Spool };

/** Puts the parts together. One process has one house. */
export function createHouse(parts: HouseParts): House {
  const { spool, now, ...rest } = parts;
  const changes = new Changes();
  const store = notingWrites(parts.store, changes);
  return {
    ...rest,
    ...lookUps(store, changes, now),
    store,
    now,
    clock: parts.clock ?? null,
    committer: new Committer(store, spool, parts.sleep),
    flights: new Flights(),
    openedTokens: new OpenedTokens(),
    readLog: new ReadLog(store.appendActivity),
    breakers: new Breakers(),
    ownFaults: new OwnFaults(),
  };
}

interface RowKey {
  readonly workspaceId: string;
  readonly id: string;
}

/** What every request or read needs, gathered into few trips and remembered briefly. */
function lookUps(
  store: Store,
  changes: Changes,
  now: () => Instant,
): Pick<House, 'apiKeys' | 'apps' | 'connections'> {
  const rowId = ({ workspaceId, id }: RowKey): string => `${workspaceId} ${id}`;
  const same = (text: string): string => text;
  const apps = briefly(store.getApps, {
    idOf: rowId,
    idOfValue: rowId,
    partsOf: ({ id }) => [id],
    changes,
    now,
  });
  const views = briefly(rememberedViews(store), {
    idOf: rowId,
    idOfValue: ({ connection }) => rowId(connection),
    partsOf: ({ connection, grant }) => [connection.id, grant.id],
    changes,
    now,
  });
  return {
    apiKeys: briefly(store.findApiKeys, {
      idOf: same,
      idOfValue: ({ hash }) => hash,
      partsOf: ({ id }) => [id],
      changes,
      now,
    }),
    apps: (workspaceId, id) => apps({ workspaceId, id }),
    connections: (workspaceId, id) => views({ workspaceId, id }),
  };
}
