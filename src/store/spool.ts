import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { GrantOutcome } from './store.ts';

const SUFFIX = '.outcome.json';

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
    all: async (): Promise<readonly { name: string; outcome: GrantOutcome }[]> => {
      const names = await readdir(directory).catch(() => [] as string[]);
      const whole = names.filter((name) => name.endsWith(SUFFIX)).sort();
      const read = await Promise.all(whole.map((name) => readOutcome(directory, name)));
      return read.filter((one) => one !== null);
    },
    drop: (name: string): Promise<void> => unlink(join(directory, name)),
  };
}

/** One that cannot be read is set aside under another name, so that it keeps none of the others from the database. */
async function readOutcome(
  directory: string,
  name: string,
): Promise<{ name: string; outcome: GrantOutcome } | null> {
  const path = join(directory, name);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return { name, outcome: JSON.parse(text) as GrantOutcome };
  } catch {
    await rename(path, `${path}.unreadable`);
    return null;
  }
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
