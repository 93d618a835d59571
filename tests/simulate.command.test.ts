import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drawnWords, FAULT_KINDS } from '../src/cli/faultWords.ts';
import type { Output } from '../src/cli/output.ts';
import { Progress } from '../src/cli/progress.ts';
import { run } from '../src/cli/run.ts';
import { wordsFor, wordsForMany } from '../src/cli/simulateWords.ts';
import type { Stream, Terminal } from '../src/cli/terminal.ts';
import type { CheckerFactory } from '../src/simulator/world/checker.ts';
import { draw } from '../src/simulator/world/drawn.ts';
import { type Plan, partsOf, planOf } from '../src/simulator/world/plan.ts';
import { runWorld } from '../src/simulator/world/run.ts';
import { shrink } from '../src/simulator/world/shrink.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { type Summary, type ToldViolation, timed } from '../src/simulator/world/summary.ts';
import { isOfKind, type Kind, kindOf } from '../src/simulator/world/violationKind.ts';
import { FAULT_KINDS as ALL_FAULT_KINDS } from '../src/simulator/world/without.ts';
import { Workers } from '../src/simulator/world/workers.ts';
import { WORLD_BEGINS_AT } from '../src/simulator/world/world.ts';

const DAY_MS = 86_400_000;
const SMALL: Plan = { seed: '7', days: 1, grants: 3, faults: 'some', without: [], store: 'memory' };

async function simulate(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr'): Stream => ({
    write: (text) => {
      said[name] += text;
      return true;
    },
    drained: async () => {},
  });
  const terminal: Terminal = {
    env: {},
    stdin: (async function* () {})(),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    now: Date.now,
    sleep: async () => {},
  };
  return { code: await run(['simulate', ...args], terminal), ...said };
}

describe('A plan', () => {
  test('is drawn from the seed where nothing is said: mostly short and small, now and then more than a year', () => {
    const plans = Array.from({ length: 400 }, (_, seed) =>
      planOf({ seed: String(seed), without: [], store: 'memory' }),
    );
    const share = (is: (plan: Plan) => boolean): number => plans.filter(is).length / plans.length;
    assert.ok(share(({ days }) => days === 400) > 0.01);
    assert.ok(share(({ days }) => days <= 30) > 0.7);
    assert.ok(plans.every(({ days, grants }) => days * grants <= 1_200));
    assert.deepEqual(plans[0], planOf({ seed: '0', without: [], store: 'memory' }));
  });

  test('keeps what was said', () => {
    const said = { seed: '1', days: 3, grants: 2, faults: 'none', without: [], store: 'pglite' } as const;
    assert.deepEqual(planOf(said), said);
  });

  test('for more grants than one world holds is lived through in several, whose grants add up', () => {
    const parts = partsOf({ ...SMALL, grants: 1_001 });
    assert.equal(
      parts.reduce((sum, { grants }) => sum + grants, 0),
      1_001,
    );
    assert.ok(parts.every(({ grants }) => grants <= 200));
    assert.equal(new Set(parts.map(({ seed }) => seed)).size, parts.length);
  });
});

test('What comes of a world does not depend on the thread in which it is lived through, nor on the one before it', async () => {
  const workers = new Workers(1, () => 0);
  try {
    const first = await workers.live(SMALL);
    const other = await workers.live({ ...SMALL, seed: '8' });
    assert.deepEqual(await workers.live(SMALL), first);
    assert.notDeepEqual(other.renewals, first.renewals);
  } finally {
    await workers.close();
  }
});

test('How fast grants lived is told for slow runs too', () => {
  const day = { grant_days: 4 } as Summary;
  assert.deepEqual(timed(day, 60_000), { grant_days: 4, wall_ms: 60_000, grant_years_per_minute: 0.011 });
  assert.equal(timed({ ...day, grant_days: 365_000 }, 90_000).grant_years_per_minute, 667);
});

test('A world of several towns is lived through in several threads, and its figures are one', async () => {
  const workers = new Workers(2, () => 0);
  try {
    const summary = await workers.live({ ...SMALL, grants: 210 });
    assert.equal(summary.grants, 210);
    assert.equal(summary.seed, '7');
  } finally {
    await workers.close();
  }
});

describe('The command', () => {
  test('answers many seeds with one JSON document', async () => {
    const { code, stdout } = await simulate(
      '--seed',
      '1',
      '--seeds',
      '2',
      '--days',
      '1',
      '--grants',
      '2',
      '--json',
    );
    const { seeds, runs, failed, totals } = JSON.parse(stdout);
    assert.deepEqual([code, seeds, runs.length, failed], [0, 2, 2, []]);
    for (const name of ['renewals', 'deaths', 'false_deaths', 'outages', 'reminders', 'grant_days'])
      assert.equal(totals[name], runs[0][name] + runs[1][name], name);
    assert.ok(totals.wall_ms > 0 && totals.grant_years_per_minute > 0);
    assert.equal(totals.promises.length, 11);
  });

  test('refuses in one JSON document too', async () => {
    const { code, stdout, stderr } = await simulate('--seed', 'x', '--seeds', '2', '--json');
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(JSON.parse(stderr).error.detail, /number/);
  });

  test('says the seeds first of all, a line for each, and what came of all of them', async () => {
    const { stdout, stderr } = await simulate('--seed', '5', '--seeds', '2', '--days', '1', '--grants', '2');
    assert.match(stderr, /^Seeds 5 to 6, at a time: \d\n$/);
    assert.match(stdout, /^seed 5 .* kept$/m);
    assert.match(stdout, /^seed 6 .* kept$/m);
    const tally = stdout.slice(stdout.indexOf('2 runs together:'));
    for (const row of [
      /^Renewals +\d+$/m,
      /^Deaths found +\d+, of which 0 false; 0 were missed$/m,
      /^Outages +\d+;/m,
      /^Reminders +\d+ of deadlines$/m,
      /^Took +[\d.]+ s, [\d.]+ grant-years a minute$/m,
      /\n\nAll 11 promises were kept in each of 2 runs\.\n$/,
    ])
      assert.match(tally, row);
  });

  test('says its seed before anything else, its verdict last, and draws its bar on a terminal alone', async () => {
    const { stdout, stderr } = await simulate('--seed', '5', '--days', '1', '--grants', '2');
    assert.match(stderr, /^Seed 5, simulated days: 1, grants: at most 2, faults: \w+\nDrawn: .*\n$/);
    assert.match(stdout, /\n\nAll 11 promises were kept\.\n$/);
    const drawn: string[] = [];
    const bar = new Progress({ isTTY: true, write: (text) => drawn.push(text) > 0, drained: async () => {} });
    bar.bar(0.5);
    bar.end();
    assert.match(drawn.join(''), /█ *░+ 50 %/);
  });

  test('leaves out the kinds of faults that it is told to', async () => {
    const { stderr } = await simulate(
      '--seed',
      '5',
      '--days',
      '1',
      '--grants',
      '2',
      '--faults',
      'many',
      '--without',
      'kills,lostAfter',
    );
    const drawn = /^Drawn: .*$/m.exec(stderr)?.[0] ?? '';
    assert.ok(!/\b(kills|lostAfter)\b/.test(drawn), drawn);
    assert.match(
      drawn,
      /; % of calls: refused [\d.]+, lostBefore [\d.]+, .*; times a year in each process: pauses [\d.]+/,
    );
  });

  test('knows every kind of fault by the name that --without takes, with what its number counts', () => {
    assert.deepEqual([...FAULT_KINDS].sort(), [...ALL_FAULT_KINDS].sort());
    const calm = { ...draw(() => 0.5, 'none'), kills: 9 };
    assert.equal(
      drawnWords(calm),
      'processes: 2; token reads a day of each connection: 1; times a year in each process: kills 9',
    );
  });
});

describe('A world that broke a promise', () => {
  const plain: Pick<Output, 'paint' | 'list'> = { paint: (_, text) => text, list: () => '' };

  test('is told with the promises that it broke, and the command that repeats it, last of all', async () => {
    const workers = new Workers(1, Date.now);
    const kept = await workers.live(SMALL).finally(() => workers.close());
    const promises = kept.promises.map((one) => ({ ...one, broken: one.checker === 'S3' ? 2 : 0 }));
    const broke = { ...kept, promises, violations: [violation(0, 'It lives.'), violation(1, 'It lives.')] };
    const verdict = '1 of 11 promises were broken';
    const rule = '\n  S3 (2×): No grant is declared dead while its platform says that it lives.';
    const words = wordsFor(plain as Output, broke, null);
    assert.ok(words.endsWith(`\n\n${verdict}:${rule}\nRepeat it with: ${kept.command}`), words);
    const many = wordsForMany(plain as Output, broke, 3, [{ summary: broke, shrunk: null }]);
    assert.ok(many.endsWith(`\n\n${verdict}, in 1 of 3 runs (seed 7):${rule}`), many);
    assert.ok(many.includes(`Repeat it with: ${kept.command}`));
  });

  const violation = (at: number, text: string): ToldViolation => ({
    seed: '7',
    checker: 'S1',
    at: new Date(at).toISOString(),
    subject: 'gnt_1',
    text,
    trace: [],
  });

  test('is made smaller as long as the same promise is broken in the same way', async () => {
    // Needs two grants, kills, and six days.
    const live = async (plan: Plan): Promise<Summary> => {
      const breaks = plan.grants >= 2 && !plan.without.includes('kills') && plan.days >= 6;
      const violations = breaks ? [violation(WORLD_BEGINS_AT + 5.5 * DAY_MS, 'Token 17 went twice.')] : [];
      return { violations: [...violations, violation(0, 'Something else.')] } as unknown as Summary;
    };
    const plan: Plan = { ...SMALL, days: 400, grants: 40, faults: 'many' };
    const found = violation(WORLD_BEGINS_AT + 100 * DAY_MS, 'Token 99 went twice.');
    const { plan: smallest } = await shrink(plan, found, live, []);
    assert.deepEqual([smallest.grants, smallest.days, smallest.faults], [2, 6, 'some']);
    assert.ok(!smallest.without.includes('kills'));
    assert.ok(smallest.without.includes('pauses'));
  });

  test('is not taken for one where the same befell another platform, nor cut short by another violation', async () => {
    const text = (platform: string, at: string) =>
      `${platform} user_login ended at ${at} after 31 calm minutes.`;
    const found = violation(WORLD_BEGINS_AT + DAY_MS, text('google-cm360', '2026-01-05T10:00:00Z'));
    const seen: boolean[] = [];
    const live = async (_: Plan, wanted: Kind): Promise<Summary> => {
      const other = violation(0, text('google-dv360', '2026-01-05T10:00:00Z'));
      const same = violation(0, text('google-cm360', '2026-02-06T11:00:00Z'));
      seen.push(isOfKind(other, wanted), isOfKind(same, wanted));
      return { violations: [other] } as unknown as Summary;
    };
    const { plan } = await shrink({ ...SMALL, grants: 8 }, found, live, ['google-cm360', 'google-dv360']);
    assert.deepEqual([plan.grants, seen[0], seen[1]], [8, false, true]);
  });

  test('is lived through until what is looked for happens, whatever else happened before', async () => {
    const at: number[] = [];
    const checker = (text: string, day: number): CheckerFactory =>
      function s1Planted({ now, report }) {
        let told = false;
        const onAudit = () => {
          at.push(now());
          if (told || now() < WORLD_BEGINS_AT + day * DAY_MS) return;
          told = true;
          report(text, 'gnt_1');
        };
        return { id: 'S1', promise: 'Planted.', onAudit };
      };
    const { violations } = await runWorld({
      seed: 'early',
      faults: 'none',
      days: 6,
      grants: 1,
      checkers: [checker('Token 3 fell.', 2), checker('Token 9 went twice.', 3)],
      openStore: storeOf('memory', null),
      stopEarly: kindOf({ checker: 'S1', text: 'Token 17 went twice.' }, []),
    });
    assert.deepEqual(
      violations.map(({ text }) => text),
      ['Token 3 fell.', 'Token 9 went twice.'],
    );
    assert.ok(Math.max(...at) < WORLD_BEGINS_AT + 5 * DAY_MS);
  });

  test('is given as small as it was made when time is over', async () => {
    const found = violation(WORLD_BEGINS_AT + 3 * DAY_MS, 'Token 99 went twice.');
    const { plan, tried } = await shrink({ ...SMALL, days: 9 }, found, async () => null, []);
    assert.deepEqual([plan.days, plan.grants, tried], [3, 3, 1]);
  });
});
