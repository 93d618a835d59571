import { asUnits, type Figures, type FiguresOfDay, figuresBetween, total } from '../../kit/figures.ts';
import type { Criteria } from './cm360Criteria.ts';
import { csv, NO_DATA } from './reportRuns.ts';

interface Advertiser {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
}

type Cell = (day: Figures & { readonly day?: string }, advertiser: Advertiser) => string | number;

const DIMENSIONS: Readonly<Record<string, readonly [heading: string, cell: Cell]>> = {
  'dfa:date': ['Date', ({ day }) => day ?? ''],
  'dfa:advertiser': ['Advertiser', (_, { name }) => name],
  'dfa:advertiserId': ['Advertiser ID', (_, { id }) => id],
};
const METRICS: Readonly<Record<string, readonly [heading: string, cell: Cell]>> = {
  'dfa:impressions': ['Impressions', ({ impressions }) => impressions],
  'dfa:clicks': ['Clicks', ({ clicks }) => clicks],
  'dfa:mediaCost': ['Media Cost', asUnits],
};

export const isDimension = (name: string): boolean => Object.hasOwn(DIMENSIONS, name);
export const isMetric = (name: string): boolean => Object.hasOwn(METRICS, name);

/**
 * A report's file: some lines about it, `Report Fields`, the headings, the rows, and a line of totals; so it is read by
 * google/starthinker, starthinker/util/cm.py (`report_clean`, looked up 2026-11-22). What stands above is not documented.
 */
export function cm360File(name: string, criteria: Criteria, advertiser: Advertiser, now: number): string {
  const { dimensions, metrics, span, advertisers } = criteria;
  const head = [[name], ['Date Range', span.join(' - ')], [], ['Report Fields']];
  const columns = [...dimensions.map((one) => DIMENSIONS[one]!), ...metrics.map((one) => METRICS[one]!)];
  const hidden = advertisers !== null && !advertisers.includes(advertiser.id);
  const days: readonly FiguresOfDay[] = hidden ? [] : figuresBetween(advertiser.accountId, ...span, now);
  if (days.length === 0) return csv([...head, [NO_DATA]]);
  const rows = dimensions.includes('dfa:date') ? days : [total(days)];
  const totals = metrics.map((one) => METRICS[one]![1](total(days), advertiser));
  return csv([
    ...head,
    columns.map(([heading]) => heading),
    ...rows.map((row) => columns.map(([, cell]) => cell(row, advertiser))),
    ['Grand Total:', ...dimensions.slice(1).map(() => '---'), ...totals],
  ]);
}
