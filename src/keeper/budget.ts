import { type Instant, MINUTE_MS } from '../core/instant.ts';
import type { AppRecord } from '../store/records.ts';

/** Renewals and probes per app and minute, unless the app's setting says otherwise. */
const DEFAULT_PER_MINUTE = 6_000;

/** Lets so many of an app's calls to its platform through in each minute. Emergencies are never held back. */
export class Budgets {
  readonly #spent = new Map<string, { from: Instant; count: number }>();

  /** Null: go. Otherwise the moment from which on there is room again. */
  take(app: AppRecord, now: Instant): Instant | null {
    const window = this.#windowOf(app.id, now);
    if (window.count < perMinute(app)) {
      window.count += 1;
      return null;
    }
    return window.from + MINUTE_MS;
  }

  #windowOf(appId: string, now: Instant) {
    const window = this.#spent.get(appId);
    if (window && now < window.from + MINUTE_MS) return window;
    const fresh = { from: now, count: 0 };
    this.#spent.set(appId, fresh);
    return fresh;
  }
}

function perMinute(app: AppRecord): number {
  const setting = Number(app.settings.renewals_per_minute);
  return Number.isFinite(setting) && setting > 0 ? setting : DEFAULT_PER_MINUTE;
}
