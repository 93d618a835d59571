import { jsonAnswer, type SimAnswer } from '../kit/simulator.ts';

/**
 * https://www.linkedin.com/oauth/.well-known/openid-configuration as printed at learn.microsoft.com/linkedin/consumer/
 * integrations/self-serve/sign-in-with-linkedin-v2, but for the issuer: the page prints https://www.linkedin.com, while
 * clients that compare it find the one below (public Cognito and NextAuth set-ups). Both looked up 2026-11-22.
 */
const DOCUMENT = {
  issuer: 'https://www.linkedin.com/oauth',
  authorization_endpoint: 'https://www.linkedin.com/oauth/v2/authorization',
  token_endpoint: 'https://www.linkedin.com/oauth/v2/accessToken',
  userinfo_endpoint: 'https://api.linkedin.com/v2/userinfo',
  jwks_uri: 'https://www.linkedin.com/oauth/openid/jwks',
  response_types_supported: ['code'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'profile', 'email'],
  claims_supported:
    'iss aud iat exp sub name given_name family_name picture email email_verified locale'.split(' '),
};

/** What a client that signs people in looks up; undefined for any other path. */
export function openidDocument(path: string): SimAnswer | undefined {
  if (path === '/oauth/.well-known/openid-configuration')
    return { ...jsonAnswer(200, DOCUMENT), isDiscovery: true };
  // No ID token is issued here, so there is no key that signs any.
  return path === '/oauth/openid/jwks' ? jsonAnswer(200, { keys: [] }) : undefined;
}
