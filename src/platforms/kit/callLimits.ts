import { DAY_MS, type Instant } from '../../core/instant.ts';
import type { SimDeed } from './simDeeds.ts';
import type { SimAnswer, SimRequest } from './simulator.ts';

/** A limit on calls that a platform states. */
export interface CallLimit {
  /** Calls in one window. */
  readonly most: number;
  /** How long a window is, from the first call in it; or the time zone at whose midnight one ends. */
  readonly window: number | { readonly midnightIn: string };
  /** For how long everything is refused once there was a call too many. Default: until the window ends. */
  readonly pauseMs?: number;
  readonly source: string;
  /** The day of the source. */
  readonly checked: string;
}

/** A call counts against a limit, for somebody: a token, a person, an account, the app. */
export interface Counted {
  readonly limit: CallLimit;
  readonly whose: string;
  /** Where it depends on whose it is. Default: the limit's. */
  readonly most?: number;
}

/** How much of a limit is used up. */
export interface Usage {
  readonly limit: CallLimit;
  readonly whose: string;
  readonly most: number;
  readonly used: number;
  /** When calls are taken again, or counted anew. */
  readonly resetAt: Instant;
}

/** The limits of one platform, and how it speaks of them. */
export interface LimitPlan {
  /** What a call counts against, the longest window first: it refuses before others. Nothing where no limit is stated. */
  readonly counts: (request: SimRequest) => readonly Counted[];
  readonly refuse: (request: SimRequest, over: Usage) => SimAnswer;
  /** Headers of usage on calls that are taken, in the order of `counts`. Absent: none. */
  readonly tell?: (request: SimRequest, usages: readonly Usage[]) => Readonly<Record<string, string>>;
}

interface State {
  used: number;
  resetAt: Instant;
}

/**
 * Counts the calls to a simulated platform against the limits that it states, once somebody has that done: by the clock of
 * the simulation, so while it stands still nothing is given back. A call that is refused does not count.
 */
export class CallLimits {
  readonly #plan: LimitPlan;
  readonly #now: () => Instant;
  readonly #states = new Map<CallLimit, Map<string, State>>();
  #counting = false;

  constructor(plan: LimitPlan, now: () => Instant) {
    this.#plan = plan;
    this.#now = now;
  }

  /** The switch. Off at first. Each flip begins anew. */
  readonly deed: SimDeed = {
    deed: 'limits_counted',
    title:
      'Calls are counted against the stated limits, by the clock here: one that stands still gives none back',
    by: 'platform',
    apply: () => this.#begin(true),
    undo: () => this.#begin(false),
  };

  /** How many windows are kept: those that last, and some that ended since the last one began. */
  get windows(): number {
    return this.#states.values().reduce((sum, all) => sum + all.size, 0);
  }

  /** Lets a call pass, or refuses it in the platform's words. */
  pass(request: SimRequest, act: () => SimAnswer): SimAnswer {
    if (!this.#counting) return act();
    const counted = this.#plan.counts(request);
    const over = counted.map((one) => this.#usage(one)).find(({ used, most }) => used >= most);
    if (over) return this.#plan.refuse(request, this.#paused(over));
    for (const one of counted) this.#state(one).used += 1;
    const answer = act();
    const told = this.#plan.tell?.(
      request,
      counted.map((one) => this.#usage(one)),
    );
    return told ? { ...answer, headers: { ...answer.headers, ...told } } : answer;
  }

  #begin(counting: boolean): void {
    this.#counting = counting;
    this.#states.clear();
  }

  /** Where too many calls cost a pause, it begins with the first of them. */
  #paused(over: Usage): Usage {
    const { pauseMs } = over.limit;
    if (pauseMs === undefined || over.used > over.most) return over;
    const state = this.#state(over);
    state.used += 1;
    state.resetAt = this.#now() + pauseMs;
    return { ...over, resetAt: state.resetAt };
  }

  #usage(counted: Counted): Usage {
    const { limit, whose, most = limit.most } = counted;
    return { limit, whose, most, ...this.#state(counted) };
  }

  #state({ limit, whose }: Pick<Counted, 'limit' | 'whose'>): State {
    const all = this.#states.get(limit) ?? new Map<string, State>();
    this.#states.set(limit, all);
    const known = all.get(whose);
    if (known && known.resetAt > this.#now()) return known;
    dropEnded(all, this.#now());
    all.delete(whose); // the new window goes to the end
    const fresh = { used: 0, resetAt: endOf(limit.window, this.#now()) };
    all.set(whose, fresh);
    return fresh;
  }
}

/** Windows of one limit end in the order in which they began; one that became a pause holds up those behind it until it is over. */
function dropEnded(all: Map<string, State>, now: Instant): void {
  for (const [whose, { resetAt }] of all) {
    if (resetAt > now) return;
    all.delete(whose);
  }
}

function endOf(window: CallLimit['window'], now: Instant): Instant {
  return typeof window === 'number' ? now + window : nextMidnight(window.midnightIn, now);
}

/** The next midnight on the clocks of a time zone. */
function nextMidnight(timeZone: string, now: Instant): Instant {
  const local = now + aheadMs(timeZone, now);
  const midnight = local - (local % DAY_MS) + DAY_MS;
  // The clocks may be put forward or back in between.
  return midnight - aheadMs(timeZone, midnight - aheadMs(timeZone, now));
}

/** How far the clocks of a time zone are ahead of UTC. */
function aheadMs(timeZone: string, at: Instant): number {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    at,
  );
  return Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/** Seconds until a limit gives way, at least one: what platforms tell. */
export const secondsLeft = ({ resetAt }: Usage, now: Instant): number =>
  Math.max(1, Math.ceil((resetAt - now) / 1000));

export const percentUsed = ({ used, most }: Usage): number => Math.floor((100 * used) / most);
