import type { Context } from './context.ts';
import { listClients } from './manageClients.ts';
import { listConnections } from './manageConnections.ts';

const MOST = 500;

export type Overview = Awaited<ReturnType<typeof overview>>;

/** Every client with its connections, those that need somebody first: one page for the operator. */
export async function overview(ctx: Context) {
  const { house, workspaceId } = ctx;
  const workspace = (await house.store.listWorkspaces()).find((one) => one.id === workspaceId);
  const clients = await listClients(ctx, { limit: MOST, after: null });
  const connections = await listConnections(ctx, {}, { limit: MOST + 1, after: null });
  const shown = connections.slice(0, MOST);
  const grouped = clients
    .map(({ id, name }) => ({
      id,
      name,
      connections: shown.filter((one) => one.client_id === id).sort(worstFirst),
    }))
    .filter((client) => client.connections.length > 0)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  return {
    workspaceName: workspace?.name ?? '',
    broken: shown.filter(isDown).length,
    shown: shown.length,
    more: connections.length > MOST,
    clients: grouped,
  };
}

/** Who reads this page must see whatever cannot work, whoever has to act. */
const isDown = (one: Stated): boolean =>
  one.state === 'expired' || (one.state !== 'revoked' && !one.has_working_token);

const URGENCY = { expired: 0, suspect: 1, failing: 2, degraded: 3, active: 4, revoked: 5 } as const;

type Stated = { readonly state: keyof typeof URGENCY; readonly has_working_token: boolean };

const urgencyOf = (one: Stated): number => (isDown(one) ? URGENCY.expired : URGENCY[one.state]);

const worstFirst = (a: Stated, b: Stated): number => urgencyOf(a) - urgencyOf(b);

const rank = (client: { readonly connections: readonly Stated[] }): number =>
  Math.min(...client.connections.map(urgencyOf));
