import type { Spool } from '../app/committer.ts';
import type { House } from '../app/context.ts';
import { retireAllUnused } from '../app/endGrant.ts';
import { remindOfDeadlines } from '../app/remindOfDeadlines.ts';
import { isAway } from '../app/storeFaults.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/instant.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { replaySpool } from './replaySpool.ts';

/** The keeper sleeps no longer than this: another process may have brought work. */
const LONGEST_SLEEP_MS = 5 * SECOND_MS;
/** After a crash no more token reads than those of so long are missing in the activity log. */
const FLUSH_EVERY_MS = 10 * MINUTE_MS;
const SWEEP_EVERY_MS = HOUR_MS;
/** Deadlines are told in days. */
const REMIND_EVERY_MS = MINUTE_MS;

export interface Pace {
  /** The keeper sleeps no longer than this, for another process may have brought work. Default 5,000. */
  readonly longestSleepMs?: number;
  /** And no shorter: what comes due meanwhile is taken together. Default 0. */
  readonly shortestSleepMs?: number;
  /** How often reads are logged, and the sweep is looked at. Default 5,000. */
  readonly flushEveryMs?: number;
}

/** Keeps everything alive until the signal is aborted. A fault is logged, and the next round begins. */
export async function runKeeper(
  house: House,
  spool: Spool,
  signal: AbortSignal,
  options: KeeperOptions & Pace = {},
): Promise<void> {
  const keeper = new Keeper(house, options);
  const { longestSleepMs = LONGEST_SLEEP_MS, shortestSleepMs = 0, flushEveryMs = FLUSH_EVERY_MS } = options;
  const remind = remindingOf(house);
  const pause = async (): Promise<number> => {
    const wanted = await round(house, spool, keeper);
    house.openedTokens.forgetOld(house.now());
    await remind();
    return Math.min(Math.max(wanted, shortestSleepMs), longestSleepMs);
  };
  let sweptAt = house.now();
  await Promise.all([
    (async () => {
      while (!signal.aborted) await house.sleep(await pause(), signal);
    })(),
    (async () => {
      while (!signal.aborted) {
        await house.sleep(flushEveryMs, signal);
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

/** Milliseconds until something is due. */
async function round(house: House, spool: Spool, keeper: Keeper): Promise<number> {
  try {
    await replaySpool(house, spool).catch((error) => {
      // Nothing is claimed before what is on disk is back: its refresh tokens may be the only ones that still work.
      if (isAway(error)) throw error;
      house.log.warn({ err: error }, 'The spool could not be replayed');
    });
    const { wakeAt } = await keeper.tick();
    return wakeAt === null ? Number.POSITIVE_INFINITY : wakeAt - house.now();
  } catch (error) {
    house.log.error({ err: error }, 'The keeper’s round failed; it begins again shortly');
    return SECOND_MS;
  }
}

/** Reminds of deadlines once a minute, also where the clock was moved. What fails is tried again a minute later. */
function remindingOf(house: House): () => Promise<void> {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Math.abs(house.now() - lookedAt) < REMIND_EVERY_MS) return;
    lookedAt = house.now();
    await remindOfDeadlines(house).catch((error) =>
      house.log.warn({ err: error }, 'Reminders of deadlines could not be sent yet'),
    );
  };
}
