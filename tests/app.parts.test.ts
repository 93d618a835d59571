import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Breakers } from '../src/app/breakers.ts';
import { Flights } from '../src/app/flights.ts';
import { gather } from '../src/app/gather.ts';
import { newId, newSecret } from '../src/app/ids.ts';
import { ReadLog } from '../src/app/readLog.ts';
import { redactWords } from '../src/app/redact.ts';
import { dueAgain, scheduleOf } from '../src/app/schedule.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/core/instant.ts';
import { Budgets } from '../src/keeper/budget.ts';
import type { AppBreaker, NewActivity } from '../src/store/records.ts';
import { cadenceOf, DAY_SECONDS, diagnosisOf, factsWith, NOW } from './support/facts.ts';
import { appWith } from './support/records.ts';

describe('what is due next', () => {
  const due = (cadence = cadenceOf(), changes = {}, now = NOW) =>
    scheduleOf(cadence, { id: 'grt_1', facts: factsWith(changes), reminded: [] }, now);

  it('is the renewal where it comes before the probe', () => {
    const { dueAt, renewAt, dueReason } = due();
    assert.deepEqual([dueAt, dueReason], [renewAt, 'renew:access_token']);
  });

  it('is the probe for what lives long or for ever', () => {
    for (const accessExpiresAt of [null, NOW + 60 * DAY_MS]) {
      const { dueAt, dueReason } = due(cadenceOf(), { accessExpiresAt });
      assert.equal(dueReason, 'probe');
      assert.ok(dueAt! <= NOW + DAY_MS);
    }
  });

  it('is the look at an end that has come, at the moment when it comes', () => {
    const byHand = cadenceOf({ mechanism: 'none', probeEverySeconds: 7 * DAY_SECONDS });
    const { dueAt, dueReason, deadlineAt, renewAt } = due(byHand, { accessExpiresAt: NOW + DAY_MS });
    assert.deepEqual([dueAt, dueReason, deadlineAt, renewAt], [NOW + DAY_MS, 'deadline', NOW + DAY_MS, null]);
  });

  it('is not the end of a part, but that shows as the deadline', () => {
    const hardEnds = [
      { kind: 'data_access', at: NOW + MINUTE_MS, source: 'the platform said', endsGrant: false },
    ];
    const { dueReason, deadlineAt } = due(cadenceOf(), { hardEnds });
    assert.deepEqual([dueReason, deadlineAt], ['renew:access_token', NOW + MINUTE_MS]);
  });

  it('is never in the past, and never nothing', () => {
    fc.assert(
      fc.property(fc.nat(400 * DAY_MS), fc.option(fc.nat(400 * DAY_MS)), (later, life) => {
        const { dueAt } = due(
          cadenceOf(),
          { accessExpiresAt: life === null ? null : NOW + life },
          NOW + later,
        );
        assert.ok(dueAt !== null && dueAt >= NOW + later);
      }),
    );
  });

  it('can be put to another moment without touching the plan', () => {
    const planned = due();
    assert.deepEqual(dueAgain(planned, NOW + 1, 'retry'), { ...planned, dueAt: NOW + 1, dueReason: 'retry' });
  });
});

describe('the platform’s words', () => {
  it('lose every secret that they echo', () => {
    const clean = redactWords(
      { code: 'bad secret-1', message: 'Token secret-1 of secret-22 is bad: secret-1' },
      ['secret-1', 'secret-22'],
    );
    assert.doesNotMatch(`${clean.code} ${clean.message}`, /secret-/);
  });

  it('lose a secret that is part of another, or made of signs that mean something elsewhere', () => {
    const secrets = ['abcdef', 'abcdefghij', 'a.*b$&(c'];
    const clean = redactWords({ code: null, message: 'abcdefghij and a.*b$&(c and abcdef' }, secrets);
    assert.deepEqual(clean, { code: null, message: '[redacted] and [redacted] and [redacted]' });
  });

  it('never hold a secret of six characters or more, wherever it stands', () => {
    const secret = fc.string({ minLength: 6, maxLength: 60 }).filter((text) => !'[redacted]'.includes(text));
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.string(),
        (before, secrets, after) => {
          const { message } = redactWords(
            { code: null, message: `${before}${secrets.join(' ')}${after}` },
            secrets,
          );
          for (const one of secrets)
            assert.ok(!message?.includes(one) || made(one, message), `${one} in ${message}`);
        },
      ),
    );
  });

  it('lose what looks like a token although nobody knows it', () => {
    const { message } = redactWords({ code: null, message: `Bad token ${'eyJhbGciOi.'.repeat(6)}!` }, []);
    assert.equal(message, 'Bad token [redacted]!');
  });

  it('stay readable where they hold none', () => {
    const words = {
      code: '190/460',
      message: 'Error validating access token: the session has been invalidated.',
    };
    assert.deepEqual(redactWords(words, ['EAAB-secret', 'ab']), words);
  });
});

/** A secret that only stands there because it overlaps with the mark that replaced another. */
const made = (secret: string, message: string | null): boolean =>
  !message?.replaceAll('[redacted]', '\0').includes(secret);

describe('an app’s breaker', () => {
  const refused = diagnosisOf({ cause: 'app_misconfigured' });
  const outage = diagnosisOf({ cause: 'platform_outage' });

  it('opens at the third refusal of the app itself, and says why', () => {
    const breakers = new Breakers();
    assert.equal(breakers.failed(appWith(), 'grt_1', refused, NOW), undefined);
    assert.equal(breakers.failed(appWith(), 'grt_1', refused, NOW), undefined);
    const { remedy, who } = refused;
    const expected: AppBreaker = {
      failures: 3,
      openUntil: NOW + MINUTE_MS,
      since: NOW,
      cause: 'app_misconfigured',
      check: 'acme.test',
      remedy,
      who,
    };
    assert.deepEqual(breakers.failed(appWith(), 'grt_2', refused, NOW), expected);
  });

  it('does not open for what one grant alone meets, however often', () => {
    const breakers = new Breakers();
    for (let count = 1; count <= 100; count += 1) {
      assert.equal(breakers.failed(appWith(), 'grt_1', refused, NOW), undefined);
      assert.equal(breakers.failuresOf(appWith()), count);
    }
  });

  it('opens only after passing failures of many grants', () => {
    const breakers = new Breakers();
    for (let count = 1; count < 20; count += 1)
      assert.equal(breakers.failed(appWith(), `grt_${count}`, outage, NOW), undefined);
    assert.ok(breakers.failed(appWith(), 'grt_20', outage, NOW));
  });

  it('does not open for one grant that fails again and again for a passing reason', () => {
    const breakers = new Breakers();
    for (let count = 0; count < 100; count += 1)
      assert.equal(breakers.failed(appWith(), 'grt_1', outage, NOW), undefined);
  });

  it('is for failures in a row: one success begins anew', () => {
    const breakers = new Breakers();
    for (let round = 0; round < 10; round += 1) {
      assert.equal(breakers.failed(appWith(), 'grt_1', refused, NOW), undefined);
      assert.equal(breakers.failed(appWith(), 'grt_1', refused, NOW), undefined);
      assert.equal(breakers.succeeded(appWith()), false);
    }
  });

  it('stays open longer each time, up to a quarter of an hour, and remembers since when', () => {
    const breakers = new Breakers();
    for (const id of ['grt_1', 'grt_2']) breakers.failed(appWith(), id, refused, NOW);
    let app = appWith({ breaker: breakers.failed(appWith(), 'grt_1', refused, NOW)! });
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const now = app.breaker!.openUntil;
      app = appWith({ breaker: breakers.failed(app, 'grt_1', refused, now)! });
      waits.push((app.breaker!.openUntil - now) / MINUTE_MS);
    }
    assert.deepEqual(waits, [2, 5, 10, 15, 15, 15]);
    assert.equal(app.breaker!.since, NOW);
    assert.equal(breakers.succeeded(app), true);
  });

  it('is left as it is by failures that come in while it is open', () => {
    const breakers = new Breakers();
    const open = {
      failures: 3,
      openUntil: NOW + MINUTE_MS,
      since: NOW,
      cause: 'app_disabled',
      check: 'acme.test',
    } as const;
    assert.equal(breakers.failed(appWith({ breaker: open }), 'grt_1', refused, NOW + SECOND_MS), undefined);
  });

  it('opens again at once in a process that was restarted meanwhile', () => {
    const open = {
      failures: 5,
      openUntil: NOW,
      since: NOW - HOUR_MS,
      cause: 'app_disabled',
      check: 'acme.test',
    } as const;
    const again = new Breakers().failed(appWith({ breaker: open }), 'grt_1', refused, NOW);
    assert.deepEqual([again?.failures, again?.since], [6, NOW - HOUR_MS]);
  });

  it('counts each app for itself', () => {
    const breakers = new Breakers();
    for (const id of ['app_1', 'app_2', 'app_3'])
      assert.equal(breakers.failed(appWith({ id }), 'grt_1', refused, NOW), undefined);
  });
});

describe('gathered look-ups', () => {
  const trips: (readonly string[])[] = [];
  const lookUp = gather(
    async (keys: readonly string[]) => {
      trips.push(keys);
      return keys.filter((key) => key !== 'absent').map((key) => ({ key, trip: trips.length }));
    },
    (key) => key,
    (value) => value.key,
  );

  it('go out in one trip when they are asked for together, each key once', async () => {
    trips.length = 0;
    const found = await Promise.all(['a', 'b', 'a', 'absent'].map((key) => lookUp(key)));
    assert.deepEqual(trips, [['a', 'b', 'absent']]);
    assert.deepEqual(
      found.map((one) => one?.key),
      ['a', 'b', 'a', undefined],
    );
  });

  it('are always fresh: nothing is remembered between trips', async () => {
    trips.length = 0;
    assert.deepEqual([(await lookUp('a'))?.trip, (await lookUp('a'))?.trip], [1, 2]);
  });

  it('begin another trip while one is under way', async () => {
    const answers: (() => void)[] = [];
    let count = 0;
    const slow = gather(
      (keys: readonly string[]) => {
        count += 1;
        return new Promise<readonly string[]>((resolve) => answers.push(() => resolve(keys)));
      },
      (key) => key,
      (value) => value,
    );
    const first = slow('a');
    await nextTurn();
    const second = slow('a');
    await nextTurn();
    assert.equal(count, 2, 'the later one does not get the earlier answer');
    for (const answer of answers) answer();
    assert.deepEqual(await Promise.all([first, second]), ['a', 'a']);
  });

  it('fail together, and not the next ones', async () => {
    let broken = true;
    const shaky = gather(
      async (keys: readonly string[]) => {
        if (broken) throw new Error('away');
        return keys;
      },
      (key) => key,
      (value) => value,
    );
    const [a, b] = await Promise.allSettled([shaky('a'), shaky('b')]);
    assert.deepEqual([a?.status, b?.status], ['rejected', 'rejected']);
    broken = false;
    assert.equal(await shaky('a'), 'a');
  });
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('flights', () => {
  it('carry a thousand who ask at the same time by one call', async () => {
    const flights = new Flights();
    let calls = 0;
    const begin = async () => {
      calls += 1;
      await nextTurn();
      return { token: 'access-1' };
    };
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => flights.join('grt_1', begin)));
    assert.equal(calls, 1);
    assert.equal(new Set(answers).size, 1);
    await flights.join('grt_1', begin);
    assert.equal(calls, 2, 'who comes later gets a flight of their own');
  });

  it('of different keys do not share', async () => {
    const flights = new Flights();
    const answers = await Promise.all(['a', 'b'].map((key) => flights.join(key, async () => key)));
    assert.deepEqual(answers, ['a', 'b']);
  });

  it('that fail fail all who joined, and nobody after them', async () => {
    const flights = new Flights();
    const fail = async () => Promise.reject(new Error('no'));
    const joined = await Promise.allSettled([flights.join('a', fail), flights.join('a', fail)]);
    assert.deepEqual(
      joined.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await flights.join('a', async () => 'yes'), 'yes');
  });

  it('can be waited for, also those that fail', async () => {
    const flights = new Flights();
    let landed = 0;
    const fly = async () => {
      await nextTurn();
      landed += 1;
      if (landed === 1) throw new Error('no');
    };
    const both = Promise.allSettled([flights.join('a', fly), flights.join('b', fly)]);
    await flights.land();
    assert.equal(landed, 2);
    await both;
  });
});

describe('ids', () => {
  const bytes = (fill: number) => (count: number) => new Uint8Array(count).fill(fill);
  const houseAt = (now: number, fill = 0) => ({ now: () => now, randomBytes: bytes(fill) });

  it('sort by the time at which they were made', () => {
    const moments = fc.integer({ min: 0, max: 32 ** 9 - 2 });
    fc.assert(
      fc.property(moments, fc.nat(255), fc.nat(255), (now, a, b) => {
        assert.ok(newId(houseAt(now, a), 'con') < newId(houseAt(now + 1, b), 'con'));
      }),
    );
  });

  it('name their kind and use no letters that are taken for others', () => {
    const id = newId(houseAt(NOW, 31), 'grt');
    assert.match(id, /^grt_[0-9a-hjkmnp-tv-z]{25}$/);
  });

  it('hold all the chance that they were given', () => {
    const ids = Array.from({ length: 32 }, (_, fill) => newId(houseAt(NOW, fill), 'app'));
    assert.equal(new Set(ids).size, 32);
  });

  it('and secrets hold 256 bits, fit for an address', () => {
    const secrets = [newSecret({ randomBytes: bytes(255) }), newSecret({ randomBytes: bytes(254) })];
    for (const secret of secrets) assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
    assert.notEqual(secrets[0], secrets[1]);
  });
});

describe('the log of token reads', () => {
  const read = { workspaceId: 'wsp_1', connectionId: 'con_1', actor: 'api_key:key_1' };

  it('counts reads by connection and reader, and writes them as one row each', async () => {
    const written: NewActivity[] = [];
    const log = new ReadLog(async (rows) => {
      written.push(...rows);
    });
    for (let count = 0; count < 500; count += 1) log.add(read, NOW + count);
    log.add({ ...read, actor: 'api_key:key_2' }, NOW);
    await log.flush();
    assert.deepEqual(
      written.map((row) => [row.actor, row.detail.count, row.at]),
      [
        ['api_key:key_1', 500, NOW + 499],
        ['api_key:key_2', 1, NOW],
      ],
    );
    assert.deepEqual([written[0]?.action, written[0]?.subjects], ['token.read', ['con_1']]);
    const { first_at: first, last_at: last } = written[0]!.detail;
    assert.deepEqual([first, last], ['2026-11-22T09:00:00.000Z', '2026-11-22T09:00:00.499Z']);
  });

  it('writes nothing twice, and nothing where nothing was read', async () => {
    let trips = 0;
    const log = new ReadLog(async () => {
      trips += 1;
    });
    await log.flush();
    log.add(read, NOW);
    await log.flush();
    await log.flush();
    assert.equal(trips, 1);
  });

  it('loses no count while the database is away, nor those that come meanwhile', async () => {
    const counts: unknown[] = [];
    let away = true;
    const log = new ReadLog(async (rows) => {
      if (away) {
        log.add(read, NOW + 5);
        throw new Error('away');
      }
      counts.push(...rows.map((row) => row.detail.count));
    });
    for (let count = 0; count < 3; count += 1) log.add(read, NOW);
    await assert.rejects(log.flush(), /away/);
    away = false;
    await log.flush();
    assert.deepEqual(counts, [4]);
  });
});

describe('an app’s budget', () => {
  const slow = appWith({ settings: { renewals_per_minute: 3 } });

  it('lets so many through a minute, and says when there is room again', () => {
    const budgets = new Budgets();
    const first = Array.from({ length: 5 }, () => budgets.take(slow, NOW + SECOND_MS));
    assert.deepEqual(first, [null, null, null, NOW + SECOND_MS + MINUTE_MS, NOW + SECOND_MS + MINUTE_MS]);
    assert.equal(budgets.take(slow, NOW + SECOND_MS + MINUTE_MS), null);
  });

  it('is each app’s own', () => {
    const budgets = new Budgets();
    for (const id of ['app_1', 'app_2']) {
      for (let count = 0; count < 3; count += 1) assert.equal(budgets.take({ ...slow, id }, NOW), null);
    }
  });

  it('is generous where the setting is absent or makes no sense', () => {
    for (const setting of [undefined, 0, -5, 'many', Number.NaN, null]) {
      const budgets = new Budgets();
      const app = appWith({ settings: { renewals_per_minute: setting } });
      for (let count = 0; count < 6_000; count += 1) assert.equal(budgets.take(app, NOW), null);
      assert.equal(budgets.take(app, NOW), NOW + MINUTE_MS);
    }
  });

  it('never lets more through than it says in any of its minutes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30_000), { maxLength: 200 }), (steps) => {
        const budgets = new Budgets();
        let now = NOW;
        let taken = 0;
        for (const step of steps) {
          now += step;
          if (budgets.take(slow, now) === null) taken += 1;
        }
        assert.ok(taken <= 3 * (Math.floor((now - NOW) / MINUTE_MS) + 1));
      }),
    );
  });
});
