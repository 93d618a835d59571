import type { Instant } from '../../core/instant.ts';

/** What stands in everybody's way: the database is away, or no process runs. */
export const EVERYBODY = 'everybody';

interface Span {
  readonly from: Instant;
  readonly until: Instant;
}

/** How long back spans are remembered. */
const REMEMBERED_MS = 450 * 86_400_000;

/** When what kept work from being done: a platform that was down, a database that was away, an app that was refused. */
export class Hindrances {
  readonly #spans = new Map<unknown, Span[]>();

  /** @param what A simulator, or a word for what stands in everybody's way. */
  add(what: unknown, from: Instant, until: Instant): void {
    const known = this.#spans.get(what) ?? [];
    this.#spans.set(what, [...known.filter((span) => span.until > from - REMEMBERED_MS), { from, until }]);
  }

  /** The longest time in which none of these stood in the way, in milliseconds. */
  longestCalmMs(whats: readonly unknown[], from: Instant, until: Instant): number {
    const spans = whats
      .flatMap((what) => this.#spans.get(what) ?? [])
      .filter((span) => span.until > from && span.from < until)
      .sort((a, b) => a.from - b.from);
    let longest = 0;
    let calmFrom = from;
    for (const span of spans) {
      longest = Math.max(longest, span.from - calmFrom);
      calmFrom = Math.max(calmFrom, span.until);
    }
    return Math.max(longest, until - calmFrom);
  }

  /** How much of the time something stood in the way, in milliseconds; spans that overlap count once. */
  hinderedMs(whats: readonly unknown[], from: Instant, until: Instant): number {
    const spans = whats
      .flatMap((what) => this.#spans.get(what) ?? [])
      .map((span) => ({ from: Math.max(span.from, from), until: Math.min(span.until, until) }))
      .filter((span) => span.until > span.from)
      .sort((a, b) => a.from - b.from);
    let total = 0;
    let reached = from;
    for (const span of spans) {
      total += Math.max(0, span.until - Math.max(span.from, reached));
      reached = Math.max(reached, span.until);
    }
    return total;
  }
}
