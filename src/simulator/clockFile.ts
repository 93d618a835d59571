import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ClockState } from './clock.ts';

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
    `${path} does not say where the sandbox’s clock stands: it was changed or damaged. Without it the data beside it may lie in the future. Restore it from its backup, or start with another EVERGRANT_DATA_DIR.`,
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
    const isInstant = (value: unknown): value is number => Number.isFinite(value);
    if (!isInstant(aheadMs) || (frozenAt !== null && !isInstant(frozenAt))) return null;
    return { aheadMs, frozenAt };
  } catch {
    return null;
  }
}
