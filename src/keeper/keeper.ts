import { attempt, LEASE_MS } from '../app/attempt.ts';
import type { House } from '../app/context.ts';
import type { Instant } from '../core/instant.ts';
import type { AppRecord } from '../store/records.ts';
import type { ClaimedGrant } from '../store/store.ts';
import { Budgets } from './budget.ts';

export interface KeeperOptions {
  /** Grants claimed at once. Default 500. */
  readonly batch?: number;
  /** Grants being tended at the same time. Default 1,000. A platform that hangs holds only its own. */
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

/** Claims what is due and tends it. Never waits for a slow platform before it claims for the others. */
export class Keeper {
  readonly #house: House;
  readonly #budgets = new Budgets();
  readonly #batch: number;
  readonly #capacity: number;
  readonly #tending = new Set<Promise<void>>();

  constructor(house: House, options: KeeperOptions = {}) {
    this.#house = house;
    this.#batch = options.batch ?? 500;
    this.#capacity = options.capacity ?? 1_000;
  }

  /** One round: claims what is due, begins to tend it, says when it next wants to wake. */
  async tick(): Promise<Tick> {
    const house = this.#house;
    const limit = Math.min(this.#batch, this.#capacity - this.#tending.size);
    if (limit <= 0) {
      await Promise.race(this.#tending);
      return { claimed: 0, wakeAt: house.now() };
    }
    const claim = { now: house.now(), owner: `${house.nodeId}:due`, leaseMs: LEASE_MS, limit };
    const claimed = await house.store.claimDue(claim);
    const ready = await this.#withinBudget(claimed, await appsOf(house, claimed));
    for (const one of ready) this.#begin(one);
    const wakeAt = claimed.length === limit ? house.now() : await house.store.nextDueAt();
    return { claimed: claimed.length, wakeAt };
  }

  /** Waits until everything that was begun is done. */
  async settled(): Promise<void> {
    while (this.#tending.size > 0) await Promise.all(this.#tending);
  }

  #begin({ grant, app }: Ready): void {
    const work = tendOne(this.#house, grant, app).finally(() => this.#tending.delete(work));
    this.#tending.add(work);
  }

  async #withinBudget(grants: readonly ClaimedGrant[], apps: ReadonlyMap<string, AppRecord>): Promise<readonly Ready[]> {
    const { now, store } = this.#house;
    const ready: Ready[] = [];
    const later = new Map<Instant, ClaimedGrant[]>();
    for (const grant of grants) {
      const app = apps.get(`${grant.workspaceId} ${grant.appId}`);
      if (!app) continue;
      const urgent = grant.urgentAt !== null && grant.urgentAt <= now();
      const waitUntil = this.#budgets.take(app, now());
      if (waitUntil === null || urgent) ready.push({ grant, app });
      else later.set(waitUntil, [...(later.get(waitUntil) ?? []), grant]);
    }
    for (const [dueAt, held] of later) await store.releaseGrants(held, dueAt);
    return ready;
  }
}

async function appsOf(house: House, grants: readonly ClaimedGrant[]): Promise<ReadonlyMap<string, AppRecord>> {
  const idOf = (workspaceId: string, id: string): string => `${workspaceId} ${id}`;
  const keys = new Map(
    grants.map(({ workspaceId, appId }) => [idOf(workspaceId, appId), { workspaceId, id: appId }]),
  );
  if (keys.size === 0) return new Map();
  const records = await house.store.getApps([...keys.values()]);
  return new Map(records.map((record) => [idOf(record.workspaceId, record.id), record]));
}

/** One grant's fault stays with it: its lease runs out, and the sweep goes on. */
async function tendOne(house: House, grant: ClaimedGrant, app: AppRecord): Promise<void> {
  try {
    const flight = () => attempt(house, grant, app, 'due', 'keeper').then(asRenewal);
    await house.flights.join(`${grant.workspaceId} ${grant.id}`, flight);
  } catch (error) {
    house.log.error({ grant: grant.id, platform: grant.platform, err: error }, 'A grant could not be tended');
  }
}

/** In the shape that callers who join the flight expect. */
function asRenewal(done: Awaited<ReturnType<typeof attempt>>) {
  return { grant: done.outcome.grant, diagnosis: done.diagnosis, kind: done.kind };
}
