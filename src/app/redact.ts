import type { PlatformWords } from '../core/diagnosis.ts';

const SHORTEST_SECRET = 6;
const LOOKS_LIKE_TOKEN = /[A-Za-z0-9_\-.|~+/]{40,}/g;
const NAMED = '(?:token|secret|password|passwd|auth_code|code_verifier|assertion|private_key|api_?key)';
/** A value that its own name gives away, as in an answer that was cut off: `"access_token":"…`, `client_secret=…`. */
const NAMED_SECRET = new RegExp(`(${NAMED}(?:"\\s*:\\s*"|=))(?!\\[redacted\\])[^"&,;\\s}]+`, 'gi');
const MARK = '[redacted]';

/** A platform's words without any of the secrets it may have echoed, and without whatever looks like one. */
export function redactWords(words: PlatformWords, secrets: Iterable<string>): PlatformWords {
  const spelled = new Set(
    [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(spellings),
  );
  const known = [...spelled].sort((a, b) => b.length - a.length);
  return { code: redactText(words.code, known), message: redactText(words.message, known) };
}

function redactText(text: string | null, secrets: readonly string[]): string | null {
  if (text === null) return null;
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, MARK);
  for (const secret of secrets) clean = withoutCutSecret(clean, secret);
  return clean.replace(NAMED_SECRET, `$1${MARK}`).replace(LOOKS_LIKE_TOKEN, MARK);
}

/** As it was sent, and as an address or a form would quote it. */
function spellings(secret: string): readonly string[] {
  if (!secret.isWellFormed()) return [secret];
  const encoded = encodeURIComponent(secret);
  return [secret, encoded, encoded.replaceAll('%20', '+')];
}

/** Words are kept to a length: a secret at their end may have been cut in two. */
function withoutCutSecret(text: string, secret: string): string {
  for (let length = Math.min(secret.length, text.length); length >= SHORTEST_SECRET; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + MARK;
  }
  return text;
}
