import { IS_KEPT } from '../../../core/grantState.ts';
import { type Instant, MINUTE_MS, toRfc3339 } from '../../../core/instant.ts';
import type { GrantRecord } from '../../../store/records.ts';
import type { CheckerFactory } from '../checker.ts';
import type { Liar } from '../liar.ts';

/** A platform that could be reached for so long has had its chance. */
const CHANCE_MS = 12 * MINUTE_MS;

export const l1InTime: CheckerFactory = ({ report, judged, now, hindrances, inTheWayOf }) => {
  const told = new Set<string>();
  const ended = (grant: GrantRecord, simulator: Liar, accessExpiresAt: Instant, how: string): void => {
    const { issuedAt } = grant.facts;
    const lastThirdFrom = issuedAt + ((accessExpiresAt - issuedAt) * 2) / 3;
    const whats = [...inTheWayOf(simulator), simulator.losses];
    const calmMs = hindrances.longestCalmMs(whats, lastThirdFrom, accessExpiresAt);
    const key = `${grant.id} ${accessExpiresAt}`;
    if (calmMs < CHANCE_MS || told.has(key)) return;
    told.add(key);
    report(
      `${grant.platform} ${grant.method} ended at ${toRfc3339(accessExpiresAt)} after ${Math.round(calmMs / MINUTE_MS)} calm minutes; ${how}.`,
      grant.id,
    );
  };
  return {
    id: 'L1',
    promise:
      'A renewable grant never expires while its platform was reachable in the last third of its life.',
    // Most tokens end and are renewed between two audits.
    onWrite: ({ at, before, after, simulator }) => {
      const endsAt = before?.facts.accessExpiresAt ?? null;
      if (before === null || endsAt === null || after.credentialVersion === before.credentialVersion) return;
      if (after.facts.consentedAt !== before.facts.consentedAt || !IS_KEPT[before.state]) return;
      judged();
      if (endsAt < at) ended(before, simulator, endsAt, `renewed at ${toRfc3339(at)}`);
    },
    onAudit: (grants) => {
      for (const { grant, method, lives, simulator } of grants) {
        const { accessExpiresAt, renewable } = grant.facts;
        const renews = renewable || method.cadence.mechanism.value === 'token_exchange';
        if (accessExpiresAt === null || accessExpiresAt > now() || !renews || !lives || !IS_KEPT[grant.state])
          continue;
        const due = `${grant.state}, due ${grant.dueReason} ${grant.dueAt && toRfc3339(grant.dueAt)}`;
        ended(grant, simulator, accessExpiresAt, due);
      }
    },
  };
};
