import type { CookieSpec } from '../cookies.ts';

const HOUR_SECONDS = 3600;
const kept = { path: '/', sameSite: 'Lax', maxAgeSeconds: HOUR_SECONDS } as const;

/** Proves at the callback that the same browser began. */
export const BROWSER: CookieSpec = { name: 'evergrant_browser', ...kept };
/** For platforms that forget the state on a denial. */
export const STATE: CookieSpec = { name: 'evergrant_state', ...kept };
/** The link that the person came by, to be offered again when the sign-in fails. One for each platform. */
export const LINK = (platformId: string): CookieSpec => ({
  ...kept,
  name: 'evergrant_link',
  path: `/oauth/callback/${platformId}`,
});
