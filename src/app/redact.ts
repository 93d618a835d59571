import type { PlatformWords } from '../core/diagnosis.ts';

const SHORTEST_SECRET = 6;
const LOOKS_LIKE_TOKEN = /[A-Za-z0-9_\-.|~+/]{40,}/g;

/** A platform's words without any of the secrets it may have echoed, and without whatever looks like one. */
export function redactWords(words: PlatformWords, secrets: Iterable<string>): PlatformWords {
  const known = [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
  return { code: redactText(words.code, known), message: redactText(words.message, known) };
}

function redactText(text: string | null, secrets: readonly string[]): string | null {
  if (text === null) return null;
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  return clean.replace(LOOKS_LIKE_TOKEN, '[redacted]');
}
