/** For answers that need not wait for others. */
export const atOnce = (): Promise<void> => Promise.resolve();

let end: Promise<void> | null = null;

/**
 * Resolves when all requests that have arrived by now are worked on. What they answer then leaves together: a write that
 * wakes a sleeping caller costs several times as much as one to a caller that is awake.
 */
export function endOfTurn(): Promise<void> {
  end ??= new Promise((resolve) =>
    setImmediate(() => {
      end = null;
      resolve();
    }),
  );
  return end;
}
