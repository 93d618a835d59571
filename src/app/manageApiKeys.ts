import { toRfc3339, toRfc3339OrNull } from '../core/instant.ts';
import type { ApiKeyRecord } from '../store/records.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { sha256Hex } from './hash.ts';
import { newId, newSecret } from './ids.ts';
import { written } from './written.ts';

/** `admin` may everything; `write` changes connections, clients and apps; `read` looks; `token` reads tokens. */
export const API_KEY_SCOPES = ['admin', 'write', 'read', 'token'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

const LAST_KEY =
  'This is the last API key that may manage keys (scope “admin”): without it nobody could make another. Make another with POST /v1/api-keys and the scope “admin”, then revoke this one with it.';

/** Creates a key. The key itself is in the answer, once; only its hash is kept. */
export async function createApiKey(
  ctx: Context,
  input: { readonly name: string; readonly scopes: readonly ApiKeyScope[] },
) {
  const key = `evg_${newSecret(ctx.house)}`;
  const record = await storeApiKey(ctx, key, input);
  return { ...viewApiKey(record), key };
}

/** Stores a key that was chosen elsewhere (the bootstrap key). */
export async function storeApiKey(
  ctx: Context,
  key: string,
  input: { readonly name: string; readonly scopes: readonly ApiKeyScope[] },
): Promise<ApiKeyRecord> {
  const { house, workspaceId } = ctx;
  const record: ApiKeyRecord = {
    workspaceId,
    id: newId(house, 'key'),
    name: input.name,
    hash: sha256Hex(key),
    scopes: input.scopes,
    createdAt: house.now(),
    revokedAt: null,
  };
  const detail = { name: input.name, scopes: input.scopes };
  const said = { action: 'api_key.created', subjects: [record.id], detail };
  await written(ctx, said, (store) => store.insertApiKey(record));
  return record;
}

export async function listApiKeys(ctx: Context) {
  return (await ctx.house.store.listApiKeys(ctx.workspaceId)).map(viewApiKey);
}

/** Whether a key works and may make others. */
export function mayManageKeys({ revokedAt, scopes }: ApiKeyRecord): boolean {
  return revokedAt === null && scopes.includes('admin');
}

/**
 * A key that was revoked already stays so. Throws {@link Problem} `conflict` for the last one that may manage keys: without
 * it nobody could make another.
 */
export async function revokeApiKey(ctx: Context, id: string): Promise<void> {
  const { house, workspaceId, actor } = ctx;
  const at = house.now();
  await house.store.transaction(async (store) => {
    // Two that are revoked at once would otherwise each take the other for the one that stays.
    await store.lockWorkspaces();
    const keys = await store.listApiKeys(workspaceId);
    const key = keys.find((one) => one.id === id);
    if (!key) throw notFound('API key', id);
    if (key.revokedAt !== null) return;
    if (mayManageKeys(key) && keys.filter(mayManageKeys).length === 1)
      throw new Problem('conflict', LAST_KEY);
    await store.revokeApiKey(workspaceId, id, at);
    const row = { workspaceId, at, actor, action: 'api_key.revoked', subjects: [id], detail: {} };
    await store.appendActivity([row]);
  });
}

/** Who a key belongs to. Throws {@link Problem} `unauthorized` or `forbidden`. */
export function contextOfKey(house: House, record: ApiKeyRecord | undefined, needed: ApiKeyScope): Context {
  if (!record || record.revokedAt !== null) {
    throw new Problem('unauthorized', 'Send a valid API key as “Authorization: Bearer evg_…”.');
  }
  const allowed =
    record.scopes.includes('admin') ||
    record.scopes.includes(needed) ||
    (needed === 'read' && record.scopes.includes('write'));
  if (!allowed)
    throw new Problem(
      'forbidden',
      `This API key has the scopes ${record.scopes.join(', ')}; this needs “${needed}”.`,
    );
  return { house, workspaceId: record.workspaceId, actor: `api_key:${record.id}` };
}

function viewApiKey(record: ApiKeyRecord) {
  return {
    id: record.id,
    name: record.name,
    scopes: record.scopes,
    created_at: toRfc3339(record.createdAt),
    revoked_at: toRfc3339OrNull(record.revokedAt),
  };
}
