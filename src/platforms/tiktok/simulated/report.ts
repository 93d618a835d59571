import { asUnits, figuresBetween, isDay, total } from '../../kit/figures.ts';
import type { SimAnswer, SimRequest } from '../../kit/simulator.ts';
import type { Envelope } from './envelope.ts';

const DAY_MS = 86_400_000;
/** With a row for each day, no more days than this. */
const MOST_DAYS = 30;
const LARGEST_PAGE = 1_000;

/** report/integrated/get for one advertiser: a row a day, or one in all. Numbers are text. */
export function reportOf(envelope: Envelope, { query }: SimRequest, now: number): SimAnswer {
  const [first, last] = [query.get('start_date'), query.get('end_date')];
  if (!isDay(first) || !isDay(last) || last < first)
    return envelope.error(40002, 'start_date: Invalid date range');
  const daily = (query.get('dimensions') ?? '').includes('stat_time_day');
  if (daily && (Date.parse(last) - Date.parse(first)) / DAY_MS >= MOST_DAYS)
    return envelope.error(40002, `The time range may be ${MOST_DAYS} days at most with stat_time_day.`);
  const id = query.get('advertiser_id') ?? '';
  const days = figuresBetween(id, first, last, now);
  const rows = daily
    ? days.map((day) => ({ dimensions: { stat_time_day: `${day.day} 00:00:00` }, metrics: metricsOf(day) }))
    : [{ dimensions: { advertiser_id: id }, metrics: metricsOf(total(days)) }];
  return envelope.ok(pageOf(query, rows));
}

function metricsOf(figures: Parameters<typeof asUnits>[0]) {
  const { impressions, clicks } = figures;
  return { spend: asUnits(figures), impressions: String(impressions), clicks: String(clicks) };
}

function pageOf(query: URLSearchParams, rows: readonly object[]) {
  const page_size = Math.min(Number(query.get('page_size') ?? 10) || 10, LARGEST_PAGE);
  const page = Number(query.get('page') ?? 1) || 1;
  const page_info = {
    page,
    page_size,
    total_number: rows.length,
    total_page: Math.ceil(rows.length / page_size),
  };
  return { list: rows.slice((page - 1) * page_size, page * page_size), page_info };
}
