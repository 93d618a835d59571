import type { Db } from './schema.ts';

type List = 'apps' | 'clients' | 'connections' | 'grants' | 'outages';

export async function hasRow(db: Db, list: List, workspaceId: string, id: string): Promise<boolean> {
  const row = await db
    .selectFrom(list)
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}
