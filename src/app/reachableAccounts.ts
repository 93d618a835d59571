import type { Diagnosis } from '../core/diagnosis.ts';
import { IS_KEPT } from '../core/grantState.ts';
import type { GrantRecord, JsonObject } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { reauthorizationRequired } from './getToken.ts';
import { type Inventoried, type ListedAccount, readInventory } from './inventory.ts';
import { openApp, openGrant } from './openGrant.ts';
import { renewGrant } from './renewGrant.ts';

/**
 * Every ad account that a connection reaches now, asked of the platform. Throws {@link Problem} `reauthorization_required`
 * where a person is needed, and what {@link readAccounts} throws.
 */
export async function accountsOf(ctx: Context, view: ConnectionView): Promise<readonly ListedAccount[]> {
  const { connection, grant } = view;
  if (!IS_KEPT[grant.state]) throw await reauthorizationRequired(ctx, connection.id, grant);
  const read = await ask(ctx, grant, connection.accounts);
  if (read.accounts) return read.accounts;
  if (read.diagnosis.reach !== 'grant') throw refusal(read.diagnosis, grant);
  // It concerns the grant: what can be renewed is, what cannot is probed, and one answer alone is not believed.
  const wish = grant.facts.renewable && !read.diagnosis.permanent ? 'renew' : 'probe';
  const renewal = await renewGrant(ctx.house, grant, wish, ctx.actor);
  if (!IS_KEPT[renewal.grant.state]) throw await reauthorizationRequired(ctx, connection.id, renewal.grant);
  const again = renewal.kind === 'renewed' ? await ask(ctx, renewal.grant, connection.accounts) : read;
  if (again.accounts) return again.accounts;
  throw refusal(renewal.diagnosis ?? again.diagnosis, renewal.grant);
}

/**
 * Every ad account that a grant reaches now. Throws {@link Problem} `temporarily_unavailable` for what passes,
 * `app_failing` where the app is refused, `platform_refuses` for whatever else only somebody can mend.
 */
export async function readAccounts(ctx: Context, grant: GrantRecord): Promise<readonly ListedAccount[]> {
  const { accounts, diagnosis } = await ask(ctx, grant);
  if (accounts) return accounts;
  throw refusal(diagnosis, grant);
}

async function ask(
  { house, workspaceId }: Context,
  grant: GrantRecord,
  known: readonly JsonObject[] = [],
): Promise<Inventoried> {
  const app = await house.store.getApp(workspaceId, grant.appId);
  if (!app) throw notFound('app', grant.appId);
  return readInventory(await openGrant(house, await openApp(house, app, grant.method), grant), known);
}

function refusal(
  { cause, who, reach, permanent, explanation, remedy }: Diagnosis,
  grant: GrantRecord,
): Problem {
  const lasting = reach === 'app' ? 'app_failing' : 'platform_refuses';
  return new Problem(
    permanent ? lasting : 'temporarily_unavailable',
    `The platform did not list the ad accounts. ${explanation} ${remedy}`,
    { cause, who, remedy, state: grant.state },
  );
}
