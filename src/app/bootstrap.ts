import type { Context, House } from './context.ts';
import { sha256Hex } from './hash.ts';
import { newId, newSecret } from './ids.ts';
import { storeApiKey } from './manageApiKeys.ts';

export interface Bootstrapped {
  readonly ctx: Context;
  /** Whether the workspace was made just now. */
  readonly fresh: boolean;
  /** A key made just now, to be shown once; null: one exists, or was given. */
  readonly freshKey: string | null;
}

/**
 * Makes sure that there is a workspace with an API key. A given key is set if it is not known yet; otherwise a fresh one
 * is made for the first start, and returned once.
 */
export async function bootstrap(house: House, givenKey: string | null, name: string): Promise<Bootstrapped> {
  const made = await house.store.transaction(async (store) => {
    await store.lockWorkspaces();
    return bootstrapAlone({ ...house, store }, givenKey, name);
  });
  return { ...made, ctx: { ...made.ctx, house } };
}

async function bootstrapAlone(house: House, givenKey: string | null, name: string): Promise<Bootstrapped> {
  const existing = (await house.store.listWorkspaces())[0];
  const workspaceId = existing?.id ?? newId(house, 'wsp');
  if (!existing) await house.store.insertWorkspace({ id: workspaceId, name, createdAt: house.now() });
  const ctx: Context = { house, workspaceId, actor: 'system' };
  if (givenKey !== null) {
    const [known] = await house.store.findApiKeys([sha256Hex(givenKey)]);
    if (!known) await storeApiKey(ctx, givenKey, { name: 'bootstrap', scopes: ['admin'] });
    return { ctx, fresh: !existing, freshKey: null };
  }
  const keys = await house.store.listApiKeys(workspaceId);
  if (keys.some((key) => key.revokedAt === null)) return { ctx, fresh: !existing, freshKey: null };
  const freshKey = `evg_${newSecret(house)}`;
  await storeApiKey(ctx, freshKey, { name: 'first key', scopes: ['admin'] });
  return { ctx, fresh: !existing, freshKey };
}
