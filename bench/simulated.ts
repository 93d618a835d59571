import { availableParallelism } from 'node:os';
import type { Plan } from '../src/simulator/world/plan.ts';
import { Workers } from '../src/simulator/world/workers.ts';
import { withCleanup } from './cleanup.ts';
import { type Figures, figure, type Tell } from './figure.ts';

/** Every method of every platform is among so many grants; most of what is renewed are tokens of an hour. */
const MEMORY: Plan = { seed: 'bench', days: 3, grants: 400, faults: 'some', without: [], store: 'memory' };
const PGLITE: Plan = { ...MEMORY, days: 1, grants: 40, store: 'pglite' };

/** Simulated years: how much of grants' lives is lived through in a minute, with faults and all checkers, on all cores. */
export function measureSimulated(tell: Tell): Promise<Figures> {
  return withCleanup(async (cleanup) => {
    const workers = new Workers(availableParallelism(), Date.now);
    cleanup.add(() => workers.close());
    // Threads load the code once; what they do from then on is measured.
    await Promise.all(['a', 'b'].map((seed) => workers.live({ ...MEMORY, seed, days: 1, grants: 5 })));
    const lived = async (plan: Plan) => {
      tell(`  ${plan.grants} grants of all methods for ${plan.days} days on ${plan.store}`);
      const { grant_days, renewals, wall_ms, violations } = await workers.live(plan);
      if (violations.length > 0) throw new Error(`Seed ${plan.seed} broke a promise: ${violations[0]?.text}`);
      return { yearsPerMinute: (grant_days / 365 / wall_ms) * 60_000, renewals, wall_ms };
    };
    const memory = await lived(MEMORY);
    const pglite = await lived(PGLITE);
    return {
      simulated_grant_years_per_minute: figure(memory.yearsPerMinute, 'years/min', '>= 500'),
      simulated_renewals_per_second: figure((memory.renewals / memory.wall_ms) * 1_000, '1/s'),
      simulated_grant_years_per_minute_pglite: figure(pglite.yearsPerMinute, 'years/min'),
    };
  });
}
