import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/instant.ts';

const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** A span such as `90d`, `36h`, `15m`, `30s` or `2w`, in milliseconds; undefined where the text is none. */
export function readSpan(text: string): number | undefined {
  const parts = /^(\d{1,6})([smhdw])$/.exec(text.trim());
  return parts ? Number(parts[1]) * UNITS[parts[2]!]! : undefined;
}
