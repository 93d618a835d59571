import type { Spool } from '../app/committer.ts';
import type { House } from '../app/context.ts';
import { retireAllUnused } from '../app/endGrant.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/instant.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { replaySpool } from './replaySpool.ts';

/** The keeper sleeps no longer than this: another process may have brought work. */
const LONGEST_SLEEP_MS = 5 * SECOND_MS;
/** After a crash no more token reads than those of so long are missing in the activity log. */
const FLUSH_EVERY_MS = 10 * MINUTE_MS;
const SWEEP_EVERY_MS = HOUR_MS;

/** Keeps everything alive until the signal is aborted. A fault is logged, and the next round begins. */
export async function runKeeper(
  house: House,
  spool: Spool,
  signal: AbortSignal,
  options: KeeperOptions = {},
): Promise<void> {
  const keeper = new Keeper(house, options);
  let sweptAt = house.now();
  await Promise.all([
    (async () => {
      while (!signal.aborted) await house.sleep(await round(house, spool, keeper), signal);
    })(),
    (async () => {
      while (!signal.aborted) {
        await house.sleep(FLUSH_EVERY_MS, signal);
        await house.readLog
          .flush()
          .catch((error) => house.log.warn({ err: error }, 'Token reads could not be logged yet'));
        if (house.now() - sweptAt < SWEEP_EVERY_MS) continue;
        sweptAt = house.now();
        await house.store
          .sweep(house.now() - DAY_MS)
          .catch((error) => house.log.warn({ err: error }, 'Sweeping failed'));
        await retireAllUnused(house, house.now() - HOUR_MS).catch((error) =>
          house.log.warn({ err: error }, 'Grants without a connection could not be retired yet'),
        );
      }
    })(),
  ]);
  await keeper.settled();
}

async function round(house: House, spool: Spool, keeper: Keeper): Promise<number> {
  try {
    await replaySpool(house, spool).catch((error) =>
      house.log.warn({ err: error }, 'The spool could not be replayed'),
    );
    const { wakeAt } = await keeper.tick();
    if (wakeAt === null) return LONGEST_SLEEP_MS;
    return Math.min(Math.max(0, wakeAt - house.now()), LONGEST_SLEEP_MS);
  } catch (error) {
    house.log.error({ err: error }, 'The keeper’s round failed; it begins again shortly');
    return SECOND_MS;
  }
}
