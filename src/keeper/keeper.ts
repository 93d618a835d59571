import { LEASE_MS } from '../app/attempt.ts';
import type { House } from '../app/context.ts';
import { lookAtLosses } from '../app/lookAtLosses.ts';
import { attemptClaimed, flightKey } from '../app/renewGrant.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { type Instant, MINUTE_MS, SECOND_MS } from '../core/instant.ts';
import type { AppRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import { Budgets } from './budget.ts';
import { Lanes } from './lanes.ts';
import { Returns } from './returns.ts';

export interface KeeperOptions {
  /** Grants claimed at once. Default 500. */
  readonly batch?: number;
  /** Grants being tended at the same time. Default 1,000, shared by all platforms that answer. */
  readonly capacity?: number;
}

export interface Tick {
  readonly claimed: number;
  /** When to look again; null: nothing is due at all. */
  readonly wakeAt: Instant | null;
}

interface Ready {
  readonly grant: ClaimedGrant;
  readonly app: AppRecord;
}

/** Grants of an app that go first when nothing has succeeded lately: if it is the app that is ill, the rest stays at home. */
const TRIALS = 3;
const TRIAL_WAIT_MS = 2 * SECOND_MS;
const TRUSTED_FOR_MS = MINUTE_MS;
/** A full house is looked at again so soon, and a platform that was full too. */
const FULL_WAIT_MS = SECOND_MS / 5;

/** Claims what is due and tends it. Never waits for a slow platform before it claims for the others. */
export class Keeper {
  readonly #house: House;
  readonly #budgets = new Budgets();
  readonly #batch: number;
  readonly #sweeps = new Set<Promise<void>>();
  /** When each app last had a success. */
  readonly #trusted = new Map<string, Instant>();
  readonly #lanes: Lanes;
  readonly #returns: Returns;
  /** Until then nothing that is due may be claimed; only where time waits for the rounds. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(house: House, options: KeeperOptions = {}) {
    this.#house = house;
    this.#batch = options.batch ?? 500;
    this.#lanes = new Lanes(options.capacity ?? 1_000);
    this.#returns = new Returns(house);
  }

  /** As the store says; where the last round was held and found nothing but silent platforms' grants, not before one has rested. */
  async nextDueAt(): Promise<Instant | null> {
    const at = await this.#house.store.nextDueAt();
    return at === null ? null : Math.max(at, this.#restsUntil);
  }

  /**
   * One round: claims what is due, begins to tend it, says when it next wants to wake. `held`: time stands still until
   * everything is done, so it waits for no rest to pass: {@link Keeper.nextDueAt} says to which moment to go.
   */
  async tick(held = false): Promise<Tick> {
    const house = this.#house;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
    await this.#returns.again();
    const now = house.now();
    const limit = Math.min(this.#batch, this.#lanes.room(now));
    if (limit <= 0) {
      await this.#briefly(() => this.#sweeps);
      return { claimed: 0, wakeAt: house.now() };
    }
    const exceptPlatforms = this.#lanes.closed(now);
    const owner = `${house.nodeId}:due`;
    const claimed = await house.store.claimDue({ now, owner, leaseMs: LEASE_MS, limit, exceptPlatforms });
    const { admitted, excess } = this.#lanes.admit(claimed, now);
    await this.#returns.giveBack(excess, null);
    for (const ofOneApp of Map.groupBy(await this.#ready(admitted), ({ app }) => app.id).values())
      this.#begin(ofOneApp);
    const begun = claimed.length - excess.length;
    if (claimed.length === limit) return { claimed: begun, wakeAt: house.now() };
    const nextAt = await house.store.nextDueAt();
    const full = exceptPlatforms.length > 0 || excess.length > 0;
    // What is due already is kept out by a platform that is full: another look at once would find the same.
    if (full && nextAt !== null && nextAt <= house.now()) {
      if (!held) await this.#briefly((over) => [this.#lanes.nextAnswer(over)]);
      else if (begun === 0) this.#restsUntil = this.#lanes.opensAt(now);
    }
    return { claimed: begun, wakeAt: nextAt };
  }

  /** Until one of them is done, or a moment has passed: what hangs is not waited for. */
  async #briefly(awaited: (over: AbortSignal) => Iterable<Promise<void>>): Promise<void> {
    const done = new AbortController();
    await Promise.race([...awaited(done.signal), this.#house.sleep(FULL_WAIT_MS, done.signal)]);
    done.abort('done');
  }

  /** What may begin now. When that cannot be told, all of it is given back. */
  async #ready(claimed: readonly ClaimedGrant[]): Promise<readonly Ready[]> {
    try {
      const apps = await appsOf(this.#house, claimed);
      for (const app of apps.values()) this.#house.breakers.see(app);
      return await this.#withinBudget(claimed, apps);
    } catch (error) {
      await this.#leave(claimed, null);
      throw error;
    }
  }

  /** Gives up what was admitted and not begun. */
  async #leave(claimed: readonly ClaimedGrant[], dueAt: Instant | null): Promise<void> {
    for (const grant of claimed) this.#lanes.leaves(grant);
    await this.#returns.giveBack(claimed, dueAt);
  }

  /** Begins to read lost ad accounts again, unless that is still under way. Whoever is slow at it holds nobody up. */
  lookAtLosses(): void {
    if (this.#looking) return;
    this.#looking = true;
    const house = this.#house;
    const sweep = lookAtLosses(house, (app) => this.#budgets.take(app, house.now()) === null)
      .catch((error) => house.log.warn({ err: error }, 'Lost ad accounts could not be looked at again'))
      .finally(() => {
        this.#looking = false;
        this.#sweeps.delete(sweep);
      });
    this.#sweeps.add(sweep);
  }

  /** Waits until everything that was begun is done. */
  async settled(): Promise<void> {
    while (this.#sweeps.size > 0) await Promise.all(this.#sweeps);
  }

  #begin(ready: readonly Ready[]): void {
    const sweep = this.#tendApp(ready).finally(() => this.#sweeps.delete(sweep));
    this.#sweeps.add(sweep);
  }

  /** Tends what is due of one app: a few first, unless it worked a moment ago, and the rest once they have told how it is. */
  async #tendApp(ready: readonly Ready[]): Promise<void> {
    const trials = this.#isTrusted(ready[0]!.app) ? ready.length : TRIALS;
    const first = ready.slice(0, trials).map((one) => this.#tendOne(one));
    const rest = ready.slice(trials);
    if (rest.length > 0) await this.#firstWord(first);
    await Promise.all([...first, ...(await this.#withoutSpared(rest)).map((one) => this.#tendOne(one))]);
  }

  /** Until one of them succeeds, or all are done; a platform that is merely slow holds nobody up for long. */
  async #firstWord(trials: readonly Promise<boolean>[]): Promise<void> {
    const heard = new AbortController();
    const success = Promise.any(
      trials.map(async (trial) => (await trial) || Promise.reject(new Error('It failed.'))),
    );
    await Promise.race([success.catch(() => undefined), this.#house.sleep(TRIAL_WAIT_MS, heard.signal)]);
    heard.abort('heard');
  }

  /** All of them; where the app’s breaker has opened meanwhile, the urgent ones alone. The others stay due. */
  async #withoutSpared(rest: readonly Ready[]): Promise<readonly Ready[]> {
    const house = this.#house;
    const now = house.now();
    const app = rest[0]?.app;
    if (!app || house.breakers.openUntil(app, now) === null) return rest;
    const spared = rest.filter(({ grant }) => !isUrgent(grant, now));
    await this.#leave(
      spared.map(({ grant }) => grant),
      null,
    );
    return rest.filter(({ grant }) => isUrgent(grant, now));
  }

  #isTrusted(app: AppRecord): boolean {
    return (this.#trusted.get(app.id) ?? Number.NEGATIVE_INFINITY) > this.#house.now() - TRUSTED_FOR_MS;
  }

  /** One grant's fault stays with it: its lease runs out, and the sweep goes on. True when it was a success. */
  async #tendOne({ grant, app }: Ready): Promise<boolean> {
    const house = this.#house;
    this.#lanes.begins(grant, house.now());
    // A fault of ours says nothing of the platform.
    let word: 'answer' | 'silence' | 'none' = 'none';
    try {
      const { kind, diagnosis } = await house.flights.lead(flightKey(grant), () =>
        attemptClaimed(house, grant, app, 'due', 'keeper'),
      );
      word = kind === 'nothing' || kind === 'held' ? 'none' : isSilence(diagnosis) ? 'silence' : 'answer';
      if (kind === 'renewed' || kind === 'proven') this.#trusted.set(app.id, house.now());
      if (diagnosis?.reach === 'app') this.#trusted.delete(app.id);
      return diagnosis === null;
    } catch (error) {
      house.log.error(
        { grant: grant.id, platform: grant.platform, err: error },
        'A grant could not be tended',
      );
      return false;
    } finally {
      this.#lanes.ends(grant, word, house.now());
    }
  }

  async #withinBudget(
    grants: readonly ClaimedGrant[],
    apps: ReadonlyMap<string, AppRecord>,
  ): Promise<readonly Ready[]> {
    const { now } = this.#house;
    const ready: Ready[] = [];
    const later = new Map<Instant, ClaimedGrant[]>();
    for (const grant of grants) {
      const app = apps.get(`${grant.workspaceId} ${grant.appId}`);
      if (!app) {
        later.set(now() + MINUTE_MS, [...(later.get(now() + MINUTE_MS) ?? []), grant]);
        continue;
      }
      const urgent = isUrgent(grant, now());
      const waitUntil = this.#budgets.take(app, now());
      if (waitUntil === null || urgent) ready.push({ grant, app });
      else later.set(waitUntil, [...(later.get(waitUntil) ?? []), grant]);
    }
    for (const [dueAt, held] of later) await this.#leave(held, dueAt);
    return ready;
  }
}

async function appsOf(
  house: House,
  grants: readonly ClaimedGrant[],
): Promise<ReadonlyMap<string, AppRecord>> {
  const idOf = (workspaceId: string, id: string): string => `${workspaceId} ${id}`;
  const keys = new Map(
    grants.map(({ workspaceId, appId }) => [idOf(workspaceId, appId), { workspaceId, id: appId }]),
  );
  if (keys.size === 0) return new Map();
  const records = await house.store.getApps([...keys.values()]);
  return new Map(records.map((record) => [idOf(record.workspaceId, record.id), record]));
}

/** Nothing came back, or nothing was sent. */
function isSilence(diagnosis: Diagnosis | null): boolean {
  return diagnosis !== null && diagnosis.status === null;
}

function isUrgent(grant: ClaimedGrant, now: Instant): boolean {
  return grant.urgentAt !== null && grant.urgentAt <= now;
}
