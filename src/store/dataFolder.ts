import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What is written to see whether there is room at all. */
const TRIAL = new Uint8Array(65_536);

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Give the folder to that user, or choose another EVERGRANT_DATA_DIR.',
  EPERM: 'Give the folder to that user, or choose another EVERGRANT_DATA_DIR.',
  ENOTDIR: 'It, or something above it, is a file and no folder. Choose another EVERGRANT_DATA_DIR.',
  ENOENT: 'No folder can be made in that place. Choose another EVERGRANT_DATA_DIR.',
  EROFS: 'It can only be read there. Choose another EVERGRANT_DATA_DIR.',
  ENOSPC: 'The disk is full: make room, or choose another EVERGRANT_DATA_DIR.',
  EDQUOT: 'That user may take no more room: make some, or choose another EVERGRANT_DATA_DIR.',
};

export interface DataFolder {
  /** Why it cannot be written, and what to do; null: it can. */
  readonly problem: string | null;
  /** Takes away what was made for the trial, as far as nobody uses it yet. */
  readonly undo: () => void;
}

/** Makes the folder where there is none, and writes to it for a trial. Throws nothing. */
export function tryDataFolder(directory: string): DataFolder {
  const made: string[] = [];
  const undo = () => {
    try {
      for (const path of made.toReversed()) rmdirSync(path);
    } catch {
      // Another process has put something there meanwhile: it is that one's folder now.
    }
  };
  try {
    makeFolder(resolve(directory), made);
    writeTrial(join(directory, `trial.${process.pid}`));
    return { problem: null, undo };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const remedy = REMEDIES[code] ?? 'Look after the disk, or choose another EVERGRANT_DATA_DIR.';
    return {
      problem: `EVERGRANT_DATA_DIR ${directory} cannot be written by user ${userName()} (${code}). ${remedy}`,
      undo,
    };
  }
}

/** Step by step: Node's own way of making all of them at once does not end in places such as /proc. */
function makeFolder(path: string, made: string[]): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
    throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
  }
  if (dirname(path) !== path) makeFolder(dirname(path), made);
  mkdirSync(path, { mode: 0o700 });
  made.push(path);
}

function writeTrial(path: string): void {
  try {
    const file = openSync(path, 'w', 0o600);
    try {
      writeSync(file, TRIAL);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } finally {
    rmSync(path, { force: true });
  }
}

/** In a container the user may have a number alone. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
