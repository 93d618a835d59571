/**
 * Callers in a process of their own, each with one kept connection, that ask and wait for the answer before they ask
 * again. On bare sockets: a caller must cost less than what it measures.
 */
import { connect, type Socket } from 'node:net';

export interface LoadOrder {
  readonly port: number;
  readonly paths: readonly string[];
  readonly headers: readonly string[];
  readonly callers: number;
  readonly milliseconds: number;
}

export interface LoadReport {
  readonly answered: number;
  readonly refused: number;
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  /** What an answer costs the callers. They measure a server, so it is to be less than what the answer costs that. */
  readonly callerCpuMicros: number;
}

class Caller {
  readonly latencies: number[] = [];
  refused = 0;
  readonly #order: LoadOrder;
  readonly #socket: Socket;
  readonly #over: () => boolean;
  readonly #done: () => void;
  #next: number;
  #askedAt = 0;
  #received: Buffer = Buffer.alloc(0);

  constructor(
    order: LoadOrder,
    first: number,
    over: () => boolean,
    done: () => void,
    failed: (error: Error) => void,
  ) {
    this.#order = order;
    this.#next = first;
    this.#over = over;
    this.#done = done;
    this.#socket = connect(order.port, '127.0.0.1', () => this.#ask());
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.once('error', failed);
  }

  #ask(): void {
    if (this.#over()) {
      this.#socket.end();
      this.#done();
      return;
    }
    const { paths, headers } = this.#order;
    const path = paths[this.#next % paths.length];
    this.#next += 1;
    this.#askedAt = performance.now();
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const head = this.#received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const text = this.#received.toString('latin1', 0, head);
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (this.#received.length < head + 4 + length) return;
    if (!text.startsWith('HTTP/1.1 200')) this.refused += 1;
    this.latencies.push(performance.now() - this.#askedAt);
    this.#received = Buffer.alloc(0);
    this.#ask();
  }
}

async function run(order: LoadOrder): Promise<LoadReport> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const over = () => performance.now() - startedAt >= order.milliseconds;
  const callers: Caller[] = [];
  const ends = Array.from({ length: order.callers }, (_, index) => {
    const first = Math.floor((index * order.paths.length) / order.callers);
    return new Promise<void>((done, failed) => callers.push(new Caller(order, first, over, done, failed)));
  });
  await Promise.all(ends);
  const latenciesMs = callers.flatMap((caller) => caller.latencies);
  const refused = callers.reduce((sum, caller) => sum + caller.refused, 0);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  const answered = latenciesMs.length;
  const callerCpuMicros = (user + system) / answered;
  return { answered, refused, perSecond: answered / seconds, latenciesMs, callerCpuMicros };
}

process.once('disconnect', () => process.exit(0));
process.on('message', (order: LoadOrder) => {
  run(order).then(
    (report) => process.send?.(report),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.({ ready: true });
