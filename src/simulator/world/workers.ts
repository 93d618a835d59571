import { Worker } from 'node:worker_threads';
import type { Drawn } from './drawn.ts';
import { type Plan, partsOf } from './plan.ts';
import { merged, type Summary, timed } from './summary.ts';
import type { Job, Word } from './worker.ts';

interface Hearing {
  readonly progress?: (share: number) => void;
  /** Of several worlds: what was drawn for the first. */
  readonly drawn?: (drawn: Drawn) => void;
}

interface Queued extends Hearing {
  readonly job: Job;
  readonly done: (summary: Summary) => void;
  readonly failed: (error: Error) => void;
}

/** Lives through worlds in threads, so many at a time. What comes of each does not depend on how many there are. */
export class Workers {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #queue: Queued[] = [];
  readonly #most: number;
  readonly #now: () => number;

  /** @param now A real clock, for how long a run takes. */
  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** One plan, in as many worlds as it takes. */
  async live(plan: Plan, options: Omit<Job, 'plan'> & Hearing = {}): Promise<Summary> {
    const { progress, drawn, ...rest } = options;
    const parts = partsOf(plan);
    const shares = parts.map(() => 0);
    const startedAt = this.#now();
    const runs = await Promise.all(
      parts.map((part, place) =>
        this.#enqueue(
          { ...rest, plan: part },
          {
            ...(place === 0 && drawn ? { drawn } : {}),
            progress: (share) => {
              shares[place] = share;
              progress?.(shares.reduce((sum, one) => sum + one, 0) / parts.length);
            },
          },
        ),
      ),
    );
    return timed(merged(plan, runs), this.#now() - startedAt);
  }

  /** Ends all threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #enqueue(job: Job, hearing: Hearing): Promise<Summary> {
    return new Promise((done, failed) => {
      this.#queue.push({ job, ...hearing, done, failed });
      this.#next();
    });
  }

  #next(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#all.size < this.#most ? this.#hire() : undefined);
    if (worker !== undefined) this.#give(worker, this.#queue.shift()!);
  }

  #hire(): Worker {
    const worker = new Worker(
      new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
    );
    this.#all.add(worker);
    return worker;
  }

  #give(worker: Worker, { job, progress, drawn, done, failed }: Queued): void {
    const leave = (keep: boolean): void => {
      // Not all listeners: some are the thread's own, and without them it never hears again.
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      if (keep) this.#idle.push(worker);
      else this.#all.delete(worker);
      this.#next();
    };
    const broke = (text: string): void => {
      leave(false);
      void worker.terminate();
      failed(new Error(`The world of seed ${job.plan.seed} could not be lived through: ${text}`));
    };
    worker.on('message', (word: Word) => {
      if ('progress' in word) progress?.(word.progress);
      if ('drawn' in word) drawn?.(word.drawn);
      if ('fault' in word) broke(word.fault);
      if (!('summary' in word)) return;
      leave(true);
      done(word.summary);
    });
    worker.once('error', (error: Error) => broke(error.stack ?? error.message));
    worker.once('exit', (code) => broke(`its thread ended with code ${code}.`));
    worker.postMessage(job);
  }
}
