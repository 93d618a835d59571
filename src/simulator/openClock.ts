import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Instant } from '../core/instant.ts';
import { readClockFile, writeClockFile } from './clockFile.ts';
import { SharedClock, type SharedClockParts } from './sharedClock.ts';

/** Where it is kept how far the clock was moved. */
export const clockPath = ({ dataDir }: Config): string => join(dataDir, 'sandbox.clock');

/**
 * The clock of a sandbox with the embedded database, which no other process can share; null: the time is as it is. Refuses
 * a folder whose clock was touched for anything else: its data is dated in another time.
 */
export function openClock(
  config: Config,
  { now, sleep }: { readonly now: () => Instant; readonly sleep: SharedClockParts['sleep'] },
  fault: (error: unknown) => void,
): SharedClock | null {
  const path = clockPath(config);
  const state = readClockFile(path);
  if (config.sandbox && config.databaseUrl === null)
    return new SharedClock({ real: now, sleep, state, keep: (next) => writeClockFile(path, next), fault });
  if (state === null) return null;
  throw new Error(
    `The clock of the sandbox in ${config.dataDir} was frozen or moved, so its data is dated in a time that is not the real one: it stays a sandbox with the embedded database. Start it with EVERGRANT_SANDBOX=on and without DATABASE_URL, or choose another EVERGRANT_DATA_DIR.`,
  );
}
