import type { ConnectionRecord, GrantRecord } from '../store/records.ts';
import { LEASE_MS } from './attempt.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { requireConnection } from './manageConnections.ts';
import { openApp, openGrant } from './openGrant.ts';
import { move } from './settle.ts';

export interface Disconnected {
  /** Whether the platform was told: `revoked`, `still_used` by other connections, `not_offered` by the platform, or `refused`. */
  readonly at_platform: 'revoked' | 'still_used' | 'not_offered' | 'refused';
  /** What the person may do beside it. */
  readonly notice: string | null;
}

/**
 * Ends a connection on purpose. The grant ends with its last connection, at the platform too where it has a way.
 * History stays; the credential is no longer used.
 */
export async function disconnect(ctx: Context, id: string): Promise<Disconnected> {
  const { house } = ctx;
  const { connection, grant } = await requireConnection(ctx, id);
  if (connection.status === 'disconnected') throw new Problem('connection_disconnected', 'This connection is already disconnected.');
  const record: ConnectionRecord = { ...connection, status: 'disconnected', disconnectedAt: house.now() };
  await house.store.updateConnection(record);
  const others = await house.store.listConnections(ctx.workspaceId, { grantId: grant.id }, { limit: 100, after: null });
  const used = others.some((view) => view.connection.status === 'connected');
  const result: Disconnected = used
    ? { at_platform: 'still_used', notice: 'Other connections rest on the same authorization; it stays.' }
    : await endGrant(ctx, grant);
  await house.store.appendActivity([
    {
      workspaceId: ctx.workspaceId,
      at: house.now(),
      actor: ctx.actor,
      action: 'connection.disconnected',
      subjects: [id, grant.id],
      detail: { at_platform: result.at_platform },
    },
  ]);
  return result;
}

async function endGrant(ctx: Context, before: GrantRecord): Promise<Disconnected> {
  const { house, workspaceId } = ctx;
  const app = await house.store.getApp(workspaceId, before.appId);
  if (!app) throw notFound('app', before.appId);
  const open = await openGrant(house, await openApp(house, app, before.method), before);
  const notice = open.platform.profile.revocationNotice;
  const told = open.adapter.revoke ? await open.adapter.revoke(open.io, open.config, open.held) : null;
  await markRevoked(ctx, before, open.method);
  if (told === null) return { at_platform: 'not_offered', notice: notice ?? 'The platform has no way to be told. The person can remove the app in their settings there.' };
  return { at_platform: told.ok ? 'revoked' : 'refused', notice };
}

async function markRevoked(ctx: Context, before: GrantRecord, method: Parameters<typeof move>[0]['method']): Promise<void> {
  const { house, workspaceId, actor } = ctx;
  for (let round = 0; round < 100; round += 1) {
    const claim = { now: house.now(), owner: `${house.nodeId}:disconnect`, leaseMs: LEASE_MS };
    const claimed = await house.store.claimGrant(workspaceId, before.id, claim);
    if (claimed) {
      const { previousOwner: _, ...grant } = claimed;
      const moved = move({ grant, method, now: house.now(), actor }, 'disconnected', null, null);
      const ended = { ...moved.grant, pending: null, dueAt: null, dueReason: 'disconnected', urgentAt: null, renewAt: null, deadlineAt: null };
      if ((await house.committer.commit({ grant: ended, activity: moved.activity, closeOutageAt: house.now() })) !== 'outrun') return;
    } else await house.sleep(100);
  }
  throw new Problem('temporarily_unavailable', 'The grant is being renewed right now. Disconnect again in a minute.');
}
