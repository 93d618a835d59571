import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HardEnd } from '../src/core/grantFacts.ts';
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '../src/core/instant.ts';
import {
  type DueReminder,
  dueReminders,
  marksAfter,
  nextReminderAt,
  REMINDER_DAYS,
  type ReminderMark,
  wordsOfDeadline,
} from '../src/core/reminder.ts';
import { NOW } from './support/facts.ts';

const endAt = (at: Instant, kind = 'renewal_credential'): HardEnd => ({
  kind,
  at,
  source: 'documents',
  endsGrant: true,
});

/** Somebody who looks now and then, and sends what is due. */
class Looker {
  marks: readonly ReminderMark[] = [];
  ends: readonly HardEnd[];
  consentedAt = NOW;
  readonly sent: (DueReminder & { readonly at: Instant })[] = [];

  constructor(...ends: readonly HardEnd[]) {
    this.ends = ends;
  }

  look(now: Instant): readonly number[] {
    const due = dueReminders(this, now);
    this.marks = marksAfter(this.marks, due, now);
    this.sent.push(...due.map((one) => ({ ...one, at: now })));
    return due.map(({ daysBefore }) => daysBefore);
  }

  /** Looks as often as this plans it, and says which reminders came. */
  live(until: Instant): readonly number[] {
    const came: number[] = [];
    for (;;) {
      const next = nextReminderAt(this, Math.max(NOW, this.sent.at(-1)?.at ?? NOW));
      if (next === null || next > until) return came;
      came.push(...this.look(next));
    }
  }
}

describe('the reminders of a deadline', () => {
  const year = endAt(NOW + 365 * DAY_MS);

  it('come 30, 14, 7, 3 and 1 days before, each once', () => {
    const looker = new Looker(year);
    assert.deepEqual(looker.live(year.at + DAY_MS), [...REMINDER_DAYS]);
    assert.deepEqual(
      looker.sent.map(({ at }) => (year.at - at) / DAY_MS),
      [...REMINDER_DAYS],
    );
  });

  it('are sent late, but of several that are late the last one alone', () => {
    const looker = new Looker(year);
    assert.deepEqual(looker.look(year.at - 29 * DAY_MS), [30]);
    assert.deepEqual(looker.look(year.at - 2 * DAY_MS), [3], 'those of 14 and 7 days are overtaken');
    assert.deepEqual(looker.look(year.at - 2 * DAY_MS), []);
    assert.deepEqual(looker.look(year.at - HOUR_MS), [1]);
  });

  it('do not come after it, nor at its moment', () => {
    for (const now of [year.at, year.at + 1, year.at + DAY_MS]) {
      assert.deepEqual(new Looker(year).look(now), []);
      assert.equal(nextReminderAt(new Looker(year), now), null);
    }
  });

  it('leave out what lay behind the person when they authorized', () => {
    const week = new Looker(endAt(NOW + 7 * DAY_MS));
    assert.deepEqual(week.look(NOW), [], 'who has just signed in needs no reminder');
    assert.deepEqual(week.live(NOW + 7 * DAY_MS), [3, 1]);
  });

  it('come at once where a deadline is learned of late', () => {
    const looker = new Looker();
    assert.deepEqual(looker.look(NOW + 300 * DAY_MS), []);
    looker.ends = [endAt(NOW + 305 * DAY_MS, 'data_access')];
    assert.deepEqual(looker.look(NOW + 300 * DAY_MS), [7]);
  });

  it('start anew when a person has put it off', () => {
    const looker = new Looker(year);
    assert.deepEqual(looker.live(year.at - 5 * DAY_MS), [30, 14, 7]);
    looker.consentedAt = year.at - 4 * DAY_MS;
    looker.ends = [endAt(looker.consentedAt + 365 * DAY_MS)];
    assert.deepEqual(looker.live(looker.consentedAt + 366 * DAY_MS), [...REMINDER_DAYS]);
  });

  it('do not come again because the platform counts seconds a little differently in each answer', () => {
    const looker = new Looker(year);
    assert.deepEqual(looker.look(year.at - 30 * DAY_MS), [30]);
    looker.ends = [endAt(year.at + 40 * MINUTE_MS)];
    assert.deepEqual(looker.look(year.at - 30 * DAY_MS + HOUR_MS), []);
    assert.deepEqual(looker.look(year.at - 14 * DAY_MS + HOUR_MS), [14]);
  });

  it('come seldom where the deadline moves with each renewal', () => {
    const looker = new Looker(endAt(NOW + 20 * DAY_MS));
    for (let day = 1; day < 100; day += 1) {
      looker.ends = [endAt(NOW + (20 + day) * DAY_MS)];
      looker.look(NOW + day * DAY_MS);
    }
    assert.equal(looker.sent.length, 9, 'not one in each of the hundred days');
  });

  it('come at once where the deadline came nearer than the last one said, and no earlier one is told again', () => {
    const looker = new Looker(year);
    const first = year.at - 30 * DAY_MS;
    assert.deepEqual(looker.look(first), [30]);
    const now = first + HOUR_MS;
    looker.ends = [endAt(now + 20 * HOUR_MS)];
    assert.ok(nextReminderAt(looker, now)! <= now, 'overdue');
    assert.deepEqual(looker.look(now), [1]);
    assert.deepEqual(looker.look(now + HOUR_MS), []);
    looker.ends = [endAt(now + 2 * DAY_MS)];
    assert.deepEqual(looker.look(now + 2 * HOUR_MS), [], 'less was left when it was last told');
  });

  it('are those of the later of two deadlines of one kind, once the sooner has passed', () => {
    const sooner = endAt(NOW + 40 * DAY_MS, 'data_access');
    const looker = new Looker(sooner, endAt(NOW + 100 * DAY_MS, 'data_access'));
    looker.live(sooner.at);
    assert.deepEqual(looker.look(sooner.at + 31 * DAY_MS), [30]);
    assert.equal(nextReminderAt(looker, sooner.at + 31 * DAY_MS), NOW + 86 * DAY_MS);
  });

  it('are those of each deadline where there are several', () => {
    const looker = new Looker(endAt(NOW + 80 * DAY_MS, 'data_access'), year);
    looker.live(NOW + 400 * DAY_MS);
    for (const kind of ['data_access', 'renewal_credential'])
      assert.deepEqual(
        looker.sent.filter(({ end }) => end.kind === kind).map(({ daysBefore }) => daysBefore),
        [...REMINDER_DAYS],
      );
  });

  it('are none once it has vanished, and go on where it comes back', () => {
    const looker = new Looker(year);
    looker.look(year.at - 30 * DAY_MS);
    looker.ends = [];
    assert.deepEqual(looker.look(year.at - 14 * DAY_MS), []);
    looker.ends = [year];
    assert.deepEqual(looker.look(year.at - 13 * DAY_MS), [14]);
  });

  it('name who can put it off: the operator alone where the app has to be published', () => {
    assert.equal(wordsOfDeadline('testing_mode').who, 'operator');
    assert.equal(wordsOfDeadline('data_access').who, 'authorizing_user');
    assert.match(wordsOfDeadline('data_access').remedy, /Reconnect/);
  });
});

/** What happens in a life: time passes (or the clock jumps back a little), somebody looks, the deadline moves. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('look' as const), hours: fc.integer({ min: 0, max: 100 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), minutes: fc.integer({ min: -5, max: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wobble' as const),
      minutes: fc.integer({ min: -30, max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('consent' as const), days: fc.integer({ min: 1, max: 90 }) }),
  },
);

describe('Reminders, whatever happens,', () => {
  it('come at most once for each deadline, in order, never after it, and the nearest that is due always', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120 }), fc.integer({ min: 1, max: 90 }), (life, days) => {
        let now = NOW;
        let end = NOW + days * DAY_MS;
        const looker = new Looker(endAt(end));
        let said: number[] = [];
        for (const step of life) {
          if (step.kind === 'jump') now += step.minutes * MINUTE_MS;
          if (step.kind === 'wobble') looker.ends = [endAt(end + step.minutes * MINUTE_MS)];
          if (step.kind === 'consent') {
            end = now + step.days * DAY_MS;
            looker.consentedAt = now;
            looker.ends = [endAt(end)];
            said = [];
          }
          if (step.kind !== 'look') continue;
          now += step.hours * HOUR_MS;
          const came = looker.look(now);
          const at = looker.ends[0]!.at;
          assert.ok(came.length <= 1, 'not in a heap');
          if (now >= at) assert.deepEqual(came, [], 'never after the deadline');
          for (const one of came) assert.ok(one < (said.at(-1) ?? 31), `${one} after ${said}`);
          said.push(...came);
          const nearest = REMINDER_DAYS.findLast(
            (one) => at - one * DAY_MS <= now && at - one * DAY_MS > looker.consentedAt,
          );
          if (nearest !== undefined && now < at) assert.equal(said.at(-1), nearest, 'the nearest was sent');
          const next = nextReminderAt(looker, now);
          assert.ok(next === null || (next > now && next < at), 'what comes next lies between now and then');
        }
      }),
      { numRuns: 500 },
    );
  });
});
