import { CAUSES } from '../core/cause.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import { toRfc3339 } from '../core/instant.ts';
import type { GrantRecord } from '../store/records.ts';
import type { Context } from './context.ts';
import { Problem } from './errors.ts';
import { reauthorizationRequired } from './getToken.ts';
import { describeLoss } from './viewConnection.ts';

/**
 * The problem of a profile that cannot be used for a client now: `reauthorization_required` where a person is needed, with the link of a connection
 * that rests on it; `app_failing` where the app is refused; `platform_refuses` where somebody else has to act; `temporarily_unavailable` for what
 * passes. `diagnosis`: what was answered a moment ago; null: what is on record is told.
 */
export async function unusableProfile(
  ctx: Context,
  grant: GrantRecord,
  diagnosis: Diagnosis | null,
): Promise<Problem> {
  if (!IS_KEPT[grant.state]) return personNeeded(ctx, grant);
  const loss = describeLoss(grant);
  const inDoubt = grant.state === 'suspect';
  const cause = (inDoubt ? null : diagnosis?.cause) ?? loss.cause ?? 'unknown';
  const { explanation, remedy, who } = inDoubt || !diagnosis ? loss : diagnosis;
  const { permanent, reach } = diagnosis ?? CAUSES[cause];
  const lasting = reach === 'app' ? 'app_failing' : 'platform_refuses';
  return new Problem(
    permanent && !inDoubt ? lasting : 'temporarily_unavailable',
    `This profile does not work at the moment. ${explanation} ${remedy}`,
    { cause, state: grant.state, since: toRfc3339(grant.stateSince), who, remedy },
  );
}

async function personNeeded(ctx: Context, grant: GrantRecord): Promise<Problem> {
  const filter = { grantId: grant.id, status: 'connected' } as const;
  const [resting] = await ctx.house.store.listConnections(ctx.workspaceId, filter, { limit: 1, after: null });
  if (resting) return reauthorizationRequired(ctx, resting.connection.id, grant);
  return new Problem(
    'reauthorization_required',
    'This profile was ended with the last connection that used it. Connect anew: a connect session makes the link under which a person signs in.',
    { state: grant.state, since: toRfc3339(grant.stateSince) },
  );
}
