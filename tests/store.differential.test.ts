import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/core/instant.ts';
import { memoryStore } from '../src/store/memory/memoryStore.ts';
import { openStore } from '../src/store/open.ts';
import type { ClaimedGrant, GrantOutcome, Store } from '../src/store/store.ts';
import { freshMemoryStore, freshPostgresUrl } from './support/database.ts';
import {
  aClient,
  aConnection,
  aGrant,
  aLoss,
  anActivity,
  anApp,
  aSession,
  START_AT,
} from './support/databaseRecords.ts';

/** What one run of operations remembers on one store. */
interface Run {
  readonly store: Store;
  readonly claims: ClaimedGrant[];
  readonly stamps: Map<string, string | null>;
}

/** One operation: its numbers choose ids and times, so that it is the same on every store. */
interface Step {
  readonly kind: string;
  readonly workspace: number;
  readonly one: number;
  readonly other: number;
}

const ALL = { limit: 500, after: null };
const WORKSPACES = ['ws_0', 'ws_1'];

type Operation = (
  run: Run,
  step: Step & { readonly at: number; readonly ws: string; readonly n: number },
) => Promise<unknown>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  insertApp: ({ store }, { ws, one, at }) =>
    store.insertApp(anApp({ workspaceId: ws, id: `app_${one % 3}`, createdAt: at, updatedAt: at })),
  updateApp: ({ store }, { ws, one, at }) =>
    store.updateApp(anApp({ workspaceId: ws, id: `app_${one % 3}`, name: `Named at ${at}`, updatedAt: at })),
  setBreaker: ({ store }, { ws, one, other, at }) =>
    store.setBreaker(
      ws,
      `app_${one % 3}`,
      other % 3 === 0
        ? null
        : {
            failures: other,
            openUntil: at + other * SECOND_MS,
            since: at,
            cause: 'app_disabled',
            check: 'x',
          },
    ),
  deleteApp: ({ store }, { ws, one }) => store.deleteApp(ws, `app_${one % 3}`),
  insertClient: ({ store }, { ws, one, other, at }) =>
    store.insertClient(
      aClient({
        workspaceId: ws,
        id: `cl_${one % 3}`,
        externalId: other % 2 ? `ext_${other % 4}` : null,
        createdAt: at,
      }),
    ),
  updateClient: ({ store }, { ws, one, other }) =>
    store.updateClient(aClient({ workspaceId: ws, id: `cl_${one % 3}`, externalId: `ext_${other % 4}` })),
  deleteClient: ({ store }, { ws, one }) => store.deleteClient(ws, `cl_${one % 3}`),
  insertGrant: ({ store }, { ws, one, other, at, n }) =>
    store.insertGrant(
      aGrant({
        workspaceId: ws,
        id: `gr_${one % 6}`,
        appId: `app_${other % 3}`,
        dueAt: other % 7 === 0 ? null : at + (other % 5) * MINUTE_MS + n,
        urgentAt: other % 4 === 0 ? at + (one % 5) * MINUTE_MS + n : null,
        deadlineAt: other % 3 === 0 ? at + DAY_MS * one + n : null,
        remindAt: other % 2 === 0 ? at + (one % 3) * MINUTE_MS + n : null,
        // One for each app: all that are hastened together come due together.
        dueReason: one % 6 === other % 3 ? 'spared' : 'renewal',
        createdAt: at,
      }),
    ),
  insertConnection: ({ store }, { ws, one, other, at }) =>
    store.insertConnection(
      aConnection({
        workspaceId: ws,
        id: `co_${one % 6}`,
        clientId: `cl_${other % 3}`,
        grantId: `gr_${other % 6}`,
        createdAt: at,
      }),
    ),
  updateConnection: ({ store }, { ws, one, other, at, n }) =>
    store.updateConnection(
      aConnection({
        workspaceId: ws,
        id: `co_${one % 6}`,
        clientId: `cl_${one % 3}`,
        grantId: `gr_${other % 6}`,
        status: other % 3 === 0 ? 'disconnected' : 'connected',
        disconnectedAt: other % 3 === 0 ? at : null,
        loss: other % 4 === 0 ? null : aLoss(at, at + (one % 4) * MINUTE_MS + n),
      }),
    ),
  claimDue: async (run, { one, at }) => {
    const claimed = await run.store.claimDue({
      now: at,
      owner: `node_${one % 2}`,
      leaseMs: one * MINUTE_MS,
      limit: 1 + (one % 4),
      exceptPlatforms: one % 5 === 0 ? ['live somewhere'] : [],
    });
    run.claims.push(...claimed);
    return claimed;
  },
  claimReminders: async (run, { one, at }) => {
    const claim = {
      now: at,
      owner: `node_${one % 2}:remind`,
      leaseMs: one * MINUTE_MS,
      limit: 1 + (one % 3),
    };
    const claimed = await run.store.claimReminders(claim);
    run.claims.push(...claimed);
    return claimed;
  },
  claimGrant: async (run, { ws, one, at }) => {
    const claimed = await run.store.claimGrant(ws, `gr_${one % 6}`, {
      now: at,
      owner: 'node_x',
      leaseMs: MINUTE_MS,
    });
    if (claimed) run.claims.push(claimed);
    return claimed;
  },
  // One alone where a time is given, for it is given to all.
  releaseGrants: ({ store, claims }, { one, other, at, n }) =>
    other % 2
      ? store.releaseGrants(chosen(claims, one, 2), null)
      : store.releaseGrants(chosen(claims, one, 1), at + n),
  endLeases: ({ store }, { at }) => store.endLeases(at),
  hasRow: async ({ store }, { ws, one }) => [
    await store.hasRow('grants', ws, `gr_${one % 6}`),
    await store.hasRow('clients', ws, `cl_${one % 3}`),
  ],
  hastenSpared: ({ store }, { ws, one, at }) => store.hastenSpared(ws, `app_${one % 3}`, at),
  applyOutcomes: ({ store, claims }, step) =>
    store.applyOutcomes(
      chosen(claims, step.one, 3).map((grant, index) => ({
        ...outcomeOf(grant, { ...step, n: step.n + index }),
        ...(step.other % 4 === 0 ? {} : { claimed: grant }),
      })),
    ),
  inTransaction: ({ store, claims }, step) =>
    store.transaction(async (inside) => {
      await inside.appendActivity([anActivity({ workspaceId: step.ws, at: step.at })]);
      const stood = await inside.applyOutcomes(
        chosen(claims, step.one, 1).map((grant) => outcomeOf(grant, step)),
      );
      if (step.other % 3 === 0) throw new Error('It is taken back.');
      return stood;
    }),
  appendActivity: ({ store }, { ws, one, at }) =>
    store.appendActivity([anActivity({ workspaceId: ws, at, subjects: [`gr_${one % 6}`] })]),
  insertSession: ({ store }, { ws, one, at }) =>
    store.insertConnectSession(
      aSession({
        workspaceId: ws,
        id: `cs_${one}`,
        tokenHash: `hash_${ws}_${one}`,
        createdAt: at,
        expiresAt: at + MINUTE_MS,
      }),
    ),
  readLists: async ({ store }, { ws, one, at }) => [
    await store.listConnections(ws, { state: STATES[one % 4]! }, { limit: 2, after: null }),
    await store.listGrants(ws, { appId: `app_${one % 3}` }, { limit: 3, after: `gr_${one % 6}` }),
    await store.listOutages(ws, { open: one % 3 === 0 }, { limit: 2, after: null }),
    await store.listDeadlines(ws, at + one * DAY_MS, { limit: 3, after: null }),
    await store.countGrantsOfIdentity(ws, 'app_1', 'person-1', at - one * HOUR_MS),
    await store.listActivity(ws, { subject: `gr_${one % 6}` }, { limit: 5, beforeSeq: 9 }),
    await store.verifyActivity(ws),
  ],
  updateSession: ({ store }, { ws, one, other, at }) =>
    store.updateConnectSession(
      aSession({
        workspaceId: ws,
        id: `cs_${one}`,
        tokenHash: `hash_${ws}_${one}`,
        status: other % 2 ? 'completed' : 'open',
        createdAt: at,
      }),
    ),
  closeConnectionOutage: ({ store }, { ws, one, at }) => store.closeConnectionOutage(ws, `co_${one % 6}`, at),
  listUnused: async ({ store }, { at }) =>
    (await store.listUnusedGrants(at, 100)).map(({ workspaceId, id }) => `${workspaceId} ${id}`).sort(),
  claimLooks: async ({ store }, { one, at, n }) =>
    (await store.claimLooks({ now: at, again: at + HOUR_MS + n, limit: one < 4 ? 2 : 100 }))
      .map(({ workspaceId, id, grantId }) => `${workspaceId} ${id} ${grantId}`)
      .sort(),
  lockConnection: ({ store }, { ws, one }) =>
    store.transaction((inside) => inside.lockConnection(ws, `co_${one % 6}`)),
  sweep: ({ store }, { at }) => store.sweep(at - 2 * MINUTE_MS, at - 3 * MINUTE_MS),
};
const STATES = ['revoked', 'active', 'degraded', 'failing'] as const;
const KINDS = Object.keys(OPERATIONS);

function chosen(claims: readonly ClaimedGrant[], from: number, count: number): ClaimedGrant[] {
  return claims.slice(-1 - (from % 6)).slice(0, count);
}

function outcomeOf(
  grant: ClaimedGrant,
  { one, other, at, n }: { one: number; other: number; at: number; n: number },
): GrantOutcome {
  const next = {
    ...grant,
    state: other % 3 === 0 ? ('expired' as const) : ('active' as const),
    credentialVersion: grant.credentialVersion + 1,
    dueAt: other % 6 === 0 ? null : at + one * MINUTE_MS + n,
    remindAt: other % 4 === 0 ? null : at + (one % 4) * MINUTE_MS + n,
    reminded: [{ kind: 'consent', endsAt: at + DAY_MS, daysBefore: 1, sentAt: at }],
    facts: { ...grant.facts, issuedAt: at, consentedAt: at - HOUR_MS },
  };
  const activity = [anActivity({ workspaceId: grant.workspaceId, at, subjects: [grant.id] })];
  if (other % 3 === 0) {
    const openOutage = {
      cause: one % 2 === 0 ? ('revoked_by_user' as const) : ('app_disabled' as const),
      startedAt: at - HOUR_MS,
      startEvidence: 'last_proof',
      noticedAt: at + n,
      confirmed: one % 3 === 0,
    };
    return { grant: next, activity, openOutage };
  }
  return { grant: next, activity, ...(other % 3 === 1 ? { closeOutageAt: at } : {}) };
}

/** What came of an operation, in words that are the same on every store. */
async function said(work: Promise<unknown>): Promise<unknown> {
  try {
    return { came: (await work) ?? null };
  } catch (error) {
    const { name, message, kind, constraint } = error as Error & { kind?: string; constraint?: string };
    return { failed: kind === undefined ? message : `${name} ${kind} ${constraint}` };
  }
}

/** Everything that can be read, and of which connections something was written since the last look. */
async function contents({ store, stamps }: Run): Promise<unknown> {
  const keys = WORKSPACES.flatMap((workspaceId) =>
    [0, 1, 2, 3, 4, 5].map((n) => ({ workspaceId, id: `co_${n}` })),
  );
  const now = await store.connectionStamps(keys);
  const changed = keys.filter((key, place) => {
    const name = `${key.workspaceId} ${key.id}`;
    const before = stamps.get(name) ?? null;
    stamps.set(name, now[place] ?? null);
    return before !== now[place];
  });
  const each = WORKSPACES.map(async (ws) => ({
    apps: await store.listApps(ws, ALL),
    clients: await store.listClients(ws, ALL),
    grants: await store.listGrants(ws, {}, ALL),
    connections: await store.listConnections(ws, {}, ALL),
    outages: await store.listOutages(ws, {}, ALL),
    activity: await store.listActivity(ws, {}, { limit: 20, beforeSeq: null }),
  }));
  return { changed, nextDueAt: await store.nextDueAt(), each: await Promise.all(each) };
}

async function started(store: Store): Promise<Run> {
  for (const id of WORKSPACES) await store.insertWorkspace({ id, name: id, createdAt: START_AT });
  return { store, claims: [], stamps: new Map() };
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  workspace: fc.nat(1),
  one: fc.nat(11),
  other: fc.nat(11),
});

/** A furnished beginning, so that most operations meet something; then anything. */
const FURNISHED: Step[] = [0, 1].flatMap((workspace) =>
  [0, 1, 2].flatMap((one) =>
    (['insertApp', 'insertClient', 'insertGrant', 'insertConnection'] as const).map((kind) => ({
      kind,
      workspace,
      one,
      other: one,
    })),
  ),
);

test('the same operations have the same outcome on all three stores, and leave the same behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 80 }), async (steps) => {
      const postgres = await openStore({ databaseUrl: await freshPostgresUrl(), poolSize: 2 });
      const embedded = await freshMemoryStore();
      try {
        const runs = await Promise.all([memoryStore(), postgres, embedded].map(started));
        await runAll(runs, [...FURNISHED, ...steps]);
      } finally {
        await Promise.all([postgres.close(), embedded.close()]);
      }
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

/** Where two values differ, each place with what stands there. */
function difference(actual: unknown, expected: unknown, path = ''): unknown[] {
  const isPlain = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  if (!isPlain(actual) || !isPlain(expected))
    return Object.is(actual, expected) ? [] : [{ path, actual, expected }];
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...names].flatMap((name) => difference(actual[name], expected[name], `${path}/${name}`));
}

async function runAll(runs: readonly Run[], steps: readonly Step[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const at = START_AT + index * 40 * SECOND_MS;
    // Times that differ everywhere. Among equal ones every store may choose as it likes: an order that told them apart
    // would need their ids in the index that every renewal writes to.
    const given = { ...step, at, ws: WORKSPACES[step.workspace]!, n: index * 10 + 1 };
    const came = await Promise.all(runs.map((run) => said(OPERATIONS[step.kind]!(run, given))));
    const left = await Promise.all(runs.map(contents));
    const where = `after step ${index}, ${step.kind} ${JSON.stringify(step)}`;
    for (const store of [1, 2]) {
      assert.deepEqual(came[store], came[0], `another answer ${where}`);
      assert.deepEqual(difference(left[store], left[0]), [], `other contents ${where}`);
    }
  }
}
