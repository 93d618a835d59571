import { isForeignKeyViolation } from './failures.ts';
import type { ClientRecord } from './records.ts';
import type { Db } from './schema.ts';
import type { ClientChange, Page } from './store.ts';
import { afterRow, time } from './values.ts';

const CLIENT = ['workspaceId', 'id', 'name', 'externalId', 'createdAt'] as const;

export async function insertClient(db: Db, record: ClientRecord): Promise<void> {
  await db
    .insertInto('clients')
    .values({ ...record, createdAt: time(record.createdAt) })
    .execute();
}

export async function updateClient(
  db: Db,
  { workspaceId, id, name, externalId }: ClientChange,
): Promise<boolean> {
  const result = await db
    .updateTable('clients')
    .set((row) => ({
      name: name ?? row.ref('name'),
      externalId: externalId === undefined ? row.ref('externalId') : externalId,
    }))
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

function clients(db: Db, workspaceId: string) {
  return db.selectFrom('clients').select(CLIENT).where('workspaceId', '=', workspaceId);
}

export async function getClient(db: Db, workspaceId: string, id: string): Promise<ClientRecord | null> {
  return (await clients(db, workspaceId).where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function findClientByExternalId(
  db: Db,
  workspaceId: string,
  externalId: string,
): Promise<ClientRecord | null> {
  return (await clients(db, workspaceId).where('externalId', '=', externalId).executeTakeFirst()) ?? null;
}

export function listClients(db: Db, workspaceId: string, page: Page): Promise<ClientRecord[]> {
  return clients(db, workspaceId)
    .where(afterRow('clients', workspaceId, page))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute();
}

export async function deleteClient(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const deletion = db
    .deleteFrom('clients')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('connections')
            .select('connections.id')
            .where('connections.workspaceId', '=', workspaceId)
            .where('connections.clientId', '=', id),
        ),
      ),
    );
  try {
    return (await deletion.executeTakeFirst()).numDeletedRows > 0n;
  } catch (error) {
    if (isForeignKeyViolation(error)) return false; // a connection came at the same moment
    throw error;
  }
}
