import { dayBefore, dayOf, type Figures, figuresBetween, isDay, total } from '../../kit/figures.ts';
import type { Gaql } from './gaql.ts';

/** Named spans of a query, in days before today: first and last. */
const DURING: Readonly<Record<string, readonly [number, number]>> = {
  TODAY: [0, 0],
  YESTERDAY: [1, 1],
  LAST_7_DAYS: [7, 1],
  LAST_14_DAYS: [14, 1],
  LAST_30_DAYS: [30, 1],
};
const WHEN_NOT_SAID = [30, 0] as const;

const asksDays = (query: Gaql): boolean => query.fields.includes('segments.date');
const asksMetrics = (query: Gaql): boolean => query.fields.some((field) => field.startsWith('metrics.'));

/** A customer's row with its metrics: once for each day where the date is asked for, else once for the whole span. */
export function withMetrics(query: Gaql, id: string, customer: object, now: number) {
  if (!asksDays(query) && !asksMetrics(query)) return [{ customer: { ...customer } }];
  const [first, last] = spanOf(query, now);
  const days = figuresBetween(id, first, last, now);
  if (!asksDays(query)) return [{ customer: { ...customer }, metrics: metricsOf(total(days)) }];
  return days.map((day) => ({
    customer: { ...customer },
    metrics: metricsOf(day),
    segments: { date: day.day },
  }));
}

function metricsOf({ spendMicros, impressions, clicks }: Figures) {
  return { costMicros: String(spendMicros), impressions: String(impressions), clicks: String(clicks) };
}

/** The first and last day that the conditions on the date leave. */
function spanOf({ conditions }: Gaql, now: number): readonly [string, string] {
  const dates = conditions.filter(([field]) => field === 'segments.date');
  const named = dates.find(([, operator]) => operator.toUpperCase() === 'DURING')?.[2].toUpperCase() ?? '';
  const [from, to] = DURING[named] ?? WHEN_NOT_SAID;
  const limit = (operators: readonly string[], byDefault: string) => {
    const found = dates.find(([, operator]) => operators.includes(operator))?.[2];
    return isDay(found) ? found : byDefault;
  };
  const open = dates.some(([, operator]) => operator.startsWith('>') || operator === '=');
  return [
    limit(['=', '>=', '>'], dayBefore(now, from)),
    limit(['=', '<=', '<'], open ? dayOf(now) : dayBefore(now, to)),
  ];
}
