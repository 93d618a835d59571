import type { Instant } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import type { House } from './context.ts';

/** Owners that may have sent a renewal: on demand, by the keeper, or by a probe, which turns into one when it finds a dead token. */
const MAY_HAVE_RENEWED = /:(renew|due|probe)$/;

/**
 * The grant as its next holder has to take it. A lease that ran out without an outcome is on record in the claim alone,
 * and whatever is written next ends it: so whoever writes notes that the platform may have acted.
 */
export function takeOver({ previousOwner, ...grant }: ClaimedGrant, now: Instant): GrantRecord {
  if (previousOwner === null || !MAY_HAVE_RENEWED.test(previousOwner) || !grant.facts.renewable) return grant;
  return { ...grant, facts: { ...grant.facts, unknownOutcomeAt: grant.facts.unknownOutcomeAt ?? now } };
}

/** Gives claims back without an attempt; `dueAt` null keeps the due time. What a former holder left unsaid is noted. */
export async function giveBack(
  house: House,
  claimed: readonly ClaimedGrant[],
  dueAt: Instant | null,
): Promise<void> {
  const lapsed = claimed.filter((grant) => grant.previousOwner !== null);
  await house.store.releaseGrants(
    claimed.filter((grant) => grant.previousOwner === null),
    dueAt,
  );
  await Promise.all(
    lapsed.map((grant) =>
      house.committer.commit({
        grant: { ...takeOver(grant, house.now()), dueAt: dueAt ?? grant.dueAt },
        activity: [],
      }),
    ),
  );
}
