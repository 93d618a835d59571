import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GrantOutcome } from './store.ts';

const SUFFIX = '.outcome.json';
/** What can never be written rests here until a person has looked at it. */
const QUARANTINE = 'quarantine';

/**
 * Outcomes on disk while the database is away. Each is a file of its own, written whole and fsynced before it counts.
 * Secrets in it are sealed as they are in the database.
 */
export function openSpool(directory: string) {
  let sequence = 0;
  return {
    put: async (outcome: GrantOutcome): Promise<void> => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      sequence += 1;
      const { grant } = outcome;
      const name = `${grant.id}-${String(grant.credentialVersion).padStart(9, '0')}-${grant.epoch}-${process.pid}-${sequence}${SUFFIX}`;
      const path = join(directory, name);
      const file = await open(`${path}.part`, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(outcome));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.part`, path);
      await syncDirectory(directory);
    },
    all: async (): Promise<readonly { name: string; outcome: GrantOutcome | null }[]> => {
      const names = await readdir(directory).catch(() => [] as string[]);
      const whole = names.filter((name) => name.endsWith(SUFFIX)).sort();
      const read = await Promise.all(whole.map((name) => readOutcome(directory, name)));
      return read.filter((one) => one !== null);
    },
    drop: (name: string): Promise<void> => rm(join(directory, name), { force: true }),
    setAside: async (name: string): Promise<string> => {
      const quarantine = join(directory, QUARANTINE);
      await mkdir(quarantine, { recursive: true, mode: 0o700 });
      await rename(join(directory, name), join(quarantine, name));
      await syncDirectory(quarantine);
      await syncDirectory(directory);
      return join(quarantine, name);
    },
  };
}

/** Null: another process has brought it back meanwhile. */
async function readOutcome(
  directory: string,
  name: string,
): Promise<{ name: string; outcome: GrantOutcome | null } | null> {
  const text = await readFile(join(directory, name), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const outcome: unknown = JSON.parse(text);
    return { name, outcome: isOutcome(outcome) ? outcome : null };
  } catch {
    return { name, outcome: null };
  }
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
