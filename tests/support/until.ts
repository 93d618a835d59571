import assert from 'node:assert/strict';

const POLL_MS = 50;

/** Waits for something that another process does. */
export async function until(what: string, check: () => Promise<boolean>, longestMs = 15_000): Promise<void> {
  const giveUpAt = Date.now() + longestMs;
  while (!(await check())) {
    if (Date.now() > giveUpAt) assert.fail(`Not within ${longestMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
