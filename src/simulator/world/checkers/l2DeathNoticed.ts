import { IS_KEPT } from '../../../core/grantState.ts';
import { HOUR_MS, type Instant, SECOND_MS } from '../../../core/instant.ts';
import type { CheckerFactory, SeenGrant } from '../checker.ts';

/** The longest step of the retry table, and a little: a call may be lost. */
const SLACK_MS = 5 * HOUR_MS;

/** A true death, and by when it has to be noticed; each moment is set once, so that no later plan can put it off. */
interface Death {
  readonly seenAt: Instant;
  /** Only a renewal shows that what renews is dead. Null: nothing renews it. */
  readonly byRenewal: Instant | null;
  /** As `byRenewal`, where the refresh token may be spent and is held back. */
  readonly byEnd: Instant | null;
  /** The next probe shows that the access token is not taken. Null: it is still taken. */
  byProbe: Instant | null;
  /** A program has said so. */
  byUse: Instant | null;
}

export const l2DeathNoticed: CheckerFactory = ({ report, judged, now, hindrances, inTheWayOfLooks }) => {
  const deaths = new Map<string, Death>();
  const known = (seen: SeenGrant): Death => {
    if (!deaths.has(seen.grant.id)) judged();
    const death = deaths.get(seen.grant.id) ?? begun(seen, now());
    deaths.set(seen.grant.id, death);
    return death;
  };
  return {
    id: 'L2',
    promise:
      'Every true death is noticed within one probe interval or one use: where the platform still takes the access token, by the next renewal.',
    onRefusal: (seen) => {
      if (seen.lives || !IS_KEPT[seen.grant.state]) return;
      known(seen).byUse ??= now() + toConfirmMs(seen);
    },
    onAudit: (grants) => {
      for (const seen of grants) {
        const { grant, lives, takes, simulator } = seen;
        if (lives || !IS_KEPT[grant.state]) {
          deaths.delete(grant.id);
          continue;
        }
        const death = known(seen);
        if (!takes) death.byProbe ??= now() + nextLookMs(seen, now()) + toConfirmMs(seen);
        const hinderedMs = hindrances.hinderedMs(inTheWayOfLooks(simulator), death.seenAt, now());
        if (now() - hinderedMs <= noticedBy(seen, death)) continue;
        deaths.delete(grant.id);
        report(
          `${grant.platform} ${grant.method} is dead at the platform since ${new Date(death.seenAt).toISOString()} and still ${grant.state}; due ${grant.dueReason} ${grant.dueAt && new Date(grant.dueAt).toISOString()}.`,
          grant.id,
        );
      }
    },
  };
};

function begun(seen: SeenGrant, now: Instant): Death {
  const { renewAt, facts } = seen.grant;
  const by = (moment: Instant | null): Instant | null =>
    moment === null ? null : Math.max(moment, now) + toConfirmMs(seen);
  return {
    seenAt: now,
    byRenewal: by(renewAt),
    byEnd: by(facts.accessExpiresAt),
    byProbe: null,
    byUse: null,
  };
}

function noticedBy({ grant }: SeenGrant, { byRenewal, byEnd, byProbe, byUse }: Death): Instant {
  const renewed = grant.facts.unknownOutcomeAt === null ? byRenewal : byEnd;
  return Math.min(...[renewed, byProbe, byUse].map((moment) => moment ?? Number.POSITIVE_INFINITY));
}

function nextLookMs({ grant, method }: SeenGrant, now: Instant): number {
  const probeEveryMs = method.cadence.probeEverySeconds * SECOND_MS;
  return Math.min(Math.max(0, (grant.dueAt ?? now) - now), probeEveryMs);
}

/** A first refusal is confirmed by a second try. */
function toConfirmMs({ method }: SeenGrant): number {
  const { value } = method.cadence.confirmAfterSeconds;
  return 2 * (typeof value === 'number' ? value * SECOND_MS : HOUR_MS) + SLACK_MS;
}
