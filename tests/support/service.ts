import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ApiAnswer } from './server.ts';
import { Browser } from './serverBrowser.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const CHILD = fileURLToPath(new URL('./serviceChild.ts', import.meta.url));

export const KEY = 'evg_key-of-the-tests-0123456789';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process with what it said and how it ended. Killed at the end of the file, whatever happens. */
export class Child {
  readonly ended: Promise<Ended>;
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>>, ipc: boolean) {
    const child = spawn(process.execPath, [file, ...args], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    running.add(child);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.process = child;
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  /** As an operator stops it. */
  stop(): Promise<Ended> {
    this.process.kill('SIGTERM');
    return this.ended;
  }
}

/** A service that is up, over HTTP. */
export class Service {
  readonly child: Child;
  readonly url: string;
  readonly #publicUrl: string;
  readonly #key: string;

  constructor(child: Child, url: string, publicUrl = url, key = KEY) {
    this.child = child;
    this.url = url;
    this.#publicUrl = publicUrl;
    this.#key = key;
  }

  async call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${this.url}${path}`, init);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
  async expect(status: number, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.call(method, path, body);
    assert.equal(
      answer.status,
      status,
      `${method} ${path}: ${answer.text.slice(0, 500)}\n${this.child.stderr}`,
    );
    return answer.json;
  }

  browser(headers: Readonly<Record<string, string>> = {}): Browser {
    return new Browser(this.url, this.#publicUrl, headers);
  }

  kill(): Promise<void> {
    return this.child.kill();
  }

  stop(): Promise<Ended> {
    return this.child.stop();
  }

  /** Moves the clock of a service that was started with one. */
  async setAhead(aheadMs: number): Promise<void> {
    const { process: child } = this.child;
    const done = new Promise((resolve) => child.once('message', resolve));
    child.send({ aheadMs });
    await Promise.race([done, this.child.ended.then(gone)]);
  }
}

function gone(): never {
  throw new Error('The process ended.');
}

/** `node src/main.ts` with nothing of this machine's environment. */
export function runMain(env: Readonly<Record<string, string>>): Child {
  return new Child(MAIN, [], env, false);
}

/** The same, up; fails with its words when it does not come up. */
export async function startMain(env: Readonly<Record<string, string>>, key = KEY): Promise<Service> {
  const child = runMain(env);
  const up = new Promise<void>((resolve) => {
    child.process.stdout?.on('data', () => child.stdout.includes('Ready.') && resolve());
  });
  await Promise.race([up, child.ended]);
  const url = rowOf(child.stdout, 'Evergrant');
  if (url === null) throw new Error(`The service did not start. ${child.stdout}${child.stderr}`);
  return new Service(child, url, url, key);
}

/** What the greeting says after a label; null: nothing. */
export function rowOf(greeting: string, label: string): string | null {
  return new RegExp(`^ *${label}: +(\\S+)$`, 'm').exec(greeting)?.[1] ?? null;
}

/** The same service with a clock to be moved, as `serviceChild.ts` runs it. */
export async function startChild(order: object, publicUrl: string): Promise<Service> {
  const child = new Child(CHILD, [JSON.stringify(order)], {}, true);
  const up = new Promise<{ listening: string }>((resolve) =>
    child.process.once('message', resolve as () => void),
  );
  const said = await Promise.race([up, child.ended]);
  if (!('listening' in said)) throw new Error(`The service did not start: ${child.stderr}`);
  return new Service(child, said.listening, publicUrl);
}
