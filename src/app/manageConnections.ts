import { deadlinesOf } from '../core/deadline.ts';
import { toRfc3339 } from '../core/instant.ts';
import type { AdAccount } from '../platforms/kit/adapter.ts';
import type { ConnectionRecord, GrantRecord, JsonObject } from '../store/records.ts';
import type { ConnectionFilter, ConnectionView, GrantFilter, Page } from '../store/store.ts';
import { type Inventory, lossIn, lossRows } from './accountLoss.ts';
import { LEASE_MS } from './attempt.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { reachedOf, refreshed } from './inventory.ts';
import { giveBack, takeOver } from './lapse.ts';
import { filteredPlatform, requireCursor } from './listParameters.ts';
import { accountsOf } from './reachableAccounts.ts';
import { settleComplete } from './settle.ts';
import { showConnections, showGrants } from './showConnections.ts';
import { methodOf, platformOf } from './startConnect.ts';

export async function requireConnection(ctx: Context, id: string): Promise<ConnectionView> {
  const view = await ctx.house.store.getConnection(ctx.workspaceId, id);
  if (!view) throw notFound('connection', id);
  return view;
}

/** A connection that is in use. Throws {@link Problem} `connection_disconnected`: the credential of another is not used any more. */
export async function requireConnected(ctx: Context, id: string): Promise<ConnectionView> {
  const view = await requireConnection(ctx, id);
  if (view.connection.status !== 'disconnected') return view;
  throw new Problem(
    'connection_disconnected',
    'This connection was disconnected on purpose, and its credential is no longer used. Reconnect it to use it.',
  );
}

export async function listConnections(ctx: Context, filter: ConnectionFilter, page: Page) {
  await requireCursor(ctx, 'connections', page);
  const platform = filter.platform && (await filteredPlatform(ctx, filter.platform));
  const views = await ctx.house.store.listConnections(ctx.workspaceId, { ...filter, platform }, page);
  return showConnections(ctx, views);
}

/** One connection: state, cause, remedy, since when, next renewal, every known deadline, accounts. */
export async function getConnection(ctx: Context, id: string) {
  const view = await requireConnection(ctx, id);
  const platform = await platformOf(ctx, view.grant.platform);
  const method = methodOf(platform, view.grant.method);
  const deadlines = deadlinesOf(method.cadence, view.grant.facts).map((end) => ({
    kind: end.kind,
    at: toRfc3339(end.at),
    ends_grant: end.endsGrant,
    source: end.source,
  }));
  const [shown] = await showConnections(ctx, [view]);
  return { ...shown!, deadlines };
}

export interface ConnectionChange {
  readonly name?: string;
  /** The ad accounts to be used, out of those reachable; one at least. */
  readonly accountIds?: readonly string[];
}

/**
 * Renames a connection, or chooses its accounts; one that was disconnected can still be renamed. Throws {@link Problem} `invalid_request` for a choice
 * of none, and for accounts that are out of reach.
 */
export async function updateConnection(ctx: Context, id: string, change: ConnectionChange) {
  const find = change.accountIds ? requireConnected : requireConnection;
  const { connection, grant } = await find(ctx, id);
  const chosen = change.accountIds && (await choose(ctx, { connection, grant }, change.accountIds));
  await writeConnection(ctx, connection, {
    name: change.name,
    inventory: chosen,
    said: ({ accounts }) => ['connection.updated', { accounts: accounts.map((account) => account.id) }],
  });
  return getConnection(ctx, id);
}

interface Writing {
  /** Absent: the name stays. */
  readonly name?: string;
  /** Absent: accounts and what they lack stay. */
  readonly inventory?: Inventory;
  /** How the log tells of it: the action and its detail. */
  readonly said: (record: ConnectionRecord) => readonly [string, Readonly<Record<string, unknown>>];
}

/**
 * Writes what was asked for and nothing else, with its row in the log. The platform may have taken its time: a connection that was disconnected,
 * or moved to another grant, meanwhile stays what it became.
 */
function writeConnection(
  ctx: Context,
  read: ConnectionRecord,
  { name, inventory, said }: Writing,
): Promise<void> {
  return ctx.house.store.transaction(async (store) => {
    const now = await store.lockConnection(ctx.workspaceId, read.id);
    if (!now || now.status !== read.status || now.grantId !== read.grantId)
      throw new Problem(
        'conflict',
        'The connection was changed meanwhile. Look at it again, and repeat what you need.',
      );
    const record: ConnectionRecord = {
      ...now,
      name: name ?? now.name,
      ...(inventory && { accounts: inventory.accounts, loss: lossIn(inventory, now.loss) }),
    };
    await store.updateConnection(record);
    const { workspaceId, actor } = ctx;
    const at = ctx.house.now();
    const [action, detail] = said(record);
    const row = { workspaceId, at, actor, action, subjects: [record.id, record.grantId], detail };
    await store.appendActivity([...lossRows(record, now.loss, at, actor), row]);
  });
}

async function choose(ctx: Context, view: ConnectionView, ids: readonly string[]): Promise<Inventory> {
  if (ids.length === 0) throw choseNone();
  const reachable = await accountsOf(ctx, view);
  const known = new Map(reachable.map((account) => [account.id, account]));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new Problem(
      'invalid_request',
      `These ad accounts are not reachable through this connection: ${unknown.join(', ')}.`,
    );
  const before = (id: string) => view.connection.accounts.filter((account) => account.id === id);
  const accounts = ids.flatMap((id) => refreshed(before(id), [known.get(id)!]));
  return inventoryOf(ctx, view.grant, accounts, reachedOf(accounts, reachable));
}

/** No accounts stands for “not chosen yet”: the next refresh would take all that are reachable. */
function choseNone(): Problem {
  const account_ids =
    'Choose one ad account at least. To use none, disconnect the connection; to leave the choice as it is, leave this out.';
  return new Problem('invalid_request', `account_ids: ${account_ids}`, { errors: { account_ids } });
}

/** Every ad account that the connection's grant reaches now, asked of the platform. */
export async function listReachableAccounts(ctx: Context, id: string): Promise<readonly AdAccount[]> {
  return accountsOf(ctx, await requireConnected(ctx, id));
}

/** Reads the ad accounts again: status, permissions, and what is no longer reachable. Changes no credential. */
export async function refreshConnection(ctx: Context, id: string) {
  const view = await requireConnected(ctx, id);
  const reachable = await accountsOf(ctx, view);
  const accounts = refreshed(view.connection.accounts, reachable);
  const inventory = await inventoryOf(ctx, view.grant, accounts, reachedOf(accounts, reachable));
  const lost = accounts.filter((account) => account.status === 'unreachable').map((account) => account.id);
  const detail = { accounts: accounts.length, unreachable: lost };
  await writeConnection(ctx, view.connection, { inventory, said: () => ['connection.refreshed', detail] });
  const isTold = reachable.length > 0 && reachable.every(({ withheld }) => withheld === undefined);
  if (isTold && refusedCalls(view.grant)) await liftDegraded(ctx, view.grant);
  return getConnection(ctx, id);
}

/** What was just read of the accounts that a connection uses. */
export async function inventoryOf(
  ctx: Context,
  grant: GrantRecord,
  accounts: readonly JsonObject[],
  reachable: number,
): Promise<Inventory> {
  const platform = await platformOf(ctx, grant.platform);
  const listed = platform.profile.listsAccounts === false ? null : reachable;
  const { asksForAccounts = false } = methodOf(platform, grant.method);
  // Where none was ever reached, whoever signed in last is whom the page asked.
  const asked = accounts.length === 0 ? { asksForAccounts } : {};
  return { accounts, reachable: listed, now: ctx.house.now(), ...asked };
}

/** A call was refused for what the whole grant lacks; what one connection alone lacks is kept with that connection. */
const refusedCalls = ({ state, evidence }: GrantRecord): boolean =>
  state === 'degraded' && evidence?.endpoint === 'api';

/** The platform lists the ad accounts and tells of them: that it refuses to, which only an inventory can disprove, is over. */
async function liftDegraded(ctx: Context, before: GrantRecord): Promise<void> {
  const { house, workspaceId, actor } = ctx;
  const claim = { now: house.now(), owner: `${house.nodeId}:refresh`, leaseMs: LEASE_MS };
  const claimed = await house.store.claimGrant(workspaceId, before.id, claim);
  if (!claimed) return;
  if (!refusedCalls(claimed)) {
    await giveBack(house, [claimed], null);
    return;
  }
  const grant = takeOver(claimed, house.now());
  const method = methodOf(await platformOf(ctx, grant.platform), grant.method);
  await house.committer.commit(settleComplete({ grant, method, now: house.now(), actor }));
}

export async function listGrants(ctx: Context, filter: GrantFilter, page: Page) {
  await requireCursor(ctx, 'grants', page);
  return showGrants(ctx, await ctx.house.store.listGrants(ctx.workspaceId, filter, page));
}

export async function getGrant(ctx: Context, id: string) {
  const grant = await ctx.house.store.getGrant(ctx.workspaceId, id);
  if (!grant) throw notFound('grant', id);
  const connections = await ctx.house.store.listConnections(
    ctx.workspaceId,
    { grantId: id },
    { limit: 1000, after: null },
  );
  const [shown] = await showGrants(ctx, [grant]);
  return { ...shown!, connection_ids: connections.map((view) => view.connection.id) };
}
