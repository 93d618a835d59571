import { at, numberAt, parseJson } from '../../core/answer.ts';
import type { Check, Evidence } from '../../core/diagnosis.ts';
import { check } from '../kit/checks.ts';
import { code, type GraphCondition, graphCheck } from './graphError.ts';

const LIMIT_CODES = [4, 17, 32, 341, 613];

/** App, user, Page and ad-account limits, and the business-use-case limits 80000 to 80014. */
const isLimit: GraphCondition = (error) =>
  LIMIT_CODES.includes(error.code) || (error.code >= 80_000 && error.code <= 80_099);

const header = (evidence: Evidence, name: string): unknown => parseJson(evidence.answer.headers[name] ?? '');

/** `estimated_time_to_regain_access` of every business object in the header, which counts in minutes. */
function businessWaits(usage: unknown): readonly number[] {
  if (typeof usage !== 'object' || usage === null) return [];
  return Object.values(usage)
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((entry) => (numberAt(entry, 'estimated_time_to_regain_access') ?? 0) * 60);
}

/** `reset_time_duration` counts in seconds, and says something only once the allowance is used up. */
function accountWait(usage: unknown): number {
  const full = (numberAt(usage, 'acc_id_util_pct') ?? 0) >= 100;
  return full ? (numberAt(usage, 'reset_time_duration') ?? 0) : 0;
}

/** How long Meta asks to wait, by the longest of its usage headers; undefined where none says. */
function waitSeconds(evidence: Evidence): number | undefined {
  const waits = [
    ...businessWaits(header(evidence, 'x-business-use-case-usage')),
    accountWait(header(evidence, 'x-ad-account-usage')),
  ];
  const longest = Math.max(0, ...waits);
  return longest > 0 ? longest : undefined;
}

/** First of all: limits and outages carry `OAuthException` too, and must never be read as a dead token. */
export const limitChecks: readonly Check[] = [
  graphCheck('limit', isLimit, (evidence) => ({
    cause: 'rate_limited',
    retryAfterSeconds: waitSeconds(evidence),
  })),
];

export const outageChecks: readonly Check[] = [
  graphCheck('too_much_data', (e) => /reduce the amount of data/i.test(e.message), {
    cause: 'request_invalid',
    remedy:
      'Ask for less at once: a smaller page, fewer fields or a shorter span. Nothing has to be reconnected.',
  }),
  graphCheck('transient', (e) => e.transient || e.subcode === 99, { cause: 'platform_outage' }),
  graphCheck('outage', code(1, 2, 960), { cause: 'platform_outage' }),
  check('meta.no_envelope', (e) => e.answer.status < 300 && at(e.answer.json) === undefined, {
    cause: 'platform_outage',
  }),
];
