import type { Diagnosis } from '../core/diagnosis.ts';
import { type Instant, MINUTE_MS } from '../core/instant.ts';
import type { AppBreaker, AppRecord } from '../store/records.ts';

/** Refusals of the app itself in a row after which it is left alone; transient failures need more. */
const APP_FAULTS_TO_OPEN = 3;
const TRANSIENT_FAILURES_TO_OPEN = 20;
const OPEN_MS = [MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS] as const;

interface Run {
  failures: number;
  appFaults: number;
}

/**
 * Counts failures in a row per app and says when to leave the app alone. While its breaker is open only emergencies
 * are tried; when it closes, the next attempt decides. Grants are not touched by any of it.
 */
export class Breakers {
  readonly #runs = new Map<string, Run>();

  /** The breaker after a failure; undefined: it stays as it is. */
  failed(app: AppRecord, diagnosis: Diagnosis, now: Instant): AppBreaker | undefined {
    const run = this.#runs.get(app.id) ?? { failures: app.breaker?.failures ?? 0, appFaults: app.breaker ? APP_FAULTS_TO_OPEN : 0 };
    run.failures += 1;
    if (diagnosis.reach === 'app') run.appFaults += 1;
    this.#runs.set(app.id, run);
    const opens = run.appFaults >= APP_FAULTS_TO_OPEN || run.failures >= TRANSIENT_FAILURES_TO_OPEN;
    if (!opens || (app.breaker && app.breaker.openUntil > now)) return undefined;
    const step = Math.min(Math.max(0, run.failures - APP_FAULTS_TO_OPEN), OPEN_MS.length - 1);
    const since = app.breaker?.since ?? now;
    return { failures: run.failures, openUntil: now + OPEN_MS[step]!, since, cause: diagnosis.cause, check: diagnosis.check };
  }

  /** Whether a success has to close something. */
  succeeded(app: AppRecord): boolean {
    this.#runs.delete(app.id);
    return app.breaker !== null;
  }
}
