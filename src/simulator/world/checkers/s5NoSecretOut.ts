import type { CheckerFactory } from '../checker.ts';

/** The last so many secrets are looked for. */
const MOST_KNOWN = 20_000;
const SHORTEST_SECRET = 12;

export const s5NoSecretOut: CheckerFactory = ({ report }) => {
  const secrets = new Set<string>();
  const look = (text: string, where: string): void => {
    for (const word of text.split(/[^\w.~+/=-]+/)) {
      if (word.length >= SHORTEST_SECRET && secrets.has(word)) report(`A secret stands in ${where}.`, where);
    }
  };
  const learn = (secret: string): void => {
    if (secret.length < SHORTEST_SECRET) return;
    secrets.add(secret);
    const [oldest] = secrets;
    if (secrets.size > MOST_KNOWN && oldest !== undefined) secrets.delete(oldest);
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
    onLine: (line) => look(line, 'a log line'),
    onAudit: (grants) => {
      for (const { secrets: held } of grants) for (const secret of Object.values(held)) learn(secret);
    },
  };
};
