/** Where people sign in. */
export const AUTHORIZE = 'https://accounts.google.com/o/oauth2/v2/auth';
/** Also the audience of every service account assertion, whatever a key file's `token_uri` says. */
export const TOKEN = 'https://oauth2.googleapis.com/token';
export const TOKENINFO = 'https://oauth2.googleapis.com/tokeninfo';
export const REVOKE = 'https://oauth2.googleapis.com/revoke';
/** The keys with which Google signs id tokens (JWKS). */
export const SIGNING_KEYS = 'https://www.googleapis.com/oauth2/v3/certs';
/** Both spellings appear in id tokens. */
export const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];
/** Hosts that every platform of the family calls or sends people to. */
export const SIGN_IN_HOSTS = ['accounts.google.com', 'oauth2.googleapis.com', 'www.googleapis.com'];
