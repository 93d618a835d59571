import { type FiguresOfDay, figuresBetween, total } from '../kit/figures.ts';
import type { SimRequest } from '../kit/simulator.ts';

interface Account {
  readonly id: string;
  readonly timezone: string;
}

/** The measurements of an ad account: spend alone, in millionths of its currency. A text: why it is refused. */
export function statsOf({ query }: SimRequest, account: Account, now: number): object | string {
  const [start, end] = [query.get('start_time'), query.get('end_time')];
  if (!start || !end || Number.isNaN(Date.parse(start)) || Number.isNaN(Date.parse(end)))
    return 'start_time and end_time are required';
  const [first, last] = [localTime(account, start), localTime(account, end)];
  const daily = query.get('granularity') === 'DAY';
  if (daily && !(first.endsWith('00:00') && last.endsWith('00:00')))
    return 'start_time and end_time must be at midnight of the account’s timezone';
  const days = figuresBetween(
    account.id,
    first.slice(0, 10),
    first.slice(0, 10) < last.slice(0, 10) ? dayBeforeText(last) : first.slice(0, 10),
    now,
  );
  const common = { id: account.id, type: 'AD_ACCOUNT' };
  const ends = { start_time: start, end_time: end, finalized_data_end_time: new Date(now).toISOString() };
  if (daily) {
    const timeseries_stat = { ...common, granularity: 'DAY', ...ends, timeseries: days.map(stepOf) };
    return { timeseries_stats: [{ sub_request_status: 'SUCCESS', timeseries_stat }] };
  }
  const stats = { spend: total(days).spendMicros };
  const total_stat = { ...common, granularity: 'TOTAL', stats, ...ends };
  return { total_stats: [{ sub_request_status: 'SUCCESS', total_stat }] };
}

const stepOf = ({ day, spendMicros }: FiguresOfDay) => ({
  start_time: `${day}T00:00:00.000`,
  end_time: `${day}T23:59:59.999`,
  stats: { spend: spendMicros },
});

/** The wall clock of the account's timezone: `2026-11-22 00:00`. */
function localTime({ timezone }: Account, instant: string): string {
  const parts = { dateStyle: 'short', timeStyle: 'short', timeZone: timezone } as const;
  return new Intl.DateTimeFormat('sv-SE', parts).format(Date.parse(instant));
}

/** The end of a span is not counted: the last whole day is the one before it. */
function dayBeforeText(local: string): string {
  return new Date(Date.parse(`${local.slice(0, 10)}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
