import { z } from 'zod';
import { isDay } from '../../kit/figures.ts';
import { isGroup, isMetric } from './bidManagerFile.ts';
import { type Span, spanNamed } from './reportSpans.ts';

const DAY = z
  .object({ year: z.int(), month: z.int(), day: z.int() })
  .transform(({ year, month, day }) => [pad(year, 4), pad(month, 2), pad(day, 2)].join('-'))
  .refine(isDay);
const RANGE = z.object({ range: z.string(), customStartDate: DAY.optional(), customEndDate: DAY.optional() });

/** A query as far as it is simulated, by the discovery document of the Bid Manager API v2 (2024-05-29). */
const QUERY = z.object({
  metadata: z.object({
    title: z.string().optional(),
    dataRange: RANGE,
    format: z.literal('CSV', { error: 'CSV is the only format that is simulated' }).optional(),
  }),
  params: z.object({
    type: z.literal('STANDARD', { error: 'STANDARD is the only type that is simulated' }),
    groupBys: z.array(z.string().refine(isGroup, { error: 'not simulated' })).default([]),
    metrics: z.array(z.string().refine(isMetric, { error: 'not simulated' })).min(1),
    filters: z
      .array(z.object({ type: z.enum(['FILTER_PARTNER', 'FILTER_ADVERTISER']), value: z.string() }))
      .default([]),
  }),
});

export type QueryParams = z.infer<typeof QUERY>['params'];

/** Why a query cannot be made so; undefined: it can. The words are not documented. */
export function wrongWithQuery(body: unknown, now: number): string | undefined {
  const issue = QUERY.safeParse(body).error?.issues[0];
  if (issue) return `Invalid value at '${issue.path.join('.') || 'query'}': ${issue.message}.`;
  return spanOf(rangeOf(body), now) ? undefined : "Invalid value at 'metadata.data_range'.";
}

export const paramsOf = (body: unknown): QueryParams => QUERY.parse(body).params;

/** The data range of a query, as it was sent. */
export const rangeOf = (query: unknown): unknown =>
  (query as { readonly metadata: { readonly dataRange: unknown } }).metadata.dataRange;

/** The days of a data range at `now`; undefined where it has none. */
export function spanOf(dataRange: unknown, now: number): Span | undefined {
  const { data } = RANGE.safeParse(dataRange);
  if (data?.range !== 'CUSTOM_DATES') return spanNamed(data?.range, now);
  const { customStartDate: first, customEndDate: last } = data;
  return first !== undefined && last !== undefined && first <= last ? [first, last] : undefined;
}

export function dateOf(day: string) {
  const [year, month, date] = day.split('-').map(Number);
  return { year, month, day: date };
}

const pad = (number: number, length: number): string => String(number).padStart(length, '0');
