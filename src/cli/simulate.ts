import { availableParallelism } from 'node:os';
import { FAULT_LEVELS, type FaultLevel } from '../simulator/world/drawn.ts';
import { type Plan, planOf, type Wishes } from '../simulator/world/plan.ts';
import { type Shrunk, shrink } from '../simulator/world/shrink.ts';
import { STORES, type StoreKind } from '../simulator/world/stores.ts';
import { merged, type Summary } from '../simulator/world/summary.ts';
import { FAULT_KINDS } from '../simulator/world/without.ts';
import { Workers } from '../simulator/world/workers.ts';
import { command } from './command.ts';
import { EXIT, UsageError } from './exitCodes.ts';
import type { Output } from './output.ts';
import { oneOf, wholeNumber } from './parse.ts';
import { Progress } from './progress.ts';
import { documentOfMany, type Failing, lineFor, wordsFor, wordsForMany } from './simulateWords.ts';
import type { Terminal } from './terminal.ts';

const SHRINK_SECONDS = 60;

export const simulate = command({
  name: 'simulate',
  summary: 'live through simulated years: the real code, a virtual clock, faults, and checkers',
  about: `Several processes of the real code live in a world whose clock, dice, network, platforms, people and operators are simulated.
The same seed and options give the same run. Checkers watch the whole time: nothing single-use is sent twice, nothing dies that lives,
nothing that could be renewed ends, and more. What is not given is drawn from the seed: mostly small and short worlds, now and then more
than a year. Exit code 1: a promise was broken; then the smallest world is looked for in which it is broken in the same way, and shown
with a trace and the command that repeats it. Kinds of faults: ${FAULT_KINDS.join(', ')}.`,
  options: {
    seed: { value: 'TEXT', help: 'default: a new one, which is printed first' },
    seeds: { value: 'COUNT', help: 'so many runs, the seed counted up from a number (default 1)' },
    days: { value: 'DAYS', help: 'simulated days (default: drawn)' },
    grants: { value: 'COUNT', help: 'grants to connect at most (default: drawn)' },
    faults: { value: 'LEVEL', help: `${FAULT_LEVELS.join(', ')} (default: drawn)` },
    without: { value: 'KINDS', help: 'kinds of faults to leave out, separated by commas' },
    store: { value: 'STORE', help: `${STORES.join(', ')} (default memory)` },
    workers: { value: 'COUNT', help: 'worlds lived through at a time (default: one a core)' },
    'shrink-seconds': {
      value: 'COUNT',
      help: `how long to look for a smaller world that breaks the same promise; 0: not (default ${SHRINK_SECONDS})`,
    },
  },
  inProcess: true,
  examples: [
    'simulate --seed 42 --days 400 --grants 40',
    'simulate --seed 1 --seeds 1000',
    'simulate --seed 42 --faults many --without kills,pauses --json',
  ],
  run: async ({ values, out, terminal }) => {
    const wishes = {
      ...given('days', wholeNumber('days', values.days, [1, 4_000])),
      ...given('grants', wholeNumber('grants', values.grants, [1, 100_000])),
      ...given('faults', values.faults && oneOf<FaultLevel>('faults', values.faults, FAULT_LEVELS)),
      without: (values.without?.split(',') ?? []).map((kind) => oneOf('without', kind, FAULT_KINDS)),
      store: oneOf<StoreKind>('store', values.store ?? 'memory', STORES),
    };
    const seeds = wholeNumber('seeds', values.seeds, [1, 1_000_000]) ?? 1;
    const first = values.seed ?? String(terminal.now() % 1_000_000);
    refuse(first, seeds, wishes.store, terminal);
    const most = wholeNumber('workers', values.workers, [1, 64]) ?? availableParallelism();
    const workers = new Workers(most, terminal.now);
    const seconds = wholeNumber('shrink-seconds', values['shrink-seconds'], [0, 86_400]) ?? SHRINK_SECONDS;
    const runs: Runs = { workers, most, terminal, out, shrinkMs: seconds * 1_000 };
    try {
      return seeds === 1
        ? await runOne(planOf({ ...wishes, seed: first }), runs)
        : await runMany(seeds, (number) => planOf({ ...wishes, seed: String(Number(first) + number) }), runs);
    } finally {
      await workers.close();
    }
  },
});

interface Runs {
  readonly workers: Workers;
  readonly most: number;
  readonly terminal: Terminal;
  readonly out: Output;
  readonly shrinkMs: number;
}

function refuse(first: string, seeds: number, store: Wishes['store'], { env }: Terminal): void {
  if (seeds > 1 && !(/^\d+$/.test(first) && Number.isSafeInteger(Number(first) + seeds)))
    throw new UsageError('--seeds counts up: give --seed a number.');
  if (store !== 'postgres') return;
  if (!env.DATABASE_URL) throw new UsageError('--store postgres needs DATABASE_URL: an empty database.');
  if (seeds > 1)
    throw new UsageError('Each world on postgres needs an empty database: run one seed at a time.');
}

async function runOne(plan: Plan, runs: Runs): Promise<0 | 1> {
  const { workers, terminal, out } = runs;
  const { seed, days, grants, faults } = plan;
  out.note(`Seed ${seed}, ${days} days, at most ${grants} grants, faults ${faults}`);
  const progress = new Progress(terminal.stderr);
  const summary = await workers.live(plan, {
    databaseUrl: terminal.env.DATABASE_URL ?? null,
    drawn: (text) => out.note(`Drawn: ${text}`),
    progress: (share) => progress.bar(share),
  });
  progress.end();
  const shrunk = await smallest(plan, summary, runs);
  out.show({ ...summary, shortest: shrunk }, () => wordsFor(out, summary, shrunk));
  return summary.violations.length > 0 ? EXIT.failure : EXIT.ok;
}

/** As many at a time as there are workers; what failed is made smaller afterwards, the first one alone. */
async function runMany(count: number, planAt: (number: number) => Plan, runs: Runs): Promise<0 | 1> {
  const { workers, terminal, out, most } = runs;
  const progress = new Progress(terminal.stderr);
  const startedAt = terminal.now();
  const done: { plan: Plan; summary: Summary }[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const plan = planAt(next);
      next += 1;
      const summary = await workers.live(plan);
      done.push({ plan, summary });
      progress.end();
      if (!out.json) out.line(lineFor(out, summary));
      const failed = done.filter((one) => one.summary.violations.length > 0).length;
      progress.line(`${done.length} of ${count} seeds, ${failed} failed`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, count) }, lane));
  progress.end();
  done.sort((a, b) => Number(a.plan.seed) - Number(b.plan.seed));
  const failing: Failing[] = [];
  for (const { plan, summary } of done.filter((one) => one.summary.violations.length > 0))
    failing.push({ summary, shrunk: failing.length === 0 ? await smallest(plan, summary, runs) : null });
  const summaries = done.map(({ summary }) => summary);
  const totals = { ...merged(planAt(0), summaries), wall_ms: Math.round(terminal.now() - startedAt) };
  out.show(documentOfMany(totals, summaries, failing), () => wordsForMany(out, totals, count, failing));
  return failing.length > 0 ? EXIT.failure : EXIT.ok;
}

/** Looks for a smaller world that breaks the first promise in the same way, as long as there is time. */
async function smallest(
  plan: Plan,
  summary: Summary,
  { terminal, out, shrinkMs }: Runs,
): Promise<Shrunk | null> {
  const [found] = summary.violations;
  if (found === undefined || shrinkMs === 0 || plan.store === 'postgres') return null;
  out.note(`Looks for the smallest world that breaks ${found.checker}, for ${shrinkMs / 1_000} s at most`);
  const workers = new Workers(1, terminal.now);
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, shrinkMs, null);
  });
  try {
    return await shrink(plan, found, (smaller) =>
      Promise.race([workers.live(smaller, { stopEarly: true }), timeUp]),
    );
  } finally {
    clearTimeout(timer);
    await workers.close();
  }
}

function given<Name extends string, Value>(name: Name, value: Value | undefined | '') {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [name in Name]?: Value };
}
