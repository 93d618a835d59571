import { CAUSES, type CauseEntry } from './cause.ts';
import type { HardEnd } from './grantFacts.ts';
import { DAY_MS, HOUR_MS, type Instant } from './instant.ts';

/** So many days before a deadline somebody is reminded of it, each once. */
export const REMINDER_DAYS = [30, 14, 7, 3, 1] as const;
/** Platforms tell how many seconds are left, so that the same deadline lies a little elsewhere in each answer. */
const SAME_WITHIN_MS = 12 * HOUR_MS;

/** The latest reminder of a deadline of one kind. */
export interface ReminderMark {
  readonly kind: string;
  /** The deadline as it stood then. */
  readonly endsAt: Instant;
  /** Which of {@link REMINDER_DAYS} it was. */
  readonly daysBefore: number;
  readonly sentAt: Instant;
}

/** What reminders depend on. */
export interface Remindable {
  /** Every known deadline of the grant, soonest first; of two of one kind the sooner counts until it has come. */
  readonly ends: readonly HardEnd[];
  readonly marks: readonly ReminderMark[];
  /** When a person last authorized: of what lay ahead then they need no reminder for a moment that had passed. */
  readonly consentedAt: Instant;
}

export interface DueReminder {
  readonly end: HardEnd;
  readonly daysBefore: number;
}

interface Planned extends DueReminder {
  readonly at: Instant;
}

/**
 * What to remind of now, at most one reminder for each deadline. One that is late is sent late, unless a later one is due
 * too: then that one alone. None is due once the deadline has come.
 */
export function dueReminders(about: Remindable, now: Instant): readonly DueReminder[] {
  return firstToCome(about.ends, now)
    .map((end) => owed(end, about).findLast(({ at }) => at <= now))
    .filter((due) => due !== undefined);
}

/** When the next reminder is (or was) due; null: none is left. */
export function nextReminderAt(about: Remindable, now: Instant): Instant | null {
  const moments = firstToCome(about.ends, now)
    .map((end) => owed(end, about)[0]?.at)
    .filter((at) => at !== undefined);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** When the next reminder of this deadline is (or was) due; null: none is left. */
export function nextReminderOf(end: HardEnd, about: Remindable, now: Instant): Instant | null {
  return nextReminderAt({ ...about, ends: [end] }, now);
}

/** The latest reminder of this very deadline; undefined: there was none since it moved. */
export function markOf(end: HardEnd, marks: readonly ReminderMark[]): ReminderMark | undefined {
  return marks.find(({ kind, endsAt }) => kind === end.kind && Math.abs(endsAt - end.at) <= SAME_WITHIN_MS);
}

/** The marks once these were sent. */
export function marksAfter(
  marks: readonly ReminderMark[],
  sent: readonly DueReminder[],
  now: Instant,
): readonly ReminderMark[] {
  const kinds = new Set(sent.map(({ end }) => end.kind));
  const fresh = sent.map(({ end, daysBefore }) => ({
    kind: end.kind,
    endsAt: end.at,
    daysBefore,
    sentAt: now,
  }));
  return [...marks.filter(({ kind }) => !kinds.has(kind)), ...fresh];
}

/** Who can put a deadline of this kind off, and how. Where it is not the app that has to be published, a person authorizes again. */
export function wordsOfDeadline(kind: string): Pick<CauseEntry, 'who' | 'remedy'> {
  const { who, remedy } =
    CAUSES[kind === 'testing_mode' ? 'testing_mode_expiry' : 'renewal_credential_expired'];
  return { who, remedy };
}

/**
 * The reminders of a deadline that are still to come, soonest first. A deadline that moved starts anew, but moments that
 * lie before its kind was last spoken of are overtaken: one that moves with each renewal would else be told of each time.
 * They are not where it came so much nearer that a later reminder is due than the one that was sent.
 */
function owed(end: HardEnd, { marks, consentedAt }: Remindable): readonly Planned[] {
  const known = markOf(end, marks);
  const spoken = known ?? marks.find(({ kind }) => kind === end.kind);
  const spokenAt = spoken?.sentAt ?? consentedAt;
  const isLater = (daysBefore: number): boolean => daysBefore < (spoken?.daysBefore ?? 0);
  return REMINDER_DAYS.map((daysBefore) => ({ end, daysBefore, at: end.at - daysBefore * DAY_MS })).filter(
    ({ at, daysBefore }) =>
      at > consentedAt && (isLater(daysBefore) || (known === undefined && at > spokenAt)),
  );
}

/** The next of each kind. */
function firstToCome(ends: readonly HardEnd[], now: Instant): readonly HardEnd[] {
  const coming = ends.filter(({ at }) => at > now);
  return coming.filter((end, place) => coming.findIndex(({ kind }) => kind === end.kind) === place);
}
