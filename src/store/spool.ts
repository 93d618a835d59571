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
      return Promise.all(
        whole.map(async (name) => ({
          name,
          outcome: JSON.parse(await readFile(join(directory, name), 'utf8')) as GrantOutcome,
        })),
      );
    },
    drop: (name: string): Promise<void> => unlink(join(directory, name)),
  };
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
