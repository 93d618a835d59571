import { importJWK, type JWK } from 'jose';
import { type ClientAuth, ClientSecretPost, modifyAssertion, None, PrivateKeyJwt } from 'oauth4webapi';
import { at, parseJson, textAt } from '../../core/answer.ts';
import type { AppConfig, Io } from '../kit/adapter.ts';
import { basic } from '../kit/request.ts';
import type { Server } from './server.ts';
import { UnreadableClientKey } from './wire.ts';

const ASSERTION_LIFETIME_SECONDS = 60;

/** How the app proves itself at the server's endpoints (RFC 6749 2.3), as declared. */
export function clientAuthentication(server: Server, io: Io, app: AppConfig): ClientAuth {
  switch (server.declaration.client_auth) {
    case 'client_secret_basic':
      return secretBasic(app);
    case 'client_secret_post':
      return ClientSecretPost(app.clientSecret);
    case 'private_key_jwt':
      return privateKeyJwt(server, io, app);
    case 'none':
      return None();
  }
}

/** Not the library's: it also encodes `-`, `_` and `.`, which servers that forget to decode then do not recognize. */
function secretBasic(app: AppConfig): ClientAuth {
  return (_as, client, _body, headers) => {
    for (const [name, value] of Object.entries(basic(client.client_id, app.clientSecret)))
      headers.set(name, value);
  };
}

/** RFC 7523 3. The app's secret is the private key as a JWK; time and chance come from `io`. */
function privateKeyJwt(server: Server, io: Io, app: AppConfig): ClientAuth {
  return async (as, client, body, headers) => {
    const { key, kid, alg } = await readKey(app.clientSecret);
    const sign = PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, {
      [modifyAssertion]: (header, payload) => {
        const now = Math.floor(io.now() / 1000);
        header.alg = alg;
        payload.jti = Buffer.from(io.randomBytes(16)).toString('base64url');
        payload.iat = now;
        payload.exp = now + ASSERTION_LIFETIME_SECONDS;
        // A server whose clock is a second behind would refuse an assertion that begins now.
        delete payload.nbf;
        if (!server.issuerKnown) payload.aud = as.token_endpoint;
      },
    });
    await sign(as, client, body, headers);
  };
}

async function readKey(text: string): Promise<{ key: CryptoKey; kid: string | undefined; alg: string }> {
  const jwk = parseJson(text);
  const alg = textAt(jwk, 'alg');
  if (at(jwk, 'd') === undefined || alg === undefined) {
    throw new UnreadableClientKey(
      'The client secret must be a private key as a JWK (JSON) with "alg", since private_key_jwt is declared.',
    );
  }
  try {
    return { key: (await importJWK(jwk as JWK, alg)) as CryptoKey, kid: textAt(jwk, 'kid'), alg };
  } catch {
    throw new UnreadableClientKey(
      'The private key (JWK) in the client secret cannot be read; it may be cut off or have the wrong "alg".',
    );
  }
}
