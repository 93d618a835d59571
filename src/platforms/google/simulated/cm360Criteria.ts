import { z } from 'zod';
import { isDay } from '../../kit/figures.ts';
import { isDimension, isMetric } from './cm360File.ts';
import { type Span, spanNamed } from './reportSpans.ts';

/** What a STANDARD report asks for, as far as it is simulated. */
export interface Criteria {
  readonly span: Span;
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
  /** Advertisers that the filters leave; null: all. */
  readonly advertisers: readonly string[] | null;
}

const REPORT = z.object({
  name: z.string().min(1),
  fileName: z.string().optional(),
  type: z.literal('STANDARD', { error: 'STANDARD is the only type that is simulated' }),
  format: z.literal('CSV', { error: 'CSV is the only format that is simulated' }).optional(),
  criteria: z.object({
    dateRange: z.object({
      startDate: z.string().refine(isDay).optional(),
      endDate: z.string().refine(isDay).optional(),
      relativeDateRange: z.string().optional(),
    }),
    dimensions: z
      .array(z.object({ name: z.string().refine(isDimension, { error: 'not simulated' }) }))
      .min(1),
    metricNames: z.array(z.string().refine(isMetric, { error: 'not simulated' })).min(1),
    dimensionFilters: z
      .array(z.object({ dimensionName: z.string(), id: z.string().optional(), value: z.string().optional() }))
      .default([]),
  }),
});

/** Why a report cannot be defined so; undefined: it can. The words are not documented. */
export function wrongWith(body: unknown, now: number): string | undefined {
  const { error } = REPORT.safeParse(body);
  const issue = error?.issues[0];
  if (issue) return `Invalid value for ${issue.path.join('.') || 'report'}: ${issue.message}.`;
  return criteriaIn(body, now) ? undefined : 'Invalid value for criteria.dateRange.';
}

/** The criteria of a report, with a relative range as it is at `now`; undefined where the report or its range is none. */
export function criteriaIn(body: unknown, now: number): Criteria | undefined {
  const { data } = REPORT.safeParse(body);
  if (!data) return undefined;
  const { dateRange, dimensions, metricNames, dimensionFilters } = data.criteria;
  const { startDate = '', endDate = '', relativeDateRange } = dateRange;
  const span =
    relativeDateRange === undefined ? ([startDate, endDate] as const) : spanNamed(relativeDateRange, now);
  if (!span || span[0] === '' || span[0] > span[1]) return undefined;
  const filters = dimensionFilters.filter(({ dimensionName }) =>
    /^(dfa:)?advertiser(Id)?$/.test(dimensionName),
  );
  return {
    span,
    dimensions: dimensions.map(({ name }) => name),
    metrics: metricNames,
    advertisers: filters.length === 0 ? null : filters.map(({ id, value }) => id ?? value ?? ''),
  };
}
