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
    broken: shown.filter((one) => one.state === 'expired').length,
    shown: shown.length,
    more: connections.length > MOST,
    clients: grouped,
  };
}

const URGENCY = { expired: 0, suspect: 1, failing: 2, degraded: 3, active: 4, revoked: 5 } as const;

type Stated = { readonly state: keyof typeof URGENCY };

const worstFirst = (a: Stated, b: Stated): number => URGENCY[a.state] - URGENCY[b.state];

const rank = (client: { readonly connections: readonly Stated[] }): number =>
  Math.min(...client.connections.map((one) => URGENCY[one.state]));
