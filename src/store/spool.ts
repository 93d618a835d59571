import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GrantRecord } from './records.ts';
import { SpooledGrants } from './spooledGrants.ts';
import type { GrantOutcome } from './store.ts';

const SUFFIX = '.outcome.json';
/** What can never be written rests here until a person has looked at it. */
const QUARANTINE = 'quarantine';

/**
 * Outcomes on disk while the database is away. Each is a file of its own, written whole and fsynced before it counts.
 * Secrets in it are sealed as they are in the database. Which grant it is of, and which credential, stands in its name,
 * so that it counts before it can be read.
 */
export function openSpool(directory: string) {
  let sequence = 0;
  const known = new SpooledGrants();
  let isListed = false;
  const list = async (): Promise<readonly string[]> => {
    const before = known.files();
    const names = await readdir(directory)
      .catch(unlessAbsent([] as string[]))
      .catch((error) => {
        isListed = false;
        throw error;
      });
    const whole = names.filter((name) => name.endsWith(SUFFIX)).sort();
    const there = new Set(whole);
    // Another process may have brought back, or have put there, what this one does not know of.
    for (const name of before) if (!there.has(name)) known.forget(name);
    for (const name of whole) {
      const key = keyIn(name);
      if (key) known.note(name, key);
    }
    isListed = true;
    return whole;
  };
  return {
    put: async ({ claimed: _, ...outcome }: GrantOutcome): Promise<void> => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      sequence += 1;
      const { grant } = outcome;
      const name = nameOf(grant, sequence);
      const path = join(directory, name);
      const file = await open(`${path}.part`, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(outcome));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.part`, path);
      known.note(name, grant);
      await syncDirectory(directory);
    },
    all: async (): Promise<readonly SpooledFile[]> => {
      const names = await list();
      const found = await Promise.all(names.map((name) => readOutcome(directory, name)));
      return found.filter((one) => one !== null);
    },
    drop: async (name: string): Promise<void> => {
      await rm(join(directory, name), { force: true });
      known.forget(name);
    },
    /**
     * Looks into the directory until that was possible once, for what a process before this one has left. Null: it
     * cannot be read. Why, the replay says.
     */
    hasNewer: async (grant: GrantRecord): Promise<boolean | null> => {
      if (known.hasNewer(grant)) return true;
      if (!isListed) await list().catch(() => undefined);
      return known.hasNewer(grant) || (isListed ? false : null);
    },
    setAside: async (name: string): Promise<string> => {
      const quarantine = join(directory, QUARANTINE);
      await mkdir(quarantine, { recursive: true, mode: 0o700 });
      await rename(join(directory, name), join(quarantine, name));
      known.forget(name);
      await syncDirectory(quarantine);
      await syncDirectory(directory);
      return join(quarantine, name);
    },
  };
}

const NAME = /^([^-]+)-([^-]+)-(\d+)-\d+-\d+-\d+\.outcome\.json$/;

/** Sorts by grant, then by credential, then by claim. */
function nameOf({ workspaceId, id, credentialVersion, epoch }: GrantRecord, sequence: number): string {
  const [version, claim, place] = [credentialVersion, epoch, sequence].map((one) =>
    String(one).padStart(9, '0'),
  );
  return `${workspaceId}-${id}-${version}-${claim}-${process.pid}-${place}${SUFFIX}`;
}

/** Null: it was not named here. */
function keyIn(name: string): Pick<GrantRecord, 'workspaceId' | 'id' | 'credentialVersion'> | null {
  const [, workspaceId, id, version] = NAME.exec(name) ?? [];
  if (workspaceId === undefined || id === undefined) return null;
  return { workspaceId, id, credentialVersion: Number(version) };
}

interface SpooledFile {
  readonly name: string;
  readonly outcome: GrantOutcome | null;
  /** Why the file could not be read, as the system says it (`EACCES`, `EIO` …): it may well be sound. */
  readonly unread?: string;
}

/** Null: another process has brought it back meanwhile. */
async function readOutcome(directory: string, name: string): Promise<SpooledFile | null> {
  try {
    const text = await readFile(join(directory, name), 'utf8').catch(unlessAbsent(null));
    return text === null ? null : { name, outcome: parsed(text) };
  } catch (error) {
    return { name, outcome: null, unread: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

function parsed(text: string): GrantOutcome | null {
  try {
    const outcome: unknown = JSON.parse(text);
    return isOutcome(outcome) ? outcome : null;
  } catch {
    return null;
  }
}

/** What is not there is told by `instead`; any other trouble is trouble. */
function unlessAbsent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return instead;
    throw error;
  };
}

/** Whether it has what a write is decided by. */
function isOutcome(value: unknown): value is GrantOutcome {
  const { grant, activity } = (value ?? {}) as Partial<GrantOutcome>;
  return (
    typeof grant?.workspaceId === 'string' &&
    typeof grant.id === 'string' &&
    Number.isInteger(grant.credentialVersion) &&
    Number.isInteger(grant.epoch) &&
    typeof grant.secrets === 'object' &&
    Array.isArray(activity)
  );
}

/** A rename is safe only once the directory is on disk too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
