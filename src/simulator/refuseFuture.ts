import { hasLive } from '../app/manageClock.ts';
import { type Instant, MINUTE_MS, toRfc3339 } from '../core/instant.ts';
import type { Store } from '../store/store.ts';
import { CLOCK_MEANING, CLOCK_REMEDY } from './clockFile.ts';

/** Of what lies in the data folder, less is taken for the clocks of machines, which are set right now and then. */
export const CLOCK_SKEW_MS = 5 * MINUTE_MS;

interface Opened {
  readonly store: Store;
  readonly now: Instant;
  /** The file of the sandbox's clock, which gave `now` where it is there. */
  readonly path: string;
  readonly warn: (text: string) => void;
}

/**
 * Throws where an embedded database goes up to a moment more than {@link CLOCK_SKEW_MS} ahead: the clock of its sandbox was
 * moved, and the file that says so is gone or was changed. Where there is a live app it warns: no sandbox's clock was ever moved
 * there, and what is real waits for nobody.
 */
export async function refuseFuture({ store, now, path, warn }: Opened): Promise<void> {
  const newest = await newestOnRecord(store);
  if (newest === null || newest <= now + CLOCK_SKEW_MS) return;
  const said = `The data goes up to ${toRfc3339(newest)}, and the clock stands at ${toRfc3339(now)}.`;
  const ofMachine = 'this machine’s clock is behind, or was ahead once';
  if (await hasLive({ store }))
    return warn(
      `${said} Something is wrong with time: ${ofMachine}. Set it right, for all renewals go by it.`,
    );
  const state = JSON.stringify({ aheadMs: 0, frozenAt: newest });
  throw new Error(
    `${said} The clock of this sandbox was moved, and ${path}, which says how far, is missing, older than the data, or was changed. ${CLOCK_MEANING} ${CLOCK_REMEDY} If no backup has it, write ${state} into it: the clock then stands still where the data ends. If nobody ever moved it, ${ofMachine}: set that right.`,
  );
}

/** When the last thing was written to the activity log, where whatever is done leaves a row; null: nothing was. */
async function newestOnRecord(store: Store): Promise<Instant | null> {
  let newest: Instant | null = null;
  for (const { id } of await store.listWorkspaces()) {
    const [row] = await store.listActivity(id, {}, { limit: 1, beforeSeq: null });
    if (row !== undefined && row.at > (newest ?? Number.NEGATIVE_INFINITY)) newest = row.at;
  }
  return newest;
}
