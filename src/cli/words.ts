import type { ConnectionDetail } from '../../sdk/src/index.ts';

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

/** Why the platform was not asked just now. */
export const HELD_WORDS = {
  refresh_token_may_be_spent:
    'An answer of the platform was lost: the refresh token may be spent, and rests while the access token works.',
  app_left_alone: 'The app is left alone for a while, because the platform refuses it or is in trouble.',
  asked_a_moment_ago: 'It was looked at a moment ago.',
  awaits_confirmation: 'A refusal waits to be confirmed; an earlier try would confirm nothing.',
  awaits_database: 'It was renewed while the database was away; that is put on record first, within seconds.',
} as const satisfies Record<NonNullable<ConnectionDetail['held']>['reason'], string>;

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `2 d`, `3 h`, `40 s`: to the unit that counts, and no more than there is. */
export function span(seconds: number): string {
  const [size, unit] = unitOf(seconds);
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** The same to the nearest, for what is no time left: a day that lacks a second is `24 h`. */
export function nearestSpan(seconds: number): string {
  const [size] = unitOf(seconds);
  return span(Math.round(seconds / size) * size);
}

function unitOf(seconds: number): readonly [size: number, unit: string] {
  return UNITS.find(([length]) => seconds >= length * (length === 86_400 ? 2 : 1)) ?? [1, 's'];
}

/** `in 3 d`, `2 h ago`; empty where there is no time. */
export function fromNow(time: string | null, now: number): string {
  if (time === null) return '';
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}

/** `2026-11-22 09:40 UTC`. */
export function timeOf(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** `2026-11-22 09:40 UTC (in 3 d)`; null where there is no time. */
export function when(time: string | null, now: number): string | null {
  return time === null ? null : `${timeOf(time)} (${fromNow(time, now)})`;
}
