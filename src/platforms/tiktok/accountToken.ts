import { at, type PlatformAnswer, textAt } from '../../core/answer.ts';
import { DAY_MS } from '../../core/instant.ts';
import type {
  AdAccount,
  AppConfig,
  Held,
  Identity,
  Io,
  Issued,
  MethodAdapter,
  Outcome,
  ProbeResult,
} from '../kit/adapter.ts';
import { readTokenAnswer, splitScopes } from '../kit/oauth.ts';
import { get, jsonPost, withQuery } from '../kit/request.ts';
import { readCallback } from './callback.ts';
import { API, call, codeOf, dataOf, parseKeepingIds, tokenHeader } from './envelope.ts';

const AUTHORIZE = 'https://www.tiktok.com/v2/auth/authorize/';
const ACCESS_SECONDS = 86_400;
/** Counts down from the consent; used only where the answer does not tell what is left. */
const RENEWAL_MS = 365 * DAY_MS;

/** Codes that say that the person has to authorize again. An expired access token (40102) is renewed instead. */
const DEAD_CODES: readonly (number | undefined)[] = [40103, 40105, 40106, 40107];

const token = (held: Held): string | undefined => held.secrets.access_token;

/** The app id, unless the portal's address for account holders shows a key of its own. */
const clientKey = (app: AppConfig): string => textAt(app.settings, 'client_key') || app.clientId;

/** Field names as documented today; the older ones (`expires`, `refresh_expires`) still occur in answers. */
const payload = (data: unknown): unknown => ({
  ...(typeof data === 'object' ? data : {}),
  expires_in: at(data, 'expires_in') ?? at(data, 'expires'),
  refresh_token_expires_in: at(data, 'refresh_token_expires_in') ?? at(data, 'refresh_expires'),
});

type Fields = Readonly<Record<string, string | undefined>>;

async function requestToken(
  io: Io,
  app: AppConfig,
  path: string,
  fields: Fields,
): Promise<Outcome<{ issued: Issued; data: unknown }>> {
  const body = { client_id: app.clientId, client_secret: app.clientSecret, ...fields };
  const answer = await io.send(jsonPost('token', `${API}/tt_user/oauth2/${path}/`, body));
  const data = dataOf(answer);
  if (!data.ok) return data;
  const issued = readTokenAnswer(answer, {
    now: io.now(),
    defaultLifetimeSeconds: ACCESS_SECONDS,
    payload: () => payload(data.value),
    refreshLifetimeField: 'refresh_token_expires_in',
  });
  return issued.ok ? { ok: true, value: { issued: issued.value, data: data.value } } : issued;
}

async function exchange(io: Io, app: AppConfig, code: string, redirectUri: string): Promise<Outcome<Issued>> {
  const fields = { grant_type: 'authorization_code', auth_code: code, redirect_uri: redirectUri };
  const outcome = await requestToken(io, app, 'token', fields);
  if (!outcome.ok) return outcome;
  const { issued, data } = outcome.value;
  const renewalExpiresAt = issued.renewalExpiresAt ?? issued.issuedAt + RENEWAL_MS;
  const identity = await identityOf(io, app, issued, data);
  return identity.ok
    ? { ok: true, value: { ...issued, renewalExpiresAt, identity: identity.value } }
    : identity;
}

/** The account's id comes with the token; its name is asked for, and may stay unknown. */
async function identityOf(io: Io, app: AppConfig, issued: Issued, data: unknown): Promise<Outcome<Identity>> {
  const accessToken = issued.secrets.access_token;
  const told = textAt(data, 'open_id') ?? textAt(data, 'creator_id');
  const info = told === undefined ? await tokenInfo(io, app, accessToken) : undefined;
  if (info && !info.ok) return info;
  const id = told ?? textAt(info?.value, 'creator_id') ?? '';
  const profile = await accountProfile(io, id, accessToken);
  const name = profile.ok ? (textAt(profile.value, 'display_name') ?? null) : null;
  return { ok: true, value: { id, kind: 'account', name, email: null } };
}

const tokenInfo = (io: Io, app: AppConfig, accessToken: string | undefined): Promise<Outcome<unknown>> =>
  call(
    io,
    jsonPost('probe', `${API}/tt_user/token_info/get/`, { app_id: app.clientId, access_token: accessToken }),
  );

const accountProfile = (io: Io, id: string, accessToken: string | undefined): Promise<Outcome<unknown>> => {
  const query = { business_id: id, fields: JSON.stringify(['display_name', 'username']) };
  return call(io, get('api', `${API}/business/get/`, query, tokenHeader(accessToken)));
};

async function renew(io: Io, app: AppConfig, held: Held): Promise<Outcome<Issued>> {
  const fields = { grant_type: 'refresh_token', refresh_token: held.secrets.refresh_token };
  const outcome = await requestToken(io, app, 'refresh_token', fields);
  return outcome.ok ? { ok: true, value: outcome.value.issued } : outcome;
}

async function probe(io: Io, app: AppConfig, held: Held): Promise<ProbeResult> {
  const info = await tokenInfo(io, app, token(held));
  if (!info.ok) {
    // Past its 24 hours a refused access token says nothing about the grant: the renewal will.
    const current = held.facts.accessExpiresAt === null || io.now() < held.facts.accessExpiresAt;
    return { verdict: current && isDeath(info.answer) ? 'dead' : 'unclear', answer: info.answer };
  }
  const scope = textAt(info.value, 'scope');
  return scope === undefined
    ? { verdict: 'alive' }
    : { verdict: 'alive', facts: { scopesGranted: splitScopes(scope) } };
}

const isDeath = (answer: PlatformAnswer): boolean =>
  answer.kind === 'answer' && DEAD_CODES.includes(codeOf(parseKeepingIds(answer.body)));

/** An account token reaches one TikTok account: its own. */
async function accounts(io: Io, app: AppConfig, held: Held): Promise<Outcome<readonly AdAccount[]>> {
  const info = await tokenInfo(io, app, token(held));
  if (!info.ok) return info;
  const id = textAt(info.value, 'creator_id') ?? held.identity?.id ?? '';
  const profile = await accountProfile(io, id, token(held));
  if (!profile.ok) return profile;
  const name = textAt(profile.value, 'display_name') ?? textAt(profile.value, 'username') ?? id;
  const permissions = splitScopes(textAt(info.value, 'scope') ?? '');
  return { ok: true, value: [{ id, name, status: 'active', currency: null, timezone: null, permissions }] };
}

async function revoke(io: Io, app: AppConfig, held: Held): Promise<Outcome<null>> {
  const body = { client_id: app.clientId, client_secret: app.clientSecret, access_token: token(held) };
  const outcome = await call(io, jsonPost('revoke', `${API}/tt_user/oauth2/revoke/`, body));
  return outcome.ok || isDeath(outcome.answer) ? { ok: true, value: null } : outcome;
}

/** Accounts API: 24 hours, and a year that counts down from the consent whatever is renewed meanwhile. */
export const accountToken: MethodAdapter = {
  authorizeUrl: (app, input) =>
    withQuery(AUTHORIZE, {
      client_key: clientKey(app),
      scope: input.scopes.join(','),
      response_type: 'code',
      redirect_uri: input.redirectUri,
      state: input.state,
    }),
  readCallback,
  exchange: (io, app, input) => exchange(io, app, input.code, input.redirectUri),
  renew,
  probe,
  revoke,
  accounts,
  callHeaders: (_app, held) => tokenHeader(token(held)),
  baseUrl: () => API,
};
