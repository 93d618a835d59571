import { IS_KEPT } from '../../../core/grantState.ts';
import { HOUR_MS, type Instant, SECOND_MS } from '../../../core/instant.ts';
import type { CheckerFactory, SeenGrant } from '../checker.ts';

const SLACK_MS = 12 * HOUR_MS;

interface Death {
  readonly seenAt: Instant;
  readonly noticedBy: Instant;
}

export const l2DeathNoticed: CheckerFactory = ({ report, now, hindrances, inTheWayOf }) => {
  const deaths = new Map<string, Death>();
  return {
    id: 'L2',
    promise: 'Every true death is noticed within one probe interval or one renewal.',
    onAudit: (grants) => {
      for (const seen of grants) {
        const { grant, lives, simulator } = seen;
        if (lives || !IS_KEPT[grant.state]) {
          deaths.delete(grant.id);
          continue;
        }
        const death = deaths.get(grant.id) ?? { seenAt: now(), noticedBy: now() + boundMs(seen, now()) };
        deaths.set(grant.id, death);
        const late =
          now() - death.noticedBy - hindrances.hinderedMs(inTheWayOf(simulator), death.seenAt, now());
        if (late <= 0) continue;
        deaths.delete(grant.id);
        report(
          `${grant.platform} ${grant.method} is dead at the platform since ${new Date(death.seenAt).toISOString()} and still ${grant.state}; due ${grant.dueReason} ${grant.dueAt && new Date(grant.dueAt).toISOString()}.`,
          grant.id,
        );
      }
    },
  };
};

function boundMs({ grant, method }: SeenGrant, now: Instant): number {
  const { probeEverySeconds, confirmAfterSeconds } = method.cadence;
  const confirmMs =
    typeof confirmAfterSeconds.value === 'number' ? confirmAfterSeconds.value * SECOND_MS : HOUR_MS;
  const nextLookMs = Math.min(Math.max(0, (grant.dueAt ?? now) - now), probeEverySeconds * SECOND_MS);
  return nextLookMs + 2 * confirmMs + SLACK_MS;
}
