import { HOUR_MS } from '../src/core/instant.ts';
import type { ClaimedGrant, GrantOutcome } from '../src/store/store.ts';
import type { BenchWorld } from './world.ts';

const BATCH = 500;
const BATCHES_AT_ONCE = 2;

/**
 * What no keeper can be faster than: grants are claimed, each costs the bare call, and the outcome is written with its row
 * in the log. Nothing is opened, sealed, judged or planned. Says how many were written.
 */
export async function bareKeeper(
  { house }: BenchWorld,
  call: () => Promise<void>,
  count: number,
): Promise<number> {
  let claimedCount = 0;
  const one = async (): Promise<void> => {
    while (claimedCount < count) {
      const claim = { now: Date.now(), owner: 'bench:bare', leaseMs: HOUR_MS, limit: BATCH };
      const claimed = await house.store.claimDue(claim);
      if (claimed.length === 0) throw new Error('Fewer grants are due than were to be renewed.');
      claimedCount += claimed.length;
      await Promise.all(claimed.map(call));
      await house.store.applyOutcomes(claimed.map(outcomeOf));
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, one));
  return claimedCount;
}

function outcomeOf({ previousOwner: _, ...grant }: ClaimedGrant): GrantOutcome {
  const { workspaceId, id, credentialVersion, facts } = grant;
  const at = Date.now();
  const next = at + HOUR_MS;
  const written = { dueAt: next, dueReason: 'renew:bench', renewAt: next, lastAttemptAt: at };
  const detail = { access_expires_at: next, credential_version: credentialVersion + 1 };
  return {
    grant: {
      ...grant,
      ...written,
      credentialVersion: credentialVersion + 1,
      facts: { ...facts, issuedAt: at, accessExpiresAt: next },
    },
    activity: [{ workspaceId, at, actor: 'bench', action: 'grant.renewed', subjects: [id], detail }],
  };
}
