import type { ClaimedGrant } from '../store/store.ts';
import { LEASE_MS } from './attempt.ts';
import type { House } from './context.ts';
import { Problem } from './errors.ts';

const POLL_MS = 100;

export interface PatientClaim {
  readonly workspaceId: string;
  readonly id: string;
  /** What it is claimed for, as it stands in the lease: `connect`, `disconnect` … */
  readonly purpose: string;
  /** How long to wait for whoever holds the grant, in milliseconds. */
  readonly longestWaitMs: number;
}

/**
 * Claims one grant, waiting for whoever holds it, and does the work that gives it back. From the claim to the end of the
 * work no time is moved on, and no process that shuts down leaves. Throws {@link Problem} `temporarily_unavailable` when
 * the waiting takes too long.
 */
export async function claimPatiently<T>(
  house: House,
  { workspaceId, id, purpose, longestWaitMs }: PatientClaim,
  work: (claimed: ClaimedGrant) => Promise<T>,
): Promise<T> {
  const giveUpAt = house.now() + longestWaitMs;
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const held = await house.flights.besides(async () => {
      const claim = { now: house.now(), owner: `${house.nodeId}:${purpose}`, leaseMs: LEASE_MS };
      const claimed = await house.store.claimGrant(workspaceId, id, claim);
      return claimed && { done: await work(claimed) };
    });
    if (held) return held.done;
    // A clock that is moved passes hours in a moment of waiting: there only the waiting itself counts.
    const late = house.clock === null && house.now() >= giveUpAt;
    if (late || waitedMs >= longestWaitMs)
      throw new Problem(
        'temporarily_unavailable',
        'The grant is being renewed right now. Try again in a minute.',
      );
    await house.sleep(POLL_MS);
  }
}
