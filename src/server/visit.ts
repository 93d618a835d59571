import type { FastifyRequest } from 'fastify';
import type { Context, House } from '../app/context.ts';
import { contextOfKey } from '../app/manageApiKeys.ts';
import { HOUR_MS, type Instant } from '../core/instant.ts';
import type { StoredKey } from './authenticate.ts';
import { type CookieSpec, readCookie } from './cookies.ts';

const VISIT_HOURS = 12;
export const VISIT_MS = VISIT_HOURS * HOUR_MS;

export const VISIT: CookieSpec = {
  name: 'evergrant_visit',
  path: '/',
  sameSite: 'Strict',
  maxAgeSeconds: VISIT_HOURS * 3600,
};

const sealing = { owner: 'visit', field: 'api_key', version: 0 };

/**
 * A cookie that stands for a key without holding it. Throws a problem when the key may not read. It counts from `from`,
 * by default from now.
 */
export async function startVisit(
  house: House,
  record: StoredKey | undefined,
  from: Instant = house.now(),
): Promise<string> {
  const { workspaceId } = contextOfKey(house, record, 'read');
  const claim = { hash: record?.hash, expiresAt: from + VISIT_MS };
  const vault = await house.vault.forWorkspace(workspaceId);
  return `${workspaceId}~${vault.seal(sealing, JSON.stringify(claim))}`;
}

/** Whose key a visit stands for, and what it may. */
export interface Visit {
  readonly ctx: Context;
  readonly key: StoredKey;
  readonly until: Instant;
}

/** For whom the page is shown; null: nobody who may. A key that was revoked meanwhile no longer counts. */
export async function visitOf(house: House, request: FastifyRequest): Promise<Visit | null> {
  const value = readCookie(request, VISIT.name);
  const split = value?.indexOf('~') ?? -1;
  if (value === null || split < 1) return null;
  const workspaceId = value.slice(0, split);
  if (!(await house.store.listWorkspaces()).some((workspace) => workspace.id === workspaceId)) return null;
  const vault = await house.vault.forWorkspace(workspaceId);
  try {
    const claim = JSON.parse(vault.open(sealing, value.slice(split + 1))) as {
      hash: string;
      expiresAt: number;
    };
    if (claim.expiresAt <= house.now()) return null;
    const [key] = await house.store.findApiKeys([claim.hash]);
    return key ? { ctx: contextOfKey(house, key, 'read'), key, until: claim.expiresAt } : null;
  } catch {
    return null;
  }
}
