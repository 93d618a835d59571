import { asUnits, type Figures, figuresBetween, total } from '../../kit/figures.ts';
import type { QueryParams } from './bidManagerQuery.ts';
import { csv, NO_DATA } from './reportRuns.ts';
import type { Span } from './reportSpans.ts';

export interface SpendingAdvertiser {
  readonly advertiserId: string;
  readonly partnerId: string;
  readonly displayName: string;
  readonly generalConfig: { readonly currencyCode: string };
}

type Group = readonly [heading: string, cell: (advertiser: SpendingAdvertiser, day: string) => string];
type Metric = readonly [heading: string, cell: (figures: Figures) => string | number];

/**
 * The headings are the report builder's names, https://developers.google.com/bid-manager/reference/rest/v2/filters-metrics
 * (looked up 2026-11-22). Fees are not simulated: what an advertiser pays is what media cost.
 */
const GROUPS: Readonly<Record<string, Group>> = {
  FILTER_DATE: ['Date', (_, day) => day.replaceAll('-', '/')],
  FILTER_ADVERTISER: ['Advertiser ID', ({ advertiserId }) => advertiserId],
  FILTER_ADVERTISER_NAME: ['Advertiser', ({ displayName }) => displayName],
  FILTER_ADVERTISER_CURRENCY: ['Advertiser Currency', ({ generalConfig }) => generalConfig.currencyCode],
};
const METRICS: Readonly<Record<string, Metric>> = {
  METRIC_IMPRESSIONS: ['Impressions', ({ impressions }) => impressions],
  METRIC_CLICKS: ['Clicks', ({ clicks }) => clicks],
  METRIC_REVENUE_ADVERTISER: ['Revenue (Adv Currency)', asUnits],
  METRIC_MEDIA_COST_ADVERTISER: ['Media Cost (Advertiser Currency)', asUnits],
};

export const isGroup = (name: string): boolean => Object.hasOwn(GROUPS, name);
export const isMetric = (name: string): boolean => Object.hasOwn(METRICS, name);

/**
 * A report's file: headings, rows with days as 2026/11/22, a line of totals whose first cell is empty, an empty line, and
 * some lines about the report; so it is read by google/starthinker, starthinker/util/dv.py (`report_clean`, looked up 2026-11-22).
 */
export function bidManagerFile(
  { groupBys, metrics, filters }: QueryParams,
  [first, last]: Span,
  reachable: readonly SpendingAdvertiser[],
  now: number,
): string {
  const columns = metrics.map((one) => METRICS[one]!);
  const groups = groupBys.map((one) => GROUPS[one]!);
  const byDay = groupBys.includes('FILTER_DATE');
  const perAdvertiser = reachable.filter(passes(filters)).map((advertiser) => ({
    advertiser,
    days: figuresBetween(advertiser.advertiserId, first, last, now),
  }));
  const all = perAdvertiser.flatMap(({ days }) => days);
  if (all.length === 0) return csv([[NO_DATA]]);
  const lines = perAdvertiser.flatMap(({ advertiser, days }) =>
    (byDay ? days : [{ day: '', ...total(days) }]).map((row) => ({
      keys: groups.map(([, cell]) => cell(advertiser, row.day)),
      row,
    })),
  );
  return csv([
    [...groups, ...columns].map(([heading]) => heading),
    ...merged(lines).map(({ keys, row }) => [...keys, ...columns.map(([, cell]) => cell(row))]),
    [...groups.map(() => ''), ...columns.map(([, cell]) => cell(total(all)))],
    [],
    ['Date Range:', `${first.replaceAll('-', '/')} to ${last.replaceAll('-', '/')}`],
  ]);
}

interface Line {
  readonly keys: readonly string[];
  readonly row: Figures;
}

/** One line for each set of keys: without the advertiser among them, advertisers are added up. */
function merged(lines: readonly Line[]): readonly Line[] {
  const groups = Map.groupBy(lines, ({ keys }) => JSON.stringify(keys));
  return [...groups.values()].map((same) => ({
    keys: same[0]!.keys,
    row: total(same.map(({ row }) => row)),
  }));
}

/** Filters of one kind widen, filters of two kinds narrow. */
const passes = (filters: QueryParams['filters']) => (advertiser: SpendingAdvertiser) => {
  const among = (type: string, id: string) => {
    const wanted = filters.filter((one) => one.type === type);
    return wanted.length === 0 || wanted.some(({ value }) => value === id);
  };
  return among('FILTER_PARTNER', advertiser.partnerId) && among('FILTER_ADVERTISER', advertiser.advertiserId);
};
