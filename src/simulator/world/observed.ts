import type { GrantRecord } from '../../store/records.ts';
import type { GrantOutcome, Store } from '../../store/store.ts';
import type { SeenWrite } from './checker.ts';

type Write = Omit<SeenWrite, 'simulator'>;

export interface Observer {
  readonly now: () => number;
  readonly tell: (write: Write) => void;
  /** A write did not count: somebody else has taken the grant since. */
  readonly fenced: () => void;
}

/** The store, whose writes to grants are told once they stand. It lies below the weather: what is told has happened. */
export function observed(store: Store, { now, tell, fenced }: Observer): Store {
  const watched = (inner: Store, say: (write: Write) => void): Store => ({
    ...inner,
    insertGrant: async (grant: GrantRecord) => {
      await inner.insertGrant(grant);
      say({ at: now(), before: null, after: grant, activity: [] });
    },
    applyOutcomes: async (outcomes: readonly GrantOutcome[]) => {
      const before = await Promise.all(
        outcomes.map(({ grant }) => inner.getGrant(grant.workspaceId, grant.id)),
      );
      const stood = await inner.applyOutcomes(outcomes);
      outcomes.forEach(({ grant, activity }, place) => {
        if (!stood[place]) fenced();
        else say({ at: now(), before: before[place] ?? null, after: grant, activity });
      });
      return stood;
    },
  });
  return {
    ...watched(store, tell),
    transaction: async (work) => {
      const written: Write[] = [];
      const result = await store.transaction((inside) =>
        work(watched(inside, (write) => written.push(write))),
      );
      written.forEach(tell);
      return result;
    },
  };
}
