import { IS_KEPT } from '../../../core/grantState.ts';
import { HOUR_MS } from '../../../core/instant.ts';
import type { CheckerFactory, SeenGrant } from '../checker.ts';

/** So long after everything can be reached again, nothing is left to be renewed: the longest step of the retry table, and a little. */
const BOUND_MS = 5 * HOUR_MS;
/** An outage that ended so long before that is over for good: somebody has looked since. */
const LOOKED_MS = 3 * HOUR_MS;

export const l4Recovery: CheckerFactory = ({ report, judged, now, outages, inTheWayOf }) => {
  const told = new Set<string>();
  return {
    id: 'L4',
    promise: 'Five hours after an outage has ended everything that lives is renewed.',
    onAudit: (grants) => {
      for (const { grant, lives, simulator } of grants) {
        if (!lives || !grant.facts.renewable || !IS_KEPT[grant.state]) continue;
        const whats = [...inTheWayOf(simulator), simulator.losses];
        const calmFrom = now() - BOUND_MS;
        if (outages.hinderedMs(whats, calmFrom, now()) > 0) continue;
        if (outages.hinderedMs(whats, calmFrom - LOOKED_MS, calmFrom) > 0) judged();
        const late = lateBy(grant, now() - BOUND_MS);
        const key = `${grant.id} ${grant.credentialVersion}`;
        if (late === null || told.has(key)) continue;
        told.add(key);
        report(`${grant.platform} ${grant.method} ${late} ${BOUND_MS / HOUR_MS} calm hours after.`, grant.id);
      }
    },
  };
};

/** What has not been done to it by then; null: nothing. What may be spent is held back while the access token works. */
function lateBy({ facts, renewAt }: SeenGrant['grant'], by: number): string | null {
  if (facts.accessExpiresAt !== null && facts.accessExpiresAt < by) return 'has no working token';
  if (facts.unknownOutcomeAt === null && renewAt !== null && renewAt < by) return 'is not renewed';
  return null;
}
