import { toRfc3339, toRfc3339OrNull } from '../core/instant.ts';
import type { ApiKeyRecord } from '../store/records.ts';
import type { Context, House } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { sha256Hex } from './hash.ts';
import { newId, newSecret } from './ids.ts';

/** `admin` may everything; `write` changes connections, clients and apps; `read` looks; `token` reads tokens. */
export const API_KEY_SCOPES = ['admin', 'write', 'read', 'token'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

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
  const { house, workspaceId, actor } = ctx;
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
  const row = {
    workspaceId,
    at: house.now(),
    actor,
    action: 'api_key.created',
    subjects: [record.id],
    detail,
  };
  await house.store.transaction(async (store) => {
    await store.insertApiKey(record);
    await store.appendActivity([row]);
  });
  return record;
}

export async function listApiKeys(ctx: Context) {
  return (await ctx.house.store.listApiKeys(ctx.workspaceId)).map(viewApiKey);
}

export async function revokeApiKey(ctx: Context, id: string): Promise<void> {
  const { house, workspaceId, actor } = ctx;
  const at = house.now();
  await house.store.transaction(async (store) => {
    if (!(await store.revokeApiKey(workspaceId, id, at))) throw notFound('API key', id);
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
