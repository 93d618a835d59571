import type { Cadence } from '../core/cadence.ts';
import { deadlinesOf } from '../core/deadline.ts';
import { type Instant, MINUTE_MS } from '../core/instant.ts';
import { planProbe, planRenewal } from '../core/plan.ts';
import { nextReminderAt, type Remindable } from '../core/reminder.ts';
import type { GrantRecord } from '../store/records.ts';

/** So long after an end nothing lives by rounding alone. */
export const SECOND_LOOK_MS = MINUTE_MS;

/**
 * Why a grant is due whose access token was refused and then renewed: refused anew, it is not for a token that has ended,
 * and another renewal would only hide it.
 */
export const PROBE_AFTER_REFUSAL = 'probe:after_refusal';

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
  // What cannot be renewed any more still works to its own end, and that must not go unseen.
  const ownEnd = plan.renewAt === null ? facts.accessExpiresAt : null;
  for (const moment of [end, ownEnd]) {
    const look = moment === null ? null : lookAtEnd(moment, now);
    if (look !== null) candidates.push({ at: look, reason: 'deadline' });
  }
  const hasEnded = facts.accessExpiresAt !== null && facts.accessExpiresAt <= now;
  const first = candidates.reduce((best, candidate) => (candidate.at < best.at ? candidate : best));
  return {
    dueAt: first.at,
    dueReason: first.reason,
    // Nothing is left to save then: it waits with all others while its app is left alone.
    urgentAt: hasEnded ? null : plan.urgentAt,
    renewAt: plan.renewAt,
    deadlineAt: plan.deadline?.at ?? null,
    remindAt: plan.deadline === null ? null : nextReminderAt(remindableOf(cadence, grant), now),
  };
}

/** The deadlines of a grant, and what was said of them. */
export function remindableOf(cadence: Cadence, { facts, reminded }: Scheduled): Remindable {
  return { ends: deadlinesOf(cadence, facts), marks: reminded, consentedAt: facts.consentedAt };
}

/** When to look at an end; null: that was long ago. Ends are told in whole seconds, so what lives at one is looked at once more. */
function lookAtEnd(end: Instant, now: Instant): Instant | null {
  if (end > now) return end;
  return end + SECOND_LOOK_MS > now ? end + SECOND_LOOK_MS : null;
}

/** What a failed attempt is done again for: a renewal, or the probe that it was for. */
export function reasonAgain({ dueReason }: Pick<GrantRecord, 'dueReason'>, reason: string): string {
  return dueReason === PROBE_AFTER_REFUSAL ? dueReason : reason;
}

/** The same grant, due at another moment for another reason. */
export function dueAgain(schedule: Schedule, at: Instant | null, reason: string): Schedule {
  return { ...schedule, dueAt: at, dueReason: reason };
}
