import {
  clockTolerance,
  getValidatedIdTokenClaims,
  type IDToken,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  UnsupportedOperationError,
  validateApplicationLevelSignature,
} from 'oauth4webapi';
import type { Instant } from '../../core/instant.ts';
import type { AppConfig, Io, Outcome } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { refused } from './refusal.ts';
import { clientOf, type Server } from './server.ts';
import { wire } from './wire.ts';

/** Seconds by which the server's clock may differ from ours. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** The library only knows the machine's clock, so its own judgement of times is switched off; ours follows below. */
const ANY_TIME_SECONDS = Number.MAX_SAFE_INTEGER;

/** Whether this server's ID tokens can be checked at all. Where they cannot, they are not read. */
export function canCheckIdTokens({ issuerKnown, metadata }: Server): boolean {
  return issuerKnown && metadata.jwks_uri !== undefined;
}

/** OpenID Connect Core 3.1.3.7: signature by the issuer's published keys, `iss`, `aud`, `azp`, `exp`, `nbf`, `nonce`. */
export async function checkIdToken(
  io: Io,
  server: Server,
  app: AppConfig,
  idToken: string,
  nonce: string,
): Promise<Outcome<IDToken>> {
  // A copy, since the library keeps the keys of a metadata object by the machine's clock; asking anew costs one call.
  const metadata = { ...server.metadata };
  const client = { ...clientOf(app), [clockTolerance]: ANY_TIME_SECONDS };
  const { options, answer } = wire(io, 'api');
  try {
    const response = Response.json({
      access_token: 'not looked at',
      token_type: 'bearer',
      id_token: idToken,
    });
    const tokens = await processAuthorizationCodeResponse(metadata, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    await validateApplicationLevelSignature(metadata, response, options);
    const claims = getValidatedIdTokenClaims(tokens);
    if (!claims) return refuse('it is missing');
    const problem = timeProblem(claims, io.now());
    return problem === undefined ? { ok: true, value: claims } : refuse(problem);
  } catch (error) {
    const keys = answer();
    return keys && !succeeded(keys) ? { ok: false, answer: keys } : refuse(reasonOf(error));
  }
}

function timeProblem(claims: IDToken, now: Instant): string | undefined {
  const seconds = now / 1000;
  if (claims.exp <= seconds - CLOCK_TOLERANCE_SECONDS) return 'it has expired; do the clocks agree?';
  const begins = claims.nbf;
  return begins !== undefined && begins > seconds + CLOCK_TOLERANCE_SECONDS
    ? 'it is not valid yet; do the clocks agree?'
    : undefined;
}

const refuse = (why: string) => refused('token', 'id_token_refused', `The ID token was refused: ${why}`);

/** The library's own sentences only: what lies below them may quote the token. */
function reasonOf(error: unknown): string {
  const known = error instanceof OperationProcessingError || error instanceof UnsupportedOperationError;
  return known ? error.message : 'it cannot be read';
}
