import {
  asUnits,
  dayBefore,
  dayOf,
  type FiguresOfDay,
  figuresBetween,
  isDay,
  total,
} from '../kit/figures.ts';
import type { SimAccount } from './simulatorData.ts';

/** Named spans, in days before today: first and last. Those of so many days leave today out. */
const PRESETS: Readonly<Record<string, readonly [first: number, last: number]>> = {
  today: [0, 0],
  yesterday: [1, 1],
  last_3d: [3, 1],
  last_7d: [7, 1],
  last_14d: [14, 1],
  last_28d: [28, 1],
  last_30d: [30, 1],
  last_90d: [90, 1],
};

/** Rows of `/insights` at account level; undefined where the time asked for is none. Money is text in major units. */
export function insightsOf(account: SimAccount, parameters: URLSearchParams, now: number) {
  const span = spanOf(parameters, now);
  if (!span) return undefined;
  const days = figuresBetween(account.account_id, ...span, now);
  if (parameters.get('time_increment') === '1')
    return days.map((day) => row(account, [day], day.day, day.day));
  return days.length === 0 ? [] : [row(account, days, ...span)];
}

function spanOf(parameters: URLSearchParams, now: number): readonly [string, string] | undefined {
  const range = parameters.get('time_range');
  if (range !== null) {
    const since = /"?since"?\s*:\s*["']([\d-]+)/.exec(range)?.[1];
    const until = /"?until"?\s*:\s*["']([\d-]+)/.exec(range)?.[1];
    return isDay(since) && isDay(until) && since <= until ? [since, until] : undefined;
  }
  const preset = parameters.get('date_preset') ?? 'last_30d';
  if (preset === 'this_month') return [`${dayOf(now).slice(0, 7)}-01`, dayOf(now)];
  const found = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  return found && [dayBefore(now, found[0]), dayBefore(now, found[1])];
}

function row(account: SimAccount, days: readonly FiguresOfDay[], date_start: string, date_stop: string) {
  const sum = total(days);
  return {
    account_id: account.account_id,
    spend: asUnits(sum),
    impressions: String(sum.impressions),
    clicks: String(sum.clicks),
    account_currency: account.currency,
    date_start,
    date_stop,
  };
}
