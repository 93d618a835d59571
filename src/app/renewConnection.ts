import { IS_KEPT } from '../core/grantState.ts';
import { toRfc3339OrNull } from '../core/instant.ts';
import type { Context } from './context.ts';
import { reauthorizationRequired } from './getToken.ts';
import { getConnection, requireConnected, requireConnection } from './manageConnections.ts';
import { type Renewal, renewGrant } from './renewGrant.ts';
import { diagnosisFor } from './reportFailure.ts';
import { rests } from './rest.ts';

/**
 * Renews a connection's grant now, or probes it where there is nothing to renew or a person is needed: what made it need
 * one may have passed at the platform. Answers with the connection as it stands
 * afterwards and, where it failed, why. Where the platform is not asked, `held_reason` says
 * why and `held_until` until when. Throws {@link Problem} `reauthorization_required` when a person is needed.
 */
export async function renewConnection(ctx: Context, id: string) {
  const { grant } = await requireConnected(ctx, id);
  const wish = grant.facts.renewable && IS_KEPT[grant.state] ? 'renew' : 'probe';
  const held = rests(grant, ctx.house.now());
  const renewal: Renewal =
    held === null
      ? await renewGrant(ctx.house, grant, wish, ctx.actor)
      : { grant, diagnosis: null, kind: 'held', held };
  if (!IS_KEPT[renewal.grant.state])
    throw await reauthorizationRequired(ctx, id, renewal.grant, renewal.held ?? null);
  return {
    outcome: renewal.kind,
    held_until: toRfc3339OrNull(renewal.held?.until ?? null),
    held_reason: renewal.held?.reason ?? null,
    diagnosis: renewal.diagnosis && diagnosisFor(await requireConnection(ctx, id), renewal.diagnosis),
    connection: await getConnection(ctx, id),
  };
}
