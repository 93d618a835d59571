import { IS_KEPT } from '../core/grantState.ts';
import { toRfc3339OrNull } from '../core/instant.ts';
import type { Context } from './context.ts';
import { reauthorizationRequired } from './getToken.ts';
import { getConnection, requireConnected } from './manageConnections.ts';
import { type Renewal, renewGrant } from './renewGrant.ts';
import { viewDiagnosis } from './reportFailure.ts';
import { restsUntil } from './rest.ts';

/**
 * Renews a connection's grant now, or probes it where there is nothing to renew. Answers with the connection as it stands
 * afterwards and, where it failed, why. Where it was looked at a moment ago, or a suspicion waits to be confirmed, the
 * platform is not asked again before `held_until`. Throws {@link Problem} `reauthorization_required` when a person is needed.
 */
export async function renewConnection(ctx: Context, id: string) {
  const { grant } = await requireConnected(ctx, id);
  const wish = grant.facts.renewable && IS_KEPT[grant.state] ? 'renew' : 'probe';
  const heldUntil = restsUntil(grant, ctx.house.now());
  const renewal: Renewal =
    heldUntil === null
      ? await renewGrant(ctx.house, grant, wish, ctx.actor)
      : { grant, diagnosis: null, kind: 'held', heldUntil };
  if (!IS_KEPT[renewal.grant.state]) throw await reauthorizationRequired(ctx, id, renewal.grant);
  return {
    outcome: renewal.kind,
    held_until: toRfc3339OrNull(renewal.heldUntil ?? null),
    diagnosis: renewal.diagnosis && viewDiagnosis(renewal.diagnosis),
    connection: await getConnection(ctx, id),
  };
}
