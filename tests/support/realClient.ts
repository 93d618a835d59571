import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { sandboxForTest, type TestSandbox } from './sandbox.ts';

export const CALLBACK = 'https://app.example.org/callback';

/** A sandbox to which somebody else's client library is pointed. */
export interface ClientBench {
  readonly sandbox: TestSandbox;
  readonly app: { readonly client_id: string; readonly client_secret: string };
  readonly people: readonly { readonly id: string; readonly name: string; readonly email: string }[];
  /** Where the sandbox stands for a platform's address; other addresses stay as they are. */
  readonly at: (url: string) => string;
  /** A person at the consent page: allows, or does what the headers say. Returns the callback with its query. */
  readonly consent: (url: string, headers?: Record<string, string>) => Promise<URL>;
  /** Flips a switch of the platform by the control API. */
  readonly breakIt: (how: string, target?: Record<string, string>) => Promise<unknown>;
  readonly mendIt: (how: string, target?: Record<string, string>) => Promise<unknown>;
  /** Ends the sandbox; fails where somebody tried to reach the network. */
  readonly end: () => Promise<void>;
}

/**
 * Starts the sandbox for a test file. Its clock begins at the real time, because libraries look at their own. From then
 * on nothing in the process may connect to anywhere but this host.
 */
export async function clientBench(platform: string): Promise<ClientBench> {
  const strangers = loopbackOnly();
  const sandbox = await sandboxForTest();
  sandbox.clock.advance(Date.now() - sandbox.clock.now());
  const { app, people } = await sandbox.control('GET', platform);
  const hosts = new Set(sandbox.simulators.flatMap((simulator) => simulator.hosts));
  const at = (url: string) => {
    const { host, pathname, search } = new URL(url);
    return hosts.has(host) ? `${sandbox.url}/${host}${pathname}${search}` : url;
  };
  return {
    sandbox,
    app,
    people,
    at,
    consent: (url, headers) => consentAt(at(url), headers),
    breakIt: (how, target) => sandbox.control('POST', `${platform}/break`, { how, ...target }),
    mendIt: (how, target) => sandbox.control('POST', `${platform}/mend`, { how, ...target }),
    end: async () => {
      await sandbox.close();
      assert.deepEqual(strangers, [], 'Somebody tried to reach the network.');
    },
  };
}

async function consentAt(url: string, headers: Record<string, string> = {}): Promise<URL> {
  const answer = await fetch(url, {
    redirect: 'manual',
    headers: { 'x-simulated-consent': 'allow', ...headers },
  });
  const location = answer.headers.get('location');
  if (!location)
    throw new Error(`No redirect from ${url}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
  return new URL(location);
}

/** Refuses connections to anywhere else; the result lists the hosts that somebody tried. */
function loopbackOnly(): readonly string[] {
  const strangers: string[] = [];
  const connect = Socket.prototype.connect as (this: Socket, ...given: unknown[]) => Socket;
  Socket.prototype.connect = function guarded(this: Socket, ...given: unknown[]): Socket {
    const host = hostOf(given);
    if (/^(localhost|127\.0\.0\.1|::1)$/.test(host)) return connect.apply(this, given);
    strangers.push(host);
    throw new Error(`A test may not connect to ${host}.`);
  } as typeof Socket.prototype.connect;
  return strangers;
}

/** `connect(options)`, `connect(port, host)`, and the list into which Node itself puts its arguments. */
function hostOf(given: readonly unknown[]): string {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  if (typeof first === 'object' && first !== null && 'host' in first)
    return String(first.host ?? 'localhost');
  return typeof second === 'string' ? second : 'localhost';
}

/** What a promise was rejected with. */
// biome-ignore lint/suspicious/noExplicitAny: libraries' errors, read for what is expected.
export async function failureOf(promise: Promise<unknown>): Promise<any> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}
