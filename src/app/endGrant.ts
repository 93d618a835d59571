import type { GrantRecord, NewActivity } from '../store/records.ts';
import type { ClaimedGrant, Store } from '../store/store.ts';
import { LEASE_MS } from './attempt.ts';
import type { House } from './context.ts';
import { giveBack } from './lapse.ts';
import { move } from './moveGrant.ts';

const LARGEST_SWEEP = 500;

/** Whether a connection rests on the grant; with `but`, whether another one does. */
export async function isUsed(store: Store, grant: GrantRecord, but?: string): Promise<boolean> {
  const filter = { grantId: grant.id, status: 'connected' } as const;
  const users = await store.listConnections(grant.workspaceId, filter, { limit: 2, after: null });
  return users.some((view) => view.connection.id !== but);
}

/**
 * Ends a claimed grant on purpose, unless a connection rests on it: whether one does is asked in the transaction that
 * writes. `outrun`: somebody else claimed the grant meanwhile, and nothing changed.
 */
export function endUnused(
  house: House,
  grant: GrantRecord,
  actor: string,
  activity: readonly NewActivity[] = [],
): Promise<'ended' | 'used' | 'outrun'> {
  const moved = move({ grant, now: house.now(), actor }, 'disconnected', null, null);
  const ended: GrantRecord = {
    ...moved.grant,
    pending: null,
    dueAt: null,
    dueReason: 'disconnected',
    urgentAt: null,
    renewAt: null,
    deadlineAt: null,
    remindAt: null,
  };
  return house.store.transaction(async (store) => {
    if (await isUsed(store, grant)) return 'used';
    const outcome = {
      grant: ended,
      activity: [...activity, ...moved.activity],
      closeOutageAt: house.now(),
    };
    const [stood] = await store.applyOutcomes([outcome]);
    return stood ? 'ended' : 'outrun';
  });
}

/**
 * Retires a grant on which no connection rests any more, so that it is not renewed for ever. The platform is not told:
 * where one person authorized more than once, some platforms end all of it together. One that is held by somebody is left
 * for the next sweep.
 */
export async function retireUnused(
  house: House,
  key: { readonly workspaceId: string; readonly id: string },
  actor: string,
): Promise<boolean> {
  const claim = { now: house.now(), owner: `${house.nodeId}:retire`, leaseMs: LEASE_MS };
  const claimed = await house.store.claimGrant(key.workspaceId, key.id, claim);
  if (!claimed) return false;
  const done =
    claimed.state === 'revoked'
      ? 'used'
      : await endUnused(house, bare(claimed), actor, [
          {
            workspaceId: key.workspaceId,
            at: house.now(),
            actor,
            action: 'grant.retired',
            subjects: [key.id],
            detail: { reason: 'no connection uses it' },
          },
        ]);
  if (done === 'used') await giveBack(house, [claimed], null);
  return done === 'ended';
}

const bare = ({ previousOwner: _, ...grant }: ClaimedGrant): GrantRecord => grant;

/** Retires what was left without a connection; `before`: only grants that were made by then. Returns how many. */
export async function retireAllUnused(house: House, before: number): Promise<number> {
  let retired = 0;
  for (const key of await house.store.listUnusedGrants(before, LARGEST_SWEEP))
    if (await retireUnused(house, key, 'keeper')) retired += 1;
  return retired;
}
