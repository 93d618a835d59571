import { availableParallelism } from 'node:os';
import { FAULT_LEVELS, type FaultLevel } from '../simulator/world/drawn.ts';
import { planOf, STORES, type StoreKind, type Wishes } from '../simulator/world/plan.ts';
import { command } from './command.ts';
import { UsageError } from './exitCodes.ts';
import { FAULT_KINDS, faultList } from './faultWords.ts';
import { oneOf, wholeNumber } from './parse.ts';
import type { Terminal } from './terminal.ts';

const SHRINK_SECONDS = 60;

export const simulate = command({
  name: 'simulate',
  summary: 'live through simulated years: the real code, a virtual clock, faults, and checkers',
  about: `Several processes of the real code live in a world whose clock, dice, network, platforms, people and operators are simulated.
The same seed and options give the same run. Checkers watch the whole time: nothing single-use is sent twice, nothing dies that lives,
nothing that could be renewed ends, and more. What is not given is drawn from the seed: mostly small and short worlds, now and then more
than a year. Exit code 1: a promise was broken; then the smallest world is looked for in which it is broken in the same way, and shown
with a trace and the command that repeats it.

Kinds of faults:
${faultList()}`,
  options: {
    seed: {
      value: 'TEXT',
      help: 'what everything is drawn from (default: a new one, which is printed first)',
    },
    seeds: { value: 'COUNT', help: 'so many runs, the seed counted up from --seed, a number (default 1)' },
    days: { value: 'DAYS', help: 'simulated days (default: drawn)' },
    grants: { value: 'COUNT', help: 'grants to connect at most (default: drawn)' },
    faults: { value: 'LEVEL', help: `how much goes wrong: ${FAULT_LEVELS.join(', ')} (default: drawn)` },
    without: { value: 'KINDS', help: 'kinds of faults to leave out, separated by commas' },
    store: {
      value: 'STORE',
      help: `where the world is kept: ${STORES.join(', ')} (default memory); postgres is the empty database of DATABASE_URL`,
    },
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
    const shrinkSeconds =
      wholeNumber('shrink-seconds', values['shrink-seconds'], [0, 86_400]) ?? SHRINK_SECONDS;
    const first = values.seed ?? String(terminal.now() % 1_000_000);
    refuse(first, seeds, wishes.store, terminal);
    const { runSeeds } = await import('./simulateRun.ts');
    return runSeeds({
      planAt: (number) => planOf({ ...wishes, seed: number === 0 ? first : String(Number(first) + number) }),
      seeds,
      workers: wholeNumber('workers', values.workers, [1, 64]) ?? availableParallelism(),
      shrinkMs: shrinkSeconds * 1_000,
      terminal,
      out,
    });
  },
});

function refuse(first: string, seeds: number, store: Wishes['store'], { env }: Terminal): void {
  if (seeds > 1 && !(/^\d+$/.test(first) && Number.isSafeInteger(Number(first) + seeds)))
    throw new UsageError('--seeds counts up: give --seed a number.');
  if (store !== 'postgres') return;
  if (!env.DATABASE_URL) throw new UsageError('--store postgres needs DATABASE_URL: an empty database.');
  if (seeds > 1)
    throw new UsageError('Each world on postgres needs an empty database: run one seed at a time.');
}

function given<Name extends string, Value>(name: Name, value: Value | undefined | '') {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [name in Name]?: Value };
}
