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
          now() - noticedBy(seen, death) - hindrances.hinderedMs(inTheWayOf(simulator), death.seenAt, now());
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

/**
 * What the platform itself said to live after its death shows at the next renewal alone: the access token outlives what
 * renews it, and a probe asks for no more.
 */
function noticedBy({ grant, method }: SeenGrant, death: Death): Instant {
  const shownAlive = (grant.facts.lastProofAt ?? death.seenAt) > death.seenAt;
  if (!shownAlive || grant.renewAt === null) return death.noticedBy;
  return Math.max(death.noticedBy, grant.renewAt + 2 * confirmMsOf(method) + SLACK_MS);
}

function confirmMsOf({ cadence }: SeenGrant['method']): number {
  const { value } = cadence.confirmAfterSeconds;
  return typeof value === 'number' ? value * SECOND_MS : HOUR_MS;
}

function boundMs({ grant, method }: SeenGrant, now: Instant): number {
  const probeEveryMs = method.cadence.probeEverySeconds * SECOND_MS;
  const nextLookMs = Math.min(Math.max(0, (grant.dueAt ?? now) - now), probeEveryMs);
  return nextLookMs + 2 * confirmMsOf(method) + SLACK_MS;
}
