import { IS_KEPT } from '../core/grantState.ts';
import type { Context } from './context.ts';
import { Problem } from './errors.ts';
import { reauthorizationRequired } from './getToken.ts';
import { getConnection, requireConnection } from './manageConnections.ts';
import { renewGrant } from './renewGrant.ts';
import { viewDiagnosis } from './reportFailure.ts';

/**
 * Renews a connection's grant now, or probes it where there is nothing to renew. Answers with the connection as it stands
 * afterwards and, where it failed, why. Throws {@link Problem} `reauthorization_required` when a person is needed.
 */
export async function renewConnection(ctx: Context, id: string) {
  const { connection, grant } = await requireConnection(ctx, id);
  if (connection.status === 'disconnected')
    throw new Problem('connection_disconnected', 'This connection was disconnected on purpose.');
  const wish = grant.facts.renewable && IS_KEPT[grant.state] ? 'renew' : 'probe';
  const renewal = await renewGrant(ctx.house, grant, wish, ctx.actor);
  if (!IS_KEPT[renewal.grant.state]) throw await reauthorizationRequired(ctx, id, renewal.grant);
  const diagnosis = renewal.diagnosis && viewDiagnosis(renewal.diagnosis);
  return { outcome: renewal.kind, diagnosis, connection: await getConnection(ctx, id) };
}
