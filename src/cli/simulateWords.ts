import { commandFor } from '../simulator/world/plan.ts';
import type { Shrunk } from '../simulator/world/shrink.ts';
import type { Summary, ToldViolation } from '../simulator/world/summary.ts';
import type { Output } from './output.ts';

/** Violations that are told in words; JSON has all. */
const MOST_TOLD = 10;

export interface Failing {
  readonly summary: Summary;
  readonly shrunk: Shrunk | null;
}

/** One run in words: what happened, what was broken, and the verdict. */
export function wordsFor(out: Output, summary: Summary, shrunk: Shrunk | null): string {
  const { violations, command } = summary;
  const lines = [figures(out, summary)];
  for (const violation of violations.slice(0, MOST_TOLD)) lines.push('', ...told(violation));
  if (violations.length > MOST_TOLD) lines.push('', `${violations.length - MOST_TOLD} more are in --json.`);
  if (shrunk !== null) lines.push('', ...smallestTold(shrunk));
  lines.push('', ...verdict(out, summary, ''));
  if (violations.length > 0) lines.push(`Repeat it with: ${command}`);
  return lines.join('\n');
}

/** Which promises were broken, last of all. */
function verdict(out: Output, { promises }: Summary, where: string): string[] {
  const broken = promises.filter((promise) => promise.broken > 0);
  if (broken.length === 0) return [out.paint('green', `All ${promises.length} promises were kept${where}.`)];
  return [
    out.paint('red', `${broken.length} of ${promises.length} promises were broken${where}:`),
    ...broken.map(({ checker, promise, broken: times }) => `  ${checker} (${times}×): ${promise}`),
  ];
}

/** One of many runs, in one line. */
export function lineFor(out: Output, summary: Summary): string {
  const { seed, days, grants, faults, renewals, deaths, wall_ms, violations } = summary;
  const broken = [...new Set(violations.map(({ checker }) => checker))].join(', ');
  const took = `${(wall_ms / 1_000).toFixed(1)} s`.padStart(8);
  const what = `${`${days} days`.padStart(8)} ${`${grants} grants`.padStart(10)}  ${faults.padEnd(4)}`;
  const came = `${`${renewals} renewals`.padStart(15)} ${`${deaths} deaths`.padStart(10)}`;
  const end = broken === '' ? out.paint('green', 'kept') : out.paint('red', `broke ${broken}`);
  return `seed ${seed.padEnd(8)}${what} ${came} ${took}  ${end}`;
}

export function wordsForMany(
  out: Output,
  totals: Summary,
  count: number,
  failing: readonly Failing[],
): string {
  const lines: string[] = [];
  for (const { summary, shrunk } of failing) {
    lines.push('', out.paint('red', `Seed ${summary.seed}`));
    if (shrunk !== null) lines.push(...smallestTold(shrunk));
    else for (const violation of summary.violations.slice(0, 1)) lines.push(...told(violation));
    lines.push(`Repeat it with: ${summary.command}`);
  }
  const seeds = failing.map(({ summary }) => summary.seed).join(', ');
  const where =
    failing.length === 0
      ? ` in each of ${count} runs`
      : `, in ${failing.length} of ${count} runs (seed ${seeds})`;
  return [
    ...lines,
    '',
    `${count} runs together:`,
    figures(out, totals),
    '',
    ...verdict(out, totals, where),
  ].join('\n');
}

/** Many runs, for programs. */
export function documentOfMany(totals: Summary, runs: readonly Summary[], failing: readonly Failing[]) {
  const { seed: _seed, days: _days, faults: _faults, command: _command, ...sums } = totals;
  return {
    seeds: runs.length,
    failed: failing.map(({ summary, shrunk }) => ({
      seed: summary.seed,
      command: summary.command,
      checkers: [...new Set(summary.violations.map(({ checker }) => checker))],
      shortest: shrunk,
    })),
    totals: sums,
    runs,
  };
}

function told({ checker, at, subject, text, trace }: ToldViolation): string[] {
  return [`${checker} at ${at}, ${subject}: ${text}`, ...trace.map((step) => `    ${step}`)];
}

function smallestTold({ plan, violation, tried }: Shrunk): string[] {
  return [
    `The smallest world found in ${tried + 1} that breaks it:`,
    ...told(violation),
    `Repeat that with: ${commandFor(plan)}`,
  ];
}

function figures(out: Output, summary: Summary): string {
  const percent = (share: number | null, what: string): string | null =>
    share === null ? null : `${(share * 100).toFixed(1)} % ${what}`;
  const reads = `${summary.token_reads}, of which ${summary.token_reads_refused} were refused`;
  return out.list([
    ['Grants', `${summary.grants}, ${summary.grant_days} grant-days`],
    ['Processes', `${summary.processes}, killed ${summary.kills} times`],
    ['Calls', `${summary.platform_calls}, of which ${summary.calls_lost} were lost or refused`],
    ['Renewals', String(summary.renewals)],
    ['Failures', counted(summary.failures)],
    ['Mishaps', counted(summary.mishaps)],
    ['Faults met', counted(summary.faults_met)],
    [
      'Deaths found',
      `${summary.deaths}, of which ${summary.false_deaths} false; ${summary.missed_deaths} were missed`,
    ],
    ['Precision', percent(summary.verdict_precision, 'of the deaths found were true')],
    ['Recall', percent(summary.verdict_recall, 'of the true deaths were found in time')],
    ['Verdicts', verdictsIn(summary)],
    ['Outages', `${summary.outages}; reconnected ${summary.reconnects} times`],
    ['Reminders', `${summary.reminders} of deadlines`],
    ['Token reads', `${reads} and ${summary.calls_saved} needed no call`],
    ['HTTP requests', String(summary.http_requests)],
    ['Judged', counted(summary.judged)],
    [
      'Took',
      `${(summary.wall_ms / 1_000).toFixed(1)} s, ${summary.grant_years_per_minute} grant-years a minute`,
    ],
  ]);
}

/** By meaning: how many were true, and how many of those that could mean nothing else were told so. */
function verdictsIn({ verdicts }: Summary): string {
  const each = Object.entries(verdicts).filter(([, { told, truly }]) => told + truly > 0);
  const words = each.map(
    ([meaning, { told, right, truly, found }]) =>
      `${meaning} ${right} of ${told} true, ${found} of ${truly} found`,
  );
  return words.join('; ') || 'none';
}

function counted(kinds: Readonly<Record<string, number>>): string {
  const each = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`);
  return each.join(', ') || 'none';
}
