import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cadence } from '../src/core/cadence.ts';
import type { GrantFacts } from '../src/core/grantFacts.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/core/instant.ts';
import { spread } from '../src/core/jitter.ts';
import { planProbe, planRenewal } from '../src/core/plan.ts';
import { cadenceOf, DAY_SECONDS, factsWith, NOW } from './support/facts.ts';

const YEAR_SECONDS = 365 * DAY_SECONDS;
const TEN_YEARS_SECONDS = 10 * YEAR_SECONDS;

const anyId = fc.string({ minLength: 1, maxLength: 30 });
/** Spread over the orders of magnitude: seconds are as likely as years. */
const anyLifetime = fc
  .double({ min: 1, max: Math.log10(TEN_YEARS_SECONDS), noNaN: true })
  .map((power) => Math.floor(10 ** power));
const anyClock = fc.constantFrom('none', 'from_consent', 'from_renewal', 'unknown' as const);

/** A grant under any cadence, with lives from 10 s to 10 years. */
const anyGrant = fc
  .record({
    clock: anyClock,
    mechanism: fc.constantFrom(
      'refresh_token',
      'token_exchange',
      'jwt_bearer',
      'login',
      'none',
      'unknown' as const,
    ),
    renewable: fc.boolean(),
    access: fc.option(anyLifetime),
    renewal: fc.option(anyLifetime),
    idle: fc.option(anyLifetime),
  })
  .map(({ clock, mechanism, renewable, access, renewal, idle }) => ({
    cadence: cadenceOf({ renewalClock: clock, mechanism, idleLifetimeSeconds: idle ?? 'unknown' }),
    facts: factsWith({ renewable, accessExpiresAt: endOf(access), renewalExpiresAt: endOf(renewal) }),
    idleEndsAt: endOf(idle),
  }));

function endOf(lifetimeSeconds: number | null): number | null {
  return lifetimeSeconds === null ? null : NOW + lifetimeSeconds * SECOND_MS;
}

describe('a plan', () => {
  it('never lies in the past, and never after the end of anything that still lives', () => {
    const later = fc.double({ min: 0, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(anyGrant, anyId, later, ({ cadence, facts, idleEndsAt }, id, part) => {
        const ends = [facts.accessExpiresAt, facts.renewalExpiresAt, idleEndsAt].filter(
          (end) => end !== null,
        );
        const now = NOW + Math.floor(part * (Math.min(...ends, NOW + DAY_MS) - NOW));
        const { renewAt, reason } = planRenewal(cadence, facts, now, id);
        if (renewAt === null) return;
        assert.ok(renewAt >= now, 'not in the past');
        for (const end of ends.filter((end) => end > now)) {
          assert.ok(renewAt <= end, `${reason} at ${renewAt} is after ${end}`);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('moves only when the credential did: the same moment for the same facts, or now once it is due', () => {
    fc.assert(
      fc.property(anyGrant, anyId, anyLifetime, ({ cadence, facts }, id, waitSeconds) => {
        const first = planRenewal(cadence, facts, NOW, id);
        const later = NOW + waitSeconds * SECOND_MS;
        const again = planRenewal(cadence, facts, later, id);
        assert.equal(again.renewAt, first.renewAt === null ? null : Math.max(first.renewAt, later));
        assert.equal(again.urgentAt, first.urgentAt);
        assert.equal(again.reason, first.reason);
        assert.deepEqual(again.deadline, first.deadline);
      }),
      { numRuns: 1_000 },
    );
  });

  it('becomes urgent no sooner than it is due, and while there is still life left', () => {
    fc.assert(
      fc.property(anyId, anyLifetime, (id, seconds) => {
        const facts = factsWith({ accessExpiresAt: endOf(seconds) });
        const { renewAt, urgentAt } = planRenewal(cadenceOf(), facts, NOW, id);
        assert.ok(renewAt !== null && urgentAt !== null && Number.isInteger(urgentAt));
        assert.ok(renewAt <= urgentAt && urgentAt <= NOW + seconds * SECOND_MS);
      }),
    );
  });

  it('leaves a third of any life for retries, from a minute to ten years: a ratio, not a fixed margin', () => {
    for (const seconds of [
      61,
      600,
      1800,
      3600,
      DAY_SECONDS,
      60 * DAY_SECONDS,
      YEAR_SECONDS,
      TEN_YEARS_SECONDS,
    ]) {
      const plan = planRenewal(cadenceOf(), factsWith({ accessExpiresAt: endOf(seconds) }), NOW, 'grt_1');
      const part = (plan.renewAt! - NOW) / (seconds * SECOND_MS);
      assert.ok(part > 0.61 && part <= 2 / 3, `${seconds} s: at ${part}`);
    }
  });

  it('renews what lives for ten seconds once in ten seconds', () => {
    const plan = planRenewal(cadenceOf(), factsWith({ accessExpiresAt: endOf(10) }), NOW, 'grt_1');
    assert.equal(plan.renewAt, NOW + 10 * SECOND_MS);
  });

  it('waits a minute where the platform issues what has already ended', () => {
    for (const end of [NOW, NOW - HOUR_MS, NOW + 1]) {
      const plan = planRenewal(cadenceOf(), factsWith({ accessExpiresAt: end }), NOW, 'grt_1');
      assert.equal(plan.renewAt, NOW + MINUTE_MS);
    }
  });

  it('is drawn forward by the grant’s id: always the same, and not all at once', () => {
    const moments = Array.from(
      { length: 500 },
      (_, index) => planRenewal(cadenceOf(), factsWith(), NOW, `grt_${index}`).renewAt!,
    );
    const again = Array.from(
      { length: 500 },
      (_, index) => planRenewal(cadenceOf(), factsWith(), NOW, `grt_${index}`).renewAt!,
    );
    assert.deepEqual(moments, again);
    assert.ok(Math.max(...moments) - Math.min(...moments) > 2.5 * MINUTE_MS, 'spread over 5 % of the hour');
    assert.ok(new Set(moments).size > 490);
  });
});

describe('which life a plan continues', () => {
  const plan = (cadence: Cadence, facts: GrantFacts) => planRenewal(cadence, facts, NOW, 'grt_1');

  it('takes the one that needs it first', () => {
    const rolling = cadenceOf({ renewalClock: 'from_renewal', idleLifetimeSeconds: 90 * DAY_SECONDS });
    const daily = factsWith({ accessExpiresAt: NOW + DAY_MS, renewalExpiresAt: NOW + 60 * DAY_MS });
    assert.equal(plan(rolling, daily).reason, 'access_token');
    assert.equal(plan(rolling, { ...daily, accessExpiresAt: null }).reason, 'renewal_credential');
    assert.equal(plan(rolling, { ...daily, accessExpiresAt: null, renewalExpiresAt: null }).reason, 'idle');
  });

  it('renews within the idle life although the access token never ends', () => {
    const idle = cadenceOf({ idleLifetimeSeconds: 180 * DAY_SECONDS });
    const { renewAt } = plan(idle, factsWith({ accessExpiresAt: null }));
    assert.ok(renewAt! > NOW + 100 * DAY_MS && renewAt! <= NOW + 120 * DAY_MS);
  });

  it('plans nothing where the access token already reaches to the end of what renews it', () => {
    const counting = cadenceOf({ renewalClock: 'from_consent' });
    const lastDays = factsWith({ accessExpiresAt: NOW + 20 * DAY_MS, renewalExpiresAt: NOW + 20 * DAY_MS });
    const planned = plan(counting, lastDays);
    assert.deepEqual([planned.renewAt, planned.reason], [null, 'cannot_extend']);
    assert.equal(planned.deadline?.kind, 'renewal_credential');
  });

  it('does not plan to keep from idling what ends before it could idle away', () => {
    const both = cadenceOf({ renewalClock: 'from_consent', idleLifetimeSeconds: 90 * DAY_SECONDS });
    const lastDays = factsWith({ accessExpiresAt: NOW + 20 * DAY_MS, renewalExpiresAt: NOW + 20 * DAY_MS });
    assert.deepEqual([plan(both, lastDays).renewAt, plan(both, lastDays).reason], [null, 'cannot_extend']);
  });

  it('renews what reaches to an end that the renewal itself puts off', () => {
    const rolling = cadenceOf({ renewalClock: 'from_renewal' });
    const same = factsWith({ accessExpiresAt: NOW + 20 * DAY_MS, renewalExpiresAt: NOW + 20 * DAY_MS });
    assert.notEqual(plan(rolling, same).renewAt, null);
  });

  it('tries where nobody says whether a renewal puts the end off', () => {
    const unsaid = cadenceOf({ renewalClock: 'unknown' });
    const same = factsWith({ accessExpiresAt: NOW + 20 * DAY_MS, renewalExpiresAt: NOW + 20 * DAY_MS });
    assert.ok(plan(unsaid, same).renewAt! < NOW + 14 * DAY_MS);
    assert.equal(plan(unsaid, same).deadline?.at, NOW + 20 * DAY_MS, 'and warns all the same');
    const idleSession = factsWith({ accessExpiresAt: NOW + HOUR_MS, renewalExpiresAt: NOW + HOUR_MS / 2 });
    assert.ok(plan(unsaid, idleSession).renewAt! < NOW + HOUR_MS / 2, 'before the sooner of the two ends');
  });

  it('says why there is none', () => {
    assert.equal(plan(cadenceOf({ mechanism: 'none' }), factsWith()).reason, 'not_renewable');
    assert.equal(plan(cadenceOf({ mechanism: 'unknown' }), factsWith()).reason, 'not_renewable');
    assert.equal(plan(cadenceOf(), factsWith({ renewable: false })).reason, 'not_renewable');
    assert.equal(plan(cadenceOf(), factsWith({ accessExpiresAt: null })).reason, 'does_not_end');
  });
});

describe('renewing at each planned moment', () => {
  /** What each renewal answers: how long the new access credential lives, and when its source ends. */
  type Platform = (at: number, count: number) => Partial<GrantFacts>;

  /** Renewals within `days`, each at the moment that was planned, as a keeper would. */
  function renewals(cadence: Cadence, platform: Platform, days: number, id: string): number {
    const until = NOW + days * DAY_MS;
    let facts = factsWith({ issuedAt: NOW, ...platform(NOW, 0) });
    let now = NOW;
    for (let count = 0; ; count += 1) {
      const { renewAt } = planRenewal(cadence, facts, now, id);
      if (renewAt === null || renewAt >= until) return count;
      assert.ok(count <= days * 24 * 3600, 'it loops');
      assert.ok(count === 0 || renewAt > now, 'it stands still');
      now = renewAt;
      facts = factsWith({ issuedAt: now, ...platform(now, count + 1) });
    }
  }

  it('takes a bounded number of renewals a day, whatever lifetimes come back', () => {
    const lifetimes = fc.array(fc.oneof(fc.constantFrom(-5, 0, 10, 11, 59, 60, 61), anyLifetime), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(lifetimes, anyId, anyClock, (seconds, id, clock) => {
        const answer: Platform = (at, count) => ({
          accessExpiresAt: at + seconds[count % seconds.length]! * SECOND_MS,
        });
        const shortest = Math.min(...seconds.filter((one) => one > 0), 60);
        const most = DAY_SECONDS / Math.min(shortest, 36);
        const count = renewals(cadenceOf({ renewalClock: clock }), answer, 1, id);
        assert.ok(count <= most, `${count} renewals a day`);
      }),
      { numRuns: 300 },
    );
  });

  it('renews what always comes back dead no more than once a minute', () => {
    assert.equal(
      renewals(cadenceOf(), (at) => ({ accessExpiresAt: at }), 1, 'grt_1'),
      24 * 60 - 1,
    );
    assert.equal(
      renewals(cadenceOf(), (at) => ({ accessExpiresAt: at - HOUR_MS }), 1, 'grt_1'),
      24 * 60 - 1,
    );
  });

  it('does not chase a platform that hands out the same token with what is left of its life', () => {
    const hourly: Platform = (at) => ({
      accessExpiresAt: NOW + (Math.floor((at - NOW) / HOUR_MS) + 1) * HOUR_MS,
    });
    assert.ok(renewals(cadenceOf(), hourly, 30, 'grt_1') <= 30 * 24 * 6, 'a handful an hour');
  });

  it('stays calm as the end of a refresh token that nothing extends comes nearer', () => {
    fc.assert(
      fc.property(
        anyId,
        fc.integer({ min: -2, max: 300 }),
        fc.constantFrom('from_consent', 'unknown' as const),
        (id, shortBySeconds, clock) => {
          const end = NOW + 365 * DAY_MS;
          const counting: Platform = (at) => ({
            accessExpiresAt: Math.min(at + 60 * DAY_MS, end - shortBySeconds * SECOND_MS),
            renewalExpiresAt: end,
          });
          const count = renewals(cadenceOf({ renewalClock: clock }), counting, 365, id);
          assert.ok(count >= 7 && count <= 40, `${count} renewals in a year`);
        },
      ),
    );
  });

  it('renews an hourly token about 36 times a day, and one of sixty days nine times a year', () => {
    const daily = renewals(cadenceOf(), (at) => ({ accessExpiresAt: at + HOUR_MS }), 1, 'grt_1');
    assert.ok(daily >= 35 && daily <= 40, `${daily}`);
    const yearly = renewals(cadenceOf(), (at) => ({ accessExpiresAt: at + 60 * DAY_MS }), 365, 'grt_1');
    assert.ok(yearly >= 9 && yearly <= 10, `${yearly}`);
  });
});

describe('the probe', () => {
  it('comes once in its interval after the last proof, never in the past', () => {
    const cadence = cadenceOf({ probeEverySeconds: DAY_SECONDS });
    const at = planProbe(cadence, factsWith({ lastProofAt: NOW }), NOW, 'grt_1');
    assert.ok(at > NOW + 0.94 * DAY_MS && at <= NOW + DAY_MS);
    assert.equal(planProbe(cadence, factsWith({ lastProofAt: NOW }), NOW + HOUR_MS, 'grt_1'), at);
    assert.equal(
      planProbe(cadence, factsWith({ lastProofAt: NOW }), NOW + 9 * DAY_MS, 'grt_1'),
      NOW + 9 * DAY_MS,
    );
  });

  it('counts from the issue where nothing was ever proven', () => {
    const cadence = cadenceOf();
    const never = factsWith({ lastProofAt: null });
    assert.equal(planProbe(cadence, never, NOW, 'grt_1'), planProbe(cadence, factsWith(), NOW, 'grt_1'));
  });
});

describe('the spread of an id', () => {
  it('is a number from 0 up to 1, the same for the same text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = spread(text);
        assert.ok(value >= 0 && value < 1);
        assert.equal(spread(text), value);
      }),
    );
  });

  it('is even enough to carry load', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index += 1) tenths[Math.floor(spread(`grt_${index}`) * 10)]! += 1;
    for (const count of tenths) assert.ok(count > 850 && count < 1150, tenths.join(' '));
  });
});
