import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallLimits, type LimitPlan } from '../../src/platforms/kit/callLimits.ts';
import { SIMULATORS } from '../../src/platforms/simulators.ts';
import { movableClock, seededWorld } from '../support/simulated.ts';

const REQUEST = { method: 'GET', host: 'a', path: '/', query: new URLSearchParams(), headers: {}, body: '' };
const SOURCE = { source: 'a test', checked: '2026-11-22' };

/** Calls at given times: `.` taken, and for each that is refused the time until which it is. */
function calls(startAt: string, plan: Partial<LimitPlan> & Pick<LimitPlan, 'counts'>) {
  let now = Date.parse(startAt);
  const limits = new CallLimits(
    { refuse: (_, { resetAt }) => ({ status: 429, body: new Date(resetAt).toISOString() }), ...plan },
    () => now,
  );
  limits.deed.apply({});
  const call = (times = 1) => {
    let last = '';
    for (let time = 0; time < times; time += 1)
      last = limits.pass(REQUEST, () => ({ status: 200, body: '.' })).body;
    return last;
  };
  return { call, limits, at: (time: string) => (now = Date.parse(time)) };
}

const counted = (most: number, window: number | { midnightIn: string }, pauseMs?: number) => {
  const limit = { most, window, ...SOURCE, ...(pauseMs === undefined ? {} : { pauseMs }) };
  return { counts: () => [{ limit, whose: 'app' }] };
};

describe('calls that are counted', () => {
  it('are taken again when the window that the first of them opened is over', () => {
    const { call, at } = calls('2026-11-22T09:00:30Z', counted(2, 60_000));
    assert.equal(call(2), '.');
    assert.equal(call(), '2026-11-22T09:01:30.000Z');
    at('2026-11-22T09:01:29.999Z');
    assert.notEqual(call(), '.');
    at('2026-11-22T09:01:30Z');
    assert.equal(call(), '.');
  });

  it('are taken again at midnight of the place that is stated, also where the clocks change in between', () => {
    const day = (zone: string) => counted(1, { midnightIn: zone });
    const refusedUntil = (start: string, zone: string) => calls(start, day(zone)).call(2);
    assert.equal(refusedUntil('2026-11-22T09:00:00.500Z', 'UTC'), '2026-11-23T00:00:00.000Z');
    const pacific = 'America/Los_Angeles';
    assert.equal(refusedUntil('2026-11-22T09:00:00Z', pacific), '2026-11-23T08:00:00.000Z');
    assert.equal(refusedUntil('2026-07-01T06:59:59Z', pacific), '2026-07-01T07:00:00.000Z');
    assert.equal(refusedUntil('2026-10-31T20:00:00Z', pacific), '2026-11-01T07:00:00.000Z');
    assert.equal(refusedUntil('2026-11-01T07:30:00Z', pacific), '2026-11-02T08:00:00.000Z');
    assert.equal(refusedUntil('2026-03-08T08:30:00Z', pacific), '2026-03-09T07:00:00.000Z');
  });

  it('cost a pause where that is stated, which further calls do not make longer', () => {
    const { call, at } = calls('2026-11-22T09:00:00Z', counted(2, 60_000, 300_000));
    call(2);
    at('2026-11-22T09:00:30Z');
    assert.equal(call(), '2026-11-22T09:05:30.000Z');
    at('2026-11-22T09:05:29Z');
    assert.equal(call(), '2026-11-22T09:05:30.000Z');
    at('2026-11-22T09:05:30Z');
    assert.equal(call(), '.');
  });

  it('are counted for each on their own, against each limit, and not at all once it is undone', () => {
    let whose = 'a';
    const plan = counted(2, 60_000);
    const { limit } = plan.counts()[0]!;
    const { call, limits } = calls('2026-11-22T09:00:00Z', { counts: () => [{ limit, whose }] });
    assert.notEqual(call(3), '.');
    whose = 'b';
    assert.equal(call(2), '.');
    limits.deed.undo!({});
    assert.equal(call(100), '.');
  });
});

describe('limits of a day', () => {
  /** A platform’s simulator that counts, and a clock; what a call there is answered. */
  function counting(platform: string, host: string, path: string) {
    const clock = movableClock();
    const simulators = SIMULATORS.map((factory) => factory(seededWorld(clock.now)));
    const simulator = simulators.find((one) => one.platforms.includes(platform))!;
    simulator.deeds!(platform)
      .find(({ deed }) => deed === 'limits_counted')!
      .apply({});
    return {
      clock,
      call: async () => JSON.parse((await simulator.handle({ ...REQUEST, host, path })).body).error,
    };
  }

  it('Google Ads: fifteen thousand operations of the project, and the wait stands in the body', async () => {
    const path = '/v25/customers:listAccessibleCustomers';
    const { call } = counting('google-ads', 'googleads.googleapis.com', path);
    for (let time = 0; time < 15_000; time += 1) assert.equal((await call()).code, 401);
    const { code, details } = await call();
    const [{ errorCode, details: more }] = details[0].errors;
    assert.deepEqual([code, errorCode], [429, { quotaError: 'RESOURCE_EXHAUSTED' }]);
    assert.equal(more.quotaErrorDetails.retryDelay, `${15 * 3_600}s`, 'from nine to midnight');
  });

  it('Campaign Manager 360: fifty thousand of the project, until midnight in Los Angeles', async () => {
    const { call, clock } = counting(
      'google-cm360',
      'dfareporting.googleapis.com',
      '/dfareporting/v5/userprofiles',
    );
    let taken = 0;
    const reasonOf = async () => (await call()).errors[0].reason;
    for (;;) {
      const reason = await reasonOf();
      if (reason === 'dailyLimitExceeded') break;
      if (reason === 'userRateLimitExceeded') clock.advance(60_000);
      else taken += 1;
    }
    assert.equal(taken, 50_000);
    clock.advance(Date.parse('2026-11-23T08:00:00Z') - clock.now() - 1);
    assert.equal(await reasonOf(), 'dailyLimitExceeded');
    clock.advance(1);
    assert.equal(await reasonOf(), 'required');
  });
});
