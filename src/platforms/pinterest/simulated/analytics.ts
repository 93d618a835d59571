import { dayBefore, type Figures, figuresBetween, isDay, total } from '../../kit/figures.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 90;

/** The analytics of an ad account, with the columns asked for. A text: why it is refused. */
export function analyticsOf(id: string, query: URLSearchParams, now: number): readonly object[] | string {
  const [first, last] = [query.get('start_date'), query.get('end_date')];
  if (!isDay(first) || first < dayBefore(now, MOST_DAYS)) return 'Invalid start_date';
  if (!isDay(last) || last < first || Date.parse(last) - Date.parse(first) > MOST_DAYS * DAY_MS)
    return 'Invalid end_date';
  const columns = (query.get('columns') ?? '').split(',').filter((column) => column !== '');
  if (columns.length === 0) return 'Invalid columns';
  const days = figuresBetween(id, first, last, now);
  const row = (figures: Figures) => ({ AD_ACCOUNT_ID: id, ...chosen(columns, figures) });
  const daily = query.get('granularity') === 'DAY';
  return daily ? days.map((day) => ({ ...row(day), DATE: day.day })) : [row(total(days))];
}

/** Dollars stand for the account's money; columns that the simulation does not know are left out. */
function chosen(columns: readonly string[], { spendMicros, impressions, clicks }: Figures) {
  const known: Readonly<Record<string, number>> = {
    SPEND_IN_DOLLAR: spendMicros / 1_000_000,
    SPEND_IN_MICRO_DOLLAR: spendMicros,
    IMPRESSION_1: impressions,
    CLICKTHROUGH_1: clicks,
  };
  const found = columns.filter((column) => Object.hasOwn(known, column));
  return Object.fromEntries(found.map((column) => [column, known[column]]));
}
