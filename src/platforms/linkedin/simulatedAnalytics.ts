import { asUnits, dayOf, type FiguresOfDay, figuresBetween, total } from '../kit/figures.ts';
import type { SimRequest } from '../kit/simulator.ts';
import type { SimAccount } from './simulatedAccounts.ts';

const DATE = '\\(year:(\\d{4}),month:(\\d{1,2}),day:(\\d{1,2})\\)';
const RANGE = new RegExp(`start:${DATE}(?:,end:${DATE})?`);

/** What a currency is worth in US dollars, roughly; `costInUsd` is told beside the account's own money. */
const DOLLARS: Readonly<Record<string, number>> = { EUR: 1.1, GBP: 1.3, NOK: 0.1, USD: 1 };

/** Rows of the finder `analytics`, pivoted by account: one for each account, or one for each of its days. */
export function analyticsOf(request: SimRequest, accounts: readonly SimAccount[], now: number) {
  const { query } = request;
  const range = RANGE.exec(query.get('dateRange') ?? '');
  if (!range) return undefined;
  const [, year, month, day, ...end] = range;
  const first = dateText(year, month, day);
  const last = end[0] === undefined ? dayOf(now) : dateText(end[0], end[1], end[2]);
  const daily = query.get('timeGranularity') === 'DAILY';
  return accounts.flatMap((account) => {
    const days = figuresBetween(String(account.id), first, last, now);
    if (daily) return days.map((one) => element(account, [one]));
    return days.length === 0 ? [] : [element(account, days)];
  });
}

const dateText = (year = '', month = '', day = ''): string =>
  `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;

function element(account: SimAccount, days: readonly FiguresOfDay[]) {
  const sum = total(days);
  const dollars = { ...sum, spendMicros: sum.spendMicros * (DOLLARS[account.currency] ?? 1) };
  return {
    costInLocalCurrency: asUnits(sum),
    costInUsd: asUnits(dollars),
    impressions: sum.impressions,
    clicks: sum.clicks,
    dateRange: { start: dateOf(days[0]!.day), end: dateOf(days.at(-1)!.day) },
    pivotValues: [`urn:li:sponsoredAccount:${account.id}`],
  };
}

function dateOf(text: string) {
  const [year, month, day] = text.split('-').map(Number);
  return { year, month, day };
}
