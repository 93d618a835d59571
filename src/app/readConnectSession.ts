import { toRfc3339, toRfc3339OrNull } from '../core/instant.ts';
import type { Context } from './context.ts';
import { notFound } from './errors.ts';

/** How a connect session stands: for whoever opened it and waits for its person. */
export async function readConnectSession(ctx: Context, id: string) {
  const session = await ctx.house.store.getConnectSession(ctx.workspaceId, id);
  if (!session) throw notFound('connect session', id);
  const over = session.status === 'open' && session.expiresAt <= ctx.house.now();
  return {
    id: session.id,
    status: over ? ('expired' as const) : session.status,
    client_id: session.clientId,
    platform: session.platform,
    method: session.method,
    app_id: session.appId,
    scopes: session.scopes,
    /** What was made or mended; until then, on a reconnect, what is to be mended. */
    connection_id: session.resultConnectionId ?? session.connectionId,
    /** Why the last try failed. */
    cause: session.cause,
    detail: session.detail,
    created_at: toRfc3339(session.createdAt),
    expires_at: toRfc3339(session.expiresAt),
    finished_at: toRfc3339OrNull(session.finishedAt),
  };
}
