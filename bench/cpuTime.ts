import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

/** Linux counts a process's time in hundredths of a second (`man 5 proc_pid_stat`, USER_HZ). */
const TICK_US = 10_000;

interface Stat {
  readonly parent: number;
  readonly ownUs: number;
  /** Of children that have ended. */
  readonly endedUs: number;
}

/** What the parts of a renewal have used so far, in microseconds of CPU. */
export interface CpuTime {
  readonly keeper: number;
  readonly platform: number;
  /** With all its processes: the backends, and what writes and vacuums behind them. */
  readonly postgres: number;
}

/** A clock of CPU time over the three parts; undefined where the system has no `/proc` to read it from. */
export async function cpuClock(
  databaseUrl: string,
  platformPid: number,
): Promise<(() => CpuTime) | undefined> {
  if (process.platform !== 'linux') return undefined;
  const server = await serverPid(databaseUrl);
  return () => {
    const { user, system } = process.cpuUsage();
    return { keeper: user + system, platform: statOf(platformPid).ownUs, postgres: familyUs(server) };
  };
}

export function usedBetween(before: CpuTime, after: CpuTime): CpuTime {
  return {
    keeper: after.keeper - before.keeper,
    platform: after.platform - before.platform,
    postgres: after.postgres - before.postgres,
  };
}

async function serverPid(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query('select pg_backend_pid() as pid');
    return statOf(rows[0].pid).parent;
  } finally {
    await client.end();
  }
}

function familyUs(parent: number): number {
  const { ownUs, endedUs } = statOf(parent);
  const children = allStats().filter((stat) => stat.parent === parent);
  return children.reduce((sum, child) => sum + child.ownUs, ownUs + endedUs);
}

function allStats(): Stat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [statOf(Number(pid))];
    } catch {
      return []; // it has ended since the list was read
    }
  });
}

/** The second field is the program's name, which may hold blanks and brackets: what counts begins behind it. */
function statOf(pid: number): Stat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (from: number): number => (Number(fields[from]) + Number(fields[from + 1])) * TICK_US;
  return { parent: Number(fields[1]), ownUs: ticks(11), endedUs: ticks(13) };
}
