import { IS_KEPT } from '../../../core/grantState.ts';
import { HOUR_MS } from '../../../core/instant.ts';
import type { CheckerFactory } from '../checker.ts';

/** So long after everything can be reached again, nothing is left to be renewed: the longest step of the retry table, and a little. */
const BOUND_MS = 5 * HOUR_MS;

export const l4Recovery: CheckerFactory = ({ report, now, hindrances, inTheWayOf }) => {
  const told = new Set<string>();
  return {
    id: 'L4',
    promise: 'Five hours after an outage has ended everything that lives is renewed.',
    onAudit: (grants) => {
      for (const { grant, lives, simulator } of grants) {
        const { accessExpiresAt, renewable } = grant.facts;
        const ended = accessExpiresAt !== null && accessExpiresAt < now() - BOUND_MS;
        if (!ended || !lives || !renewable || !IS_KEPT[grant.state]) continue;
        if (hindrances.hinderedMs(inTheWayOf(simulator), now() - BOUND_MS, now()) > 0) continue;
        const key = `${grant.id} ${accessExpiresAt}`;
        if (told.has(key)) continue;
        told.add(key);
        report(
          `${grant.platform} ${grant.method} has no working token ${BOUND_MS / HOUR_MS} calm hours after.`,
          grant.id,
        );
      }
    },
  };
};
