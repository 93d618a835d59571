/** The service in a process of its own, with a clock that the tests move over IPC. Argument: {@link ChildOrder} as JSON. */
import type { Config } from '../../src/config.ts';
import { REAL_WORLD, startEvergrant, type World } from '../../src/main.ts';

export interface ChildOrder {
  readonly config: Config;
  /** Where simulated platforms listen that somebody else runs; null: none. */
  readonly sandboxUrl: string | null;
  /** By how much its clock is ahead. */
  readonly aheadMs: number;
}

const { config, sandboxUrl, aheadMs } = JSON.parse(process.argv[2] ?? '') as ChildOrder;
let ahead = aheadMs;
const sleepers = new Set<() => void>();
const now = (): number => Date.now() + ahead;

/** Sleeps by its own clock: when that is moved, who overslept wakes. */
async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const until = now() + milliseconds;
  while (now() < until && !signal?.aborted) {
    const moved = new AbortController();
    const wake = () => moved.abort();
    sleepers.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
    await REAL_WORLD.sleep(until - now(), moved.signal);
    signal?.removeEventListener('abort', wake);
    sleepers.delete(wake);
  }
}

const world: World = {
  now,
  sleep,
  openSandbox: async () =>
    sandboxUrl === null ? null : { url: sandboxUrl, simulators: [], close: async () => undefined },
};

process.on('disconnect', () => process.exit(2));
try {
  const running = await startEvergrant(config, world);
  process.on('message', (order: { aheadMs: number }) => {
    ahead = order.aheadMs;
    for (const wake of sleepers) wake();
    process.send?.({ aheadMs: ahead });
  });
  process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
  process.send?.({ listening: `http://127.0.0.1:${running.port}` });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
