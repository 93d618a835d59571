import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { parseJson, textAt } from '../../core/answer.ts';
import type { Held, Io, Issued, MethodAdapter, Outcome } from '../kit/adapter.ts';
import { formPost } from '../kit/request.ts';
import { readIssued, refusal } from './answers.ts';
import { TOKEN } from './endpoints.ts';
import { type ApiPart, callHeaders, probe } from './userLogin.ts';

/** The most that Google takes. Whether a shorter assertion shortens the token is not documented. */
const ASSERTION_LIFETIME_SECONDS = 3600;

interface Key {
  readonly clientEmail: string;
  readonly privateKey: KeyObject;
  readonly keyId: string | undefined;
  readonly projectId: string | undefined;
}

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

async function connect(
  io: Io,
  fields: Readonly<Record<string, string>>,
  scopes: readonly string[],
): Promise<Outcome<Issued>> {
  const keyFile = fields.key_file?.trim() ?? '';
  const key = readKeyFile(keyFile);
  if (typeof key === 'string') return refusal('invalid_key_file', key);
  const subject = fields.subject?.trim() || undefined;
  const minted = await mint(io, key, subject, scopes);
  if (!minted.ok) return minted;
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

/** The key, or what is wrong with the file, in words that repeat nothing of it. */
function readKeyFile(text: string): Key | string {
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null)
    return 'This is not the JSON of a key file: paste the whole file.';
  const type = textAt(json, 'type');
  if (type !== 'service_account')
    return 'This is not the key file of a service account (its "type" must be "service_account").';
  const clientEmail = textAt(json, 'client_email');
  const pem = textAt(json, 'private_key');
  if (!clientEmail || !pem) return 'The key file lacks "client_email" or "private_key".';
  const privateKey = rsaKey(pem);
  if (!privateKey) return 'The "private_key" of the key file cannot be read: it was cut off or altered.';
  return {
    clientEmail,
    privateKey,
    keyId: textAt(json, 'private_key_id'),
    projectId: textAt(json, 'project_id'),
  };
}

function rsaKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
      ? key
      : undefined;
  } catch {
    return undefined;
  }
}
