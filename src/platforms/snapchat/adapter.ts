import { at, parseJson, textAt } from '../../core/answer.ts';
import type { AdAccount, AppConfig, Held, Identity, Io, Issued, MethodAdapter, Outcome, PlatformAdapter } from '../kit/adapter.ts';
import { check, firstChecks, lastChecks, oauthChecks, onApi, status } from '../kit/checks.ts';
import { readTokenAnswer, succeeded } from '../kit/oauth.ts';
import { bearer, formPost, get, withQuery } from '../kit/request.ts';

const AUTHORIZE = 'https://accounts.snapchat.com/login/oauth2/authorize';
const TOKEN = 'https://accounts.snapchat.com/login/oauth2/access_token';
const API = 'https://adsapi.snapchat.com/v1';
const DEFAULT_LIFETIME_SECONDS = 3600;

async function requestToken(io: Io, app: AppConfig, fields: Record<string, string>): Promise<Outcome<Issued>> {
  const client = { client_id: app.clientId, client_secret: app.clientSecret };
  const answer = await io.send(formPost('token', TOKEN, { ...fields, ...client }));
  return readTokenAnswer(answer, { now: io.now(), defaultLifetimeSeconds: DEFAULT_LIFETIME_SECONDS });
}

const token = (held: Held): string => held.secrets.access_token ?? '';

async function me(io: Io, accessToken: string): Promise<Outcome<Identity>> {
  const answer = await io.send(get('probe', `${API}/me`, {}, bearer(accessToken)));
  if (!succeeded(answer)) return { ok: false, answer };
  const person = at(parseJson(answer.body), 'me');
  const id = textAt(person, 'id');
  if (id === undefined) return { ok: false, answer };
  const name = textAt(person, 'display_name') ?? null;
  return { ok: true, value: { id, kind: 'person', name, email: textAt(person, 'email') ?? null } };
}

const STATUSES: Readonly<Record<string, AdAccount['status']>> = { ACTIVE: 'active', PENDING: 'limited', PAUSED: 'limited' };

function readAccounts(body: string): readonly AdAccount[] {
  const organizations = at(parseJson(body), 'organizations');
  return list(organizations).flatMap((entry) =>
    list(at(entry, 'organization', 'ad_accounts')).map((account) => ({
      id: textAt(account, 'id') ?? '',
      name: textAt(account, 'name') ?? '',
      status: STATUSES[textAt(account, 'status') ?? ''] ?? 'unknown',
      currency: textAt(account, 'currency') ?? null,
      timezone: textAt(account, 'timezone') ?? null,
      permissions: list(at(account, 'roles')).map(String),
    })),
  );
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const userLogin: MethodAdapter = {
  authorizeUrl: (app, input) =>
    withQuery(AUTHORIZE, {
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: input.redirectUri,
      scope: input.scopes.join(' '),
      state: input.state,
    }),
  exchange: async (io, app, input) => {
    const issued = await requestToken(io, app, {
      grant_type: 'authorization_code',
      code: input.code,
      redirect_uri: input.redirectUri,
    });
    if (!issued.ok) return issued;
    const identity = await me(io, issued.value.secrets.access_token ?? '');
    return identity.ok ? { ok: true, value: { ...issued.value, identity: identity.value } } : identity;
  },
  renew: (io, app, held) =>
    requestToken(io, app, { grant_type: 'refresh_token', refresh_token: held.secrets.refresh_token ?? '' }),
  probe: async (io, _app, held) => {
    const found = await me(io, token(held));
    if (found.ok) return { verdict: 'alive' };
    const dead = found.answer.kind === 'answer' && found.answer.status === 401;
    return { verdict: dead ? 'dead' : 'unclear', answer: found.answer };
  },
  accounts: async (io, _app, held) => {
    const query = { with_ad_accounts: 'true' };
    const answer = await io.send(get('api', `${API}/me/organizations`, query, bearer(token(held))));
    return succeeded(answer) ? { ok: true, value: readAccounts(answer.body) } : { ok: false, answer };
  },
  callHeaders: (_app, held) => bearer(token(held)),
  baseUrl: () => API,
};

export const adapter: PlatformAdapter = {
  methods: { user_login: userLogin },
  checks: [
    ...firstChecks,
    check('snapchat.E3002', (e) => onApi(e) && textAt(e.answer.json, 'error_code') === 'E3002', {
      cause: 'account_access_removed',
      remedy: 'An organization admin gives the person a role on the ad account (for example “reports”). No reconnect is needed.',
    }),
    check('snapchat.E3003', (e) => onApi(e) && textAt(e.answer.json, 'error_code') === 'E3003', {
      cause: 'request_invalid',
      also: ['account_access_removed', 'account_disabled'],
    }),
    check('snapchat.token_expired', (e) => /access token expired/i.test(e.answer.headers['www-authenticate'] ?? ''), {
      cause: 'access_token_expired',
    }),
    check('snapchat.scope', (e) => onApi(e) && e.answer.status === 403 && e.answer.body.trim() === 'unauthorized', {
      cause: 'permission_missing',
    }),
    check('snapchat.forbidden', (e) => onApi(e) && e.answer.status === 403, {
      cause: 'account_access_removed',
      also: ['permission_missing'],
    }),
    check('snapchat.parameter', (e) => onApi(e) && status(400, 405, 406, 410, 418)(e), { cause: 'request_invalid' }),
    ...oauthChecks,
    ...lastChecks,
  ],
};
