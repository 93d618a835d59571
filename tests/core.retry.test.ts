import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/core/instant.ts';
import { type RetryInput, retryAt } from '../src/core/retry.ts';
import { NOW } from './support/facts.ts';

const calm: RetryInput = {
  failures: 1,
  now: NOW,
  grantId: 'grt_1',
  retryAfterSeconds: null,
  urgentAt: null,
  endsAt: null,
  downSince: null,
};
const waitAfter = (changes: Partial<RetryInput>) => retryAt({ ...calm, ...changes }) - (changes.now ?? NOW);
const anyId = fc.string({ minLength: 1, maxLength: 30 });

/** The table as it is promised, in seconds. */
const TABLE_SECONDS = [30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400];
const TOTALS_SECONDS = [30, 90, 210, 510, 1110, 2310, 4110, 7710, 14_910, 29_310];

describe('the table of retries', () => {
  it('waits longer after each failure in a row, for every grant', () => {
    fc.assert(
      fc.property(anyId, (grantId) => {
        const waits = TABLE_SECONDS.map((_, index) => waitAfter({ grantId, failures: index + 1 }));
        for (let index = 1; index < waits.length; index += 1)
          assert.ok(waits[index]! > waits[index - 1]!, waits.join(' '));
      }),
    );
  });

  it('stays within a tenth of the promised wait and of the promised running total', () => {
    fc.assert(
      fc.property(anyId, (grantId) => {
        let total = 0;
        for (const [index, seconds] of TABLE_SECONDS.entries()) {
          const wait = waitAfter({ grantId, failures: index + 1 }) / SECOND_MS;
          total += wait;
          assert.ok(Math.abs(wait - seconds) <= seconds * 0.1 + 0.001, `${index + 1}: ${wait}`);
          assert.ok(Math.abs(total - TOTALS_SECONDS[index]!) <= TOTALS_SECONDS[index]! * 0.1 + 0.01);
        }
      }),
    );
  });

  it('repeats its last wait for ever', () => {
    for (const failures of [10, 11, 100, 100_000]) {
      const wait = waitAfter({ failures });
      assert.ok(wait >= 3.6 * HOUR_MS && wait <= 4.4 * HOUR_MS);
    }
  });

  it('begins at its first row whatever it is told', () => {
    for (const failures of [-1, 0]) assert.ok(waitAfter({ failures }) <= 33 * SECOND_MS);
  });

  it('gives the same moment to the same grant, and different ones to different grants', () => {
    assert.equal(waitAfter({}), waitAfter({}));
    const waits = new Set(
      Array.from({ length: 100 }, (_, index) => waitAfter({ grantId: `grt_${index}`, failures: 5 })),
    );
    assert.ok(waits.size > 95);
  });
});

describe('the platform’s own hint', () => {
  it('is obeyed where it asks for more than the table, and not where it asks for less', () => {
    assert.equal(waitAfter({ retryAfterSeconds: 600 }), 600 * SECOND_MS);
    assert.ok(waitAfter({ retryAfterSeconds: 1 }) >= 27 * SECOND_MS);
    assert.ok(waitAfter({ retryAfterSeconds: 0 }) >= 27 * SECOND_MS);
  });

  it('is not obeyed beyond a day', () => {
    assert.equal(waitAfter({ retryAfterSeconds: 400 * 24 * 3600 }), DAY_MS);
    assert.equal(waitAfter({ retryAfterSeconds: Number.POSITIVE_INFINITY }), DAY_MS);
  });

  it('is outranked by an emergency', () => {
    const urgent = { retryAfterSeconds: 24 * 3600, urgentAt: NOW - MINUTE_MS, endsAt: NOW + 20 * MINUTE_MS };
    assert.equal(waitAfter(urgent), 5 * MINUTE_MS);
  });

  it('is obeyed again once the end has passed: nothing is left to save', () => {
    assert.equal(waitAfter({ retryAfterSeconds: 3600, urgentAt: NOW - HOUR_MS, endsAt: NOW - 1 }), HOUR_MS);
  });
});

describe('with nothing left that works', () => {
  it('no wait is longer than about half of the time since, however many tries have failed before', () => {
    fc.assert(
      fc.property(
        anyId,
        fc.nat(5_000),
        fc.integer({ min: 0, max: 10 * DAY_MS }),
        (grantId, failures, downMs) => {
          const wait = waitAfter({ grantId, failures, downSince: NOW - downMs });
          const most = 1.1 * Math.max(30 * SECOND_MS, downMs / 2);
          assert.ok(wait <= most && wait <= waitAfter({ grantId, failures }), `${wait} after ${downMs}`);
          assert.ok(wait >= 27 * SECOND_MS);
        },
      ),
    );
  });

  it('an outage of hours costs some tens of tries', () => {
    let now = NOW;
    let tries = 0;
    for (; now < NOW + 8 * HOUR_MS; tries += 1)
      now = retryAt({ ...calm, failures: 30 + tries, now, downSince: NOW });
    assert.ok(tries >= 10 && tries <= 30, `${tries}`);
  });

  it('a platform’s hint is obeyed', () => {
    assert.equal(waitAfter({ retryAfterSeconds: 3600, downSince: NOW - MINUTE_MS }), HOUR_MS);
  });
});

describe('an emergency', () => {
  const anyInput = fc.record({
    failures: fc.nat(5_000),
    now: fc.constant(NOW),
    grantId: anyId,
    retryAfterSeconds: fc.option(fc.nat(10_000_000)),
    urgentAt: fc.option(fc.integer({ min: NOW - DAY_MS, max: NOW + DAY_MS })),
    endsAt: fc.option(fc.integer({ min: NOW - DAY_MS, max: NOW + 10 * DAY_MS })),
    downSince: fc.option(fc.integer({ min: NOW - 10 * DAY_MS, max: NOW })),
  });

  it('tries again before the end, however short the time', () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 2_000, max: DAY_MS }), (input, leftMs) => {
        const endsAt = NOW + leftMs;
        const urgentAt = Math.min(input.urgentAt ?? NOW, NOW);
        const at = retryAt({ ...input, urgentAt, endsAt });
        assert.ok(at > NOW && at < endsAt, `${at - NOW} of ${leftMs} ms`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is at hand as soon as it begins, although the failure came before', () => {
    const waits = { failures: 10, urgentAt: NOW + HOUR_MS, endsAt: NOW + 2 * HOUR_MS };
    assert.equal(waitAfter(waits), HOUR_MS + 15 * MINUTE_MS);
  });

  it('does not turn into a loop as the end comes near', () => {
    for (const lifeMs of [MINUTE_MS, HOUR_MS, DAY_MS, 60 * DAY_MS]) {
      const endsAt = NOW + lifeMs;
      let now = NOW;
      let tries = 0;
      for (; now < endsAt; tries += 1)
        now = retryAt({ ...calm, failures: tries + 1, now, urgentAt: NOW, endsAt });
      const byTable = lifeMs / (3.6 * HOUR_MS);
      assert.ok(tries >= 4 && tries <= byTable + 60, `${tries} tries in ${lifeMs} ms`);
    }
  });

  it('or none: a retry is never in the past, nor at once', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const at = retryAt(input);
        assert.ok(Number.isInteger(at) && at >= NOW + SECOND_MS && at <= NOW + DAY_MS);
      }),
      { numRuns: 2_000 },
    );
  });
});
