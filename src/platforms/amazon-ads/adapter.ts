import { DAY_MS, type Instant } from '../../core/instant.ts';
import type { AppConfig, Held, Io, Issued, MethodAdapter, Outcome, PlatformAdapter } from '../kit/adapter.ts';
import { readTokenAnswer, succeeded } from '../kit/oauth.ts';
import { formPost, get, withQuery } from '../kit/request.ts';
import { listAccounts } from './accounts.ts';
import { apiHeaders, sendGuarded } from './calls.ts';
import { checks } from './checks.ts';
import { identify } from './identity.ts';
import { hostsOf } from './regions.ts';

const DEFAULT_LIFETIME_SECONDS = 3600;

/** The earlier of the two published cut-off dates: a deadline too early costs a reminder, one too late an outage. */
const CONSENTS_END_SINCE: Instant = Date.parse('2026-06-30T00:00:00Z');
const CONSENT_LIFE_MS = 365 * DAY_MS;

/** The end of a consent given at this moment; null for the older ones, which end by no clock. */
export function endOfConsent(consentedAt: Instant): Instant | null {
  return consentedAt < CONSENTS_END_SINCE ? null : consentedAt + CONSENT_LIFE_MS;
}

async function requestToken(
  io: Io,
  app: AppConfig,
  fields: Record<string, string | undefined>,
): Promise<Outcome<Issued>> {
  const client = { client_id: app.clientId, client_secret: app.clientSecret };
  const answer = await io.send(formPost('token', hostsOf(app).token, { ...fields, ...client }));
  return readTokenAnswer(answer, { now: io.now(), defaultLifetimeSeconds: DEFAULT_LIFETIME_SECONDS });
}

const token = (held: Held): string => held.secrets.access_token ?? '';

const userLogin: MethodAdapter = {
  authorizeUrl: (app, input) =>
    withQuery(hostsOf(app).authorize, {
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: input.redirectUri,
      scope: input.scopes.join(' '),
      state: input.state,
      code_challenge: input.codeChallenge ?? undefined,
      code_challenge_method: input.codeChallenge === null ? undefined : 'S256',
    }),
  exchange: async (io, app, input) => {
    const issued = await requestToken(io, app, {
      grant_type: 'authorization_code',
      code: input.code,
      redirect_uri: input.redirectUri,
      code_verifier: input.codeVerifier ?? undefined,
    });
    if (!issued.ok) return issued;
    const known = await identify(io, app, issued.value.secrets.access_token ?? '', input.scopes);
    if (!known.ok) return known;
    const renewalExpiresAt = endOfConsent(issued.value.issuedAt);
    return { ok: true, value: { ...issued.value, ...known.value, renewalExpiresAt } };
  },
  // The same refresh token comes back; a renewal never moves the end of the consent.
  renew: (io, app, held) =>
    requestToken(io, app, { grant_type: 'refresh_token', refresh_token: held.secrets.refresh_token ?? '' }),
  probe: async (io, app, held) => {
    const url = `${hostsOf(app).api}/v2/profiles`;
    const request = get('probe', url, { accessLevel: 'view' }, apiHeaders(app, token(held)));
    const answer = await sendGuarded(io, request, token(held));
    const refused = answer.kind === 'answer' && answer.status === 401;
    if (succeeded(answer)) return { verdict: 'alive' };
    return { verdict: refused ? 'dead' : 'unclear', answer };
  },
  accounts: (io, app, held) => listAccounts(io, app, token(held)),
  callHeaders: (app, held) => apiHeaders(app, token(held)),
  baseUrl: (app) => hostsOf(app).api,
};

export const adapter: PlatformAdapter = { methods: { user_login: userLogin }, checks };
