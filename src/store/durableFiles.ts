import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/**
 * PGlite on a directory, with the one call it lacks. Its engine asks for fsync like any PostgreSQL, but the file
 * system that PGlite 0.5 mounts has no such callback, so that the engine is told "done" while nothing was written
 * (electric-sql/pglite issue 1107). Here the callback is there, for files and for directories.
 */
export class DurableFiles extends NodeFS {
  override async init(...[engine, options]: Parameters<NodeFS['init']>) {
    const { emscriptenOpts } = await super.init(engine, options);
    const preRun = [...(emscriptenOpts.preRun ?? []), addFsync] as typeof emscriptenOpts.preRun;
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

interface EngineFiles {
  readonly NODEFS: {
    stream_ops: { fsync?: (stream: { readonly nfd: number }) => number };
    tryFSOperation: <T>(work: () => T) => T;
  };
}

function addFsync(module: unknown): void {
  const { NODEFS } = module as EngineFiles;
  NODEFS.stream_ops.fsync = (stream) => {
    NODEFS.tryFSOperation(() => fsyncSync(stream.nfd));
    return 0;
  };
}

/**
 * How the engine is started so that what is acknowledged survives a power cut: without `-F` (fsync off), and with
 * fsync as the call for the log, because PGlite's fdatasync reports success without doing anything.
 */
export function durableStartParams(defaults: readonly string[]): string[] {
  return [
    ...defaults.filter((parameter) => parameter !== '-F'),
    '-c',
    'fsync=on',
    '-c',
    'wal_sync_method=fsync',
  ];
}

export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const FILES_AT_ONCE = 64;

/** Brings a directory and everything below it onto the disk. Many at once: the disk then writes them in one go. */
export async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  paths.push(directory);
  for (let from = 0; from < paths.length; from += FILES_AT_ONCE) {
    await Promise.all(paths.slice(from, from + FILES_AT_ONCE).map(syncFile));
  }
}
