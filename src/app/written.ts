import type { NewActivity } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Context } from './context.ts';

/** What is said of a write in the log. */
export type Said = Pick<NewActivity, 'action' | 'subjects'> & Partial<Pick<NewActivity, 'detail'>>;

/** Writes, and says so in the log: both or neither. */
export async function written(
  { house, workspaceId, actor }: Context,
  { action, subjects, detail = {} }: Said,
  write: (store: Store) => Promise<unknown>,
): Promise<void> {
  const row = { workspaceId, at: house.now(), actor, action, subjects, detail };
  await house.store.transaction(async (store) => {
    await write(store);
    await store.appendActivity([row]);
  });
}
