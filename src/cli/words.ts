const WHO_WORDS: Readonly<Record<string, string>> = {
  nobody: 'nobody: it passes by itself',
  authorizing_user: 'the person who authorized it',
  account_admin: 'an administrator of the account at the platform',
  operator: 'you, who run Evergrant',
  platform: 'the platform',
};

export function whoWords(who: string | null): string | null {
  return who === null ? null : (WHO_WORDS[who] ?? who);
}

/** `revoked_by_user` as “revoked by user”. */
export function plain(code: string | null): string {
  return (code ?? '').replaceAll('_', ' ');
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `2 d`, `3 h`, `40 s`: to the unit that counts. */
export function span(seconds: number): string {
  const [size, unit] = UNITS.find(([length]) => seconds >= length * (length === 86_400 ? 2 : 1)) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** `in 3 d`, `2 h ago`; empty where there is no time. */
export function fromNow(time: string | null, now: number): string {
  if (time === null) return '';
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}

/** `2026-11-22 09:40 UTC`. */
export function clock(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** `2026-11-22 09:40 UTC (in 3 d)`; null where there is no time. */
export function when(time: string | null, now: number): string | null {
  return time === null ? null : `${clock(time)} (${fromNow(time, now)})`;
}
