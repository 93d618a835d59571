import { type ChildProcess, fork } from 'node:child_process';
import type { Cleanup } from './cleanup.ts';

export interface Child {
  readonly process: ChildProcess;
  /** Sends a message and resolves with the one that comes back. */
  readonly ask: <Answer>(message: unknown) => Promise<Answer>;
}

/** A script of this folder in a process of its own. It ends with this process, even if that is killed. */
export async function startChild(
  script: string,
  cleanup: Cleanup,
): Promise<{ child: Child; ready: unknown }> {
  const child = fork(new URL(script, import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  cleanup.add(() => stop(child));
  const ready = await nextMessage(child);
  const ask = async <Answer>(message: unknown): Promise<Answer> => {
    child.send(message as object);
    return (await nextMessage(child)) as Answer;
  };
  return { child: { process: child, ask }, ready };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) =>
      reject(new Error(`A child process of the bench ended with code ${code}.`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.disconnect();
    setTimeout(() => child.kill('SIGKILL'), 3_000).unref();
  });
}
