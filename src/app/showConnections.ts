import type { GrantRecord } from '../store/records.ts';
import type { ConnectionView } from '../store/store.ts';
import type { Context } from './context.ts';
import { renewedAfter, viewHeld, whatHolds } from './held.ts';
import { reconnectLinks } from './reconnectLink.ts';
import { viewConnection, viewGrant } from './viewConnection.ts';

/**
 * Connections as the API shows them now, with what holds their next renewals back. Lists, pages and the look at a single
 * one all show them by this, so that they say the same of the same connection.
 */
export async function showConnections(ctx: Context, views: readonly ConnectionView[]) {
  const links = await reconnectLinks(ctx.house, ctx.workspaceId);
  const now = ctx.house.now();
  const grants = views.map(({ grant }) => grant);
  const holds = await whatHolds(ctx, grants, now);
  return views.map(({ connection, grant }, at) => {
    const held = connection.status === 'connected' ? (holds[at] ?? null) : null;
    const view = { connection, grant: renewedAfter(grant, held) };
    return { ...viewConnection(view, links, now), held: viewHeld(held) };
  });
}

/** Grants as the API shows them now, with what holds their next renewals back. */
export async function showGrants(ctx: Context, grants: readonly GrantRecord[]) {
  const holds = await whatHolds(ctx, grants, ctx.house.now());
  return grants.map((grant, at) => {
    const held = holds[at] ?? null;
    return { ...viewGrant(renewedAfter(grant, held)), held: viewHeld(held) };
  });
}
