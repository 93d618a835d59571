import { DAY_MS } from '../../../core/instant.ts';
import { dayBefore, dayOf } from '../../kit/figures.ts';

/** The first and the last day of a report, both counted. */
export type Span = readonly [first: string, last: string];

const PERIODS = ['WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;
type Period = (typeof PERIODS)[number];

/**
 * What a relative range of days means now; undefined where it means nothing here. Weeks begin on Sunday, and spans that
 * only look back leave today out: DataRange of the Bid Manager API, discovery document v2 (2024-05-29). Days are those of UTC.
 */
export function spanNamed(name: unknown, now: number): Span | undefined {
  const text = String(name);
  if (text === 'TODAY' || text === 'CURRENT_DAY') return [dayOf(now), dayOf(now)];
  if (text === 'YESTERDAY' || text === 'PREVIOUS_DAY') return [dayBefore(now, 1), dayBefore(now, 1)];
  const last = /^LAST_(7|14|30|60|90|365)_DAYS$/.exec(text)?.[1];
  if (last !== undefined) return [dayBefore(now, Number(last)), dayBefore(now, 1)];
  const toDate = PERIODS.find((period) => text === `${period}_TO_DATE`);
  if (toDate) return [dayOf(startOf(toDate, now)), dayOf(now)];
  const previous = PERIODS.find((period) => text === `PREVIOUS_${period}`);
  if (!previous) return undefined;
  const end = startOf(previous, now) - DAY_MS;
  return [dayOf(startOf(previous, end)), dayOf(end)];
}

function startOf(period: Period, at: number): number {
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (period === 'WEEK') return Date.UTC(year, month, day - date.getUTCDay());
  if (period === 'MONTH') return Date.UTC(year, month, 1);
  return Date.UTC(year, period === 'YEAR' ? 0 : month - (month % 3), 1);
}
