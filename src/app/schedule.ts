import type { Cadence } from '../core/cadence.ts';
import type { GrantFacts } from '../core/grantFacts.ts';
import type { Instant } from '../core/instant.ts';
import { planProbe, planRenewal } from '../core/plan.ts';
import type { GrantRecord } from '../store/records.ts';

/** The columns that say what is due next. */
export type Schedule = Pick<GrantRecord, 'dueAt' | 'dueReason' | 'urgentAt' | 'renewAt' | 'deadlineAt'>;

/** What is due next for a grant that works: its renewal, a probe, or the look at an end that has come. */
export function scheduleOf(cadence: Cadence, facts: GrantFacts, now: Instant, grantId: string): Schedule {
  const plan = planRenewal(cadence, facts, now, grantId);
  const end = plan.deadline?.endsGrant ? plan.deadline.at : null;
  const candidates: { at: Instant; reason: string }[] = [
    { at: planProbe(cadence, facts, now, grantId), reason: 'probe' },
  ];
  if (plan.renewAt !== null) candidates.push({ at: plan.renewAt, reason: `renew:${plan.reason}` });
  if (end !== null && end > now) candidates.push({ at: end, reason: 'deadline' });
  // What cannot be renewed any more still works to its own end, and that must not go unseen.
  const { accessExpiresAt } = facts;
  if (plan.renewAt === null && accessExpiresAt !== null && accessExpiresAt > now)
    candidates.push({ at: accessExpiresAt, reason: 'deadline' });
  const first = candidates.reduce((best, candidate) => (candidate.at < best.at ? candidate : best));
  return {
    dueAt: first.at,
    dueReason: first.reason,
    urgentAt: plan.urgentAt,
    renewAt: plan.renewAt,
    deadlineAt: plan.deadline?.at ?? null,
  };
}

/** The same grant, due at another moment for another reason. */
export function dueAgain(schedule: Schedule, at: Instant | null, reason: string): Schedule {
  return { ...schedule, dueAt: at, dueReason: reason };
}
