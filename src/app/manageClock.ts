import { DAY_MS, type Instant, SECOND_MS, toRfc3339 } from '../core/instant.ts';
import type { Context, House } from './context.ts';
import { Problem } from './errors.ts';
import { hasLiveApp } from './manageApps.ts';
import { type ClockMove, LONGEST_MOVE_DAYS, type SandboxClock } from './sandboxClock.ts';
import { SECOND_LOOK_MS } from './schedule.ts';
import { type Coming, whatIsNext } from './whatIsNext.ts';

const LONGEST_WAIT_MS = 10 * SECOND_MS;

/** Where to: so many milliseconds on, to a moment, or to what comes next in the workspace. */
export type Forward =
  | { readonly byMs: number }
  | { readonly to: Instant }
  | { readonly next: 'renewal' | 'deadline' };

/** Where the clock stands, what it is doing, and what comes next. Throws {@link Problem} `clock_fixed` where it cannot be moved at all. */
export async function readClock(ctx: Context) {
  const { house } = ctx;
  const { frozen, aheadMs, isApart, move } = requireClock(house);
  const now = house.now();
  const { renewal, deadline } = await whatIsNext(ctx);
  return {
    now: toRfc3339(now),
    state: frozen ? ('frozen' as const) : ('running' as const),
    touched: isApart,
    fixed_reason: (await hasLive(house)) ? BESIDE_LIVE : null,
    ahead_seconds: Math.round(aheadMs / SECOND_MS),
    next_renewal: renewal && viewComing(renewal),
    next_deadline: deadline && viewComing(deadline),
    move: move && viewMove(move),
  };
}

/** Lets the time stand still. What is due already is done all the same. */
export async function freezeClock(ctx: Context) {
  await withClock(ctx, async (clock) => {
    if (clock.frozen) return;
    clock.freeze();
    await note(ctx, 'clock.frozen', {});
  });
  return readClock(ctx);
}

/** Lets the time run on from where it stands: what was missed by standing still is not caught up. */
export async function resumeClock(ctx: Context) {
  await withClock(ctx, async (clock) => {
    if (!clock.frozen) return;
    clock.resume();
    await note(ctx, 'clock.resumed', {});
  });
  return readClock(ctx);
}

/**
 * Moves the time forward, and lets everything happen on the way that is due in between. Answers when the move is over, or
 * after `longestWaitMs` (default ten seconds of real time) with the move under way. Throws {@link Problem} `clock_fixed`,
 * `clock_moving`, `invalid_request`, or `not_found` where nothing of that kind comes next.
 */
export async function forwardClock(ctx: Context, forward: Forward, longestWaitMs = LONGEST_WAIT_MS) {
  const { house } = ctx;
  const clock = requireClock(house);
  await withClock(ctx, async () => {
    const to = await targetOf(ctx, forward);
    await note(ctx, 'clock.moved', { to: toRfc3339(to) });
    // A day is hundreds of small writes. A power cut may cost the last of them; the clock itself never falls behind its data.
    clock.begin(to, {
      settled: () => house.flights.land(),
      isSettled: () => house.flights.isEmpty,
      during: house.store.hurriedly,
    });
  });
  const enough = new AbortController();
  await Promise.race([clock.still(), house.sleep(longestWaitMs, enough.signal)]);
  enough.abort();
  return readClock(ctx);
}

/** Ends the move under way where it is; without one, nothing happens. */
export async function stopClock(ctx: Context) {
  const clock = requireClock(ctx.house);
  clock.stop();
  await clock.still();
  return readClock(ctx);
}

/** The clock, for whoever would change it: nobody else does meanwhile, and nothing real hangs on it. */
function withClock(ctx: Context, work: (clock: SandboxClock) => Promise<void>): Promise<void> {
  const { house } = ctx;
  const clock = requireClock(house);
  return clock.alone(async () => {
    if (clock.move?.state === 'under_way') {
      throw new Problem(
        'clock_moving',
        `The clock is on its way to ${toRfc3339(clock.move.to)}. Wait until it has arrived (GET /v1/clock), or stop it (POST /v1/clock/stop).`,
      );
    }
    if (await hasLive(house)) throw new Problem('clock_fixed', BESIDE_LIVE);
    await work(clock);
  });
}

function requireClock({ clock }: House): SandboxClock {
  if (clock !== null) return clock;
  throw new Problem(
    'clock_fixed',
    'The clock of this instance is the real one and cannot be moved: that is possible in a sandbox with the embedded database alone, since processes that share a PostgreSQL have a clock each. Start one with EVERGRANT_SANDBOX=on and without DATABASE_URL.',
  );
}

const BESIDE_LIVE =
  'There is a live app here: real credentials are renewed by this clock, so it stays the real one. Delete the live app, or use an instance that is a sandbox alone, with an EVERGRANT_DATA_DIR of its own.';

/** Whether any workspace of this process has a live app: they all share the clock. */
export async function hasLive(house: Pick<House, 'store'>): Promise<boolean> {
  for (const { id: workspaceId } of await house.store.listWorkspaces())
    if (await hasLiveApp({ house, workspaceId })) return true;
  return false;
}

async function targetOf(ctx: Context, forward: Forward): Promise<Instant> {
  const now = ctx.house.now();
  const to =
    'byMs' in forward ? now + forward.byMs : 'to' in forward ? forward.to : await nextOf(ctx, forward.next);
  if (!(to > now))
    throw new Problem(
      'invalid_request',
      `The clock never goes back, for what has happened has happened: it stands at ${toRfc3339(now)}. Give a later moment, or a span above 0.`,
    );
  if (to - now > LONGEST_MOVE_DAYS * DAY_MS)
    throw new Problem(
      'invalid_request',
      `One move goes ${LONGEST_MOVE_DAYS} days at most. Go there in several.`,
    );
  return to;
}

async function nextOf(ctx: Context, what: 'renewal' | 'deadline'): Promise<Instant> {
  const next = (await whatIsNext(ctx))[what];
  // A renewal is done at its time; an end is seen for certain when it is past.
  if (next !== null) return what === 'renewal' ? next.at : next.at + SECOND_LOOK_MS;
  throw new Problem(
    'not_found',
    what === 'renewal'
      ? 'No renewal is to come in this workspace. Connect something that can be renewed, or move by a span.'
      : 'No deadline is known in this workspace: nothing here ends by time alone. Move by a span.',
  );
}

function viewComing({ at, grantId, platform }: Coming) {
  return { at: toRfc3339(at), grant_id: grantId, platform };
}

function viewMove({ from, to, at, state, renewals, failures }: ClockMove) {
  return {
    from: toRfc3339(from),
    to: toRfc3339(to),
    at: toRfc3339(at),
    share: to === from ? 1 : Math.min(1, (at - from) / (to - from)),
    state,
    renewals,
    failures,
  };
}

async function note({ house, workspaceId, actor }: Context, action: string, detail: Record<string, unknown>) {
  await house.store.appendActivity([{ workspaceId, at: house.now(), actor, action, subjects: [], detail }]);
}
