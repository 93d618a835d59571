import type { Cadence } from '../core/cadence.ts';
import { deadlinesOf } from '../core/deadline.ts';
import type { Instant } from '../core/instant.ts';
import { planProbe, planRenewal } from '../core/plan.ts';
import { nextReminderAt, type Remindable } from '../core/reminder.ts';
import type { GrantRecord } from '../store/records.ts';

/** The columns that say what is due next. */
export type Schedule = Pick<
  GrantRecord,
  'dueAt' | 'dueReason' | 'urgentAt' | 'renewAt' | 'deadlineAt' | 'remindAt'
>;

/** What the schedule of a grant depends on. */
export type Scheduled = Pick<GrantRecord, 'id' | 'facts' | 'reminded'>;

/** What is due next for a grant that works: its renewal, a probe, or the look at an end that has come. */
export function scheduleOf(cadence: Cadence, grant: Scheduled, now: Instant): Schedule {
  const { id, facts } = grant;
  const plan = planRenewal(cadence, facts, now, id);
  const end = plan.deadline?.endsGrant ? plan.deadline.at : null;
  const candidates: { at: Instant; reason: string }[] = [
    { at: planProbe(cadence, facts, now, id), reason: 'probe' },
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
    remindAt: plan.deadline === null ? null : nextReminderAt(remindableOf(cadence, grant), now),
  };
}

/** The deadlines of a grant, and what was said of them. */
export function remindableOf(cadence: Cadence, { facts, reminded }: Scheduled): Remindable {
  return { ends: deadlinesOf(cadence, facts), marks: reminded, consentedAt: facts.consentedAt };
}

/** The same grant, due at another moment for another reason. */
export function dueAgain(schedule: Schedule, at: Instant | null, reason: string): Schedule {
  return { ...schedule, dueAt: at, dueReason: reason };
}
