import type { CheckerFactory } from '../checker.ts';

/** The order of so many tokens is known; one that is still older is taken for one that somebody pasted. */
const MOST_ISSUED = 100_000;

const ORDERED = [
  ['access_token', 'An access token'],
  ['refresh_token', 'A refresh token'],
] as const;

/** What is stored is never older than what was once acknowledged, by its version and by the order in which the platform issued it. */
export const s2NeverOlder: CheckerFactory = ({ report, judged }) => {
  const versions = new Map<string, number>();
  const issued = new Map<string, number>();
  const newest = new Map<string, number>();
  let count = 0;
  return {
    id: 'S2',
    promise: 'A stored credential is never older than one already acknowledged.',
    onCall: ({ said, request }) => {
      if (said === null || request.endpoint !== 'token') return;
      for (const [, token] of said.body.matchAll(/"(?:access_token|refresh_token)"\s*:\s*"([^"]+)"/g)) {
        count += 1;
        if (token !== undefined && !issued.has(token)) issued.set(token, count);
        if (issued.size > MOST_ISSUED) issued.delete(issued.keys().next().value!);
      }
    },
    onWrite: ({ after }) => {
      judged();
      const known = versions.get(after.id) ?? 0;
      if (after.credentialVersion < known)
        report(`Version ${after.credentialVersion} was written over version ${known}.`, after.id);
      versions.set(after.id, Math.max(known, after.credentialVersion));
    },
    onAudit: (grants) => {
      for (const { grant, secrets } of grants) {
        if (grant.credentialVersion < (versions.get(grant.id) ?? 0))
          report(`Version ${grant.credentialVersion} stands, and a later one was acknowledged.`, grant.id);
        for (const [field, named] of ORDERED) {
          const place = issued.get(secrets[field] ?? '');
          if (place === undefined) continue; // not from a token endpoint: somebody pasted it
          const key = `${grant.id} ${field}`;
          if (place < (newest.get(key) ?? 0)) report(`${named} was replaced by an older one.`, grant.id);
          newest.set(key, place);
        }
      }
    },
  };
};
