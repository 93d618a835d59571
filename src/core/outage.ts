import type { GrantFacts } from './grantFacts.ts';
import type { Instant } from './instant.ts';

/** How the start of an outage is known. */
export type LossEvidence = 'end_by_time' | 'last_proof' | 'noticed';

export interface Loss {
  readonly startedAt: Instant;
  readonly evidence: LossEvidence;
}

/** Whether an access credential is held that works, as far as is known. */
export function accessWorks(facts: GrantFacts, now: Instant): boolean {
  return facts.accessDeadAt === null && (facts.accessExpiresAt === null || facts.accessExpiresAt > now);
}

/**
 * The best estimate of when a grant stopped working. An access credential that still lives works on: then the loss
 * begins at its end. One that was refused before its end was lost after the last proof that it worked.
 */
export function estimateLoss(facts: GrantFacts, now: Instant): Loss {
  const refused = facts.accessDeadAt !== null;
  if (!refused && facts.accessExpiresAt !== null)
    return { startedAt: facts.accessExpiresAt, evidence: 'end_by_time' };
  if (facts.accessExpiresAt !== null && facts.accessExpiresAt < (facts.accessDeadAt ?? now)) {
    return { startedAt: facts.accessExpiresAt, evidence: 'end_by_time' };
  }
  if (facts.lastProofAt !== null) return { startedAt: facts.lastProofAt, evidence: 'last_proof' };
  return { startedAt: now, evidence: 'noticed' };
}
