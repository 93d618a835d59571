import type { GrantRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import { claimPatiently } from './claimPatiently.ts';
import type { Context, House } from './context.ts';
import { endUnused, isUsed } from './endGrant.ts';
import { notFound, Problem } from './errors.ts';
import { giveBack } from './lapse.ts';
import { requireConnection } from './manageConnections.ts';
import { type OpenGrant, openApp, openGrant } from './openGrant.ts';
import { refuseSpreading } from './refuseSpreading.ts';
import { lastCallUnder, watched } from './uncertainty.ts';

export interface Disconnected {
  /** Whether the platform was told: `revoked`, `still_used` by other connections, `not_offered` by the platform, or `refused`. */
  readonly at_platform: 'revoked' | 'still_used' | 'not_offered' | 'refused';
  /** What the person may do beside it. */
  readonly notice: string | null;
}

/** Between tries at a platform that is busy (RFC 7009 2.2.1). */
const PAUSES_MS = [300, 1_000] as const;

const LONGEST_CLAIM_WAIT_MS = 10_000;
/** How often a disconnect begins again whose claim ran out while the platform took its time. */
const MOST_ROUNDS = 3;

/**
 * Ends a connection on purpose. The grant ends with its last connection, at the platform too where it has a way.
 * History stays; the credential is no longer used. One that was broken off can be asked for again. Throws {@link Problem}
 * `connection_disconnected` when it is over already, `confirmation_required` where the platform would end other
 * connections with it, unless `confirm` is set.
 */
export async function disconnect(
  ctx: Context,
  id: string,
  { confirm }: { readonly confirm: boolean } = { confirm: false },
): Promise<Disconnected> {
  const { connection, grant } = await requireConnection(ctx, id);
  if (connection.status === 'disconnected' && grant.state === 'revoked') throw alreadyOver();
  if (!confirm) await refuseSpreading(ctx, id, grant);
  return endUnderClaim(ctx, id, grant);
}

function alreadyOver(): Problem {
  return new Problem('connection_disconnected', 'This connection is already disconnected.');
}

/**
 * Under the claim: whoever would rest another connection on the grant has to wait, what is revoked is the newest
 * credential, and no renewal brings another meanwhile.
 */
async function endUnderClaim(ctx: Context, id: string, before: GrantRecord): Promise<Disconnected> {
  const { house, workspaceId } = ctx;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const claim = {
      workspaceId,
      id: before.id,
      purpose: 'disconnect',
      longestWaitMs: LONGEST_CLAIM_WAIT_MS,
    };
    const left = await claimPatiently(house, claim, (claimed) => endClaimed(ctx, id, claimed, round > 0));
    if (left !== 'outrun') return left;
  }
  throw new Problem(
    'temporarily_unavailable',
    'The grant is being renewed right now. Disconnect again in a minute.',
  );
}

async function endClaimed(
  ctx: Context,
  id: string,
  claimed: ClaimedGrant,
  again: boolean,
): Promise<Disconnected | 'outrun'> {
  const { house } = ctx;
  const { previousOwner: _, ...grant } = claimed;
  const left = await leave(ctx, id, grant, again)
    .then((used) => (used ? 'used' : endAtPlatform(ctx, id, grant)))
    .catch(async (error) => {
      await giveBack(house, [claimed], null);
      throw error;
    });
  if (left !== 'used') return left;
  await giveBack(house, [claimed], null);
  return { at_platform: 'still_used', notice: 'Other connections rest on the same authorization; it stays.' };
}

/** The connection leaves its grant, and the log says so; whether others still rest on it is asked in the same transaction. */
function leave(ctx: Context, id: string, grant: GrantRecord, again: boolean): Promise<boolean> {
  const { house, workspaceId, actor } = ctx;
  return house.store.transaction(async (store) => {
    const now = await store.lockConnection(workspaceId, id);
    if (!now || now.grantId !== grant.id)
      throw new Problem('conflict', 'The connection was authorized anew meanwhile. Look at it again.');
    if (again && now.status === 'connected')
      throw new Problem('conflict', 'The connection was authorized anew meanwhile. Look at it again.');
    const used = await isUsed(store, grant, id);
    const gone = now.status === 'disconnected';
    if (gone && !again && (used || grant.state === 'revoked')) throw alreadyOver();
    const disconnectedAt = now.disconnectedAt ?? house.now();
    await store.updateConnection({ ...now, status: 'disconnected', disconnectedAt });
    await store.closeConnectionOutage(workspaceId, id, house.now());
    const detail = used ? { at_platform: 'still_used' } : {};
    const row = { workspaceId, at: house.now(), actor, action: 'connection.disconnected' };
    if (!gone) await store.appendActivity([{ ...row, subjects: [id, grant.id], detail }]);
    return used;
  });
}

async function endAtPlatform(
  { house, workspaceId, actor }: Context,
  connectionId: string,
  grant: GrantRecord,
): Promise<Disconnected | 'used' | 'outrun'> {
  const app = await house.store.getApp(workspaceId, grant.appId);
  if (!app) throw notFound('app', grant.appId);
  const open = await openApp(house, app, grant.method);
  const io = watched(open.io, { mayHaveRenewed: false }, lastCallUnder(grant, house));
  const told = await tell(house, await openGrant(house, { ...open, io }, grant));
  const result = outcomeOf(told, open.platform.profile.revocationNotice ?? null);
  const ended = await endUnused(house, grant, actor, [
    {
      workspaceId,
      at: house.now(),
      actor,
      action: 'grant.disconnected',
      subjects: [grant.id, connectionId],
      detail: { at_platform: result.at_platform },
    },
  ]);
  return ended === 'ended' ? result : ended;
}

function outcomeOf(told: boolean | null, notice: string | null): Disconnected {
  if (told !== null) return { at_platform: told ? 'revoked' : 'refused', notice };
  return {
    at_platform: 'not_offered',
    notice:
      notice ?? 'The platform has no way to be told. The person can remove the app in their settings there.',
  };
}

/** Whether the platform took it; null: it has no way to be told. One that is busy is asked again, while the claim lasts. */
async function tell(house: House, { adapter, io, config, held }: OpenGrant): Promise<boolean | null> {
  if (!adapter.revoke) return null;
  let told = await adapter.revoke(io, config, held);
  for (const pause of PAUSES_MS) {
    if (told.ok || told.answer.kind !== 'answer' || (told.answer.status < 500 && told.answer.status !== 429))
      break;
    await house.sleep(pause);
    told = await adapter.revoke(io, config, held);
  }
  return told.ok;
}
