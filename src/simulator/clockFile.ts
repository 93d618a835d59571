import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
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

/** Writes it whole and onto the disk, as the data is. */
export function writeClockFile(path: string, state: ClockState): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(state)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
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
