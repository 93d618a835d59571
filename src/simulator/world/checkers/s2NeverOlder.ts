import type { CheckerFactory } from '../checker.ts';

/** The order of so many tokens is known; one that is still older is taken for one that somebody pasted. */
const MOST_ISSUED = 100_000;

/** What is stored is never older than what was once acknowledged, by its version and by the order in which the platform issued it. */
export const s2NeverOlder: CheckerFactory = ({ report }) => {
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
      const known = versions.get(after.id) ?? 0;
      if (after.credentialVersion < known)
        report(`Version ${after.credentialVersion} was written over version ${known}.`, after.id);
      versions.set(after.id, Math.max(known, after.credentialVersion));
    },
    onAudit: (grants) => {
      for (const { grant, secrets } of grants) {
        if (grant.credentialVersion < (versions.get(grant.id) ?? 0))
          report(`Version ${grant.credentialVersion} stands, and a later one was acknowledged.`, grant.id);
        const place = issued.get(secrets.access_token ?? '');
        if (place === undefined) continue; // not from a token endpoint: somebody pasted it
        if (place < (newest.get(grant.id) ?? 0))
          report('An access token was replaced by an older one.', grant.id);
        newest.set(grant.id, place);
      }
    },
  };
};
