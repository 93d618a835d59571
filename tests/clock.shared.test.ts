import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOUR_MS, type Instant } from '../src/core/instant.ts';
import type { ClockState } from '../src/simulator/clock.ts';
import { SharedClock } from '../src/simulator/sharedClock.ts';

const REAL = Date.UTC(2026, 0, 1);

/** A shared clock over a real time that stands still, with a file that can refuse to be written. */
function sharedClock() {
  const kept: ClockState[] = [];
  const faults: unknown[] = [];
  const disk = { isFull: false };
  const clock = new SharedClock({
    real: () => REAL,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
    state: null,
    keep: (state) => {
      if (disk.isFull) throw new Error('No space left on device');
      kept.push(state);
    },
    fault: (error) => faults.push(error),
  });
  return { clock, kept, faults, disk };
}

const ALONG = {
  settled: async () => undefined,
  isSettled: () => true,
  during: (work: () => Promise<void>) => work(),
};

/** Time for everything that is ready to run, and nothing else. */
const allElse = () => new Promise((resolve) => setImmediate(resolve));

describe('a move of the shared clock', () => {
  it('goes no further once the process shuts down, wherever it is just then', async () => {
    for (const place of ['settled', 'dueAt', 'work'] as const) {
      const { clock } = sharedClock();
      const stop = new AbortController();
      let moving = false;
      const shutDown = async (where: string) => {
        if (!moving || where !== place) return;
        stop.abort();
        await allElse();
      };
      const work = async () => {
        await shutDown('work');
        return 10 * HOUR_MS;
      };
      const dueAt = async (): Promise<Instant | null> => {
        await shutDown('dueAt');
        return REAL + HOUR_MS;
      };
      const repeating = clock.repeat(work, { longestMs: HOUR_MS, signal: stop.signal, dueAt });
      await allElse();
      moving = true;
      clock.begin(REAL + 100 * HOUR_MS, { ...ALONG, settled: () => shutDown('settled') });
      await clock.still();
      await repeating;
      assert.equal(clock.move?.state, 'stopped', place);
      assert.equal(clock.move.at, REAL, place);
      assert.equal(clock.now(), REAL, place);
    }
  });

  it('waits for what begins while it asks what comes next', async () => {
    const { clock } = sharedClock();
    const stop = new AbortController();
    let underWay: 'not yet' | 'yes' | 'over' = 'not yet';
    const dueAt = async (): Promise<Instant> => {
      if (underWay === 'not yet') underWay = 'yes';
      return REAL + HOUR_MS * 50;
    };
    const work = async () => 50 * HOUR_MS;
    const repeating = clock.repeat(work, { longestMs: HOUR_MS, signal: stop.signal, dueAt });
    await allElse();
    clock.begin(REAL + HOUR_MS, {
      ...ALONG,
      settled: async () => {
        assert.equal(clock.now(), REAL);
        if (underWay === 'yes') underWay = 'over';
      },
      isSettled: () => underWay !== 'yes',
    });
    await clock.still();
    assert.deepEqual([clock.move?.state, underWay, clock.now()], ['done', 'over', REAL + HOUR_MS]);
    stop.abort();
    await repeating;
  });

  it('that fails says so, leaves the clock where it was, and another may begin', async () => {
    const { clock, faults } = sharedClock();
    const stop = new AbortController();
    let isBroken = false;
    const work = async () => {
      if (isBroken) throw new Error('The database is away');
      return 10 * HOUR_MS;
    };
    const repeating = clock.repeat(work, { longestMs: HOUR_MS, signal: stop.signal });
    await allElse();
    isBroken = true;
    clock.begin(REAL + 100 * HOUR_MS, ALONG);
    await clock.still();
    assert.equal(clock.move?.state, 'failed');
    assert.equal(clock.move.at, REAL + 10 * HOUR_MS, 'it came as far as the work that failed');
    assert.deepEqual(
      faults.map((error) => (error as Error).message),
      ['The database is away'],
    );
    isBroken = false;
    clock.begin(REAL + 20 * HOUR_MS, ALONG);
    await clock.still();
    assert.deepEqual([clock.move?.state, clock.now()], ['done', REAL + 20 * HOUR_MS]);
    stop.abort();
    await repeating;
  });

  it('is ended where something comes due again and again at one moment', async () => {
    const { clock, faults } = sharedClock();
    const stop = new AbortController();
    let rounds = 0;
    const work = async () => {
      rounds += 1;
      return 0;
    };
    const dueAt = async () => REAL + HOUR_MS;
    const repeating = clock.repeat(work, { longestMs: HOUR_MS, signal: stop.signal, dueAt });
    clock.begin(REAL + 2 * HOUR_MS, ALONG);
    await clock.still();
    assert.deepEqual([clock.move?.state, clock.now()], ['failed', REAL + HOUR_MS]);
    assert.match((faults[0] as Error).message, /again and again/);
    assert.ok(rounds > 1_000 && rounds < 1_100, `${rounds}`);
    stop.abort();
    await repeating;
  });
});

describe('a clock whose file cannot be written', () => {
  it('is over with its move all the same, and the fault is told', async () => {
    const { clock, kept, faults, disk } = sharedClock();
    clock.begin(REAL + HOUR_MS, {
      ...ALONG,
      during: async (work) => {
        await work();
        disk.isFull = true;
      },
    });
    await clock.still();
    assert.deepEqual([clock.move?.state, clock.now(), clock.frozen], ['done', REAL + HOUR_MS, false]);
    assert.match((faults[0] as Error).message, /No space/);
    assert.equal(kept.at(-1)?.aheadMs, HOUR_MS, 'the file does not stand behind');
    disk.isFull = false;
    clock.begin(REAL + 2 * HOUR_MS, ALONG);
    await clock.still();
    assert.equal(clock.move?.state, 'done');
  });

  it('is not moved, frozen or resumed by a request that fails', async () => {
    const { clock, disk } = sharedClock();
    disk.isFull = true;
    assert.throws(() => clock.freeze(), /No space/);
    assert.equal(clock.frozen, false);
    assert.throws(() => clock.begin(REAL + HOUR_MS, ALONG), /No space/);
    await clock.still();
    assert.deepEqual([clock.frozen, clock.move, clock.now()], [false, null, REAL]);
    disk.isFull = false;
    clock.freeze();
    disk.isFull = true;
    assert.throws(() => clock.resume(), /No space/);
    assert.equal(clock.frozen, true);
    assert.throws(() => clock.begin(REAL + HOUR_MS, ALONG), /No space/);
    assert.equal(clock.frozen, true);
  });

  it('stops where the file last followed', async () => {
    const { clock, kept, disk } = sharedClock();
    const stop = new AbortController();
    const work = async () => HOUR_MS;
    const repeating = clock.repeat(work, { longestMs: HOUR_MS, signal: stop.signal });
    await allElse();
    clock.begin(REAL + 10 * HOUR_MS, {
      ...ALONG,
      settled: async () => {
        disk.isFull = clock.now() >= REAL + 2 * HOUR_MS;
      },
    });
    await clock.still();
    assert.deepEqual([clock.move?.state, clock.now()], ['failed', REAL + 2 * HOUR_MS]);
    assert.equal(kept.at(-1)?.aheadMs, 2 * HOUR_MS);
    stop.abort();
    await repeating;
  });
});
