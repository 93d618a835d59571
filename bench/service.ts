import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeDatabaseTemplate } from '../src/store/embedded.ts';
import { freePort } from '../tests/support/postgres.ts';
import { type Cleanup, withCleanup } from './cleanup.ts';
import { type Figures, figure, median, type Tell } from './figure.ts';
import { API_KEY } from './world.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT_MS = 60_000;
/** Where `npm ci` leaves the code as Node compiled it, and `npm start` finds it. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/evergrant/compiled');
const COLD_STARTS = 3;
const WARM_STARTS = 3;
const RENEWALS = 10_000;
const LONGEST_RENEWING_MS = 90_000;
const SETTLE_MS = 10_000;

interface Service {
  readonly url: string;
  readonly readyAfterMs: number;
  readonly process: ChildProcess;
  readonly stop: () => Promise<void>;
}

/** What is started, and in which environment. */
interface Way {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** After `npm ci`, which leaves a template of the database and compiled code. */
const PREPARED: Way = { script: 'src/main.ts', env: { NODE_COMPILE_CACHE: COMPILE_CACHE } };
/** After `npm ci --ignore-scripts`, the very first time. */
const UNPREPARED: Way = { script: 'bench/unpreparedStart.ts', env: { NODE_DISABLE_COMPILE_CACHE: '1' } };

/** The service as `npm start` runs it, in a process of its own: how soon it is ready, and what memory it holds. */
export function measureService(tell: Tell): Promise<Figures> {
  return withCleanup(async (cleanup) => {
    await makeDatabaseTemplate();
    const times = async (label: string, count: number, one: () => Promise<number>): Promise<number> => {
      const measured: number[] = [];
      for (let round = 1; round <= count; round += 1) {
        measured.push(await one());
        tell(`  ${label} start ${round}: ${measured.at(-1)!.toFixed(0)} ms`);
      }
      return median(measured);
    };
    let dataDir = '';
    const fresh = (): string => {
      dataDir = freshDirectory(cleanup);
      return dataDir;
    };
    const unprepared = await times('unprepared cold', COLD_STARTS, () =>
      startAndStop(fresh(), cleanup, UNPREPARED),
    );
    const cold = await times('cold', COLD_STARTS, () => startAndStop(fresh(), cleanup, PREPARED));
    const warm = await times('warm', WARM_STARTS, () => startAndStop(dataDir, cleanup, PREPARED));
    const service = await start(dataDir, cleanup, PREPARED);
    await delay(SETTLE_MS);
    const idle = rssMb(service.process);
    tell(`  idle: ${idle.toFixed(0)} MB; renewing`);
    const renewed = await renewMany(service.url);
    const after = rssMb(service.process);
    await service.stop();
    return {
      cold_start_ms: figure(cold, 'ms', '<= 5000'),
      cold_start_unprepared_ms: figure(unprepared, 'ms'),
      warm_start_ms: figure(warm, 'ms', '<= 3000'),
      rss_idle_mb: figure(idle, 'MB', '<= 347'),
      rss_after_mb: figure(after, 'MB', '<= 730'),
      rss_after_renewals: figure(renewed, 'renewals'),
    };
  });
}

function freshDirectory(cleanup: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-bench-service-'));
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function startAndStop(dataDir: string, cleanup: Cleanup, way: Way): Promise<number> {
  const service = await start(dataDir, cleanup, way);
  await service.stop();
  return service.readyAfterMs;
}

/** `npm start` itself is a shell line that sets some variables; what it runs is run here without npm in between. */
async function start(dataDir: string, cleanup: Cleanup, { script, env: more }: Way): Promise<Service> {
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    EVERGRANT_SANDBOX: 'on',
    EVERGRANT_SANDBOX_PORT: '0',
    EVERGRANT_DATA_DIR: dataDir,
    EVERGRANT_BOOTSTRAP_API_KEY: API_KEY,
    DATABASE_URL: '',
    EVERGRANT_PUBLIC_URL: '',
    ...more,
  };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = () => stopProcess(child);
  cleanup.add(stop);
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child);
  return { url, readyAfterMs: performance.now() - startedAt, process: child, stop };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < giveUpAt) {
    if (child.exitCode !== null)
      throw new Error(`The service ended with code ${child.exitCode} before it was ready.`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.text();
    if (answer?.ok) return;
    await delay(20);
  }
  throw new Error(`The service was not ready after ${START_TIMEOUT_MS} ms.`);
}

function stopProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Renews the example's connections over the API again and again; each has one renewal under way at most. */
async function renewMany(url: string): Promise<number> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const list = (await (await fetch(`${url}/v1/connections?state=active&limit=100`, { headers })).json()) as {
    data: { id: string }[];
  };
  const giveUpAt = performance.now() + LONGEST_RENEWING_MS;
  let renewed = 0;
  const renewOne = async ({ id }: { id: string }): Promise<void> => {
    while (renewed < RENEWALS && performance.now() < giveUpAt) {
      const answer = await fetch(`${url}/v1/connections/${id}/renew`, { method: 'POST', headers });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`A renewal was refused: ${answer.status} ${text}`);
      renewed += 1;
    }
  };
  await Promise.all(list.data.map(renewOne));
  return renewed;
}

/** Resident memory of a process. */
function rssMb(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
