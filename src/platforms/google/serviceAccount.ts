import { SignJWT } from 'jose';
import type { Accepted, Held, Io, Issued, MethodAdapter, Outcome } from '../kit/adapter.ts';
import type { Fields } from '../kit/fields.ts';
import { formPost } from '../kit/request.ts';
import { readIssued, refusal } from './answers.ts';
import { TOKEN } from './endpoints.ts';
import { type Key, readKeyFile } from './keyFile.ts';
import { refusedKey } from './refusedKey.ts';
import { type ApiPart, callHeaders, probe } from './userLogin.ts';

/** The most that Google takes. Whether a shorter assertion shortens the token is not documented. */
const ASSERTION_LIFETIME_SECONDS = 3600;

/** A service account's key file (RFC 7523): nothing is renewed, each time a new token is minted from the key. */
export function serviceAccount(defaultScopes: readonly string[], api: ApiPart): MethodAdapter {
  return {
    accept: (io, _app, fields, scopes) => connect(io, fields, scopes?.length ? scopes : defaultScopes),
    renew: (io, _app, held) =>
      mintAgain(io, held, held.facts.scopesRequested.length > 0 ? held.facts.scopesRequested : defaultScopes),
    probe,
    callHeaders,
    ...api,
  };
}

async function connect(io: Io, fields: Fields, scopes: readonly string[]): Promise<Accepted> {
  const keyFile = fields.key_file?.trim() ?? '';
  const key = readKeyFile(keyFile);
  if (typeof key === 'string') return refusal('invalid_key_file', key);
  const subject = fields.subject?.trim() || undefined;
  const minted = await mint(io, key, subject, scopes);
  if (!minted.ok) {
    const refused = refusedKey(minted.answer, subject);
    return refused ? { ...minted, refused } : minted;
  }
  const { clientEmail: email, keyId, projectId } = key;
  return {
    ok: true,
    value: {
      ...minted.value,
      secrets: { ...minted.value.secrets, key_file: keyFile },
      renewalExpiresAt: null,
      identity: { id: email, kind: 'service_account', name: email.split('@')[0] ?? null, email },
      extra: { key_id: keyId ?? null, project_id: projectId ?? null, subject: subject ?? null },
    },
  };
}

async function mintAgain(io: Io, held: Held, defaultScopes: readonly string[]): Promise<Outcome<Issued>> {
  const key = readKeyFile(held.secrets.key_file ?? '');
  if (typeof key === 'string') return refusal('invalid_key_file', key);
  const { scopesRequested, extra } = held.facts;
  const subject = typeof extra.subject === 'string' ? extra.subject : undefined;
  return mint(io, key, subject, scopesRequested.length > 0 ? scopesRequested : defaultScopes);
}

async function mint(
  io: Io,
  key: Key,
  subject: string | undefined,
  scopes: readonly string[],
): Promise<Outcome<Issued>> {
  const answer = await io.send(
    formPost('token', TOKEN, {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertion(io, key, subject, scopes),
    }),
  );
  const issued = readIssued(answer, io.now());
  // The answer does not name scopes: all that were asked for are in it, or there is no answer.
  return issued.ok ? { ok: true, value: { scopesGranted: scopes, ...issued.value } } : issued;
}

function assertion(
  io: Io,
  key: Key,
  subject: string | undefined,
  scopes: readonly string[],
): Promise<string> {
  const seconds = Math.floor(io.now() / 1000);
  const jwt = new SignJWT({ scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(key.keyId ? { kid: key.keyId } : {}) })
    .setIssuer(key.clientEmail)
    .setAudience(TOKEN)
    .setJti(Buffer.from(io.randomBytes(16)).toString('hex'))
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ASSERTION_LIFETIME_SECONDS);
  return (subject === undefined ? jwt : jwt.setSubject(subject)).sign(key.privateKey);
}
