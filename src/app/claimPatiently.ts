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

/** Claims one grant, and waits for whoever holds it. Throws {@link Problem} `temporarily_unavailable` when that takes too long. */
export async function claimPatiently(
  house: House,
  { workspaceId, id, purpose, longestWaitMs }: PatientClaim,
): Promise<ClaimedGrant> {
  const giveUpAt = house.now() + longestWaitMs;
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const claim = { now: house.now(), owner: `${house.nodeId}:${purpose}`, leaseMs: LEASE_MS };
    const claimed = await house.store.claimGrant(workspaceId, id, claim);
    if (claimed) return claimed;
    if (house.now() >= giveUpAt || waitedMs >= longestWaitMs)
      throw new Problem(
        'temporarily_unavailable',
        'The grant is being renewed right now. Try again in a minute.',
      );
    await house.sleep(POLL_MS);
  }
}
