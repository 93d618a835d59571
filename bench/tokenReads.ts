import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createServer } from '../src/server/server.ts';
import { type Child, startChild } from './child.ts';
import { withCleanup } from './cleanup.ts';
import { type Figures, figure, median, percentile, type Tell } from './figure.ts';
import type { LoadOrder, LoadReport } from './loadChild.ts';
import { insertMany } from './manyGrants.ts';
import { bareRoute, listen } from './serve.ts';
import { API_KEY, type BenchWorld, startWorld } from './world.ts';

const CONNECTIONS = 1_000;
const CALLERS = 32;
const ROUNDS = 8;
const ROUND_MS = 2_500;
const HEADERS = ['Host: 127.0.0.1', `Authorization: Bearer ${API_KEY}`, 'Accept: application/json'];

/**
 * Tokens read over HTTP by 32 callers, against a bare route of the same framework with the same answer in the
 * same process. Both take turns; callers and database are other processes on the same machine.
 */
export function measureTokenReads(tell: Tell): Promise<Figures> {
  return withCleanup(async (cleanup) => {
    const world = await startWorld(cleanup);
    const made = await insertMany(world, CONNECTIONS, 1);
    const paths = made.map(({ connectionId }) => `/v1/connections/${connectionId}/token`);
    const port = await listen(createServer(world.house), cleanup);
    const answer = await readOne(port, paths[0]!);
    const barePort = await listen(bareRoute(answer), cleanup);
    const { child } = await startChild('./loadChild.ts', cleanup);
    const tokens = { port, paths, headers: HEADERS, callers: CALLERS, milliseconds: ROUND_MS };
    const bare = {
      ...tokens,
      port: barePort,
      paths: paths.map((path) => path.replace('/v1/connections', '/bare')),
    };
    await load(child, { ...tokens, milliseconds: 1_500 });
    await load(child, { ...bare, milliseconds: 1_500 });
    const rounds: { tokens: Load; bare: Load }[] = [];
    const writesBefore = await writes(world);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const reports = { bare: await load(child, bare), tokens: await load(child, tokens) };
      rounds.push(reports);
      const ratio = reports.tokens.perSecond / reports.bare.perSecond;
      tell(
        `  round ${round}: ${worded(reports.tokens, 'tokens')}, ${worded(reports.bare, 'bare answers')}: ${ratio.toFixed(2)}`,
      );
    }
    const reads = rounds.reduce((sum, round) => sum + round.tokens.answered, 0);
    const written = (await writes(world)) - writesBefore;
    const latencies = rounds.flatMap((round) => round.tokens.latenciesMs);
    return {
      token_reads_over_bare_route: figure(
        median(rounds.map((one) => one.tokens.perSecond / one.bare.perSecond)),
        'ratio',
        '>= 0.6',
      ),
      token_reads_per_second: figure(median(rounds.map((one) => one.tokens.perSecond)), '1/s', '>= 390'),
      bare_route_per_second: figure(median(rounds.map((one) => one.bare.perSecond)), '1/s'),
      token_read_cpu_us: figure(median(rounds.map((one) => one.tokens.cpuMicros)), 'us'),
      bare_route_cpu_us: figure(median(rounds.map((one) => one.bare.cpuMicros)), 'us'),
      token_read_caller_cpu_us: figure(median(rounds.map((one) => one.tokens.callerCpuMicros)), 'us'),
      bare_route_caller_cpu_us: figure(median(rounds.map((one) => one.bare.callerCpuMicros)), 'us'),
      token_read_p50_ms: figure(percentile(latencies, 0.5), 'ms'),
      token_read_p99_ms: figure(percentile(latencies, 0.99), 'ms', '<= 150'),
      db_writes_per_1000_reads: figure((written * 1000) / reads, 'rows', '= 0'),
    };
  });
}

async function readOne(port: number, path: string): Promise<object> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  if (!answer.ok) throw new Error(`A token could not be read: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as object;
}

interface Load extends LoadReport {
  /** What an answer costs the serving process, in microseconds: on a busy machine it says more than the rate. */
  readonly cpuMicros: number;
}

async function load(child: Child, order: LoadOrder): Promise<Load> {
  const before = process.cpuUsage();
  const report = await child.ask<LoadReport>(order);
  const { user, system } = process.cpuUsage(before);
  if (report.refused > 0) throw new Error(`${report.refused} of ${report.answered} requests were refused.`);
  return { ...report, cpuMicros: (user + system) / report.answered };
}

function worded({ perSecond, cpuMicros }: Load, what: string): string {
  return `${perSecond.toFixed(0)} ${what}/s (${cpuMicros.toFixed(0)} us each)`;
}

/** Rows written in all tables so far. Sessions report theirs when they are idle, at the latest after a second. */
async function writes({ databaseUrl }: BenchWorld): Promise<number> {
  await delay(1_500);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    'select sum(n_tup_ins + n_tup_upd + n_tup_del)::int as written from pg_stat_user_tables',
  );
  await client.end();
  return rows[0].written;
}
