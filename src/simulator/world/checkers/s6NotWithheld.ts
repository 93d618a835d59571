import { accessWorks } from '../../../core/outage.ts';
import type { CheckerFactory } from '../checker.ts';

export const s6NotWithheld: CheckerFactory = ({ report }) => ({
  id: 'S6',
  promise: 'A token that still works is never withheld.',
  onRead: ({ at, seen, handedOut, problem }) => {
    const works = accessWorks(seen.grant.facts, at) && seen.lives && seen.grant.state !== 'revoked';
    if (works && !handedOut)
      report(
        `The token works until ${seen.grant.facts.accessExpiresAt}, and was withheld: ${problem}.`,
        seen.grant.id,
      );
  },
});
