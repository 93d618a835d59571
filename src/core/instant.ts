/** A moment as milliseconds since 1970-01-01T00:00:00Z. Names of instants end in `At`. */
export type Instant = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** RFC 3339 in UTC with milliseconds, the one format in which instants leave the process. */
export function toRfc3339(at: Instant): string {
  return new Date(at).toISOString();
}

/** As {@link toRfc3339}, and null stays null: no such moment. */
export function toRfc3339OrNull(at: Instant | null): string | null {
  return at === null ? null : toRfc3339(at);
}
