import type { Page, Store } from '../store/store.ts';
import type { Context } from './context.ts';
import { Problem } from './errors.ts';
import { platformOf } from './startConnect.ts';

/** A cursor that stands for no row would read as the end of the list. Throws {@link Problem} `invalid_request`. */
export async function requireCursor(
  { house, workspaceId }: Context,
  list: Parameters<Store['hasRow']>[0],
  { after }: Page,
): Promise<void> {
  if (after === null || (await house.store.hasRow(list, workspaceId, after))) return;
  const cursor = 'It stands for no row of this list (any more). Begin again without it.';
  throw new Problem('invalid_request', `cursor: ${cursor}`, { errors: { cursor } });
}

/** The id of a platform that a list is narrowed to, in any of its spellings. Throws {@link Problem} `unknown_platform`. */
export async function filteredPlatform(ctx: Context, name: string): Promise<string> {
  try {
    return (await platformOf(ctx, name)).profile.id;
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'unknown_platform') throw error;
    throw new Problem('unknown_platform', `platform: ${error.message}`, {
      errors: { platform: error.message },
    });
  }
}
