const AUTH = 'https://www.googleapis.com/auth/';

export const ADWORDS = `${AUTH}adwords`;
export const DFA_TRAFFICKING = `${AUTH}dfatrafficking`;
export const DFA_REPORTING = `${AUTH}dfareporting`;
export const DDM_CONVERSIONS = `${AUTH}ddmconversions`;
export const DISPLAY_VIDEO = `${AUTH}display-video`;
export const DISPLAY_VIDEO_USERS = `${AUTH}display-video-user-management`;
export const BID_MANAGER = `${AUTH}doubleclickbidmanager`;

/** Of each kind the narrower first: https://developers.google.com/identity/protocols/risc, “Access token scopes” (2026-11-22). */
export const RISC = {
  configuration: [`${AUTH}risc.configuration.readonly`, `${AUTH}risc.configuration.readwrite`],
  status: [`${AUTH}risc.status.readonly`, `${AUTH}risc.status.readwrite`],
  verify: [`${AUTH}risc.verify`],
} as const;

const IDENTITY: Readonly<Record<string, string>> = {
  openid: 'openid',
  email: `${AUTH}userinfo.email`,
  profile: `${AUTH}userinfo.profile`,
  [`${AUTH}userinfo.email`]: `${AUTH}userinfo.email`,
  [`${AUTH}userinfo.profile`]: `${AUTH}userinfo.profile`,
};

const KNOWN = new Set([
  ADWORDS,
  DFA_TRAFFICKING,
  DFA_REPORTING,
  DDM_CONVERSIONS,
  DISPLAY_VIDEO,
  DISPLAY_VIDEO_USERS,
  `${AUTH}display-video-mediaplanning`,
  BID_MANAGER,
  ...Object.values(RISC).flat(),
  `${AUTH}cloud-platform`,
]);

export const isIdentityScope = (scope: string): boolean => Object.hasOwn(IDENTITY, scope);
export const isKnownScope = (scope: string): boolean => KNOWN.has(scope) || isIdentityScope(scope);

/** Answers name identity scopes by their long names, and put them last. */
export const asAnswered = (scopes: readonly string[]): readonly string[] => [
  ...scopes.filter((scope) => !isIdentityScope(scope)),
  ...new Set(scopes.filter(isIdentityScope).map((scope) => IDENTITY[scope]!)),
];

export const scopeList = (text: string | null | undefined): readonly string[] =>
  (text ?? '').split(' ').filter((scope) => scope !== '');
