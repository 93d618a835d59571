import { type Instant, MINUTE_MS, SECOND_MS } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';

/** Without a word for so long, a platform counts as silent. */
const SILENT_AFTER_MS = 2 * SECOND_MS;
/** How long an answer vouches for the next calls. */
const PROVEN_FOR_MS = MINUTE_MS;
/** A platform that has not answered yet gets this part of the capacity, and half as much for each further wait. */
const SHARE_UNPROVEN = 1 / 4;
const HALVED_EVERY_MS = 10 * SECOND_MS;
const SMALLEST_LOAD = 3;
/** Between two loads of a platform that is silent: a tenth of its silence, within these bounds. */
const SHORTEST_REST_MS = SECOND_MS;
const LONGEST_REST_MS = 10 * SECOND_MS;

interface Lane {
  /** Grants claimed and not done with. */
  held: number;
  answeredAt: Instant;
  /** Since when it owes an answer; null: it owes none. */
  owingSince: Instant | null;
  /** When it was last given something. */
  loadedAt: Instant;
}

/**
 * Who may use how much of the keeper's capacity. A platform that answers may use all of it. One that is silent takes
 * nothing from the others: what it holds does not count against the capacity they share, and it gets one load at a
 * time, the smaller the longer it is silent. Between two loads it rests, however fast it fails: what is due of it stands
 * before the others', and would be claimed and given back round after round. So memory is bounded by the capacity, and a quarter more per silent platform
 * (once as much as it held when it fell silent).
 */
export class Lanes {
  readonly #capacity: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #awaiting = new Set<() => void>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many more grants may be claimed. */
  room(now: Instant): number {
    let used = 0;
    for (const lane of this.#lanes.values()) if (!isSilent(lane, now)) used += lane.held;
    return this.#capacity - used;
  }

  /** Those of which nothing is to be claimed now. */
  closed(now: Instant): readonly string[] {
    const open = ([, lane]: [string, Lane]) =>
      isProven(lane, now) || (lane.held === 0 && restsUntil(lane, now) <= now);
    return [...this.#lanes].filter((entry) => !open(entry)).map(([key]) => key);
  }

  /** When the first of them has rested; now, where one waits for an answer and not for a time. */
  opensAt(now: Instant): Instant {
    const shut = new Set(this.closed(now));
    const ends = [...this.#lanes]
      .filter(([key]) => shut.has(key))
      .map(([, lane]) => (lane.held > 0 ? now : restsUntil(lane, now)));
    return ends.length === 0 ? now : Math.max(now, Math.min(...ends));
  }

  /** Takes in what was claimed; what is too much for its platform comes back as `excess`. */
  admit<G extends GrantRecord>(claimed: readonly G[], now: Instant) {
    const admitted: G[] = [];
    const excess: G[] = [];
    for (const grant of claimed) {
      const lane = this.#laneOf(grant);
      if (lane.held < this.#limitOf(lane, now)) {
        lane.held += 1;
        lane.loadedAt = now;
        admitted.push(grant);
      } else excess.push(grant);
    }
    return { admitted, excess };
  }

  /** An attempt begins: from now on an answer is owed. */
  begins(grant: GrantRecord, now: Instant): void {
    this.#laneOf(grant).owingSince ??= now;
  }

  /** An attempt is over. `none`: it turned out that nothing had to be sent. */
  ends(grant: GrantRecord, word: 'answer' | 'silence' | 'none', now: Instant): void {
    const lane = this.#laneOf(grant);
    lane.held -= 1;
    if (word === 'answer') {
      lane.answeredAt = now;
      lane.owingSince = lane.held > 0 ? now : null;
      this.#prove();
    } else if (word === 'none' && lane.held === 0) lane.owingSince = null;
  }

  /** What was admitted leaves without an attempt. */
  leaves(grant: GrantRecord): void {
    this.#laneOf(grant).held -= 1;
  }

  /** Resolves at the next answer, since a platform that was waited for may be open then; or when the signal is aborted. */
  nextAnswer(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#awaiting.delete(done);
        resolve();
      };
      this.#awaiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #prove(): void {
    for (const done of this.#awaiting) done();
  }

  #limitOf(lane: Lane, now: Instant): number {
    if (isProven(lane, now)) return Number.POSITIVE_INFINITY;
    const waits = Math.floor(silentFor(lane, now) / HALVED_EVERY_MS);
    return Math.max(SMALLEST_LOAD, Math.floor(this.#capacity * SHARE_UNPROVEN * 0.5 ** waits));
  }

  #laneOf(grant: GrantRecord): Lane {
    const key = laneKey(grant);
    const never = Number.NEGATIVE_INFINITY;
    const lane = this.#lanes.get(key) ?? { held: 0, answeredAt: never, owingSince: null, loadedAt: never };
    this.#lanes.set(key, lane);
    return lane;
  }
}

/** Live and sandbox are different hosts. As in `claimDue`. */
function laneKey({ environment, platform }: GrantRecord): string {
  return `${environment} ${platform}`;
}

function silentFor(lane: Lane, now: Instant): number {
  return lane.owingSince === null ? 0 : now - lane.owingSince;
}

function isSilent(lane: Lane, now: Instant): boolean {
  return silentFor(lane, now) >= SILENT_AFTER_MS;
}

function restsUntil(lane: Lane, now: Instant): Instant {
  if (!isSilent(lane, now)) return now;
  const rest = Math.max(SHORTEST_REST_MS, silentFor(lane, now) / 10);
  return lane.loadedAt + Math.min(rest, LONGEST_REST_MS);
}

function isProven(lane: Lane, now: Instant): boolean {
  return !isSilent(lane, now) && lane.answeredAt > now - PROVEN_FOR_MS;
}
