import { PLATFORMS } from '../platforms/index.ts';
import { type Plan, partsOf } from '../simulator/world/plan.ts';
import { type Shrunk, shrink } from '../simulator/world/shrink.ts';
import { merged, type Summary, timed } from '../simulator/world/summary.ts';
import type { Kind } from '../simulator/world/violationKind.ts';
import { Workers } from '../simulator/world/workers.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { drawnWords } from './faultWords.ts';
import type { Output } from './output.ts';
import { Progress } from './progress.ts';
import { documentOfMany, type Failing, lineFor, wordsFor, wordsForMany } from './simulateWords.ts';
import type { Terminal } from './terminal.ts';

export interface SeedsToRun {
  /** The plan of each seed, counted from 0. */
  readonly planAt: (number: number) => Plan;
  /** From 1. */
  readonly seeds: number;
  /** Worlds lived through at a time, from 1. */
  readonly workers: number;
  /** How long to look for a smaller world that breaks the same promise; 0: not. */
  readonly shrinkMs: number;
  readonly terminal: Terminal;
  readonly out: Output;
}

/** Lives through the worlds of all seeds and says what came of them. Ends with 1 where a promise was broken. */
export async function runSeeds(asked: SeedsToRun): Promise<ExitCode> {
  const workers = new Workers(asked.workers, asked.terminal.now);
  try {
    return await (asked.seeds === 1 ? runOne(asked, workers) : runMany(asked, workers));
  } finally {
    await workers.close();
  }
}

async function runOne(asked: SeedsToRun, workers: Workers): Promise<ExitCode> {
  const { terminal, out } = asked;
  const plan = asked.planAt(0);
  const { seed, days, grants, faults } = plan;
  out.log(`Seed ${seed}, simulated days: ${days}, grants: at most ${grants}, faults: ${faults}`);
  const worlds = partsOf(plan).length;
  const of = worlds === 1 ? '' : ` for the first of ${worlds} worlds`;
  const progress = new Progress(terminal.stderr);
  const summary = await workers.live(plan, {
    databaseUrl: terminal.env.DATABASE_URL ?? null,
    drawn: (drawn) => out.note(`Drawn${of}: ${drawnWords(drawn)}`),
    progress: (share) => progress.bar(share),
  });
  progress.end();
  const shrunk = await smallest(plan, summary, asked);
  out.show({ ...summary, shortest: shrunk }, () => wordsFor(out, summary, shrunk));
  return summary.violations.length > 0 ? EXIT.failure : EXIT.ok;
}

/** As many at a time as there are workers; what failed is made smaller afterwards, the first one alone. */
async function runMany(asked: SeedsToRun, workers: Workers): Promise<ExitCode> {
  const { seeds, planAt, terminal, out } = asked;
  out.log(
    `Seeds ${planAt(0).seed} to ${planAt(seeds - 1).seed}, at a time: ${Math.min(asked.workers, seeds)}`,
  );
  const startedAt = terminal.now();
  const done = await allSummaries(asked, workers);
  const wallMs = terminal.now() - startedAt;
  const failing: Failing[] = [];
  for (const { plan, summary } of done.filter(broke))
    failing.push({ summary, shrunk: failing.length === 0 ? await smallest(plan, summary, asked) : null });
  const summaries = done.map(({ summary }) => summary);
  const totals = timed(merged(planAt(0), summaries), wallMs);
  out.show(documentOfMany(totals, summaries, failing), () => wordsForMany(out, totals, seeds, failing));
  return failing.length > 0 ? EXIT.failure : EXIT.ok;
}

interface Done {
  readonly plan: Plan;
  readonly summary: Summary;
}

const broke = ({ summary }: Done): boolean => summary.violations.length > 0;

/** In the order of the seeds; told in a line each as they come. */
async function allSummaries({ seeds, planAt, out, ...asked }: SeedsToRun, workers: Workers): Promise<Done[]> {
  const progress = new Progress(asked.terminal.stderr);
  const done: (Done | undefined)[] = Array.from({ length: seeds });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < seeds) {
      const number = next;
      next += 1;
      const plan = planAt(number);
      const summary = await workers.live(plan);
      done[number] = { plan, summary };
      progress.end();
      if (!out.json) out.line(lineFor(out, summary));
      const ended = done.filter((one) => one !== undefined);
      progress.line(`${ended.length} of ${seeds} seeds, ${ended.filter(broke).length} failed`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(asked.workers, seeds) }, lane));
  progress.end();
  return done as Done[];
}

/** Looks for a smaller world that breaks the first promise in the same way, as long as there is time. */
async function smallest(
  plan: Plan,
  summary: Summary,
  { terminal, out, shrinkMs }: SeedsToRun,
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
    const platformIds = PLATFORMS.map(({ profile }) => profile.id);
    const live = (smaller: Plan, wanted: Kind) =>
      Promise.race([workers.live(smaller, { stopEarly: wanted }), timeUp]);
    return await shrink(plan, found, live, platformIds);
  } finally {
    clearTimeout(timer);
    await workers.close();
  }
}
