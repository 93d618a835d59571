import type { Store } from '../store/store.ts';
import type { Noted } from './changes.ts';

const idOf = ({ id }: { readonly id: string }): string => id;

/**
 * The same store; whatever is written through it to something that reads remember (API keys, apps, grants,
 * connections) is noted before the writer is told. A write that failed is noted too: it may have happened.
 */
export function notingWrites(store: Store, changes: Noted): Store {
  const noting =
    <Args extends readonly unknown[], Result>(
      write: (...args: Args) => Promise<Result>,
      idsOf: (...args: Args) => readonly string[],
    ) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await write(...args);
      } finally {
        changes.note(idsOf(...args));
      }
    };
  const secondId = (_workspaceId: string, id: string): readonly string[] => [id];
  return {
    ...store,
    revokeApiKey: noting(store.revokeApiKey, secondId),
    updateApp: noting(store.updateApp, (app) => [app.id]),
    setBreaker: noting(store.setBreaker, secondId),
    deleteApp: noting(store.deleteApp, secondId),
    updateConnection: noting(store.updateConnection, (connection) => [connection.id]),
    claimGrant: noting(store.claimGrant, secondId),
    releaseGrants: noting(store.releaseGrants, (grants) => grants.map(idOf)),
    applyOutcomes: noting(store.applyOutcomes, (outcomes) => outcomes.map(({ grant }) => grant.id)),
    // These name no grants.
    hastenSpared: (...args) => store.hastenSpared(...args).finally(() => changes.noteAll()),
    endLeases: (...args) => store.endLeases(...args).finally(() => changes.noteAll()),
    claimDue: async (claim) => {
      const claimed = await store.claimDue(claim);
      changes.note(claimed.map(idOf));
      return claimed;
    },
    claimReminders: async (claim) => {
      const claimed = await store.claimReminders(claim);
      changes.note(claimed.map(idOf));
      return claimed;
    },
    claimLooks: async (claim) => {
      const claimed = await store.claimLooks(claim);
      changes.note(claimed.map(idOf));
      return claimed;
    },
    transaction: (work) => transactionNoting(store, changes, work),
  };
}

/** Before its end nothing of a transaction is to be seen, so that all of it is noted then. */
async function transactionNoting<T>(
  store: Store,
  changes: Noted,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const written: string[] = [];
  let everything = false;
  const later: Noted = {
    note: (ids) => void written.push(...ids),
    noteAll: () => {
      everything = true;
    },
  };
  try {
    return await store.transaction((inside) => work(notingWrites(inside, later)));
  } finally {
    if (everything) changes.noteAll();
    else if (written.length > 0) changes.note(written);
  }
}
