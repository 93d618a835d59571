import { DAY_MS, MINUTE_MS, toRfc3339 } from '../../core/instant.ts';
import { commandFor, type Plan } from './plan.ts';
import type { RunResult } from './run.ts';
import { type MeaningTallies, type MeaningTally, noVerdicts } from './verdicts.ts';

/** A promise that was broken, for programs. */
export interface ToldViolation {
  /** Of the world in which it happened: a run of many grants is lived through in several. */
  readonly seed: string;
  readonly checker: string;
  readonly at: string;
  readonly subject: string;
  readonly text: string;
  readonly trace: readonly string[];
}

/** A promise that was watched over, and how often it was broken. */
export interface WatchedPromise {
  readonly checker: string;
  readonly promise: string;
  readonly broken: number;
}

/** What came of one run, for programs. */
export interface Summary {
  readonly seed: string;
  readonly days: number;
  readonly faults: string;
  readonly without: readonly string[];
  readonly store: string;
  /** Repeats the run. */
  readonly command: string;
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
  /** What was made of failures, by meaning, beside what was true at the platform. */
  readonly verdicts: MeaningTallies;
  readonly outages: number;
  readonly reconnects: number;
  /** Reminders of deadlines that were sent. */
  readonly reminders: number;
  /** What befell people, operators and platforms, by kind. */
  readonly mishaps: Readonly<Record<string, number>>;
  /** Faults that had an effect, by kind. */
  readonly faults_met: Readonly<Record<string, number>>;
  /** How often each checker had something to judge. */
  readonly judged: Readonly<Record<string, number>>;
  readonly token_reads: number;
  readonly token_reads_refused: number;
  /** Token reads that were answered without a call to a platform. */
  readonly calls_saved: number;
  /** Requests to the HTTP servers of the service. */
  readonly http_requests: number;
  readonly processes: number;
  readonly kills: number;
  /** In the order of the checkers. */
  readonly promises: readonly WatchedPromise[];
  readonly violations: readonly ToldViolation[];
  /** Of real time, from the first world's beginning to the last one's end. */
  readonly wall_ms: number;
  readonly grant_years_per_minute: number;
}

/** A summary that knows how long the run took. */
export function timed(summary: Summary, wallMs: number): Summary {
  const years = summary.grant_days / DAYS_A_YEAR;
  const perMinute = (years / Math.max(1, wallMs)) * MINUTE_MS;
  return {
    ...summary,
    wall_ms: Math.round(wallMs),
    grant_years_per_minute: Number(perMinute.toPrecision(3)),
  };
}

const DAYS_A_YEAR = 365;

const MOST_TRACES = 3;

export async function summarize(plan: Plan, result: RunResult): Promise<Summary> {
  const { world, grants, violations } = result;
  const { tally } = world;
  const missed = violations.filter(({ checker }) => checker === 'L2').length;
  const falseDeaths = tally.deaths - tally.trueDeaths;
  return {
    seed: plan.seed,
    days: plan.days,
    faults: plan.faults,
    without: plan.without,
    store: plan.store,
    command: commandFor(plan),
    grants,
    grant_days: Math.round((grants * (result.endedAt - result.beganAt)) / DAY_MS),
    platform_calls: tally.calls,
    calls_lost: tally.callsLost,
    renewals: tally.renewals,
    failures: tally.failures,
    deaths: tally.deaths,
    false_deaths: falseDeaths,
    missed_deaths: missed,
    ...shares(tally.deaths, falseDeaths, missed),
    verdicts: tally.verdicts,
    outages: await countOutages(result),
    reconnects: tally.reconnects,
    reminders: tally.reminders,
    mishaps: tally.mishaps,
    faults_met: world.strikes.counts,
    judged: Object.fromEntries(world.checkers.map(({ id }) => [id, tally.judged[id] ?? 0])),
    token_reads: tally.reads,
    token_reads_refused: tally.readsRefused,
    calls_saved: Math.max(0, tally.reads - tally.readsRefused - tally.readsThatRenewed),
    http_requests: tally.httpRequests,
    processes: world.processes.length,
    kills: tally.kills,
    promises: world.checkers.map(({ id, promise }) => ({
      checker: id,
      promise,
      broken: violations.filter(({ checker }) => checker === id).length,
    })),
    violations: violations.map(({ checker, at, subject, text, trace }, place) => ({
      seed: plan.seed,
      checker,
      at: toRfc3339(at),
      subject,
      text,
      trace: place < MOST_TRACES ? trace : [],
    })),
    wall_ms: 0,
    grant_years_per_minute: 0,
  };
}

/** Share of verdicts that were right, and of true deaths that were noticed. */
function shares(deaths: number, falseDeaths: number, missed: number) {
  const right = deaths - falseDeaths;
  return {
    verdict_precision: deaths === 0 ? null : right / deaths,
    verdict_recall: right + missed === 0 ? null : right / (right + missed),
  };
}

/** Several runs as one. What they do not share (seed, days, faults, command) is the plan's; how long they took is to be told (`timed`). */
export function merged(plan: Plan, runs: readonly Summary[]): Summary {
  const sum = (read: (run: Summary) => number): number => runs.reduce((total, run) => total + read(run), 0);
  const failures = together(runs.map((run) => run.failures));
  const [deaths, falseDeaths] = [sum((run) => run.deaths), sum((run) => run.false_deaths)];
  const missed = sum((run) => run.missed_deaths);
  return {
    seed: plan.seed,
    days: plan.days,
    faults: plan.faults,
    without: plan.without,
    store: plan.store,
    command: commandFor(plan),
    grants: sum((run) => run.grants),
    grant_days: sum((run) => run.grant_days),
    platform_calls: sum((run) => run.platform_calls),
    calls_lost: sum((run) => run.calls_lost),
    renewals: sum((run) => run.renewals),
    failures,
    deaths,
    false_deaths: falseDeaths,
    missed_deaths: missed,
    ...shares(deaths, falseDeaths, missed),
    verdicts: allVerdicts(runs.map((run) => run.verdicts)),
    outages: sum((run) => run.outages),
    reconnects: sum((run) => run.reconnects),
    reminders: sum((run) => run.reminders),
    mishaps: together(runs.map((run) => run.mishaps)),
    faults_met: together(runs.map((run) => run.faults_met)),
    judged: together(runs.map((run) => run.judged)),
    token_reads: sum((run) => run.token_reads),
    token_reads_refused: sum((run) => run.token_reads_refused),
    calls_saved: sum((run) => run.calls_saved),
    http_requests: sum((run) => run.http_requests),
    processes: sum((run) => run.processes),
    kills: sum((run) => run.kills),
    promises: promisesOf(runs),
    violations: runs.flatMap((run) => run.violations),
    wall_ms: 0,
    grant_years_per_minute: 0,
  };
}

/** All runs are watched by the same checkers. */
function promisesOf(runs: readonly Summary[]): readonly WatchedPromise[] {
  const [first] = runs;
  return (first?.promises ?? []).map(({ checker, promise }, place) => ({
    checker,
    promise,
    broken: runs.reduce((total, run) => total + (run.promises[place]?.broken ?? 0), 0),
  }));
}

/** Counts of each kind, over all. */
function together(each: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const [kind, count] of each.flatMap(Object.entries<number>)) total[kind] = (total[kind] ?? 0) + count;
  return total;
}

function allVerdicts(each: readonly MeaningTallies[]): MeaningTallies {
  const all = noVerdicts();
  for (const tallies of each)
    for (const [meaning, tally] of Object.entries(tallies)) {
      const sum = all[meaning as keyof MeaningTallies];
      for (const [name, count] of Object.entries(tally)) sum[name as keyof MeaningTally] += count;
    }
  return all;
}

async function countOutages({ world }: RunResult): Promise<number> {
  let count = 0;
  for (const { workspaceId } of world.towns) {
    const page = { limit: 100_000, after: null };
    count += (await world.god.store.listOutages(workspaceId, {}, page)).length;
  }
  return count;
}
