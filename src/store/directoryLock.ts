import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Another process works on this data directory: two at once would destroy the database. */
export class DataDirectoryInUseError extends Error {
  constructor(directory: string, pid: number) {
    super(
      `The data directory ${directory} is in use by process ${pid}. Only one process at a time can work on an embedded ` +
        'database. Stop that process, choose another directory, or set DATABASE_URL: PostgreSQL serves many processes.',
    );
    this.name = 'DataDirectoryInUseError';
  }
}

interface Holder {
  readonly pid: number;
  /** Where it answers, once it does. */
  readonly url?: string;
  /** Tells the process from a later one with the same pid; null where the system does not say. */
  readonly startedTicks: string | null;
}

const LOCK_FILE = 'evergrant.lock';
/** Directories that this very process holds: its own pid alone proves nothing (in a container it is always the same). */
const heldHere = new Set<string>();

/** What Linux says of a process in `/proc/PID/stat`, from its third field (the state) on; null: nothing is known. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** The process's start in clock ticks since boot, with the boot it belongs to (Linux). */
function startedTicks(stat: readonly string[] | null): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return stat && `${boot}/${stat[19]}`;
  } catch {
    return null;
  }
}

/**
 * Ended, and only not yet collected by its parent (state Z, X while it goes; proc_pid_stat(5), man-pages 6.9). A first thread that ended before
 * the others shows Z too, with more than one thread left: that process is not over.
 */
const hasEnded = (stat: readonly string[] | null): boolean =>
  stat !== null && /^[ZXx]$/.test(stat[0] ?? '') && Number(stat[17]) <= 1;

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const stat = statOf(holder.pid);
  if (hasEnded(stat)) return false;
  const ticks = startedTicks(stat);
  return ticks === null || holder.startedTicks === null || ticks === holder.startedTicks;
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Linking a finished file is one step: nobody ever reads half a lock, and of two processes one wins. */
function tryLock(file: string, contents: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves a dead process's lock away; puts it back if another process has taken over in the meantime. */
function clearStale(file: string, stale: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another process cleared it
  }
  if (readFileSync(aside, 'utf8') !== stale) renameSync(aside, file);
  rmSync(aside, { force: true });
}

/** The other process that works on the directory; null: none. */
export function holderOf(directory: string): Holder | null {
  const holder = readHolder(join(directory, LOCK_FILE));
  return holder !== null && holder.pid !== process.pid && isAlive(holder) ? holder : null;
}

/** Tells whoever comes for the same directory where this process, which holds it, answers. */
export function tellAddress(directory: string, url: string): void {
  const file = join(directory, LOCK_FILE);
  const holder = readHolder(file);
  if (holder?.pid !== process.pid) return;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...holder, url }), { mode: 0o600 });
  renameSync(draft, file);
}

/** Takes the directory for this process. Returns what gives it back. */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = resolve(directory);
  const file = join(path, LOCK_FILE);
  if (heldHere.has(path)) throw new DataDirectoryInUseError(directory, process.pid);
  const contents = JSON.stringify({ pid: process.pid, startedTicks: startedTicks(statOf(process.pid)) });
  while (!tryLock(file, contents)) {
    const holder = readHolder(file);
    if (holder !== null && holder.pid !== process.pid && isAlive(holder)) {
      throw new DataDirectoryInUseError(directory, holder.pid);
    }
    if (holder === null) rmSync(file, { force: true });
    else clearStale(file, JSON.stringify(holder));
  }
  heldHere.add(path);
  return () => {
    heldHere.delete(path);
    if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}
