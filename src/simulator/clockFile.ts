import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DAY_MS } from '../core/instant.ts';
import type { ClockState } from './clock.ts';

/** Further from the real time nobody comes, with moves of 400 days: who stands there was written by something else. */
const FURTHEST_MS = 365_000 * DAY_MS;

/** What it means that the file is not as it was written. */
export const CLOCK_MEANING =
  'Without it what is on record would lie in the future: nothing of it would come due in time, and a real credential beside it would be renewed at the wrong time. So it does not start.';
export const CLOCK_REMEDY =
  'Put the file back as it was, or begin anew with another, empty EVERGRANT_DATA_DIR.';

/** Where the clock stood; null: there is no such file. Throws where the file cannot be understood. */
export function readClockFile(path: string): ClockState | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const state = parsed(text);
  if (state !== null) return state;
  throw new Error(
    `${path} does not say where the sandbox’s clock stands: it was changed or damaged. ${CLOCK_MEANING} ${CLOCK_REMEDY}`,
  );
}

/** Writes it whole and onto the disk, its name too, as the data is. */
export function writeClockFile(path: string, state: ClockState): void {
  synced(openSync(`${path}.new`, 'w', 0o600), (file) => writeSync(file, `${JSON.stringify(state)}\n`));
  renameSync(`${path}.new`, path);
  synced(openSync(dirname(path), 'r'));
}

function synced(descriptor: number, write?: (descriptor: number) => void): void {
  try {
    write?.(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parsed(text: string): ClockState | null {
  try {
    const { aheadMs, frozenAt } = JSON.parse(text) as Partial<ClockState>;
    if (!isWithin(aheadMs, -FURTHEST_MS) || (frozenAt !== null && !isWithin(frozenAt, 0))) return null;
    return { aheadMs, frozenAt };
  } catch {
    return null;
  }
}

/** An instant counts from 1970, and may stand as far from there as from today. */
function isWithin(value: unknown, least: number): value is number {
  return typeof value === 'number' && value >= least && value <= FURTHEST_MS;
}
