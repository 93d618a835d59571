import { deadlinesOf } from '../../../core/deadline.ts';
import type { HardEnd } from '../../../core/grantFacts.ts';
import { IS_KEPT } from '../../../core/grantState.ts';
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, toRfc3339 } from '../../../core/instant.ts';
import type { AuthMethod } from '../../../platforms/kit/profile.ts';
import type { CheckerFactory, SeenGrant, SeenWrite } from '../checker.ts';
import { EVERYBODY } from '../hindrances.ts';

const DAYS_BEFORE = [30, 14, 7, 3, 1];
const SAME_WITHIN_MS = 12 * HOUR_MS;
/** Somebody had the chance to look for reminders. */
const CHANCE_MS = HOUR_MS;
/** How far the clock of a process may be behind. */
const BEHIND_MS = 4 * MINUTE_MS;

interface Sent {
  readonly kind: string;
  readonly at: Instant;
  readonly daysBefore: number;
}

/** A deadline as it was first seen; of what lies before that nothing is asked. */
interface Watched {
  readonly at: Instant;
  readonly since: Instant;
  readonly consentedAt: Instant;
}

const isSame = (one: Instant, other: Instant): boolean => Math.abs(one - other) <= SAME_WITHIN_MS;

export const l3Reminders: CheckerFactory = ({ report, now, hindrances }) => {
  const sent = new Map<string, Sent[]>();
  const watched = new Map<string, Map<string, Watched>>();
  const methods = new Map<string, AuthMethod>();

  /** What is wrong with a reminder that has just been sent; null: nothing. */
  const wrongWith = ({ after }: SeenWrite, { kind, at, daysBefore }: Sent): string | null => {
    const known = (sent.get(after.id) ?? []).filter((one) => one.kind === kind && isSame(one.at, at));
    const method = methods.get(after.id);
    if (known.some((one) => one.daysBefore === daysBefore)) return 'a second time';
    if (known.some((one) => one.daysBefore < daysBefore)) return 'though a later one had been sent';
    if (now() > at + BEHIND_MS) return 'though it had come';
    if (!IS_KEPT[after.state]) return `though the grant is ${after.state}`;
    const stands = method && deadlinesOf(method.cadence, after.facts).some((end) => isSame(end.at, at));
    return stands === false ? 'though it does not stand' : null;
  };

  const look = ({ grant }: SeenGrant, end: HardEnd, known: Watched): void => {
    DAYS_BEFORE.forEach((daysBefore, place) => {
      const from = end.at - daysBefore * DAY_MS;
      const overtakenAt = end.at - (DAYS_BEFORE[place + 1] ?? 0) * DAY_MS;
      if (from <= Math.max(known.since, known.consentedAt)) return;
      const until = Math.min(now(), overtakenAt);
      if (until <= from || hindrances.longestCalmMs([EVERYBODY], from, until) < CHANCE_MS) return;
      const came = (sent.get(grant.id) ?? []).some(
        (one) => one.kind === end.kind && isSame(one.at, end.at) && one.daysBefore === daysBefore,
      );
      if (came) return;
      report(
        `${grant.platform} ${grant.method} was not told ${daysBefore} days before that its ${end.kind} ends at ${toRfc3339(end.at)}.`,
        grant.id,
      );
      // Once is enough.
      remember(grant.id, { kind: end.kind, at: end.at, daysBefore });
    });
  };

  const remember = (grant: string, one: Sent): void => {
    sent.set(grant, [...(sent.get(grant) ?? []), one]);
  };

  return {
    id: 'L3',
    promise: 'Every hard deadline brings each of its reminders once.',
    onWrite: (write) => {
      for (const { action, detail } of write.activity) {
        if (action !== 'deadline.reminded') continue;
        const at = Date.parse(String(detail.at));
        const one = { kind: String(detail.kind), at, daysBefore: Number(detail.days_before) };
        const wrong = wrongWith(write, one);
        if (wrong !== null)
          report(
            `${write.after.platform} was told of its ${one.kind} ${one.daysBefore} days before ${toRfc3339(at)} ${wrong}.`,
            write.after.id,
          );
        remember(write.after.id, one);
      }
    },
    onAudit: (grants) => {
      for (const seen of grants) {
        const { grant, method } = seen;
        methods.set(grant.id, method);
        const before = watched.get(grant.id);
        const standing = new Map<string, Watched>();
        watched.set(grant.id, standing);
        if (!IS_KEPT[grant.state]) continue;
        const { consentedAt } = grant.facts;
        for (const end of deadlinesOf(method.cadence, grant.facts)) {
          if (standing.has(end.kind)) continue;
          const known = before?.get(end.kind);
          const stays = known && isSame(known.at, end.at) && known.consentedAt === consentedAt;
          const current = stays ? known : { at: end.at, since: now(), consentedAt };
          standing.set(end.kind, current);
          look(seen, end, current);
        }
      }
    },
  };
};
