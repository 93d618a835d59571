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

/** One run in words: what happened, and what was broken. */
export function wordsFor(out: Output, summary: Summary, shrunk: Shrunk | null): string {
  const lines = [figures(out, summary)];
  for (const violation of summary.violations.slice(0, MOST_TOLD)) lines.push('', ...told(violation));
  if (summary.violations.length > 0) lines.push('', ...repeated(summary, shrunk));
  return lines.join('\n');
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
  const lines = ['', `${count} seeds, ${failing.length} broke a promise`, figures(out, totals)];
  for (const { summary, shrunk } of failing) {
    lines.push('', out.paint('red', `Seed ${summary.seed}`));
    for (const violation of summary.violations.slice(0, 1))
      lines.push(...told(shrunk ? shrunk.violation : violation));
    lines.push(...repeated(summary, shrunk));
  }
  return lines.join('\n');
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

function repeated({ command }: Summary, shrunk: Shrunk | null): string[] {
  if (shrunk === null) return [`Repeat it: ${command}`];
  const { plan, violation, tried } = shrunk;
  return [
    `The smallest of ${tried + 1} worlds that break it:`,
    ...told(violation),
    `Repeat that: ${commandFor(plan)}`,
    `Repeat it: ${command}`,
  ];
}

function figures(out: Output, summary: Summary): string {
  const percent = (share: number | null): string =>
    share === null ? 'none' : `${(share * 100).toFixed(1)} %`;
  const years = summary.grant_days / 365;
  const perMinute = (years / Math.max(1, summary.wall_ms)) * 60_000;
  const reads = `${summary.token_reads}, refused ${summary.token_reads_refused}`;
  return out.list([
    ['Grants', `${summary.grants}, ${summary.grant_days} grant-days`],
    ['Processes', `${summary.processes}, killed ${summary.kills} times`],
    ['Calls', `${summary.platform_calls}, of which ${summary.calls_lost} were lost or refused`],
    ['Renewals', String(summary.renewals)],
    ['Failures', counted(summary.failures)],
    ['Mishaps', counted(summary.mishaps)],
    ['Deaths', `${summary.deaths}, ${summary.false_deaths} false, ${summary.missed_deaths} missed`],
    ['Precision, recall', `${percent(summary.verdict_precision)}, ${percent(summary.verdict_recall)}`],
    ['Outages', `${summary.outages}, reconnected ${summary.reconnects} times`],
    ['Reminders', `${summary.reminders} of deadlines`],
    ['Token reads', `${reads}, without a call ${summary.calls_saved}`],
    ['HTTP requests', String(summary.http_requests)],
    ['Took', `${(summary.wall_ms / 1000).toFixed(1)} s, ${perMinute.toFixed(1)} grant-years a minute`],
    ['Violations', String(summary.violations.length)],
  ]);
}

function counted(kinds: Readonly<Record<string, number>>): string {
  const each = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`);
  return each.join(', ') || 'none';
}
