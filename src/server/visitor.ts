import type { FastifyRequest } from 'fastify';
import type { Context, House } from '../app/context.ts';
import { hasLiveApp } from '../app/manageApps.ts';
import type { Instant } from '../core/instant.ts';
import type { StoredKey } from './authenticate.ts';
import { cameFromThisMachine } from './loopback.ts';
import type { ServerOptions } from './options.ts';
import { visitOf } from './visit.ts';

/** Who looks at the operator's pages. */
export interface Visitor {
  readonly ctx: Context;
  /** Null: somebody at this machine, who may without a key because it is a sandbox. */
  readonly key: StoredKey | null;
  /** When the visit is over; null: without a key it never is. */
  readonly until: Instant | null;
}

/** Who is signed in; else, in a sandbox without a live app, whoever sits at this machine. Null: nobody who may look. */
export async function visitorOf(
  house: House,
  { openDashboardWorkspaceId: open = null }: ServerOptions,
  request: FastifyRequest,
): Promise<Visitor | null> {
  const visit = await visitOf(house, request);
  if (visit) return visit;
  if (open === null || !cameFromThisMachine(request, house.publicUrl)) return null;
  const ctx: Context = { house, workspaceId: open, actor: 'system' };
  return (await hasLiveApp(ctx)) ? null : { ctx, key: null, until: null };
}
