import { DAY_MS, toRfc3339 } from '../../core/instant.ts';
import type { RunOptions, RunResult } from './run.ts';

/** What came of one run, for programs. */
export interface Summary {
  readonly seed: string;
  readonly days: number;
  readonly faults: string;
  readonly grants: number;
  readonly grant_days: number;
  readonly platform_calls: number;
  readonly calls_lost: number;
  readonly renewals: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Grants that were declared dead. */
  readonly deaths: number;
  /** Of those, how many the platform says are alive. */
  readonly false_deaths: number;
  /** Deaths that were not noticed in time. */
  readonly missed_deaths: number;
  /** Share of verdicts of death that were right; null: there were none. */
  readonly verdict_precision: number | null;
  /** Share of true deaths that were noticed in time; null: there were none. */
  readonly verdict_recall: number | null;
  readonly outages: number;
  readonly reconnects: number;
  /** Reminders of deadlines that were sent. */
  readonly reminders: number;
  readonly token_reads: number;
  readonly token_reads_refused: number;
  /** Token reads that were answered without a call to a platform. */
  readonly calls_saved: number;
  readonly processes: number;
  readonly kills: number;
  readonly violations: readonly {
    readonly checker: string;
    readonly at: string;
    readonly subject: string;
    readonly text: string;
    readonly trace: readonly string[];
  }[];
  readonly wall_ms: number;
}

const MOST_TRACES = 3;

export async function summarize(options: RunOptions, result: RunResult, wallMs: number): Promise<Summary> {
  const { world, grants, violations } = result;
  const { tally } = world;
  const missed = violations.filter(({ checker }) => checker === 'L2').length;
  const falseDeaths = tally.deaths - tally.trueDeaths;
  return {
    seed: options.seed,
    days: options.days,
    faults: options.faults,
    grants,
    grant_days: Math.round((grants * (result.endedAt - result.beganAt)) / DAY_MS),
    platform_calls: tally.calls,
    calls_lost: tally.callsLost,
    renewals: tally.renewals,
    failures: tally.failures,
    deaths: tally.deaths,
    false_deaths: falseDeaths,
    missed_deaths: missed,
    verdict_precision: tally.deaths === 0 ? null : tally.trueDeaths / tally.deaths,
    verdict_recall: tally.trueDeaths + missed === 0 ? null : tally.trueDeaths / (tally.trueDeaths + missed),
    outages: await countOutages(result),
    reconnects: tally.reconnects,
    reminders: tally.reminders,
    token_reads: tally.reads,
    token_reads_refused: tally.readsRefused,
    calls_saved: Math.max(0, tally.reads - tally.readsRefused - tally.readsThatRenewed),
    processes: world.processes.length,
    kills: tally.kills,
    violations: violations.map(({ checker, at, subject, text, trace }, place) => ({
      checker,
      at: toRfc3339(at),
      subject,
      text,
      trace: place < MOST_TRACES ? trace : [],
    })),
    wall_ms: Math.round(wallMs),
  };
}

async function countOutages({ world }: RunResult): Promise<number> {
  let count = 0;
  for (const { workspaceId } of world.towns) {
    const page = { limit: 100_000, after: null };
    count += (await world.god.store.listOutages(workspaceId, {}, page)).length;
  }
  return count;
}

/** The command that repeats a run. */
export function commandFor({
  seed,
  days,
  grants,
  faults,
}: Pick<RunOptions, 'seed' | 'days' | 'grants' | 'faults'>): string {
  return `npm run simulate -- --seed ${seed} --days ${days} --grants ${grants} --faults ${faults}`;
}
