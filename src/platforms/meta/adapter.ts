import { at, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import type {
  AppConfig,
  AuthorizeInput,
  CallbackResult,
  MethodAdapter,
  Outcome,
  PlatformAdapter,
} from '../kit/adapter.ts';
import { pastedToken } from '../kit/fields.ts';
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
import { debugToken, probeResult, type TokenReport } from './tokenReport.ts';
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

/** Data access that is over, or will be this soon, is what a person who reconnects has come to renew. */
const DATA_ACCESS_SOON_MS = 30 * DAY_MS;

/**
 * What the dialog asks a person who passed it before. `reauthorize` renews the 90 days of data access (Facebook's own SDKs
 * send it when those have ended). Otherwise `rerequest`: without it the dialog never offers a permission again that the
 * person once declined, on a new connection too, since nobody knows yet who will sign in. A configuration is granted whole
 * or not at all, so a new connection by one has nothing to ask again.
 */
function authType(app: AppConfig, { reconnect, hardEnds = [] }: AuthorizeInput, now: Instant) {
  const soon = ({ kind, at }: { kind: string; at: Instant }) =>
    kind === 'data_access' && at - now <= DATA_ACCESS_SOON_MS;
  if (reconnect && hardEnds.some(soon)) return 'reauthorize';
  return reconnect || configId(app) === undefined ? 'rerequest' : undefined;
}

const userLogin: MethodAdapter = {
  ...common,
  authorizeUrl: (app, input, io) => {
    const config = configId(app);
    return withQuery(dialogUrl(app), {
      client_id: app.clientId,
      redirect_uri: input.redirectUri,
      state: input.state,
      response_type: 'code',
      // A Login for Business configuration holds the permissions; sending scope as well is advised against.
      ...(config === undefined ? { scope: input.scopes.join(',') } : { config_id: config }),
      auth_type: authType(app, input, io.now()),
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

const REFUSED =
  'Meta refuses this token. Check that it was copied whole, that it was generated for the app with the app id entered here, and that it has neither ended nor been revoked; otherwise generate a new one in Business settings, System users.';

/** By debug_token's `type`. */
const OTHER_TOKENS: Readonly<Record<string, string>> = {
  PAGE: 'This is the token of a Page. Generate one for a system user in Business settings, Users, System users.',
  APP: 'This is the token of the app itself. Generate one for a system user in Business settings, Users, System users.',
};

const OF_A_PERSON =
  'This is the token of a person: it ends with their login. Generate one for a system user in Business settings, Users, System users.';

/**
 * Whose token it is, where that is not a system user. Whether `type` says SYSTEM_USER of every system user is not certain,
 * so USER alone is let through; with an end of data access, which system users do not have, it is a person.
 */
function ofSomebodyElse({ type, hardEnds }: TokenReport): string | undefined {
  return type === 'USER' && hardEnds.length > 0 ? OF_A_PERSON : OTHER_TOKENS[type ?? ''];
}

/** The call itself was made as the app: what it says of that (a wrong secret) is not the token's fault. */
function refusesToken(answer: PlatformAnswer): boolean {
  if (answer.kind !== 'answer') return false;
  const json = parseJson(answer.body);
  const message = textAt(json, 'error', 'message') ?? '';
  return at(json, 'data', 'is_valid') === false || /app_id in the input_token did not match/i.test(message);
}

const systemUser: MethodAdapter = {
  ...common,
  accept: async (io, app, fields) => {
    const token = pastedToken(fields.access_token);
    const report = await debugToken(io, app, token);
    const other = report.ok ? ofSomebodyElse(report.value) : undefined;
    if (report.ok && other)
      return { ok: false, answer: report.value.answer, refused: { access_token: other } };
    const outcome = report.ok ? await settle(io, app, { token, expiresAt: undefined }, report) : report;
    if (outcome.ok || !refusesToken(outcome.answer)) return outcome;
    return { ...outcome, refused: { access_token: REFUSED } };
  },
  revoke: revokeToken,
};

export const adapter: PlatformAdapter = {
  methods: { user_login: userLogin, system_user: systemUser },
  checks,
};
