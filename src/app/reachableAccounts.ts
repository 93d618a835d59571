import type { Diagnosis } from '../core/diagnosis.ts';
import { type GrantState, IS_KEPT } from '../core/grantState.ts';
import type { GrantRecord, JsonObject } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { followRefusal } from './followRefusal.ts';
import { reauthorizationRequired } from './getToken.ts';
import { type Inventoried, type ListedAccount, readInventory } from './inventory.ts';
import { openApp, openGrant } from './openGrant.ts';
import { renewGrant } from './renewGrant.ts';
import { stateOf, whyOfView } from './viewConnection.ts';

/** On record as Evergrant's own: nobody reported it. */
const OWN = 'system';

/**
 * Every ad account that a connection reaches now, asked of the platform. What it refuses goes on record as what a caller
 * reports does. Throws {@link Problem} `reauthorization_required` where a person is needed, and what {@link readAccounts} throws.
 */
export async function accountsOf(ctx: Context, view: ConnectionView): Promise<readonly ListedAccount[]> {
  const { connection, grant } = view;
  if (!IS_KEPT[grant.state]) throw await reauthorizationRequired(ctx, connection.id, grant);
  const read = await ask(ctx, grant, connection.accounts);
  if (read.accounts) return read.accounts;
  if (read.diagnosis.reach !== 'grant') {
    if (read.diagnosis.reach === 'part_of_grant')
      await followRefusal({ ...ctx, actor: OWN }, { connection, grant, app: null }, read.diagnosis);
    throw await refusalOnRecord(ctx, view, read.diagnosis);
  }
  // It concerns the grant: what can be renewed is, what cannot is probed, and one answer alone is not believed.
  const wish = grant.facts.renewable && !read.diagnosis.permanent ? 'renew' : 'probe';
  const renewal = await renewGrant(ctx.house, grant, wish, ctx.actor);
  if (!IS_KEPT[renewal.grant.state]) throw await reauthorizationRequired(ctx, connection.id, renewal.grant);
  const again = renewal.kind === 'renewed' ? await ask(ctx, renewal.grant, connection.accounts) : read;
  if (again.accounts) return again.accounts;
  throw await refusalOnRecord(ctx, view, renewal.diagnosis ?? again.diagnosis);
}

/** Says what the record says by now, where that is what the platform has just refused. */
async function refusalOnRecord(ctx: Context, seen: ConnectionView, diagnosis: Diagnosis): Promise<Problem> {
  const { house, workspaceId } = ctx;
  const view = (await house.store.getConnection(workspaceId, seen.connection.id)) ?? seen;
  const why = whyOfView(view);
  const isIt =
    why.cause === diagnosis.cause || (view.grant.state === 'suspect' && diagnosis.reach === 'grant');
  const { cause, explanation, who, remedy } = why;
  const told = isIt && cause !== null ? { cause, explanation, who, remedy } : {};
  return refusal({ ...diagnosis, ...told }, stateOf(view));
}

/**
 * Every ad account that a grant reaches now. Throws {@link Problem} `temporarily_unavailable` for what passes,
 * `app_failing` where the app is refused, `platform_refuses` for whatever else only somebody can mend.
 */
export async function readAccounts(ctx: Context, grant: GrantRecord): Promise<readonly ListedAccount[]> {
  const { accounts, diagnosis } = await ask(ctx, grant);
  if (accounts) return accounts;
  throw refusal(diagnosis, grant.state);
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

interface Refusal extends Pick<Diagnosis, 'cause' | 'reach' | 'permanent' | 'explanation' | 'remedy'> {
  readonly who: string;
}

function refusal({ cause, who, reach, permanent, explanation, remedy }: Refusal, state: GrantState): Problem {
  const lasting = reach === 'app' ? 'app_failing' : 'platform_refuses';
  return new Problem(
    permanent ? lasting : 'temporarily_unavailable',
    `The platform did not list the ad accounts. ${explanation} ${remedy}`,
    { cause, who, remedy, state },
  );
}
