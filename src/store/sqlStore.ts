import { sql } from 'kysely';
import * as activity from './activity.ts';
import * as apps from './apps.ts';
import * as claims from './claims.ts';
import * as clients from './clients.ts';
import * as connections from './connections.ts';
import * as dataKeys from './dataKeys.ts';
import * as declarations from './declarations.ts';
import { withTranslatedErrors } from './failures.ts';
import * as grants from './grants.ts';
import * as idempotency from './idempotency.ts';
import { migrate } from './migrate.ts';
import * as outages from './outages.ts';
import * as outcomes from './outcomes.ts';
import { hasRow } from './rows.ts';
import type { Db } from './schema.ts';
import * as sessions from './sessions.ts';
import type { Store } from './store.ts';
import { sweep } from './sweep.ts';
import * as workspaces from './workspaces.ts';

type Bound<M> = {
  [K in keyof M]: M[K] extends (db: Db, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** The functions of an area, each with the connection as its first argument already given. */
function bound<M extends object>(db: Db, area: M): Bound<M> {
  const methods = Object.entries(area).filter(([, member]) => typeof member === 'function');
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...rest: unknown[]) => method(db, ...rest)]),
  ) as Bound<M>;
}

/** Runs the work in the transaction that is open, or in one of its own. */
function whole<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

function contents(db: Db): Omit<Store, 'migrate' | 'close' | 'transaction' | 'hurriedly'> {
  const { insertGrant, getGrant, listGrants, listUnusedGrants, listDeadlines, countGrantsOfIdentity } =
    grants;
  const { listOutages, closeConnectionOutage } = outages;
  const { listActivity, verifyActivity } = activity;
  return {
    ping: async () => void (await sql`select 1`.execute(db)),
    ...bound(db, workspaces),
    ...bound(db, dataKeys),
    ...bound(db, apps),
    ...bound(db, clients),
    ...bound(db, {
      insertGrant,
      getGrant,
      listGrants,
      listUnusedGrants,
      listDeadlines,
      countGrantsOfIdentity,
    }),
    ...bound(db, claims),
    ...bound(db, connections),
    ...bound(db, sessions),
    ...bound(db, { listOutages, closeConnectionOutage }),
    ...bound(db, { listActivity, verifyActivity }),
    ...bound(db, idempotency),
    ...bound(db, declarations),
    ...bound(db, { hasRow }),
    claimGrant: (workspaceId, id, claim) =>
      whole(db, (transaction) => claims.claimGrant(transaction, workspaceId, id, claim)),
    applyOutcomes: (batch) => whole(db, (transaction) => outcomes.applyOutcomes(transaction, batch)),
    appendActivity: (rows) => whole(db, (transaction) => activity.appendActivity(transaction, rows)),
    sweep: (before) => whole(db, (transaction) => sweep(transaction, before)),
  };
}

function notInside(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`store.${name} cannot be called inside a transaction.`));
}

/** The store as the work inside a transaction sees it; a transaction inside a transaction is the same one. */
function transactionStore(transaction: Db): Store {
  const store: Store = withTranslatedErrors<Store>({
    ...contents(transaction),
    migrate: notInside('migrate'),
    close: notInside('close'),
    hurriedly: notInside('hurriedly'),
    transaction: (work) => work(store),
  });
  return store;
}

/** A store over a database. `close` also releases what the database was opened with. */
export function sqlStore(
  db: Db,
  close: () => Promise<void>,
  hurriedly: Store['hurriedly'] = (work) => work(),
): Store {
  return withTranslatedErrors<Store>({
    ...contents(db),
    migrate: () => migrate(db),
    close,
    hurriedly,
    transaction: (work) => db.transaction().execute((transaction) => work(transactionStore(transaction))),
  });
}
