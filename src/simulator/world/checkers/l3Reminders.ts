import { deadlinesOf } from '../../../core/deadline.ts';
import type { HardEnd } from '../../../core/grantFacts.ts';
import { IS_KEPT } from '../../../core/grantState.ts';
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, toRfc3339 } from '../../../core/instant.ts';
import type { AuthMethod } from '../../../platforms/kit/profile.ts';
import type { CheckerFactory, SeenGrant, SeenWrite, Sight } from '../checker.ts';
import { EVERYBODY } from '../hindrances.ts';

const DAYS_BEFORE = [30, 14, 7, 3, 1];
const SAME_WITHIN_MS = 12 * HOUR_MS;
/** Somebody had the chance to look for reminders. */
const CHANCE_MS = HOUR_MS;
/** A deadline that has passed is looked back at for so long: an audit may come hours after its last reminder was due. */
const LONGEST_LATE_MS = DAY_MS;
/** How far the clock of a process may be behind. */
const BEHIND_MS = 4 * MINUTE_MS;

interface Sent {
  readonly kind: string;
  readonly at: Instant;
  readonly daysBefore: number;
}

/** A deadline as it was first seen; of what lies before that nothing is asked, unless it stood further off until then. */
interface Watched {
  readonly at: Instant;
  readonly since: Instant;
  readonly consentedAt: Instant;
  /** The last reminder of its kind when it came nearer, in days before what stood then; null: it did not, or there was none. */
  readonly nearerThan: number | null;
}

const isSame = (one: Instant, other: Instant): boolean => Math.abs(one - other) <= SAME_WITHIN_MS;

export const l3Reminders: CheckerFactory = (sight) => {
  const reminders = new Reminders(sight);
  return {
    id: 'L3',
    promise: 'Every hard deadline brings each of its reminders once.',
    onWrite: (write) => reminders.written(write),
    onAudit: (grants) => {
      for (const seen of grants) reminders.audit(seen);
    },
  };
};

/** What should have been sent by now, and what was. It counts for itself, whatever the grant's own row says was sent. */
class Reminders {
  readonly #sight: Sight;
  readonly #sent = new Map<string, Sent[]>();
  readonly #watched = new Map<string, ReadonlyMap<string, Watched>>();
  readonly #methods = new Map<string, AuthMethod>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  written(write: SeenWrite): void {
    for (const { action, detail } of write.activity) {
      if (action !== 'deadline.reminded') continue;
      const at = Date.parse(String(detail.at));
      this.#sight.judged();
      const one = { kind: String(detail.kind), at, daysBefore: Number(detail.days_before) };
      const wrong = this.#wrongWith(write, one);
      const { id, platform } = write.after;
      const what = `its ${one.kind}, ${one.daysBefore} days before ${toRfc3339(at)}`;
      if (wrong !== null) this.#sight.report(`${platform} was told of ${what}, ${wrong}.`, id);
      this.#remember(id, one);
    }
  }

  audit(seen: SeenGrant): void {
    const { grant, method } = seen;
    this.#methods.set(grant.id, method);
    const before = this.#watched.get(grant.id);
    const standing = new Map<string, Watched>();
    this.#watched.set(grant.id, standing);
    if (!IS_KEPT[grant.state]) return;
    const { consentedAt } = grant.facts;
    for (const end of deadlinesOf(method.cadence, grant.facts)) {
      if (standing.has(end.kind) || end.at <= this.#sight.now() - LONGEST_LATE_MS) continue;
      const current = this.#watch(grant.id, end, consentedAt, before?.get(end.kind));
      standing.set(end.kind, current);
      for (const place of DAYS_BEFORE.keys()) this.#look(seen, end, place, current);
    }
  }

  #watch(grant: string, end: HardEnd, consentedAt: Instant, known: Watched | undefined): Watched {
    const wasConsented = known?.consentedAt === consentedAt;
    if (known && wasConsented && isSame(known.at, end.at)) return known;
    const told = (this.#sent.get(grant) ?? []).findLast(({ kind }) => kind === end.kind);
    const nearer = known && wasConsented && end.at < known.at && told !== undefined;
    const nearerThan = nearer ? told.daysBefore : null;
    return { at: end.at, since: this.#sight.now(), consentedAt, nearerThan };
  }

  /** What is wrong with a reminder that has just been sent; null: nothing. */
  #wrongWith({ after }: SeenWrite, { kind, at, daysBefore }: Sent): string | null {
    const known = this.#of(after.id, kind, at);
    const method = this.#methods.get(after.id);
    if (known.some((one) => one.daysBefore === daysBefore)) return 'a second time';
    if (known.some((one) => one.daysBefore < daysBefore)) return 'though a later one had been sent';
    if (this.#sight.now() > at + BEHIND_MS) return 'though it had come';
    if (!IS_KEPT[after.state]) return `though the grant is ${after.state}`;
    const stands = method && deadlinesOf(method.cadence, after.facts).some((end) => isSame(end.at, at));
    return stands === false ? 'though it does not stand' : null;
  }

  /** Whether one reminder of a deadline is missing: nobody was hindered, and it was not overtaken by the next. */
  #look({ grant }: SeenGrant, end: HardEnd, place: number, { since, nearerThan }: Watched): void {
    const { now, hindrances, report } = this.#sight;
    const daysBefore = DAYS_BEFORE[place]!;
    const moment = end.at - daysBefore * DAY_MS;
    const from = Math.max(moment, since);
    const until = Math.min(now(), end.at - (DAYS_BEFORE[place + 1] ?? 0) * DAY_MS);
    if (moment <= grant.facts.consentedAt || until <= from) return;
    if (moment <= since && (nearerThan === null || daysBefore >= nearerThan)) return;
    if (hindrances.longestCalmMs([EVERYBODY], from, until) < CHANCE_MS) return;
    if (this.#of(grant.id, end.kind, end.at).some((one) => one.daysBefore === daysBefore)) return;
    report(
      `${grant.platform} ${grant.method} was not told ${daysBefore} days before that its ${end.kind} ends at ${toRfc3339(end.at)}.`,
      grant.id,
    );
    // Once is enough.
    this.#remember(grant.id, { kind: end.kind, at: end.at, daysBefore });
  }

  #of(grant: string, kind: string, at: Instant): readonly Sent[] {
    return (this.#sent.get(grant) ?? []).filter((one) => one.kind === kind && isSame(one.at, at));
  }

  #remember(grant: string, one: Sent): void {
    this.#sent.set(grant, [...(this.#sent.get(grant) ?? []), one]);
  }
}
