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
import { REACH, type Reach, workspaceOf } from './reach.ts';
import { hasRow } from './rows.ts';
import type { Db } from './schema.ts';
import * as sessions from './sessions.ts';
import type { Store } from './store.ts';
import { sweep } from './sweep.ts';
import { Wall } from './wall.ts';
import * as workspaces from './workspaces.ts';

type Method = (db: Db, ...args: never[]) => unknown;
type Bound<M> = {
  readonly [K in keyof M]: M[K] extends (db: Db, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Promise<Awaited<Result>>
    : never;
};

/** Every statement of the store, as a function whose first argument is the connection that it runs on. */
const METHODS = {
  ping: async (db: Db) => void (await sql`select 1`.execute(db)),
  ...methodsOf(workspaces),
  ...methodsOf(dataKeys),
  ...methodsOf(apps),
  ...methodsOf(clients),
  insertGrant: grants.insertGrant,
  getGrant: grants.getGrant,
  listGrants: grants.listGrants,
  listUnusedGrants: grants.listUnusedGrants,
  listDeadlines: grants.listDeadlines,
  countGrantsOfIdentity: grants.countGrantsOfIdentity,
  ...methodsOf(claims),
  ...methodsOf(connections),
  ...methodsOf(sessions),
  listOutages: outages.listOutages,
  closeConnectionOutage: outages.closeConnectionOutage,
  listActivity: activity.listActivity,
  verifyActivity: activity.verifyActivity,
  ...methodsOf(idempotency),
  ...methodsOf(declarations),
  hasRow,
  claimGrant: (db: Db, ...args: Parameters<Store['claimGrant']>) =>
    whole(db, (transaction) => claims.claimGrant(transaction, ...args)),
  applyOutcomes: (db: Db, ...args: Parameters<Store['applyOutcomes']>) =>
    whole(db, (transaction) => outcomes.applyOutcomes(transaction, ...args)),
  appendActivity: (db: Db, ...args: Parameters<Store['appendActivity']>) =>
    whole(db, (transaction) => activity.appendActivity(transaction, ...args)),
  sweep: (db: Db, ...args: Parameters<Store['sweep']>) =>
    whole(db, (transaction) => sweep(transaction, ...args)),
};

type Functions<M> = { [K in keyof M as M[K] extends Method ? K : never]: M[K] };

/** The functions of an area, without what else it exports. */
function methodsOf<M extends object>(area: M): Functions<M> {
  return Object.fromEntries(
    Object.entries(area).filter(([, member]) => typeof member === 'function'),
  ) as Functions<M>;
}

/** Runs the work in the transaction that is open, or in one of its own. */
function whole<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/**
 * The methods on a connection or transaction. Each gets it from the side on which its reach puts it: no method decides
 * that itself, nor can it get around it.
 */
export function bound<M extends Readonly<Record<string, Method>>>(
  db: Db,
  wall: Wall,
  methods: M,
  reachOf: { readonly [K in keyof M]: Reach },
): Bound<M> {
  const each = Object.entries(methods).map(([name, method]) => [
    name,
    async (...args: never[]) =>
      method(await wall.around(db, workspaceOf(reachOf[name] as Reach, args)), ...args),
  ]);
  return Object.fromEntries(each) as Bound<M>;
}

function contents(db: Db, wall: Wall) {
  return {
    ...bound(db, wall, METHODS, REACH as { readonly [K in keyof typeof METHODS]: Reach }),
    wallProblem: () => wall.problem(db),
  };
}

function notInside(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`store.${name} cannot be called inside a transaction.`));
}

/** The store as the work inside a transaction sees it; a transaction inside a transaction is the same one. */
function transactionStore(transaction: Db, wall: Wall): Store {
  const store: Store = withTranslatedErrors<Store>({
    ...contents(transaction, wall),
    migrate: notInside('migrate'),
    close: notInside('close'),
    hurriedly: notInside('hurriedly'),
    transaction: (work) => work(store),
  });
  return store;
}

/** What a store may have beside its database. */
export interface SqlStoreParts {
  readonly hurriedly?: Store['hurriedly'];
  /** Gives the work a connection to the same database on which nothing is given up. Default: the database as it is. */
  readonly patiently?: (work: (db: Db) => Promise<void>) => Promise<void>;
  /** What the database needs now and then and nobody does for it; done after each sweep. Default nothing. */
  readonly upkeep?: () => Promise<void>;
  /** As in `StoreOptions`. */
  readonly tellOfWall?: (said: string) => void;
}

/** A store over a database. `close` also releases what the database was opened with. */
export function sqlStore(
  db: Db,
  close: () => Promise<void>,
  {
    hurriedly = (work) => work(),
    patiently = (work) => work(db),
    upkeep = async () => {},
    tellOfWall,
  }: SqlStoreParts = {},
): Store {
  const wall = new Wall(tellOfWall);
  const methods = contents(db, wall);
  return withTranslatedErrors<Store>({
    ...methods,
    sweep: (...limits) => methods.sweep(...limits).then(upkeep),
    migrate: () => patiently((patient) => migrate(patient, { wall })),
    close,
    hurriedly,
    transaction: (work) =>
      db.transaction().execute((transaction) => work(transactionStore(transaction, wall))),
  });
}
