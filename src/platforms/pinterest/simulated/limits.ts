import { MINUTE_MS } from '../../../core/instant.ts';
import { type LimitPlan, secondsLeft, type Usage } from '../../kit/callLimits.ts';
import { bearerOf, formOf, type SimRequest } from '../../kit/simulator.ts';
import type { PinterestState } from './state.ts';

/** Standard access; Trial's thousand calls a day are not simulated. All are for each person and app. */
const SOURCE = {
  source: 'https://developers.pinterest.com/docs/reference/rate-limits/',
  checked: '2026-09-09',
};
const EVERY_CALL = { most: 100, window: 1_000, ...SOURCE };
const CATEGORIES = {
  ads_read: { most: 1_000, window: MINUTE_MS, ...SOURCE },
  ads_analytics: { most: 300, window: MINUTE_MS, ...SOURCE },
  org_read: { most: 1_000, window: MINUTE_MS, ...SOURCE },
  catalogs: { most: 100, window: MINUTE_MS, ...SOURCE },
};

/** The headers tell of the category: the call's own limit, as the description of the API names it. */
export function callLimits(state: PinterestState): LimitPlan {
  const headers = (usage: Usage) => ({
    'x-ratelimit-limit': String(usage.most),
    'x-ratelimit-remaining': String(Math.max(0, usage.most - usage.used)),
    'x-ratelimit-reset': String(secondsLeft(usage, state.world.now())),
  });
  return {
    counts: (request) => {
      const category = categoryOf(request.path);
      if (category === undefined) return [];
      const whose = caller(state, request);
      return [
        { limit: CATEGORIES[category], whose: `${category} ${whose}` },
        { limit: EVERY_CALL, whose },
      ];
    },
    refuse: (_, over) => {
      const refused = state.answers.limited(0);
      return { ...refused, headers: { ...refused.headers, ...headers(over) } };
    },
    tell: (_, [category]) => (category ? headers(category) : {}),
  };
}

/** The token endpoint is counted as `org_read` too. */
function categoryOf(path: string): keyof typeof CATEGORIES | undefined {
  if (!path.startsWith('/v5/')) return undefined;
  if (/\/analytics\/?$/.test(path)) return 'ads_analytics';
  if (path.startsWith('/v5/ad_accounts')) return 'ads_read';
  return path.startsWith('/v5/catalogs') ? 'catalogs' : 'org_read';
}

function caller(state: PinterestState, request: SimRequest): string {
  const byAccess = state.accessTokens.get(bearerOf(request) ?? '')?.authorization;
  const authorization = byAccess ?? state.refreshTokens.ownerOf(formOf(request).get('refresh_token') ?? '');
  return authorization ? `${authorization.person} ${authorization.clientId}` : 'nobody known';
}
