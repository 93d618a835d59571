import type { DeclarationRecord } from './records.ts';
import type { Db } from './schema.ts';
import { json, jsonOrNull, time } from './values.ts';

const DECLARATION = ['workspaceId', 'id', 'declaration', 'discovered', 'createdAt', 'updatedAt'] as const;

export async function putDeclaration(db: Db, record: DeclarationRecord): Promise<void> {
  const contents = {
    declaration: json(record.declaration),
    discovered: jsonOrNull(record.discovered),
    updatedAt: time(record.updatedAt),
  };
  await db
    .insertInto('declarations')
    .values({ ...record, ...contents, createdAt: time(record.createdAt) })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'id']).doUpdateSet(contents))
    .execute();
}

export async function getDeclaration(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<DeclarationRecord | null> {
  const row = await db
    .selectFrom('declarations')
    .select(DECLARATION)
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

export function listDeclarations(db: Db, workspaceId: string): Promise<DeclarationRecord[]> {
  return db
    .selectFrom('declarations')
    .select(DECLARATION)
    .where('workspaceId', '=', workspaceId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function deleteDeclaration(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const deletion = db
    .deleteFrom('declarations')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('apps')
            .select('apps.id')
            .where('apps.workspaceId', '=', workspaceId)
            .where('apps.platform', '=', id),
        ),
      ),
    );
  const { numDeletedRows } = await deletion.executeTakeFirst();
  return numDeletedRows === 1n;
}
