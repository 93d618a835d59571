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

/** Does the work and ends whatever it began. */
export async function withCleanup<T>(work: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleanup = new Cleanup();
  try {
    return await work(cleanup);
  } finally {
    await cleanup.run();
  }
}
