import type { Spool } from '../app/committer.ts';
import type { House } from '../app/context.ts';
import { retireAllUnused } from '../app/endGrant.ts';
import { remindOfDeadlines } from '../app/remindOfDeadlines.ts';
import { realNow } from '../app/sandboxClock.ts';
import { isAway } from '../app/storeFaults.ts';
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '../core/instant.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { replaySpool } from './replaySpool.ts';

/** The keeper sleeps no longer than this: another process may have brought work. */
const LONGEST_SLEEP_MS = 5 * SECOND_MS;
/** After a crash no more token reads than those of so long are missing in the activity log. */
const FLUSH_EVERY_MS = 10 * MINUTE_MS;
const SWEEP_EVERY_MS = HOUR_MS;
/** Deadlines are told in days, and lost ad accounts are looked at by the hour. */
const OTHERS_EVERY_MS = MINUTE_MS;
/** Where time waits for every step, fewer are enough: reminders come an hour late at most, sweeping can wait. */
const CHORES_EVERY_MS_WHEN_HELD = HOUR_MS;
const SWEEP_EVERY_MS_WHEN_HELD = 6 * HOUR_MS;

/**
 * Does the work again and again until the signal is aborted: each time as many milliseconds after the last as it says, and
 * at the latest after `longestMs`. `held`: time waits for the work, so nothing of it may be left under way.
 */
export type Repeat = (
  work: (held: boolean) => Promise<number>,
  terms: {
    readonly longestMs: number;
    readonly signal: AbortSignal;
    /** When there is work again: others may have brought some. Null: never. */
    readonly dueAt?: () => Promise<Instant | null>;
  },
) => Promise<void>;

export interface Pace {
  /** The keeper sleeps no longer than this, for another process may have brought work. Default 5,000. */
  readonly longestSleepMs?: number;
  /** And no shorter: what comes due meanwhile is taken together. Default 0. */
  readonly shortestSleepMs?: number;
  /** How often reads are logged, and the sweep is looked at. Default 600,000. */
  readonly flushEveryMs?: number;
  /** How work is repeated. Default: with the house's own sleep in between. */
  readonly repeat?: Repeat;
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
  const remind = everyMinute(house, () => remindOf(house));
  const look = everyMinute(house, async () => {
    keeper.lookAtLosses();
    return { isFull: false };
  });
  const others = async (held: boolean): Promise<void> => {
    await remind();
    await look();
    if (held) await keeper.settled();
  };
  const repeat = options.repeat ?? sleeping(house);
  const rounds = async (held: boolean): Promise<number> => {
    const wanted = await round(house, spool, keeper, held);
    house.openedTokens.forgetOld(house.now());
    await others(held);
    return Math.max(wanted, shortestSleepMs);
  };
  let sweptAt = house.now();
  const chores = async (held: boolean): Promise<number> => {
    await house.readLog
      .flush()
      .catch((error) => house.log.warn({ err: error }, 'Token reads could not be logged yet'));
    if (house.now() - sweptAt >= (held ? SWEEP_EVERY_MS_WHEN_HELD : SWEEP_EVERY_MS)) {
      sweptAt = house.now();
      await sweep(house);
    }
    if (!held) return flushEveryMs;
    await others(held);
    return CHORES_EVERY_MS_WHEN_HELD;
  };
  await Promise.all([
    repeat(rounds, { longestMs: longestSleepMs, signal, dueAt: () => keeper.nextDueAt() }),
    repeat(chores, { longestMs: Number.POSITIVE_INFINITY, signal }),
  ]);
  await keeper.settled();
}

function sleeping(house: House): Repeat {
  return async (work, { longestMs, signal }) => {
    while (!signal.aborted) await house.sleep(Math.min(await work(false), longestMs), signal);
  };
}

async function sweep(house: House): Promise<void> {
  await house.store
    .sweep(house.now() - DAY_MS, realNow(house) - DAY_MS)
    .catch((error) => house.log.warn({ err: error }, 'Sweeping failed'));
  await retireAllUnused(house, house.now() - HOUR_MS).catch((error) =>
    house.log.warn({ err: error }, 'Grants without a connection could not be retired yet'),
  );
}

/** Milliseconds until something is due. Where time waits for it, all of it is done then; a fault is thrown. */
async function round(house: House, spool: Spool, keeper: Keeper, held: boolean): Promise<number> {
  const until = (wakeAt: Instant | null): number =>
    wakeAt === null ? Number.POSITIVE_INFINITY : wakeAt - house.now();
  try {
    await replaySpool(house, spool).catch((error) => {
      // Nothing is claimed before what is on disk is back: its refresh tokens may be the only ones that still work.
      if (isAway(error)) throw error;
      house.log.warn({ err: error }, 'The spool could not be replayed');
    });
    const { wakeAt } = await keeper.tick(held);
    if (held) await keeper.settled();
    return until(wakeAt);
  } catch (error) {
    house.log.error({ err: error }, 'The keeper’s round failed; it begins again shortly');
    if (held) throw error;
    return SECOND_MS;
  }
}

/** Does it once a minute, also where the clock was moved; at the next round where it says that there is more. */
function everyMinute(house: House, work: () => Promise<{ readonly isFull: boolean }>): () => Promise<void> {
  let lastAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Math.abs(house.now() - lastAt) < OTHERS_EVERY_MS) return;
    lastAt = house.now();
    const { isFull } = await work();
    if (isFull) lastAt = Number.NEGATIVE_INFINITY;
  };
}

/** What fails is tried again later. */
async function remindOf(house: House): Promise<{ readonly isFull: boolean }> {
  try {
    return await remindOfDeadlines(house);
  } catch (error) {
    house.log.warn({ err: error }, 'Reminders of deadlines could not be sent yet');
    return { isFull: false };
  }
}
