import { MINUTE_MS } from '../../../core/instant.ts';
import type { LimitPlan } from '../../kit/callLimits.ts';
import type { SimAnswer } from '../../kit/simulator.ts';

/** Basic, the level at which apps begin. */
const SOURCE = {
  source: 'https://business-api.tiktok.com/portal/docs?id=1740029171730433',
  checked: '2026-08-13',
};
const LIMITS = [
  { most: 864_000, window: { midnightIn: 'UTC' }, ...SOURCE },
  { most: 600, window: MINUTE_MS, pauseMs: 5 * MINUTE_MS, ...SOURCE },
  { most: 10, window: 1_000, ...SOURCE },
];

/** Calls of an app, all together. There is one app, and no header tells of the limits. */
export const callLimits = (refused: () => SimAnswer): LimitPlan => ({
  counts: ({ path }) =>
    path.startsWith('/open_api/') ? LIMITS.map((limit) => ({ limit, whose: 'app' })) : [],
  refuse: refused,
});
