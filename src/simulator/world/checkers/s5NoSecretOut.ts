import type { CheckerFactory } from '../checker.ts';

/** The last so many secrets are looked for. */
const MOST_KNOWN = 20_000;
const SHORTEST_SECRET = 12;

export const s5NoSecretOut: CheckerFactory = ({ report, judged }) => {
  const secrets = new Set<string>();
  const look = (text: string, where: string): void => {
    judged();
    for (const word of longWords(text)) {
      if (secrets.has(word)) report(`A secret stands in ${where}.`, where);
    }
  };
  const learn = (secret: string): void => {
    for (const word of longWords(secret)) if (isTelling(word, secret)) secrets.add(word);
    if (secrets.size > MOST_KNOWN) secrets.delete(secrets.values().next().value!);
  };
  return {
    id: 'S5',
    promise: 'No secret stands in any output.',
    onCall: ({ said }) => {
      for (const [, token] of said?.body.matchAll(
        /"(?:access_token|refresh_token|id_token)"\s*:\s*"([^"]+)"/g,
      ) ?? [])
        learn(token ?? '');
    },
    onWrite: ({ activity, after }) => {
      look(JSON.stringify(activity), 'the activity log');
      const { facts, evidence, pending, identity } = after;
      look(JSON.stringify({ facts, evidence, pending, identity }), 'the facts of a grant');
    },
    onAnswer: ({ path, text }) => {
      // Only there, and only to whoever may read it, a token is handed out.
      if (!HANDS_OUT.test(path)) look(text, 'an HTTP answer');
    },
    onLine: (line) => look(line, 'a log line'),
    onAudit: (grants) => {
      for (const { secrets: held } of grants) for (const secret of Object.values(held)) learn(secret);
    },
  };
};

const HANDS_OUT = /^\/v1\/connections\/[^/]+\/token$/;
/** Of a secret in several parts, such as a key file, parts that are shorter or read like a name are no secrets. */
const SHORTEST_PART = 48;

/** Whether a word gives a secret away: it is all of it, or a part that nobody could guess. */
function isTelling(word: string, secret: string): boolean {
  return word === secret || (word.length >= SHORTEST_PART && !word.includes('.'));
}

/** By character code: whether it can stand in a secret. */
const IS_OF_WORD = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w.~+/=-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** The words of a text that are as long as a secret. By hand: a regular expression was a twentieth of all that a world does. */
function longWords(text: string): string[] {
  const words: string[] = [];
  let begin = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && IS_OF_WORD[text.charCodeAt(at)] === 1) continue;
    if (at - begin >= SHORTEST_SECRET) words.push(text.slice(begin, at));
    begin = at + 1;
  }
  return words;
}
