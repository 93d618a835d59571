import type { ConnectionRecord, GrantRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import { lossIn, lossRows } from './accountLoss.ts';
import type { Alongside } from './adoptGrant.ts';
import { claimPatiently } from './claimPatiently.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { newId } from './ids.ts';
import { refreshed } from './inventory.ts';
import { giveBack } from './lapse.ts';
import { inventoryOf } from './manageConnections.ts';
import { readAccounts } from './reachableAccounts.ts';
import { renewGrant } from './renewGrant.ts';
import { rests, SHORTEST_GAP_MS } from './rest.ts';
import { unusableProfile } from './unusableProfile.ts';

const LONGEST_CLAIM_WAIT_MS = 10_000;

export interface ShareInput {
  readonly grantId: string;
  readonly clientId: string;
  readonly connectionName: string;
}

/**
 * Connects a client by a grant that is already authorized. The grant is proven to work first: an old profile heals nothing. Throws what
 * {@link unusableProfile} says of one that does not work.
 */
export async function shareGrant(
  ctx: Context,
  input: ShareInput,
  alongside: Alongside = async () => undefined,
): Promise<{ connection: ConnectionRecord; grant: GrantRecord }> {
  const { house, workspaceId } = ctx;
  const grant = await provenGrant(ctx, input.grantId);
  const accounts = refreshed([], await readAccounts(ctx, grant));
  const connection: ConnectionRecord = {
    workspaceId,
    id: newId(house, 'con'),
    clientId: input.clientId,
    grantId: grant.id,
    name: input.connectionName,
    accounts,
    status: 'connected',
    loss: lossIn(await inventoryOf(ctx, grant, accounts, accounts.length), null),
    createdAt: house.now(),
    disconnectedAt: null,
  };
  return { connection, grant: await restOn(ctx, connection, alongside) };
}

/** What the platform has proven a moment ago is not asked again; what it was asked in vain has to wait. */
async function provenGrant(ctx: Context, id: string): Promise<GrantRecord> {
  const { house, workspaceId, actor } = ctx;
  const seen = await requireGrant(ctx, id);
  if (rests(seen, house.now()) !== null) {
    if (!works(seen)) throw await unusableProfile(ctx, seen, null);
    if ((seen.facts.lastProofAt ?? 0) > house.now() - SHORTEST_GAP_MS) return seen;
    throw new Problem(
      'temporarily_unavailable',
      'The platform was asked about this profile a moment ago and did not say that it works. Try again in a minute.',
    );
  }
  const { grant, kind, diagnosis } = await renewGrant(house, { workspaceId, id }, 'probe', actor);
  if (kind === 'failed' || !works(grant)) throw await unusableProfile(ctx, grant, diagnosis);
  return grant;
}

/** Under the claim, so that a disconnect of the grant's last connection comes wholly before it or after it. */
async function restOn(
  ctx: Context,
  connection: ConnectionRecord,
  alongside: Alongside,
): Promise<GrantRecord> {
  const { workspaceId } = ctx;
  const claim = {
    workspaceId,
    id: connection.grantId,
    purpose: 'share',
    longestWaitMs: LONGEST_CLAIM_WAIT_MS,
  };
  return claimPatiently(ctx.house, claim, (claimed) => restOnClaimed(ctx, connection, claimed, alongside));
}

async function restOnClaimed(
  ctx: Context,
  connection: ConnectionRecord,
  claimed: ClaimedGrant,
  alongside: Alongside,
): Promise<GrantRecord> {
  const { house, workspaceId, actor } = ctx;
  const { grantId: id, clientId } = connection;
  try {
    const { previousOwner: _, ...grant } = claimed;
    if (!works(grant)) throw await unusableProfile(ctx, grant, null);
    const subjects = [connection.id, id, clientId];
    const base = { workspaceId, at: house.now(), actor, subjects };
    await house.store.transaction(async (store) => {
      await store.insertConnection(connection);
      // The log before the connect session, as everywhere: else two trips under one link could wait for each other.
      await store.appendActivity([
        { ...base, action: 'connection.created', detail: { shared: true } },
        ...lossRows(connection, null, house.now(), actor),
      ]);
      await alongside(store, { connection, grant });
    });
    return grant;
  } finally {
    // Made or not: a claim that is not taken back ends by itself.
    await giveBack(house, [claimed], null).catch((error) => {
      house.log.warn({ grant: id, err: error }, 'A claim could not be given back');
    });
  }
}

const works = ({ state }: GrantRecord): boolean => state === 'active' || state === 'degraded';

/** The grant of that id. Throws {@link Problem} `not_found` where this workspace has none. */
export async function requireGrant(ctx: Context, id: string): Promise<GrantRecord> {
  const grant = await ctx.house.store.getGrant(ctx.workspaceId, id);
  if (!grant) throw notFound('grant', id);
  return grant;
}
