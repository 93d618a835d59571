import type { Store } from '../store/store.ts';
import type { Context, House } from './context.ts';
import { sha256Hex } from './hash.ts';
import { newId, newSecret } from './ids.ts';
import { mayManageKeys, storeApiKey } from './manageApiKeys.ts';

export interface Bootstrapped {
  readonly ctx: Context;
  /** Whether the workspace was made just now. */
  readonly fresh: boolean;
  /** A key made just now, to be shown once; null: one exists, or was given. */
  readonly freshKey: string | null;
  /** The given key is known, and was revoked: it works no more. */
  readonly givenKeyIsRevoked: boolean;
}

/**
 * Makes sure that there is a workspace with an API key. A given key is set if it is not known yet, at any start; one that
 * was revoked stays so. Without one, a fresh one is made where none may manage keys, and returned once.
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
  const begun = { ctx, fresh: !existing, freshKey: null, givenKeyIsRevoked: false };
  if (givenKey !== null) {
    const [known] = await house.store.findApiKeys([sha256Hex(givenKey)]);
    if (!known) await storeApiKey(ctx, givenKey, { name: 'bootstrap', scopes: ['admin'] });
    return { ...begun, givenKeyIsRevoked: (known?.revokedAt ?? null) !== null };
  }
  const keys = await house.store.listApiKeys(workspaceId);
  if (keys.some(mayManageKeys)) return begun;
  const freshKey = `evg_${newSecret(house)}`;
  await storeApiKey(ctx, freshKey, { name: 'first key', scopes: ['admin'] });
  return { ...begun, freshKey };
}

/** Whether a key is known here and was not revoked. */
export async function isLivingKey(store: Pick<Store, 'findApiKeys'>, key: string): Promise<boolean> {
  const [known] = await store.findApiKeys([sha256Hex(key)]);
  return known?.revokedAt === null;
}
