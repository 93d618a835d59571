import { HOUR_MS, MINUTE_MS } from '../../core/instant.ts';
import { type LimitPlan, percentUsed, type Usage } from '../kit/callLimits.ts';
import type { SimAnswer, SimRequest } from '../kit/simulator.ts';
import { failure } from './simulatorAnswers.ts';
import { APP_LIMIT } from './simulatorBreaks.ts';
import type { Logins } from './simulatorLogins.ts';

/** Calls for an ad account have limits of their own, and are left out of the app's. */
const SOURCE = {
  source: 'https://developers.facebook.com/docs/graph-api/overview/rate-limiting',
  checked: '2026-08-13',
};
const TIER = 'development_access';
/** For each person who uses the app, in an hour. */
const CALLS_A_PERSON = 200;
const OF_APP = { most: CALLS_A_PERSON, window: HOUR_MS, ...SOURCE };
/** Of an ad account in an hour, at the tier of new apps, and without an active ad: each would add 40, or 400. */
const USE_CASES = {
  ads_management: { code: 80004, limit: { most: 300, window: HOUR_MS, ...SOURCE } },
  ads_insights: { code: 80000, limit: { most: 600, window: HOUR_MS, ...SOURCE } },
};

interface UseCase {
  readonly type: keyof typeof USE_CASES;
  readonly account: string;
}

/** Calls of the Graph and Marketing API. The window rolls in life; here it begins with the first call. */
export function callLimits(logins: Logins): LimitPlan {
  const now = () => logins.world.now();
  return {
    counts: (request) => {
      const useCase = useCaseOf(request);
      if (useCase) return [{ limit: USE_CASES[useCase.type].limit, whose: useCase.account }];
      const people = new Set(logins.all.map(({ person }) => person));
      return [{ limit: OF_APP, whose: 'app', most: CALLS_A_PERSON * Math.max(1, people.size) }];
    },
    refuse: (request, over) => refusal(request, over, now()),
    tell: (request, [usage]) => (usage ? told(request, usage, 0) : {}),
  };
}

function useCaseOf({ path }: SimRequest): UseCase | undefined {
  const [, account, edge] = /\/act_(\d+)(?:\/(\w+))?/.exec(path) ?? [];
  return account === undefined
    ? undefined
    : { type: edge === 'insights' ? 'ads_insights' : 'ads_management', account };
}

function refusal(request: SimRequest, over: Usage, now: number): SimAnswer {
  const useCase = useCaseOf(request);
  const minutes = Math.ceil((over.resetAt - now) / MINUTE_MS);
  if (!useCase) return failure({ ...APP_LIMIT, headers: told(request, over, 0) });
  const { code } = USE_CASES[useCase.type];
  return failure({
    code,
    subcode: 2446079,
    message: `(#${code}) There have been too many calls to this object. Wait a bit and try again.`,
    headers: told(request, over, minutes),
  });
}

/** Percentages; the time to regain access in minutes. */
function told(request: SimRequest, usage: Usage, minutes: number): Record<string, string> {
  const shares = { call_count: percentUsed(usage), total_time: 3, total_cputime: 2 };
  const useCase = useCaseOf(request);
  if (!useCase) return { 'x-app-usage': JSON.stringify(shares) };
  const { type, account } = useCase;
  const wait = { estimated_time_to_regain_access: minutes, ads_api_access_tier: TIER };
  return { 'x-business-use-case-usage': JSON.stringify({ [account]: [{ type, ...shares, ...wait }] }) };
}
