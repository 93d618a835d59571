import { CAUSES } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { type Instant, MINUTE_MS } from '../core/instant.ts';
import type { AppBreaker, AppRecord } from '../store/records.ts';

/** Refusals of the app itself in a row after which it is left alone… */
const APP_FAULTS_TO_OPEN = 3;
/** …if so many of its grants met one: what a single grant meets may be its own fault, and must not hold back the others. */
const FAULTY_GRANTS_TO_OPEN = 2;
/** Grants that fail in a row for a passing reason, each counted once: one that fails again and again says nothing of the app. */
const TROUBLED_GRANTS_TO_OPEN = 20;
const OPEN_MS = [MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS] as const;

interface Run {
  failures: number;
  /** Those that failed; no more are remembered than it takes. */
  readonly troubled: Set<string>;
  appFaults: number;
  /** Those that met a refusal of the app; no more are remembered than it takes. */
  readonly faulty: Set<string>;
  /** Whether the token endpoint refused the app: then only a renewal can prove the contrary. */
  atTokenEndpoint: boolean;
  openings: number;
  open: AppBreaker | null;
  /** It is on record that the platform refuses the app, before it is left alone for that. */
  noticed: boolean;
}

/**
 * Counts failures in a row per app and says when to leave the app alone. While its breaker is open only emergencies
 * are tried; when it closes, the next attempt decides. Grants are not touched by any of it.
 */
export class Breakers {
  readonly #runs = new Map<string, Run>();
  readonly #writes = new Map<string, Promise<void>>();

  /** The breaker after a failure; undefined: it stays as it is. Many that fail at the same time open it once. */
  failed(app: AppRecord, grantId: string, diagnosis: Diagnosis, now: Instant): AppBreaker | undefined {
    if (diagnosis.reach !== 'app' && diagnosis.reach !== 'platform') return undefined;
    const run = this.#runs.get(app.id) ?? begunBy(app.breaker);
    this.#runs.set(app.id, run);
    if ((run.open?.openUntil ?? 0) > now || (app.breaker?.openUntil ?? 0) > now) return undefined;
    run.failures += 1;
    if (run.troubled.size < TROUBLED_GRANTS_TO_OPEN) run.troubled.add(grantId);
    if (diagnosis.reach === 'app') {
      run.appFaults += 1;
      if (run.faulty.size < FAULTY_GRANTS_TO_OPEN) run.faulty.add(grantId);
      run.atTokenEndpoint ||= diagnosis.endpoint === 'token';
    }
    if (!isEnough(run)) return undefined;
    const openUntil = now + OPEN_MS[Math.min(run.openings, OPEN_MS.length - 1)]!;
    const since = run.open?.since ?? app.breaker?.since ?? now;
    run.openings += 1;
    run.open = { failures: run.failures, openUntil, since, ...whyOf(diagnosis) };
    return run.open;
  }

  /**
   * What to put on record at the first refusal of the app itself, long before it is left alone: the operator should know
   * at once. It holds nothing back, for it is over as it begins. Undefined: it is on record already.
   */
  noticed(app: AppRecord, diagnosis: Diagnosis, now: Instant): AppBreaker | undefined {
    if (diagnosis.reach !== 'app' || this.isKnown(app)) return undefined;
    const run = this.#runs.get(app.id) ?? begunBy(null);
    this.#runs.set(app.id, run);
    run.noticed = true;
    return { failures: Math.max(1, run.failures), openUntil: now, since: now, ...whyOf(diagnosis) };
  }

  /** Failures in a row, as far as this process and the record know. */
  failuresOf(app: AppRecord): number {
    return Math.max(app.breaker?.failures ?? 0, this.#runs.get(app.id)?.failures ?? 0);
  }

  /** Whether it is on record that the platform refuses the app, as far as this process knows. */
  isKnown(app: AppRecord): boolean {
    const run = this.#runs.get(app.id);
    return app.breaker !== null || (run !== undefined && (run.noticed || run.open !== null));
  }

  /** Whether a success has to close something. A probe proves nothing about an app that was refused at renewals. */
  succeeded(app: AppRecord, byRenewal = true): boolean {
    const run = this.#runs.get(app.id);
    if (!byRenewal && run?.atTokenEndpoint) return false;
    const known = this.isKnown(app);
    this.#runs.delete(app.id);
    return known;
  }

  /** Until when the app is left alone, as far as this process knows; null: it is not. */
  openUntil(app: AppRecord, now: Instant): Instant | null {
    const until = this.#runs.get(app.id)?.open?.openUntil ?? 0;
    return until > now ? until : null;
  }

  /** Does the writes about one app in the order in which they were decided: on connections of their own they may overtake each other. */
  inTurn(app: AppRecord, write: () => Promise<void>): Promise<void> {
    const turn = (this.#writes.get(app.id) ?? Promise.resolve()).then(write);
    const after = turn
      .catch(() => undefined)
      .finally(() => {
        if (this.#writes.get(app.id) === after) this.#writes.delete(app.id);
      });
    this.#writes.set(app.id, after);
    return turn;
  }

  /** A record fresh from the database: where it shows no breaker, another process or the operator has closed it. */
  see(app: AppRecord): void {
    if (app.breaker === null && this.isKnown(app)) this.#runs.delete(app.id);
  }
}

/** One that was left alone before is left alone again at once: several grants had met it then. */
function isEnough({ appFaults, faulty, openings, troubled }: Run): boolean {
  if (troubled.size >= TROUBLED_GRANTS_TO_OPEN) return true;
  return appFaults >= APP_FAULTS_TO_OPEN && (openings > 0 || faulty.size >= FAULTY_GRANTS_TO_OPEN);
}

const whyOf = ({ cause, check, remedy, who }: Diagnosis) => ({ cause, check, remedy, who });

function begunBy(breaker: AppBreaker | null): Run {
  const sets = { troubled: new Set<string>(), faulty: new Set<string>() };
  const run = { ...sets, atTokenEndpoint: false, openings: 0, open: null };
  if (breaker === null) return { ...run, failures: 0, appFaults: 0, noticed: false };
  const { failures, cause } = breaker;
  if (breaker.openUntil <= breaker.since) return { ...run, failures, appFaults: failures, noticed: true };
  const openings = CAUSES[cause].reach === 'app' ? Math.max(1, failures - APP_FAULTS_TO_OPEN + 1) : 1;
  return { ...run, failures, appFaults: APP_FAULTS_TO_OPEN, openings, noticed: true };
}
