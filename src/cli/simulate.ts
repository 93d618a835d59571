import { CHECKERS } from '../simulator/world/checkers/index.ts';
import { FAULT_LEVELS, type FaultLevel } from '../simulator/world/drawn.ts';
import { type RunOptions, runWorld } from '../simulator/world/run.ts';
import { STORES, type StoreKind, storeOf } from '../simulator/world/stores.ts';
import { commandFor, type Summary, summarize } from '../simulator/world/summary.ts';
import { WORLD_BEGINS_AT } from '../simulator/world/world.ts';
import { command } from './command.ts';
import { EXIT, UsageError } from './exitCodes.ts';
import type { Output } from './output.ts';
import { wholeNumber } from './parse.ts';
import type { Terminal } from './terminal.ts';

/** Violations that are told in words; JSON has all. */
const MOST_TOLD = 10;

export const simulate = command({
  name: 'simulate',
  summary: 'live through simulated years: the real code, a virtual clock, faults, and checkers',
  about: `Several processes of the real code live in a world whose clock, dice, network, platforms, people and operators are simulated.
The same seed and options give the same run. Checkers watch the whole time: nothing single-use is sent twice, nothing dies that lives,
nothing that could be renewed ends, and more. Exit code 1: one of them was broken; the summary says which, with a trace and the command
that repeats it.`,
  options: {
    seed: { value: 'TEXT', help: 'default: a new one, which is printed first' },
    seeds: { value: 'COUNT', help: 'so many runs, the seed counted up from a number (default 1)' },
    days: { value: 'DAYS', help: 'simulated days (default 400)' },
    grants: { value: 'COUNT', help: 'grants to connect at most (default 40)' },
    faults: { value: 'LEVEL', help: `${FAULT_LEVELS.join(', ')} (default some)` },
    store: { value: 'STORE', help: `${STORES.join(', ')} (default memory)` },
  },
  inProcess: true,
  examples: [
    'simulate --seed 42 --days 400 --grants 40',
    'simulate --seed 1 --seeds 10 --days 100 --faults many --json',
  ],
  run: async ({ values, out, terminal }) => {
    const days = wholeNumber('days', values.days, [1, 4_000]) ?? 400;
    const grants = wholeNumber('grants', values.grants, [1, 100_000]) ?? 40;
    const seeds = wholeNumber('seeds', values.seeds, [1, 1_000_000]) ?? 1;
    const faults = oneOf<FaultLevel>('faults', values.faults ?? 'some', FAULT_LEVELS);
    const store = oneOf<StoreKind>('store', values.store ?? 'memory', STORES);
    const first = values.seed ?? String(terminal.now() % 1_000_000);
    if (seeds > 1 && !/^\d+$/.test(first)) throw new UsageError('--seeds counts up: give --seed a number.');
    const openStore = storeOf(store, terminal.env.DATABASE_URL ?? null);
    let broken = false;
    for (let number = 0; number < seeds; number += 1) {
      const seed = seeds === 1 ? first : String(Number(first) + number);
      const options = { seed, days, grants, faults, openStore, checkers: CHECKERS };
      const summary = await runOne(options, terminal);
      broken ||= summary.violations.length > 0;
      out.show(summary, () => wordsFor(out, summary, options));
    }
    return broken ? EXIT.failure : EXIT.ok;
  },
});

async function runOne(options: RunOptions, terminal: Terminal): Promise<Summary> {
  const startedAt = terminal.now();
  const say = (text: string): void => void terminal.stderr.write(text);
  say(
    `Seed ${options.seed}, ${options.days} days from ${new Date(WORLD_BEGINS_AT).toISOString().slice(0, 10)}, faults ${options.faults}\n`,
  );
  const drawn = (text: string): void => say(`Drawn: ${text}\n`);
  let shown = -1;
  const progress = (share: number): void => {
    const percent = Math.floor(share * 100);
    if (!terminal.stderr.isTTY || percent === shown) return;
    shown = percent;
    say(`\r${'█'.repeat(Math.floor(percent / 2.5)).padEnd(40, '░')} ${percent} %`);
  };
  const result = await runWorld({ ...options, progress, drawn });
  if (shown >= 0) say('\n');
  return summarize(options, result, terminal.now() - startedAt);
}

function wordsFor(out: Output, summary: Summary, options: RunOptions): string {
  const percent = (share: number | null): string =>
    share === null ? 'none' : `${(share * 100).toFixed(1)} %`;
  const lines = [
    out.list([
      ['Grants', `${summary.grants}, ${summary.grant_days} grant-days`],
      ['Processes', `${summary.processes}, killed ${summary.kills} times`],
      ['Calls', `${summary.platform_calls}, of which ${summary.calls_lost} were lost or refused`],
      ['Renewals', String(summary.renewals)],
      [
        'Failures',
        Object.entries(summary.failures)
          .map(([cause, count]) => `${cause} ${count}`)
          .join(', ') || 'none',
      ],
      ['Deaths', `${summary.deaths}, ${summary.false_deaths} false, ${summary.missed_deaths} missed`],
      ['Precision, recall', `${percent(summary.verdict_precision)}, ${percent(summary.verdict_recall)}`],
      ['Outages', `${summary.outages}, reconnected ${summary.reconnects} times`],
      ['Reminders', `${summary.reminders} of deadlines`],
      [
        'Token reads',
        `${summary.token_reads}, refused ${summary.token_reads_refused}, without a call ${summary.calls_saved}`,
      ],
      ['Took', `${(summary.wall_ms / 1000).toFixed(1)} s`],
      ['Violations', String(summary.violations.length)],
    ]),
  ];
  for (const { checker, at, subject, text, trace } of summary.violations.slice(0, MOST_TOLD))
    lines.push('', `${checker} at ${at}, ${subject}: ${text}`, ...trace.map((step) => `    ${step}`));
  if (summary.violations.length > 0) lines.push('', `Repeat it: ${commandFor(options)}`);
  return lines.join('\n');
}

function oneOf<T extends string>(name: string, given: string, known: readonly T[]): T {
  if ((known as readonly string[]).includes(given)) return given as T;
  throw new UsageError(`--${name} has to be one of ${known.join(', ')}.`);
}
