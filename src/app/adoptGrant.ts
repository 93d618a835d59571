import { SECOND_MS } from '../core/instant.ts';
import { missingScopes } from '../core/scopes.ts';
import type { Identity, Issued } from '../platforms/kit/adapter.ts';
import type { ConnectionRecord, GrantRecord, JsonObject } from '../store/records.ts';
import {
  type ClaimedGrant,
  type ConnectionView,
  type GrantOutcome,
  type Store,
  StoreUnavailableError,
} from '../store/store.ts';
import { type Inventory, lossIn, lossRows } from './accountLoss.ts';
import { LEASE_MS } from './attempt.ts';
import { claimPatiently } from './claimPatiently.ts';
import type { Context } from './context.ts';
import { retireUnused } from './endGrant.ts';
import { Problem } from './errors.ts';
import { missingEvidence } from './evidence.ts';
import { freshFacts } from './freshFacts.ts';
import { awaitsReplay } from './held.ts';
import { newId } from './ids.ts';
import { type ListedAccount, reachedOf, refreshed } from './inventory.ts';
import { giveBack, takeOver } from './lapse.ts';
import { move } from './moveGrant.ts';
import { type OpenApp, sealSecrets } from './openGrant.ts';
import { proveAtConnect } from './proveAtConnect.ts';
import { scheduleOf } from './schedule.ts';
import { missingOf } from './settle.ts';
import { settleSiblings } from './settleSiblings.ts';

/** Longer than a lease: the credential that a person has just authorized must not be lost to a process that died. */
const LONGEST_CLAIM_WAIT_MS = LEASE_MS + 10 * SECOND_MS;

/** What is to be connected: by a person who came back from the platform, or by fields that were filled in. */
export interface Adoption {
  readonly open: OpenApp;
  readonly issued: Issued;
  readonly clientId: string;
  readonly connectionName: string;
  readonly scopes: readonly string[];
  /** The connection to be mended; null: a new one. */
  readonly before: ConnectionView | null;
  readonly allowOtherIdentity: boolean;
}

export interface Adopted {
  readonly connection: ConnectionRecord;
  readonly grant: GrantRecord;
}

/** What has to happen together with it, or not at all; when it throws, nothing of the adoption has happened. */
export type Alongside = (store: Store, adopted: Adopted) => Promise<void>;

/**
 * Puts a new credential in place. One that the platform's probe refuses is not
 * stored, and the old one stays; a probe that does not say is no refusal. A reconnect keeps every id and heals
 * every connection on the grant; a new connection of somebody who is already known shares their grant. A server that does
 * not say who signed in (a declared one may not) can be connected, but nothing tells two people apart there. Grant,
 * connection and what is `alongside` are written in one transaction.
 */
export async function adoptGrant(
  ctx: Context,
  given: Adoption,
  alongside: Alongside = async () => undefined,
): Promise<Adopted> {
  const { before } = given;
  const identity = given.issued.identity ?? null;
  await refuseOtherIdentity(ctx, given, identity);
  const { accounts, extra } = await proveAtConnect(ctx, given, identity);
  const adoption = { ...given, issued: { ...given.issued, extra: { ...given.issued.extra, ...extra } } };
  const target = await targetGrant(ctx, adoption, identity);
  const settle = async (store: Store, grant: GrantRecord): Promise<Adopted> => {
    const connection = await settleConnection(ctx, store, adoption, grant, accounts);
    await alongside(store, { connection, grant });
    return { connection, grant };
  };
  const adopted = target
    ? await replaceCredential(ctx, adoption, target, settle)
    : await createGrant(ctx, adoption, identity, settle);
  if (before && before.grant.id !== adopted.grant.id) await retire(ctx, before.grant);
  if (target && accounts && given.open.method.asksForAccounts) await settleSiblings(ctx, adopted, accounts);
  return adopted;
}

/** The connection is made, whatever comes of this: what is left over is retired by the sweep at the latest. */
async function retire({ house, actor }: Context, grant: GrantRecord): Promise<void> {
  await retireUnused(house, grant, actor).catch((error) => {
    house.log.warn(
      { grant: grant.id, err: error },
      'A grant that nobody uses any more could not be retired yet',
    );
  });
}

type Settle = (store: Store, grant: GrantRecord) => Promise<Adopted>;

async function refuseOtherIdentity(
  ctx: Context,
  { before, allowOtherIdentity }: Adoption,
  identity: Identity | null,
): Promise<void> {
  const expected = before?.grant.identity;
  if (!before || !expected || expected.id === identity?.id) return;
  const subjects = [before.connection.id, before.grant.id];
  const detail = { expected: expected.id, signed_in: identity?.id ?? null };
  const action = allowOtherIdentity ? 'connect.other_identity_accepted' : 'connect.other_identity_refused';
  await ctx.house.store.appendActivity([
    { workspaceId: ctx.workspaceId, at: ctx.house.now(), actor: ctx.actor, action, subjects, detail },
  ]);
  if (allowOtherIdentity) return;
  if (!identity) {
    throw new Problem(
      'identity_mismatch',
      `This connection belongs to ${label(expected)}, and the platform did not say who signed in. Nothing was changed. Open the link again in a while.`,
      { expected_identity: label(expected), signed_in_identity: null },
    );
  }
  throw new Problem(
    'identity_mismatch',
    `This connection belongs to ${label(expected)}, but ${label(identity)} signed in. Nothing was changed. Sign out at the platform and come back as ${label(expected)}.`,
    { expected_identity: label(expected), signed_in_identity: label(identity) },
  );
}

const label = (identity: { name: string | null; email: string | null; id: string }): string =>
  identity.name ?? identity.email ?? identity.id;

/** Somebody who is known already shares their grant, unless the new one allows less: that would take from the others. */
async function targetGrant(
  ctx: Context,
  { before, open, issued, scopes }: Adoption,
  identity: Identity | null,
): Promise<GrantRecord | null> {
  // A grant that is known to be somebody's is not written over by a sign-in that does not say whose it is.
  if (!identity) return before && !before.grant.identity ? before.grant : null;
  if (before && (!before.grant.identity || before.grant.identity.id === identity.id)) return before.grant;
  const filter = { appId: open.record.id, identityId: identity.id };
  const known = await ctx.house.store.listGrants(ctx.workspaceId, filter, { limit: 50, after: null });
  const granted = issued.scopesGranted ?? scopes;
  return (
    known
      .filter((grant) => grant.method === open.method.id && grant.state !== 'revoked')
      .find((grant) => missingScopes(grant.facts.scopesGranted, granted).length === 0) ?? null
  );
}

async function createGrant(
  ctx: Context,
  { open, issued, scopes, before }: Adoption,
  identity: Identity | null,
  settle: Settle,
): Promise<Adopted> {
  const { house, workspaceId } = ctx;
  const now = house.now();
  const id = newId(house, 'grt');
  const facts = freshFacts(ctx, open, issued, scopes, null, issued.secrets);
  const blank: GrantRecord = {
    workspaceId,
    id,
    appId: open.record.id,
    platform: open.platform.profile.id,
    method: open.method.id,
    environment: open.record.environment,
    state: 'active',
    cause: null,
    stateSince: now,
    evidence: null,
    pending: null,
    identity,
    facts,
    secrets: await sealSecrets(house, { workspaceId, id }, issued.secrets, 1),
    credentialVersion: 1,
    reminded: [],
    ...scheduleOf(open.method.cadence, { id, facts, reminded: [] }, now),
    failures: 0,
    lastAttemptAt: now,
    leaseOwner: null,
    leaseUntil: null,
    epoch: 0,
    createdAt: now,
  };
  const { grant, activity } = authorized(ctx, open, blank);
  return house.store.transaction(async (store) => {
    await takeConnection(ctx, store, before, grant);
    await store.insertGrant(grant);
    await store.appendActivity(activity);
    return settle(store, grant);
  });
}

/** Writes the new credential over the old one, under the same single flight as every renewal. */
async function replaceCredential(
  ctx: Context,
  adoption: Adoption,
  target: GrantRecord,
  settle: Settle,
): Promise<Adopted> {
  const claim = {
    workspaceId: ctx.workspaceId,
    id: target.id,
    purpose: 'connect',
    longestWaitMs: LONGEST_CLAIM_WAIT_MS,
  };
  for (;;) {
    const adopted = await claimPatiently(ctx.house, claim, (claimed) =>
      replaceClaimed(ctx, adoption, target, claimed, settle),
    );
    if (adopted) return adopted;
  }
}

/** Null: the claim did not stand. */
async function replaceClaimed(
  ctx: Context,
  adoption: Adoption,
  target: GrantRecord,
  claimed: ClaimedGrant,
  settle: Settle,
): Promise<Adopted | null> {
  const { open, issued, scopes } = adoption;
  const { house } = ctx;
  const held = takeOver(claimed, house.now());
  if (held.state === 'revoked' && target.state !== 'revoked') {
    await giveBack(house, [claimed], null);
    throw new Problem(
      'connect_failed',
      'The authorization was disconnected while you signed in, and what you allowed may have ended with it. Open the link again and sign in once more.',
      {},
    );
  }
  // A refresh token that is kept may still be spent: whoever sent it last never told.
  const isKept = issued.secrets.refresh_token === undefined && held.secrets.refresh_token !== undefined;
  if (isKept && (await awaitsReplay(house, held))) {
    await giveBack(house, [claimed], null);
    throw new Problem(
      'temporarily_unavailable',
      'Its last renewal is not on record yet, since the database was away. Nothing was changed. Open the link again in a minute.',
    );
  }
  const version = held.credentialVersion + 1;
  const secrets = { ...held.secrets, ...(await sealSecrets(house, held, issued.secrets, version)) };
  const fresh = freshFacts(ctx, open, issued, scopes, held.facts, secrets);
  const facts = isKept ? { ...fresh, unknownOutcomeAt: held.facts.unknownOutcomeAt } : fresh;
  const now = house.now();
  const renewed: GrantRecord = {
    ...held,
    facts,
    secrets,
    identity: issued.identity ?? held.identity,
    credentialVersion: version,
    ...scheduleOf(open.method.cadence, { ...held, facts }, now),
    pending: null,
    failures: 0,
    lastAttemptAt: now,
  };
  const { grant, activity } = authorized(ctx, open, renewed);
  return writeTogether(ctx, adoption, { grant, activity, closeOutageAt: now }, settle).catch(
    async (error) => {
      await giveBack(house, [claimed], null).catch(() => undefined);
      throw error;
    },
  );
}

/**
 * Locks are taken in one order everywhere: connection, grant, outages, log, connect session. Two that took them in two
 * orders would block each other. A connection that moves to another grant leaves its outage behind.
 */
async function takeConnection(
  { house, workspaceId }: Context,
  store: Store,
  before: ConnectionView | null,
  grant: GrantRecord,
): Promise<void> {
  if (!before) return;
  const { id } = before.connection;
  const now = await store.lockConnection(workspaceId, id);
  if (now && now.grantId !== grant.id) await store.closeConnectionOutage(workspaceId, id, house.now());
}

/** Takes everything back that was written beside an outcome whose claim did not stand. */
class Outrun extends Error {}

/**
 * Null: the claim did not stand. While the database is away the credential that a person has just given is put aside, and
 * mends its grant later; the rest can be done again.
 */
async function writeTogether(
  ctx: Context,
  { before }: Adoption,
  outcome: GrantOutcome,
  settle: Settle,
): Promise<Adopted | null> {
  const { house } = ctx;
  try {
    return await house.store.transaction(async (store) => {
      await takeConnection(ctx, store, before, outcome.grant);
      const [stood] = await store.applyOutcomes([outcome]);
      if (!stood) throw new Outrun();
      return settle(store, outcome.grant);
    });
  } catch (error) {
    if (error instanceof Outrun) return null;
    if (error instanceof StoreUnavailableError) await house.committer.keep(outcome);
    throw error;
  }
}

function authorized(ctx: Context, open: OpenApp, grant: GrantRecord) {
  const missing = missingOf(open.method, grant.facts);
  const at = { grant, method: open.method, now: ctx.house.now(), actor: ctx.actor };
  const row = {
    workspaceId: grant.workspaceId,
    at: at.now,
    actor: ctx.actor,
    action: 'grant.authorized',
    subjects: [grant.id],
    detail: {
      identity: grant.identity?.id ?? null,
      scopes: grant.facts.scopesGranted,
      credential_version: grant.credentialVersion,
    },
  };
  if (missing.length === 0) {
    const moved = move(at, 'authorized', null, null);
    return { grant: moved.grant, activity: [row, ...moved.activity] };
  }
  const moved = move(at, 'authorized_in_part', 'permission_missing', missingEvidence(missing, open.method));
  return { grant: moved.grant, activity: [row, ...moved.activity] };
}

async function settleConnection(
  ctx: Context,
  store: Store,
  { open, clientId, connectionName, before }: Adoption,
  grant: GrantRecord,
  accounts: readonly ListedAccount[] | null,
): Promise<ConnectionRecord> {
  const { house, workspaceId } = ctx;
  const base = { workspaceId, at: house.now(), actor: ctx.actor };
  const listing = accounts !== null && open.platform.profile.listsAccounts !== false;
  const asksForAccounts = open.method.asksForAccounts ?? false;
  const inventoryWith = (chosen: readonly JsonObject[]): Inventory => {
    const reachable = listing ? reachedOf(chosen, accounts) : null;
    return { accounts: chosen, reachable, now: house.now(), asksForAccounts };
  };
  if (before) {
    const now = (await store.lockConnection(workspaceId, before.connection.id)) ?? before.connection;
    const known = now.accounts;
    const chosen = accounts ? refreshed(known, accounts) : known;
    const connection: ConnectionRecord = {
      ...now,
      grantId: grant.id,
      accounts: chosen,
      status: 'connected',
      loss: accounts ? lossIn(inventoryWith(chosen), now.loss) : now.loss,
      disconnectedAt: null,
    };
    await store.updateConnection(connection);
    await store.appendActivity([
      { ...base, action: 'connection.reconnected', subjects: [connection.id, grant.id], detail: {} },
      ...lossRows(connection, now.loss, house.now(), ctx.actor),
    ]);
    return connection;
  }
  const listed = refreshed([], accounts ?? []);
  const connection: ConnectionRecord = {
    workspaceId,
    id: newId(house, 'con'),
    clientId,
    grantId: grant.id,
    name: connectionName,
    accounts: listed,
    status: 'connected',
    loss: lossIn(inventoryWith(listed), null),
    createdAt: house.now(),
    disconnectedAt: null,
  };
  await store.insertConnection(connection);
  await store.appendActivity([
    { ...base, action: 'connection.created', subjects: [connection.id, grant.id, clientId], detail: {} },
    ...lossRows(connection, null, house.now(), ctx.actor),
  ]);
  return connection;
}
