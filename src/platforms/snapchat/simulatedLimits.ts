import type { LimitPlan, Usage } from '../kit/callLimits.ts';
import { bearerOf, type SimAnswer, type SimRequest } from '../kit/simulator.ts';

const SOURCE = {
  source: 'https://developers.snap.com/api/marketing-api/Ads-API/rate-limits',
  checked: '2026-08-13',
};
const OF_APP = { most: 20, window: 1_000, ...SOURCE };
const OF_TOKEN = { most: 10, window: 1_000, ...SOURCE };

/**
 * No page speaks of headers, but reporting calls have them: limit 1666, and an end one to six seconds ahead in milliseconds
 * (35 recordings of 2025-07 and 2026-01). With twenty calls a second of an app it is never reached.
 */
const OF_STATS = { most: 1_666, window: 6_000, source: 'recorded traffic', checked: '2026-01-31' };

const isStats = ({ path }: SimRequest): boolean => /\/stats$/.test(path);

/** Calls to the Ads API; the token endpoint has no stated limit. There is one app. */
export const callLimits = (refused: (request: SimRequest) => SimAnswer): LimitPlan => ({
  counts: (request) => [
    ...(isStats(request) ? [{ limit: OF_STATS, whose: 'app' }] : []),
    { limit: OF_APP, whose: 'app' },
    { limit: OF_TOKEN, whose: bearerOf(request) ?? '' },
  ],
  refuse: (request, { resetAt }) => {
    const answer = refused(request);
    if (!isStats(request)) return answer;
    return { ...answer, headers: { ...answer.headers, 'x-rate-limit-reset': String(resetAt) } };
  },
  tell: (request, [stats]) => (isStats(request) && stats ? headersOf(stats) : {}),
});

const headersOf = ({ most, used, resetAt }: Usage): Record<string, string> => ({
  'x-rate-limit-limit': String(most),
  'x-rate-limit-remaining': String(most - used),
  'x-rate-limit-reset': String(resetAt),
});
