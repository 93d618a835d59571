import type { ConnectionRecord, GrantRecord } from '../store/records.ts';
import { LEASE_MS } from './attempt.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { requireConnection } from './manageConnections.ts';
import { move } from './moveGrant.ts';
import { type OpenApp, type OpenGrant, openApp, openGrant } from './openGrant.ts';

export interface Disconnected {
  /** Whether the platform was told: `revoked`, `still_used` by other connections, `not_offered` by the platform, or `refused`. */
  readonly at_platform: 'revoked' | 'still_used' | 'not_offered' | 'refused';
  /** What the person may do beside it. */
  readonly notice: string | null;
}

/** Between tries at a platform that is busy (RFC 7009 2.2.1). */
const PAUSES_MS = [300, 1_000] as const;

/**
 * Ends a connection on purpose. The grant ends with its last connection, at the platform too where it has a way.
 * History stays; the credential is no longer used. One that was broken off can be asked for again.
 */
export async function disconnect(ctx: Context, id: string): Promise<Disconnected> {
  const { house } = ctx;
  const { connection, grant } = await requireConnection(ctx, id);
  const filter = { grantId: grant.id, status: 'connected' } as const;
  const others = await house.store.listConnections(ctx.workspaceId, filter, { limit: 2, after: null });
  const used = others.some((view) => view.connection.id !== id);
  const over = connection.status === 'disconnected' && (used || grant.state === 'revoked');
  if (over) throw new Problem('connection_disconnected', 'This connection is already disconnected.');
  const record: ConnectionRecord = {
    ...connection,
    status: 'disconnected',
    disconnectedAt: connection.disconnectedAt ?? house.now(),
  };
  await house.store.updateConnection(record);
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
  const app = await ctx.house.store.getApp(ctx.workspaceId, before.appId);
  if (!app) throw notFound('app', before.appId);
  const open = await openApp(ctx.house, app, before.method);
  const notice = open.platform.profile.revocationNotice;
  const told = await endClaimed(ctx, before, open);
  if (told === null)
    return {
      at_platform: 'not_offered',
      notice:
        notice ??
        'The platform has no way to be told. The person can remove the app in their settings there.',
    };
  return { at_platform: told ? 'revoked' : 'refused', notice };
}

/** Under the claim: what is revoked is the newest credential, and no renewal brings another meanwhile. */
async function endClaimed(ctx: Context, before: GrantRecord, open: OpenApp): Promise<boolean | null> {
  const { house, workspaceId, actor } = ctx;
  for (let round = 0; round < 100; round += 1) {
    const claim = { now: house.now(), owner: `${house.nodeId}:disconnect`, leaseMs: LEASE_MS };
    const claimed = await house.store.claimGrant(workspaceId, before.id, claim);
    if (claimed) {
      const { previousOwner: _, ...grant } = claimed;
      const told = await tell(house, await openGrant(house, open, grant));
      const moved = move({ grant, method: open.method, now: house.now(), actor }, 'disconnected', null, null);
      const ended = {
        ...moved.grant,
        pending: null,
        dueAt: null,
        dueReason: 'disconnected',
        urgentAt: null,
        renewAt: null,
        deadlineAt: null,
      };
      if (
        (await house.committer.commit({
          grant: ended,
          activity: moved.activity,
          closeOutageAt: house.now(),
        })) !== 'outrun'
      )
        return told;
    } else await house.sleep(100);
  }
  throw new Problem(
    'temporarily_unavailable',
    'The grant is being renewed right now. Disconnect again in a minute.',
  );
}

/** Whether the platform took it; null: it has no way to be told. One that is busy is asked again. */
async function tell(house: House, { adapter, io, config, held }: OpenGrant): Promise<boolean | null> {
  if (!adapter.revoke) return null;
  let told = await adapter.revoke(io, config, held);
  for (const pause of PAUSES_MS) {
    if (told.ok || told.answer.kind !== 'answer' || (told.answer.status < 500 && told.answer.status !== 429))
      break;
    await house.sleep(pause);
    told = await adapter.revoke(io, config, held);
  }
  return told.ok;
}
