import type { Store } from './store.ts';

type Args<K extends keyof Store> = Parameters<Store[K]>;

/** A method for one workspace runs behind the wall around the one that its arguments name. */
interface OfOne<Given extends readonly unknown[]> {
  readonly of: (...args: Given) => string;
}

/** One that takes several workspaces in one trip: behind the wall where all that is given is of the same. */
interface OfEach<Given extends readonly unknown[]> {
  readonly ofEach: (...args: Given) => readonly string[];
  readonly why: string;
}

/** One that no wall can stand around, and why. */
interface OfAll {
  readonly crosses: string;
}

export type Reach<Given extends readonly unknown[] = readonly never[]> = OfOne<Given> | OfEach<Given> | OfAll;

interface Row {
  readonly workspaceId: string;
}

const named = { of: (workspaceId: string) => workspaceId };
const inRow = { of: (record: Row) => record.workspaceId };
const inRows = (why: string) => ({
  ofEach: (rows: readonly Row[]) => rows.map((row) => row.workspaceId),
  why,
});

/** How far each method of the store reaches. The only place where it is decided which of them the wall binds. */
export const REACH: { readonly [K in keyof Store]: Reach<Args<K>> } = {
  migrate: { crosses: 'the schema is everybody’s' },
  wallProblem: { crosses: 'reads no row' },
  ping: { crosses: 'reads no row' },
  close: { crosses: 'reads no row' },
  transaction: { crosses: 'each method inside has a reach of its own' },
  hurriedly: { crosses: 'reads no row' },

  insertWorkspace: { crosses: 'makes one' },
  lockWorkspaces: { crosses: 'before there is one' },
  listWorkspaces: {
    crosses: 'names and ids, for the first start and for pages that must find whose they are',
  },
  findApiKeys: { crosses: 'by a secret’s hash: it says whose it is' },
  findConnectSession: { crosses: 'by a link’s hash: it says whose it is' },
  getAttempt: { crosses: 'by a state’s hash: it says whose it is' },
  useAttempt: { crosses: 'by a state’s hash' },
  getMasterKeyCheck: { crosses: 'of the installation' },
  setMasterKeyCheck: { crosses: 'of the installation' },
  dataKeysNotUnder: { crosses: 'rotation of the installation’s key' },
  rewrapDataKey: { crosses: 'rotation of the installation’s key: nobody else may change a data key' },
  claimDue: { crosses: 'the keeper looks after all' },
  claimReminders: { crosses: 'the keeper looks after all' },
  claimLooks: { crosses: 'the keeper looks after all' },
  nextDueAt: { crosses: 'the keeper looks after all' },
  applyOutcomes: { crosses: 'the keeper writes the outcomes of all in groups' },
  endLeases: { crosses: 'whoever knows that all holders are gone knows it of all workspaces' },
  listUnusedGrants: { crosses: 'the keeper looks after all' },
  sweep: { crosses: 'what has served is removed everywhere' },

  getApps: inRows(
    'reads of many are gathered; what is found goes to whoever asked for that workspace and id',
  ),
  getConnections: inRows('as getApps'),
  connectionStamps: inRows('as getApps'),
  releaseGrants: inRows('the keeper gives back what it claimed'),
  appendActivity: inRows('token reads are logged for all at once'),

  hasRow: { of: (_list, workspaceId) => workspaceId },
  insertApiKey: inRow,
  listApiKeys: named,
  revokeApiKey: named,
  ensureDataKey: inRow,
  getDataKeys: named,
  insertApp: inRow,
  updateApp: inRow,
  getApp: named,
  listApps: named,
  setBreaker: named,
  deleteApp: named,
  insertClient: inRow,
  updateClient: inRow,
  getClient: named,
  findClientByExternalId: named,
  listClients: named,
  deleteClient: named,
  insertGrant: inRow,
  getGrant: named,
  listGrants: named,
  claimGrant: named,
  hastenSpared: named,
  countGrantsOfIdentity: named,
  insertConnection: inRow,
  updateConnection: inRow,
  getConnection: named,
  lockConnection: named,
  listConnections: named,
  insertConnectSession: inRow,
  updateConnectSession: inRow,
  getConnectSession: named,
  insertAttempt: inRow,
  closeConnectionOutage: named,
  listOutages: named,
  listDeadlines: named,
  listActivity: named,
  verifyActivity: named,
  beginIdempotent: inRow,
  takeOverIdempotent: inRow,
  finishIdempotent: inRow,
  dropIdempotent: inRow,
  putDeclaration: inRow,
  getDeclaration: named,
  listDeclarations: named,
  deleteDeclaration: named,
};

/** The one workspace that a call is for; null: it is for none, or for several. */
export function workspaceOf(reach: Reach, args: readonly unknown[]): string | null {
  if ('crosses' in reach) return null;
  const given = args as never[];
  if ('of' in reach) return reach.of(...given);
  const [first, ...rest] = reach.ofEach(...given);
  return first !== undefined && rest.every((workspaceId) => workspaceId === first) ? first : null;
}
