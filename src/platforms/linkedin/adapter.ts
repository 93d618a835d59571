import { at, numberAt, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import type {
  AppConfig,
  Held,
  Io,
  Issued,
  MethodAdapter,
  Outcome,
  PlatformAdapter,
  ProbeResult,
} from '../kit/adapter.ts';
import { readTokenAnswer, splitScopes, succeeded } from '../kit/oauth.ts';
import { bearer, formPost, withQuery } from '../kit/request.ts';
import { checks } from './checks.ts';
import { accountsOf, identityOf } from './inventory.ts';
import { REST, restGet, versionHeaders } from './rest.ts';

const OAUTH = 'https://www.linkedin.com/oauth/v2';
const ACCESS_LIFETIME_SECONDS = 60 * 24 * 3600;
const REFRESH_LIFETIME_MS = 365 * DAY_MS;

const client = (app: AppConfig) => ({ client_id: app.clientId, client_secret: app.clientSecret });
const token = (held: Held): string => held.secrets.access_token ?? '';

/**
 * When the refresh token ends. LinkedIn tells what is left in seconds; one of its samples tells minutes. The unit that
 * agrees with our own count from the consent is taken, and never more than a year.
 */
function refreshTokenEnd(told: number, countedEnd: Instant, now: Instant): Instant {
  const ends = [told * 1000, told * 60_000].map((left) => now + left);
  const nearest = ends.reduce((best, end) =>
    Math.abs(end - countedEnd) < Math.abs(best - countedEnd) ? end : best,
  );
  return Math.min(nearest, now + REFRESH_LIFETIME_MS);
}

/** Without a refresh token the end of the access token is the end of the grant: only a person continues it. */
const endWithoutRefresh = (issued: Issued): Issued => ({ ...issued, renewalExpiresAt: null });

async function requestToken(
  io: Io,
  app: AppConfig,
  fields: Record<string, string>,
  countedEnd: Instant,
): Promise<Outcome<Issued>> {
  const answer = await io.send(formPost('token', `${OAUTH}/accessToken`, { ...fields, ...client(app) }));
  const now = io.now();
  const issued = readTokenAnswer(answer, { now, defaultLifetimeSeconds: ACCESS_LIFETIME_SECONDS });
  if (!issued.ok) return issued;
  const told =
    answer.kind === 'answer' ? numberAt(parseJson(answer.body), 'refresh_token_expires_in') : undefined;
  if (told === undefined) return issued;
  return { ok: true, value: { ...issued.value, renewalExpiresAt: refreshTokenEnd(told, countedEnd, now) } };
}

async function exchange(
  io: Io,
  app: AppConfig,
  code: string,
  redirectUri: string,
  asked: readonly string[],
): Promise<Outcome<Issued>> {
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
  const yearAhead = io.now() + REFRESH_LIFETIME_MS;
  const issued = await requestToken(io, app, fields, yearAhead);
  if (!issued.ok) return issued;
  const { value } = issued;
  const identity = await identityOf(io, app, value.secrets.access_token ?? '', value.scopesGranted ?? asked);
  if (!identity.ok) return identity;
  const end = value.secrets.refresh_token ? (value.renewalExpiresAt ?? yearAhead) : null;
  return { ok: true, value: { ...value, renewalExpiresAt: end, identity: identity.value } };
}

/** Asks about the access token: spends no quota of the member, and tells expired from revoked. */
async function introspect(io: Io, app: AppConfig, held: Held): Promise<ProbeResult> {
  const answer = await io.send(
    formPost('probe', `${OAUTH}/introspectToken`, { ...client(app), token: token(held) }),
  );
  if (!succeeded(answer)) return { verdict: 'unclear', answer };
  const json = parseJson(answer.body);
  if (at(json, 'active') === true) return { verdict: 'alive', facts: learned(json, held) };
  const told = /^(expired|revoked)$/.test(textAt(json, 'status') ?? '');
  return { verdict: told ? 'dead' : 'unclear', answer };
}

/** A live token may still reach nothing: one small call shows a restricted member or a missing permission. */
async function probe(io: Io, app: AppConfig, held: Held): Promise<ProbeResult> {
  const result = await introspect(io, app, held);
  if (result.verdict !== 'alive') return result;
  const answer = await io.send(restGet(app, token(held), '/adAccounts', { q: 'search', pageSize: '1' }));
  // Which scopes the token holds tells a permission that is missing from a product that the app lost.
  return hindersMember(answer) ? { ...result, verdict: 'unclear', answer } : result;
}

/** What else this call may answer (limits, outages, a false “revoked”, a retired version) says nothing that introspection did not. */
function hindersMember(answer: PlatformAnswer): boolean {
  if (answer.kind !== 'answer') return false;
  const code = textAt(parseJson(answer.body), 'code');
  return (
    (answer.status === 401 && code === 'RESTRICTED_MEMBER') || (answer.status === 403 && code !== undefined)
  );
}

function learned(json: unknown, held: Held) {
  const expires = numberAt(json, 'expires_at');
  const authorized = numberAt(json, 'authorized_at');
  const scope = textAt(json, 'scope');
  const accessExpiresAt = expires === undefined ? held.facts.accessExpiresAt : expires * 1000;
  return {
    accessExpiresAt,
    ...(scope === undefined ? {} : { scopesGranted: splitScopes(scope) }),
    ...(authorized === undefined || !held.secrets.refresh_token
      ? {}
      : { renewalExpiresAt: yearAfter(authorized * 1000, held) }),
    ...(authorized === undefined ? {} : { extra: { authorized_at: authorized } }),
  };
}

/** The earlier of what is known and a year from the authorization: a later consent of the same member must not hide the end. */
function yearAfter(authorizedAt: Instant, held: Held): Instant {
  const end = authorizedAt + REFRESH_LIFETIME_MS;
  return Math.min(end, held.facts.renewalExpiresAt ?? end);
}

/** Not documented; its failure means nothing for the grant. */
async function revoke(io: Io, app: AppConfig, held: Held): Promise<Outcome<null>> {
  const answer: PlatformAnswer = await io.send(
    formPost('revoke', `${OAUTH}/revoke`, { ...client(app), token: token(held) }),
  );
  return succeeded(answer) ? { ok: true, value: null } : { ok: false, answer };
}

const shared: Omit<MethodAdapter, 'exchange' | 'renew'> = {
  authorizeUrl: (app, input) =>
    withQuery(`${OAUTH}/authorization`, {
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: input.redirectUri,
      scope: input.scopes.join(' '),
      state: input.state,
    }),
  probe,
  revoke,
  accounts: (io, app, held) => accountsOf(io, app, token(held)),
  callHeaders: (app, held) => ({ ...bearer(token(held)), ...versionHeaders(app) }),
  baseUrl: () => REST,
};

const userLogin: MethodAdapter = {
  ...shared,
  exchange: (io, app, input) => exchange(io, app, input.code, input.redirectUri, input.scopes),
  renew: (io, app, held) => {
    const countedEnd = held.facts.renewalExpiresAt ?? held.facts.consentedAt + REFRESH_LIFETIME_MS;
    const fields = { grant_type: 'refresh_token', refresh_token: held.secrets.refresh_token ?? '' };
    return requestToken(io, app, fields, countedEnd);
  },
};

const userLoginWithoutRefresh: MethodAdapter = {
  ...shared,
  exchange: async (io, app, input) => {
    const issued = await exchange(io, app, input.code, input.redirectUri, input.scopes);
    if (!issued.ok) return issued;
    // Nothing would ever use a refresh token here, so none is kept.
    const { refresh_token: _unused, ...secrets } = issued.value.secrets;
    return { ok: true, value: endWithoutRefresh({ ...issued.value, secrets }) };
  },
};

export const adapter: PlatformAdapter = {
  methods: { user_login: userLogin, user_login_without_refresh: userLoginWithoutRefresh },
  checks,
};
