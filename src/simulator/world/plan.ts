import { seededRandom } from '../dice.ts';
import type { FaultLevel } from './drawn.ts';

export const STORES = ['memory', 'pglite', 'postgres'] as const;
export type StoreKind = (typeof STORES)[number];

/** What one run is made of. The same plan gives the same run. */
export interface Plan {
  readonly seed: string;
  /** Simulated days, from 1. */
  readonly days: number;
  /** Grants to connect at most, from 1. */
  readonly grants: number;
  readonly faults: FaultLevel;
  /** Kinds of faults that are left out, of those that the level brings. */
  readonly without: readonly string[];
  readonly store: StoreKind;
}

/** What somebody has said about a plan; the rest is drawn. */
export type Wishes = Pick<Plan, 'seed' | 'without' | 'store'> & Partial<Plan>;

/** Worlds of so many grant-days take about as long as somebody likes to wait for one of many. */
const GRANT_DAYS = { small: [20, 160], middling: [100, 300], long: [400, 800] } as const;
const LONG_DAYS = 400;
/** A world of more grants is lived through as several worlds, each on its own. */
const MOST_GRANTS = 200;

/** The plan of a seed. Mostly small and short worlds, for most faults show early; now and then more than a year. */
export function planOf(wishes: Wishes): Plan {
  const random = seededRandom(`${wishes.seed} plan`);
  const between = ([least, most]: readonly [number, number]): number =>
    Math.round(least + random() * (most - least));
  const kind = random();
  const drawnDays = kind < 0.05 ? LONG_DAYS : kind < 0.2 ? between([40, 120]) : between([2, 30]);
  const size = kind < 0.05 ? GRANT_DAYS.long : kind < 0.2 ? GRANT_DAYS.middling : GRANT_DAYS.small;
  const days = wishes.days ?? drawnDays;
  const drawnGrants = Math.min(40, Math.max(1, Math.round(between(size) / drawnDays)));
  const calm = random();
  const drawnFaults: FaultLevel = calm < 0.05 ? 'none' : calm < 0.5 ? 'some' : 'many';
  return {
    ...wishes,
    days,
    grants: wishes.grants ?? drawnGrants,
    faults: wishes.faults ?? drawnFaults,
  };
}

/**
 * The worlds that a plan is lived through in: more grants than one world holds make several, each with a database of its
 * own and a seed that follows from the plan's, so that they do not depend on how many are lived through at a time.
 */
export function partsOf(plan: Plan): readonly Plan[] {
  const count = plan.store === 'postgres' ? 1 : Math.ceil(plan.grants / MOST_GRANTS);
  if (count === 1) return [plan];
  return Array.from({ length: count }, (_, part) => {
    const grants = Math.floor(((part + 1) * plan.grants) / count) - Math.floor((part * plan.grants) / count);
    return { ...plan, seed: `${plan.seed}.${part + 1}`, grants };
  });
}

/** The command that repeats a run. */
export function commandFor(
  plan: Pick<Plan, 'seed' | 'days' | 'grants' | 'faults'> & Partial<Pick<Plan, 'without' | 'store'>>,
): string {
  const { seed, days, grants, faults, without = [], store = 'memory' } = plan;
  const left = without.length > 0 ? ` --without ${without.join(',')}` : '';
  const kept = store === 'memory' ? '' : ` --store ${store}`;
  return `npm run simulate -- --seed ${seed} --days ${days} --grants ${grants} --faults ${faults}${left}${kept}`;
}
