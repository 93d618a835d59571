type Ending = () => unknown;

/** What has to be ended, however a measurement goes: the last that was begun is ended first. */
export class Cleanup {
  readonly #endings: Ending[] = [];

  add(ending: Ending): void {
    this.#endings.push(ending);
  }

  async run(): Promise<void> {
    for (let ending = this.#endings.pop(); ending; ending = this.#endings.pop()) {
      try {
        await ending();
      } catch (error) {
        console.error('Something of the bench could not be ended:', error);
      }
    }
  }
}

const open = new Set<Cleanup>();

/** Does the work and ends whatever it began. */
export async function withCleanup<T>(work: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleanup = new Cleanup();
  open.add(cleanup);
  try {
    return await work(cleanup);
  } finally {
    await cleanup.run();
    open.delete(cleanup);
  }
}

/** When the bench is told to stop, it first ends what it began. */
export function cleanUpOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      for (const cleanup of open) await cleanup.run();
      process.exit(1);
    });
  }
}
