import type { PlatformAnswer } from '../../core/answer.ts';
import type { CallbackResult, MethodAdapter, Outcome, PlatformAdapter } from '../kit/adapter.ts';
import { readStandardCallback } from '../kit/oauth.ts';
import { bearer, get, withQuery } from '../kit/request.ts';
import { listAccounts } from './accounts.ts';
import { checks } from './checks.ts';
import {
  accessToken,
  appSecretProof,
  configId,
  dialogUrl,
  graphDelete,
  graphSucceeded,
  graphUrl,
} from './graph.ts';
import { debugToken, probeResult } from './tokenReport.ts';
import { extend, requestToken, settle } from './tokens.ts';

/** The dialog reports some faults of the app's settings as `error_code` and `error_message`, without `error`. */
function readCallback(query: URLSearchParams): CallbackResult {
  const code = query.get('error_code');
  if (query.has('code') || query.has('error') || code === null) return readStandardCallback(query);
  return { kind: 'denied', cause: 'app_misconfigured', error: code, description: query.get('error_message') };
}

/** What both methods share: the token itself is all there is, whoever's it is. */
const common = {
  renew: extend,
  probe: async (io, app, held) => probeResult(await debugToken(io, app, accessToken(held))),
  accounts: listAccounts,
  callHeaders: (_app, held) => bearer(accessToken(held)),
  baseUrl: (app) => graphUrl(app),
} satisfies Partial<MethodAdapter>;

/** Ends one token. The documents know it as a GET only, so the secret has to be in the address. */
const revokeToken: NonNullable<MethodAdapter['revoke']> = async (io, app, held) => {
  const token = accessToken(held);
  const client = { client_id: app.clientId, client_secret: app.clientSecret };
  const query = { ...client, revoke_token: token, appsecret_proof: appSecretProof(app, token) };
  const answer = await io.send(get('revoke', `${graphUrl(app)}/oauth/revoke`, query, bearer(token)));
  return done(answer);
};

/** Takes every permission of the person back from the app: their other tokens for this app end with it. */
const revokeLogin: NonNullable<MethodAdapter['revoke']> = async (io, app, held) => {
  if (held.identity?.kind === 'system_user') return revokeToken(io, app, held);
  const user = encodeURIComponent(held.identity?.id ?? 'me');
  const answer = await io.send(graphDelete(app, accessToken(held), `/${user}/permissions`));
  return done(answer);
};

const done = (answer: PlatformAnswer): Outcome<null> =>
  graphSucceeded(answer) ? { ok: true, value: null } : { ok: false, answer };

const userLogin: MethodAdapter = {
  ...common,
  authorizeUrl: (app, input) => {
    const config = configId(app);
    return withQuery(dialogUrl(app), {
      client_id: app.clientId,
      redirect_uri: input.redirectUri,
      state: input.state,
      response_type: 'code',
      // A Login for Business configuration holds the permissions; sending scope as well is advised against.
      ...(config === undefined ? { scope: input.scopes.join(',') } : { config_id: config }),
      // Without it the dialog never offers a permission again that the person once declined.
      ...(input.reconnect ? { auth_type: 'rerequest' } : {}),
    });
  },
  readCallback,
  exchange: async (io, app, input) => {
    const fresh = await requestToken(io, app, { redirect_uri: input.redirectUri, code: input.code });
    if (!fresh.ok) return fresh;
    return settle(io, app, fresh.value, await debugToken(io, app, fresh.value.token));
  },
  revoke: revokeLogin,
};

const systemUser: MethodAdapter = {
  ...common,
  accept: async (io, app, fields) => {
    const token = (fields.access_token ?? '').trim();
    const report = await debugToken(io, app, token);
    return report.ok ? settle(io, app, { token, expiresAt: undefined }, report) : report;
  },
  revoke: revokeToken,
};

export const adapter: PlatformAdapter = {
  methods: { user_login: userLogin, system_user: systemUser },
  checks,
};
