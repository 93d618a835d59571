import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { portProblem } from './app/portProblem.ts';
import type { Config } from './config.ts';
import { tryDataFolder } from './store/dataFolder.ts';
import { holderOf } from './store/directoryLock.ts';

/** Where the simulated platforms listen. */
export const SANDBOX_HOST = '127.0.0.1';

export interface HeldPort {
  /** The port to listen on; where 0 was configured, the one that the system gave. */
  readonly port: number;
  readonly release: () => Promise<void>;
}

/** Two processes at once would destroy an embedded database: the second is told where the first one is. */
export function refuseSecond({ databaseUrl, dataDir }: Config): void {
  const holder = databaseUrl === null ? holderOf(dataDir) : null;
  if (holder === null) return;
  const where = holder.url === undefined ? '' : `, at ${holder.url}`;
  throw new Error(
    `It is running already with the data in ${dataDir}, as process ${holder.pid}${where}. Use that one, or stop it first. A second one beside it needs an EVERGRANT_DATA_DIR, PORT and EVERGRANT_SANDBOX_PORT of its own.`,
  );
}

/** Takes what has to be free: ports and the data folder. Names all obstacles at once, and then leaves nothing behind. */
export async function holdAll(config: Config): Promise<HeldPort> {
  const wanted: Parameters<typeof holdPort>[] = [['PORT', config.port, config.host]];
  if (config.sandbox) wanted.push(['EVERGRANT_SANDBOX_PORT', config.sandboxPort, SANDBOX_HOST]);
  const tried = await Promise.allSettled(wanted.map((one) => holdPort(...one)));
  const [own, ...others] = tried.map((one) => (one.status === 'fulfilled' ? one.value : null));
  const folder = tryDataFolder(config.dataDir);
  const obstacles = tried.flatMap((one) => (one.status === 'rejected' ? [String(one.reason.message)] : []));
  if (folder.problem !== null) obstacles.push(folder.problem);
  for (const other of others) await other?.release();
  if (own && obstacles.length === 0) return own;
  await own?.release();
  folder.undo();
  if (obstacles.length === 1) throw new Error(obstacles[0]);
  throw new Error(`There are several obstacles:\n${obstacles.map((one) => `  - ${one}`).join('\n')}`);
}

/** Takes the port before anything is opened or written: one that is taken is told at once, and links can name it. */
async function holdPort(name: string, port: number, host: string): Promise<HeldPort> {
  const listener = createNetServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) => reject(portProblem(error, name, port, host)));
    listener.listen(port, host, resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    release: () => new Promise((resolve) => listener.close(() => resolve())),
  };
}
