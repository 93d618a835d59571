import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { at, parseJson, textAt } from '../../core/answer.ts';
import type { AppConfig, Identity, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { bearer, formPost, get } from '../kit/request.ts';
import { refusal } from './answers.ts';
import { ISSUERS, SIGNING_KEYS, TOKENINFO } from './endpoints.ts';

const CLOCK_TOLERANCE_SECONDS = 300;

interface Tokens {
  readonly idToken: string | undefined;
  readonly accessToken: string;
}

/**
 * Who signed in, by `sub`; a mail address is not an id. A wrong id token refuses the sign-in. Where the signing keys
 * cannot be had, Google itself is asked whose access token it is: a consent is not thrown away for that.
 */
export async function identify(
  io: Io,
  app: AppConfig,
  tokens: Tokens,
  nonce: string,
): Promise<Outcome<Identity | undefined>> {
  const keys = tokens.idToken === undefined ? undefined : await signingKeys(io);
  if (tokens.idToken === undefined || keys === undefined)
    return { ok: true, value: await askTokeninfo(io, tokens.accessToken) };
  try {
    const { payload } = await jwtVerify(tokens.idToken, createLocalJWKSet(keys), {
      algorithms: ['RS256'],
      issuer: ISSUERS,
      audience: app.clientId,
      currentDate: new Date(io.now()),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'exp'],
    });
    if (payload.nonce !== nonce)
      return refusal('invalid_id_token', 'The nonce is not the one that was sent.');
    return { ok: true, value: personOf(payload) };
  } catch (error) {
    return refusal(
      'invalid_id_token',
      error instanceof errors.JOSEError ? error.code : 'The id token cannot be read.',
    );
  }
}

async function signingKeys(io: Io): Promise<JSONWebKeySet | undefined> {
  const answer = await io.send(get('api', SIGNING_KEYS));
  const json = succeeded(answer) ? parseJson(answer.body) : undefined;
  return Array.isArray(at(json, 'keys')) ? (json as JSONWebKeySet) : undefined;
}

async function askTokeninfo(io: Io, accessToken: string): Promise<Identity | undefined> {
  const answer = await io.send(formPost('probe', TOKENINFO, {}, bearer(accessToken)));
  return succeeded(answer) ? personOf(parseJson(answer.body)) : undefined;
}

/** `sub` is absent where `openid` was not asked for. */
function personOf(claims: unknown): Identity | undefined {
  const id = textAt(claims, 'sub');
  if (id === undefined) return undefined;
  return { id, kind: 'person', name: textAt(claims, 'name') ?? null, email: textAt(claims, 'email') ?? null };
}
