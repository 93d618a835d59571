import { DAY_MS } from '../../core/instant.ts';
import { type Plan, partsOf } from './plan.ts';
import type { Summary, ToldViolation } from './summary.ts';
import { isOfKind, type Kind, kindOf } from './violationKind.ts';
import { FAULT_KINDS } from './without.ts';
import { WORLD_BEGINS_AT } from './world.ts';

/** Lives through a plan up to its first violation of the kind; null: there is no time left for it. */
type Live = (plan: Plan, wanted: Kind) => Promise<Summary | null>;

/** The smallest world found in which the same promise is broken in the same way. */
export interface Shrunk {
  readonly plan: Plan;
  readonly violation: ToldViolation;
  /** How many worlds were lived through to find it. */
  readonly tried: number;
}

/**
 * Makes a world that broke a promise smaller, as long as the same checker finds the same kind of thing: fewer days, fewer
 * grants, fewer kinds of faults. Gives the smallest so far when time is over.
 */
export async function shrink(
  plan: Plan,
  found: ToldViolation,
  live: Live,
  platformIds: readonly string[],
): Promise<Shrunk> {
  const world = partsOf(plan).find(({ seed }) => seed === found.seed) ?? plan;
  const search = new Search(upTo(world, found), found, live, kindOf(found, platformIds));
  await search.fewerGrants();
  await search.fewerFaults();
  await search.fewerGrants();
  return search.best;
}

class Search {
  best: Shrunk;
  readonly #wanted: Kind;
  readonly #live: Live;
  #isOver = false;

  constructor(plan: Plan, found: ToldViolation, live: Live, wanted: Kind) {
    this.best = { plan, violation: found, tried: 0 };
    this.#wanted = wanted;
    this.#live = live;
  }

  async fewerGrants(): Promise<void> {
    for (let step = Math.ceil(this.best.plan.grants / 2); step >= 1; step = Math.floor(step / 2)) {
      let smaller = this.best.plan.grants > step;
      while (smaller)
        smaller =
          (await this.#try({ ...this.best.plan, grants: this.best.plan.grants - step })) &&
          this.best.plan.grants > step;
    }
  }

  async fewerFaults(): Promise<void> {
    if (this.best.plan.faults === 'many') await this.#try({ ...this.best.plan, faults: 'some' });
    for (const kind of FAULT_KINDS) {
      const { without } = this.best.plan;
      if (!without.includes(kind)) await this.#try({ ...this.best.plan, without: [...without, kind] });
    }
  }

  /** Whether the promise is broken there too; then that is the best so far. */
  async #try(plan: Plan): Promise<boolean> {
    if (this.#isOver) return false;
    const summary = await this.#live(plan, this.#wanted);
    this.#isOver = summary === null;
    const violation = summary?.violations.find((one) => isOfKind(one, this.#wanted));
    const tried = this.best.tried + 1;
    this.best = violation ? { plan: upTo(plan, violation), violation, tried } : { ...this.best, tried };
    return violation !== undefined;
  }
}

/** The plan, no longer than until it happened. */
function upTo(plan: Plan, { at }: ToldViolation): Plan {
  return { ...plan, days: Math.min(plan.days, Math.ceil((Date.parse(at) - WORLD_BEGINS_AT) / DAY_MS)) };
}
