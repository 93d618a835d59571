import { IS_KEPT } from '../core/grantState.ts';
import type { Instant } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import { claimPatiently } from './claimPatiently.ts';
import type { House } from './context.ts';
import { giveBack, takeOver } from './lapse.ts';
import { LONGEST_WAIT_MS } from './renewGrant.ts';
import { reasonAgain } from './schedule.ts';

/**
 * Has the keeper look at a grant at `at`, unless something is due sooner: that is a look too. Throws {@link Problem}
 * `temporarily_unavailable` where somebody holds the grant for too long.
 */
export async function lookBy(house: House, seen: GrantRecord, at: Instant): Promise<void> {
  if (isDueBy(seen, at)) return;
  const { workspaceId, id } = seen;
  const claim = { workspaceId, id, purpose: 'report', longestWaitMs: LONGEST_WAIT_MS };
  await claimPatiently(house, claim, async (claimed) => {
    if (isDueBy(claimed, at) || !IS_KEPT[claimed.state]) return giveBack(house, [claimed], null);
    // What was spared stays known as such: it is due at once when its app is mended.
    const dueReason = claimed.dueReason === 'spared' ? 'spared' : reasonAgain(claimed, 'probe');
    const grant = { ...takeOver(claimed, house.now()), dueAt: at, dueReason };
    await house.committer.commit({ grant, activity: [] });
  });
}

function isDueBy({ dueAt }: GrantRecord, at: Instant): boolean {
  return dueAt !== null && dueAt <= at;
}
