import { IS_KEPT } from '../../../core/grantState.ts';
import { MINUTE_MS } from '../../../core/instant.ts';
import type { CheckerFactory } from '../checker.ts';

/** A platform that could be reached for so long has had its chance. */
const CHANCE_MS = 12 * MINUTE_MS;

export const l1InTime: CheckerFactory = ({ report, now, hindrances, inTheWayOf }) => {
  const told = new Set<string>();
  return {
    id: 'L1',
    promise:
      'A renewable grant never expires while its platform was reachable in the last third of its life.',
    onAudit: (grants) => {
      for (const { grant, method, lives, simulator } of grants) {
        const { issuedAt, accessExpiresAt, renewable } = grant.facts;
        const renews = renewable || method.cadence.mechanism.value === 'token_exchange';
        if (accessExpiresAt === null || accessExpiresAt > now() || !renews || !lives || !IS_KEPT[grant.state])
          continue;
        const lastThirdFrom = issuedAt + ((accessExpiresAt - issuedAt) * 2) / 3;
        const calmMs = hindrances.longestCalmMs(inTheWayOf(simulator), lastThirdFrom, accessExpiresAt);
        const key = `${grant.id} ${accessExpiresAt}`;
        if (calmMs < CHANCE_MS || told.has(key)) continue;
        told.add(key);
        report(
          `${grant.platform} ${grant.method} ended at ${new Date(accessExpiresAt).toISOString()} after ${Math.round(calmMs / MINUTE_MS)} calm minutes; ${grant.state}, due ${grant.dueReason} ${grant.dueAt && new Date(grant.dueAt).toISOString()}.`,
          grant.id,
        );
      }
    },
  };
};
