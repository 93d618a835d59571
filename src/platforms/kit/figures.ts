import { createHash } from 'node:crypto';
import { DAY_MS, type Instant } from '../../core/instant.ts';

/** What an ad account did on one day. */
export interface Figures {
  /** Millionths of the account's currency. */
  readonly spendMicros: number;
  readonly impressions: number;
  readonly clicks: number;
}

const LEAST_A_DAY = 20;
const MOST_A_DAY = 900;
const MICROS = 1_000_000;
/** Sunday first: advertising rests on weekends. */
const WEEKDAYS = [0.6, 1.1, 1.15, 1.1, 1.05, 1, 0.7] as const;

/**
 * The figures of an ad account on a day (`2026-11-22`): out of their hash, so that the same account and day have the
 * same figures at any time, in any process, and nothing is kept. A day has its whole figures from its first moment.
 */
export function figuresOf(accountId: string, day: string): Figures {
  const size = LEAST_A_DAY + share(accountId, 'size') * (MOST_A_DAY - LEAST_A_DAY);
  const weekday = WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? 1;
  const spend = size * weekday * (0.7 + 0.6 * share(accountId, day));
  const impressions = Math.round(spend * (80 + 60 * share(accountId, `${day} impressions`)));
  const clicks = Math.round(impressions * (0.005 + 0.02 * share(accountId, `${day} clicks`)));
  return { spendMicros: Math.round(spend * 100) * (MICROS / 100), impressions, clicks };
}

/** A number in [0, 1) that stands for these texts. */
function share(...texts: readonly string[]): number {
  return createHash('sha256').update(texts.join('\n')).digest().readUInt32BE(0) / 2 ** 32;
}

export interface FiguresOfDay extends Figures {
  readonly day: string;
}

/** The figures of each day from the first to the last, both counted; days after `now` have none. */
export function figuresBetween(
  accountId: string,
  first: string,
  last: string,
  now: Instant,
): readonly FiguresOfDay[] {
  const until = [last, dayOf(now)].sort()[0]!;
  const days: FiguresOfDay[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); dayOf(at) <= until; at += DAY_MS)
    days.push({ day: dayOf(at), ...figuresOf(accountId, dayOf(at)) });
  return days;
}

export function total(days: readonly Figures[]): Figures {
  const sum = (field: keyof Figures) => days.reduce((all, day) => all + day[field], 0);
  return { spendMicros: sum('spendMicros'), impressions: sum('impressions'), clicks: sum('clicks') };
}

export const dayOf = (at: Instant): string => new Date(at).toISOString().slice(0, 10);
export const dayBefore = (at: Instant, days: number): string => dayOf(at - days * DAY_MS);
export const isDay = (text: string | null | undefined): text is string =>
  /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') && !Number.isNaN(Date.parse(text ?? ''));

/** Units of the currency with two decimals: `12.30`. */
export const asUnits = ({ spendMicros }: Figures): string => (spendMicros / MICROS).toFixed(2);
