import { at, parseJson, textAt } from '../../core/answer.ts';
import type {
  AppConfig,
  Held,
  Identity,
  Io,
  Issued,
  MethodAdapter,
  Outcome,
  PlatformAdapter,
} from '../kit/adapter.ts';
import { readTokenAnswer, succeeded } from '../kit/oauth.ts';
import { bearer, formPost, get, withQuery } from '../kit/request.ts';
import { API, accountsOf } from './accounts.ts';
import { checks } from './checks.ts';
import { fulfilled } from './envelope.ts';

const AUTHORIZE = 'https://accounts.snapchat.com/login/oauth2/authorize';
const TOKEN = 'https://accounts.snapchat.com/login/oauth2/access_token';
/** Documented for sign-in with Snapchat only; tried for ads tokens as well as it goes. */
const REVOKE = 'https://accounts.snapchat.com/accounts/oauth2/revoke';
const DEFAULT_LIFETIME_SECONDS = 3600;

const client = (app: AppConfig) => ({ client_id: app.clientId, client_secret: app.clientSecret });

async function requestToken(
  io: Io,
  app: AppConfig,
  fields: Record<string, string>,
): Promise<Outcome<Issued>> {
  const answer = await io.send(formPost('token', TOKEN, { ...fields, ...client(app) }));
  return readTokenAnswer(answer, { now: io.now(), defaultLifetimeSeconds: DEFAULT_LIFETIME_SECONDS });
}

const token = (held: Held): string => held.secrets.access_token ?? '';

async function me(io: Io, accessToken: string): Promise<Outcome<Identity>> {
  const answer = await io.send(get('probe', `${API}/me`, {}, bearer(accessToken)));
  if (!fulfilled(answer)) return { ok: false, answer };
  const person = at(parseJson(answer.body), 'me');
  const id = textAt(person, 'id');
  if (id === undefined) return { ok: false, answer };
  const name = textAt(person, 'display_name') ?? null;
  return { ok: true, value: { id, kind: 'person', name, email: textAt(person, 'email') ?? null } };
}

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
  revoke: async (io, app, held) => {
    const fields = { token: held.secrets.refresh_token ?? token(held), ...client(app) };
    const answer = await io.send(formPost('revoke', REVOKE, fields));
    return succeeded(answer) ? { ok: true, value: null } : { ok: false, answer };
  },
  accounts: (io, _app, held) => accountsOf(io, token(held)),
  callHeaders: (_app, held) => bearer(token(held)),
  baseUrl: () => API,
};

export const adapter: PlatformAdapter = { methods: { user_login: userLogin }, checks };
