import { numberAt, type PlatformAnswer, parseJson, textAt } from '../../core/answer.ts';
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
  ProbeResult,
} from '../kit/adapter.ts';
import { readStandardCallback, splitScopes, succeeded } from '../kit/oauth.ts';
import { bearer, formPost, withQuery } from '../kit/request.ts';
import { accessToken, readIssued, shortScopes } from './answers.ts';
import { AUTHORIZE, REVOKE, TOKEN, TOKENINFO } from './endpoints.ts';
import { identify } from './idToken.ts';

/** What a platform of the family adds to the shared sign-in. */
export type ApiPart = Pick<MethodAdapter, 'accounts' | 'baseUrl'>;

/** Sign in with Google, for one of its advertising platforms. */
export function userLogin(api: ApiPart): MethodAdapter {
  return { authorizeUrl, readCallback, exchange, renew, probe, revoke, callHeaders, ...api };
}

/**
 * `access_type=offline` brings a refresh token, `prompt=consent` a new one each time. Earlier scopes are not included
 * on purpose: connections of several platforms would end up resting on one another.
 */
function authorizeUrl(app: AppConfig, input: AuthorizeInput): string {
  return withQuery(AUTHORIZE, {
    client_id: app.clientId,
    redirect_uri: input.redirectUri,
    response_type: 'code',
    scope: input.scopes.join(' '),
    state: input.state,
    access_type: 'offline',
    prompt: 'consent',
    nonce: input.scopes.includes('openid') ? input.nonce : undefined,
    code_challenge: input.codeChallenge ?? undefined,
    code_challenge_method: input.codeChallenge === null ? undefined : 'S256',
    login_hint: input.identity?.email ?? input.identity?.id,
  });
}

/** Most refusals stay on Google's own page; those that do come back are told apart where the code says so. */
function readCallback(query: URLSearchParams): CallbackResult {
  const result = readStandardCallback(query);
  if (result.kind === 'code') return result;
  return /^(admin_policy_enforced|org_internal)$/.test(result.error)
    ? { ...result, cause: 'admin_policy' }
    : result;
}

async function exchange(io: Io, app: AppConfig, input: ExchangeInput): Promise<Outcome<Issued>> {
  const answer = await requestToken(io, app, {
    grant_type: 'authorization_code',
    code: input.code,
    redirect_uri: input.redirectUri,
    code_verifier: input.codeVerifier ?? undefined,
  });
  const issued = readIssued(answer, io.now());
  if (!issued.ok) return issued;
  const idToken = answer.kind === 'answer' ? textAt(parseJson(answer.body), 'id_token') : undefined;
  const tokens = { idToken, accessToken: issued.value.secrets.access_token ?? '' };
  const identity = await identify(io, app, tokens, input.nonce);
  if (!identity.ok) return identity;
  // A consent without a time limit also lifts the limit of the consent before it.
  const renewalExpiresAt = issued.value.renewalExpiresAt ?? null;
  return { ok: true, value: { ...issued.value, renewalExpiresAt, identity: identity.value } };
}

async function renew(io: Io, app: AppConfig, held: Held): Promise<Outcome<Issued>> {
  const fields = { grant_type: 'refresh_token', refresh_token: held.secrets.refresh_token };
  return readIssued(await requestToken(io, app, fields), io.now());
}

function requestToken(
  io: Io,
  app: AppConfig,
  fields: Record<string, string | undefined>,
): Promise<PlatformAnswer> {
  return io.send(
    formPost('token', TOKEN, { ...fields, client_id: app.clientId, client_secret: app.clientSecret }),
  );
}

/**
 * Asks tokeninfo, which costs nothing of any API's allowance. It knows access tokens only: one that ended by its own
 * clock says nothing about the grant, one that ended before its time does.
 */
export async function probe(io: Io, _app: AppConfig, held: Held): Promise<ProbeResult> {
  const answer = await io.send(formPost('probe', TOKENINFO, {}, bearer(accessToken(held))));
  if (succeeded(answer)) return { verdict: 'alive', facts: learned(answer.body, io.now()) };
  const { accessExpiresAt } = held.facts;
  const beforeItsTime = accessExpiresAt === null || io.now() < accessExpiresAt;
  return { verdict: isInvalidToken(answer) && beforeItsTime ? 'dead' : 'unclear', answer };
}

/** tokeninfo sends its numbers as text. */
function learned(
  body: string,
  now: number,
): NonNullable<Extract<ProbeResult, { verdict: 'alive' }>['facts']> {
  const json = parseJson(body);
  const scope = textAt(json, 'scope');
  const seconds = numberAt(json, 'expires_in');
  return {
    ...(scope === undefined ? {} : { scopesGranted: shortScopes(splitScopes(scope)) }),
    ...(seconds === undefined ? {} : { accessExpiresAt: now + seconds * 1000 }),
  };
}

/** RFC 7009 in spirit: Google answers 400 for a token that is dead already, and that is what was wanted. */
async function revoke(io: Io, _app: AppConfig, held: Held): Promise<Outcome<null>> {
  const token = held.secrets.refresh_token ?? accessToken(held);
  const answer = await io.send(formPost('revoke', REVOKE, { token }));
  return succeeded(answer) || isInvalidToken(answer) ? { ok: true, value: null } : { ok: false, answer };
}

function isInvalidToken(answer: PlatformAnswer): boolean {
  return (
    answer.kind === 'answer' &&
    answer.status === 400 &&
    textAt(parseJson(answer.body), 'error') === 'invalid_token'
  );
}

export const callHeaders = (_app: AppConfig, held: Held) => bearer(accessToken(held));
