import {
  AuthorizationResponseError,
  genericTokenEndpointRequest,
  refreshTokenGrantRequest,
  revocationRequest,
  skipStateCheck,
  validateAuthResponse,
} from 'oauth4webapi';
import { type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
import type {
  AppConfig,
  AuthorizeInput,
  CallbackResult,
  ExchangeInput,
  Held,
  Io,
  Issued,
  MethodAdapter,
  Outcome,
} from '../kit/adapter.ts';
import { readStandardCallback, succeeded } from '../kit/oauth.ts';
import type { Platform } from '../kit/platform.ts';
import { bearer, withQuery } from '../kit/request.ts';
import { listAccounts } from './accounts.ts';
import { declaredChecks } from './checks.ts';
import { clientAuthentication } from './clientAuth.ts';
import type { Declaration } from './declaration.ts';
import type { Discovered } from './discovery.ts';
import { identify } from './identity.ts';
import { canCheckIdTokens, checkIdToken } from './idToken.ts';
import { probe } from './probe.ts';
import { declaredProfile, METHOD } from './profile.ts';
import { refused } from './refusal.ts';
import { clientOf, type Server, serverOf } from './server.ts';
import { readFirstTokens, readRenewedTokens } from './tokens.ts';
import { ask } from './wire.ts';

/**
 * An ordinary platform from a declaration. Pure: `discovered` is what {@link discover} brought (and the caller cached);
 * it is needed where the declaration names an issuer, else this throws.
 */
export function declaredPlatform(declaration: Declaration, discovered?: Discovered): Platform {
  const server = serverOf(declaration, discovered);
  return {
    profile: declaredProfile(server, discovered),
    adapter: { methods: { [METHOD]: methodFor(server) }, checks: declaredChecks(declaration) },
  };
}

function methodFor(server: Server): MethodAdapter {
  const { declaration, metadata } = server;
  return {
    authorizeUrl: (app, input) => authorizeUrl(server, app, input),
    readCallback: (query, app) => readCallback(server, query, app),
    exchange: (io, app, input) => exchange(server, io, app, input),
    ...(declaration.renewal === 'none' ? {} : { renew: (io, app, held) => renew(server, io, app, held) }),
    probe: (io, app, held) => probe(server, io, app, held),
    ...(metadata.revocation_endpoint === undefined
      ? {}
      : { revoke: (io, app, held) => revoke(server, io, app, held) }),
    accounts: (io, _app, held) => listAccounts(declaration, io, held),
    callHeaders: (_app, held) => bearer(held.secrets.access_token ?? ''),
    baseUrl: () => declaration.base_url,
  };
}

function authorizeUrl({ declaration, metadata }: Server, app: AppConfig, input: AuthorizeInput): string {
  const { scopes, codeChallenge, identity, reconnect } = input;
  const openid = scopes.includes('openid');
  // OpenID Connect Core 11: without it a server ignores offline_access.
  const consent = scopes.includes('offline_access') || (openid && reconnect);
  return withQuery(metadata.authorization_endpoint, {
    ...(consent ? { prompt: 'consent' } : {}),
    ...(openid && identity?.email ? { login_hint: identity.email } : {}),
    ...declaration.authorize_params,
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: input.redirectUri,
    scope: scopes.length === 0 ? undefined : scopes.join(declaration.scope_separator),
    state: input.state,
    nonce: openid ? input.nonce : undefined,
    code_challenge: codeChallenge ?? undefined,
    code_challenge_method: codeChallenge === null ? undefined : 'S256',
  });
}

/** RFC 9207 2.4: an answer of another issuer is not looked at, be it a code or an error. The caller checked the state. */
function readCallback(
  { metadata, issuerKnown }: Server,
  query: URLSearchParams,
  app: AppConfig,
): CallbackResult {
  const judged = new URLSearchParams(query);
  if (!issuerKnown) judged.delete('iss');
  try {
    validateAuthResponse(metadata, clientOf(app), judged, skipStateCheck);
  } catch (error) {
    if (!(error instanceof AuthorizationResponseError)) return foreign();
  }
  return readStandardCallback(query);
}

const foreign = (): CallbackResult => ({
  kind: 'denied',
  cause: 'app_misconfigured',
  error: 'issuer_mismatch',
  description:
    'The answer does not come from the declared issuer, or is not one that can be trusted. It was not used.',
});

async function exchange(
  server: Server,
  io: Io,
  app: AppConfig,
  input: ExchangeInput,
): Promise<Outcome<Issued>> {
  const parameters = {
    ...server.declaration.token_params,
    code: input.code,
    redirect_uri: input.redirectUri,
    ...(input.codeVerifier === null ? {} : { code_verifier: input.codeVerifier }),
  };
  const answer = await ask(io, 'token', (options) => {
    const proof = clientAuthentication(server, io, app);
    return genericTokenEndpointRequest(
      server.metadata,
      clientOf(app),
      proof,
      'authorization_code',
      parameters,
      options,
    );
  });
  const issued = readFirstTokens(server.declaration, answer, io.now());
  if (!issued.ok) return issued;
  const json = answer.kind === 'answer' ? parseJson(answer.body) : undefined;
  return withIdentity(server, io, app, input, issued.value, json);
}

async function withIdentity(
  server: Server,
  io: Io,
  app: AppConfig,
  input: ExchangeInput,
  issued: Issued,
  json: unknown,
): Promise<Outcome<Issued>> {
  const idToken =
    canCheckIdTokens(server) && input.scopes.includes('openid') ? textAt(json, 'id_token') : undefined;
  const checked =
    idToken === undefined ? undefined : await checkIdToken(io, server, app, idToken, input.nonce);
  if (checked && !checked.ok) return checked;
  const traces = { accessToken: issued.secrets.access_token ?? '', answer: json, claims: checked?.value };
  const identity = await identify(io, server, traces);
  if (!identity.ok) return identity;
  return { ok: true, value: identity.value ? { ...issued, identity: identity.value } : issued };
}

/** No scope is sent, so that it stays as it was granted (RFC 6749 6). */
async function renew(server: Server, io: Io, app: AppConfig, held: Held): Promise<Outcome<Issued>> {
  const refreshToken = held.secrets.refresh_token;
  if (!refreshToken)
    return refused('token', 'no_refresh_token', 'No refresh token is held, since the server gave none.');
  const answer = await ask(io, 'token', (options) => {
    const proof = clientAuthentication(server, io, app);
    const additionalParameters = server.declaration.token_params;
    return refreshTokenGrantRequest(server.metadata, clientOf(app), proof, refreshToken, {
      ...options,
      additionalParameters,
    });
  });
  return readRenewedTokens(server.declaration, answer, held, io.now());
}

/**
 * RFC 7009. The refresh token's answer counts: 200 also for a token that is not known (2.2), 503 to be tried again
 * (2.2.1). The access token is then revoked too, since a server need not do so by itself (2.1); it ends soon anyway.
 */
async function revoke(server: Server, io: Io, app: AppConfig, held: Held): Promise<Outcome<null>> {
  const { refresh_token: refreshToken, access_token: accessToken } = held.secrets;
  if (!refreshToken) return ended(await revokeToken(server, io, app, accessToken ?? '', 'access_token'));
  const outcome = ended(await revokeToken(server, io, app, refreshToken, 'refresh_token'));
  if (outcome.ok && accessToken) await revokeToken(server, io, app, accessToken, 'access_token');
  return outcome;
}

function ended(answer: PlatformAnswer): Outcome<null> {
  return succeeded(answer) ? { ok: true, value: null } : { ok: false, answer };
}

function revokeToken(
  server: Server,
  io: Io,
  app: AppConfig,
  token: string,
  kind: string,
): Promise<PlatformAnswer> {
  return ask(io, 'revoke', (options) => {
    const proof = clientAuthentication(server, io, app);
    const additionalParameters = { token_type_hint: kind };
    return revocationRequest(server.metadata, clientOf(app), proof, token, {
      ...options,
      additionalParameters,
    });
  });
}
