import type { GrantState } from '../core/grantState.ts';
import type { ConnectionView, Page } from '../store/store.ts';
import type { Context } from './context.ts';
import { listApps } from './manageApps.ts';
import { listClients } from './manageClients.ts';
import { pages } from './pages.ts';
import { showConnections } from './showConnections.ts';

const MOST = 500;

export type Overview = Awaited<ReturnType<typeof overview>>;

/** Every app that its platform refuses, every client with its connections, those that need somebody first: one page. */
export async function overview(ctx: Context) {
  const { house, workspaceId } = ctx;
  const workspace = (await house.store.listWorkspaces()).find((one) => one.id === workspaceId);
  const views = await house.store.listConnections(workspaceId, {}, { limit: MOST + 1, after: null });
  const broken = await brokenOnes(ctx);
  const listed = new Set(broken.map(({ connection }) => connection.id));
  const others = views.slice(0, MOST).filter(({ connection }) => !listed.has(connection.id));
  const shown = await showConnections(ctx, [...broken, ...others]);
  const clients = await everything((page) => listClients(ctx, page), byId);
  const grouped = clients
    .map(({ id, name }) => ({
      id,
      name,
      connections: shown.filter((one) => one.client_id === id).sort(worstFirst),
    }))
    .filter((client) => client.connections.length > 0)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const apps = await everything((page) => listApps(ctx, page), byId);
  const inUse = shown.filter((one) => one.state !== 'revoked');
  return {
    workspaceName: workspace?.name ?? '',
    counts: countsOf(inUse),
    tokenless: inUse.filter((one) => one.state !== 'expired' && isDown(one)).length,
    shown: inUse.length,
    more: views.length > MOST,
    failingApps: apps.filter((app) => app.failing !== null),
    clients: grouped,
  };
}

/** Every connection that is broken or about to be: none of them is left out, however many work. */
async function brokenOnes({ house, workspaceId }: Context): Promise<readonly ConnectionView[]> {
  const found: ConnectionView[] = [];
  for (const state of ['expired', 'suspect', 'failing', 'degraded'] as const)
    found.push(
      ...(await everything(
        (page: Page) => house.store.listConnections(workspaceId, { state }, page),
        ({ connection }) => connection.id,
      )),
    );
  // One whose state changed in between is listed once, as it was found last.
  return [...new Map(found.map((view) => [view.connection.id, view])).values()];
}

const byId = ({ id }: { readonly id: string }): string => id;

async function everything<Row, After>(
  ...list: Parameters<typeof pages<Row, After>>
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of pages(...list)) rows.push(...page);
  return rows;
}

/** How many connections are in each state. */
function countsOf(connections: readonly Stated[]): Readonly<Record<GrantState, number>> {
  const counts = { active: 0, degraded: 0, failing: 0, suspect: 0, expired: 0, revoked: 0 };
  for (const { state } of connections) counts[state] += 1;
  return counts;
}

/** Who reads this page must see whatever cannot work, whoever has to act. */
const isDown = (one: Stated): boolean =>
  one.state === 'expired' || (one.state !== 'revoked' && !one.has_working_token);

const URGENCY = { expired: 0, suspect: 1, failing: 2, degraded: 3, active: 4, revoked: 5 } as const;

type Stated = { readonly state: GrantState; readonly has_working_token: boolean };

const urgencyOf = (one: Stated): number => (isDown(one) ? URGENCY.expired : URGENCY[one.state]);

const worstFirst = (a: Stated, b: Stated): number => urgencyOf(a) - urgencyOf(b);

const rank = (client: { readonly connections: readonly Stated[] }): number =>
  Math.min(...client.connections.map(urgencyOf));
