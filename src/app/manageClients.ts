import { toRfc3339 } from '../core/instant.ts';
import type { ClientRecord } from '../store/records.ts';
import type { Page } from '../store/store.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { newId } from './ids.ts';
import { requireCursor } from './listParameters.ts';
import { written } from './written.ts';

export interface ClientInput {
  readonly name: string;
  /** The integrator's own id; unique in the workspace. */
  readonly externalId?: string | null;
}

/** Creates a client: the folder in which people look for their connections. */
export async function createClient(ctx: Context, input: ClientInput) {
  const { house, workspaceId } = ctx;
  await refuseTaken(ctx, input.externalId, null);
  const record: ClientRecord = {
    workspaceId,
    id: newId(house, 'cli'),
    name: input.name,
    externalId: input.externalId ?? null,
    createdAt: house.now(),
  };
  await written(ctx, { action: 'client.created', subjects: [record.id] }, (store) =>
    store.insertClient(record),
  );
  return viewClient(record);
}

/** Changes what is asked for of a client, and nothing else. */
export async function updateClient(ctx: Context, id: string, { name, externalId }: Partial<ClientInput>) {
  const { workspaceId } = ctx;
  await requireClient(ctx, id);
  await refuseTaken(ctx, externalId, id);
  await written(ctx, { action: 'client.updated', subjects: [id] }, async (store) => {
    if (!(await store.updateClient({ workspaceId, id, name, externalId }))) throw notFound('client', id);
  });
  return getClient(ctx, id);
}

export async function getClient(ctx: Context, id: string) {
  return viewClient(await requireClient(ctx, id));
}

export async function listClients(ctx: Context, page: Page) {
  await requireCursor(ctx, 'clients', page);
  return (await ctx.house.store.listClients(ctx.workspaceId, page)).map(viewClient);
}

export async function deleteClient(ctx: Context, id: string): Promise<void> {
  await requireClient(ctx, id);
  await written(ctx, { action: 'client.deleted', subjects: [id] }, async (store) => {
    if (await store.deleteClient(ctx.workspaceId, id)) return;
    throw new Problem(
      'conflict',
      'The client still has connections, and their history with them. It cannot be deleted.',
    );
  });
}

async function requireClient(ctx: Context, id: string): Promise<ClientRecord> {
  const record = await ctx.house.store.getClient(ctx.workspaceId, id);
  if (!record) throw notFound('client', id);
  return record;
}

async function refuseTaken(
  ctx: Context,
  externalId: string | null | undefined,
  self: string | null,
): Promise<void> {
  if (!externalId) return;
  const other = await ctx.house.store.findClientByExternalId(ctx.workspaceId, externalId);
  if (other && other.id !== self)
    throw new Problem('conflict', `The external_id “${externalId}” belongs to client ${other.id}.`);
}

function viewClient(record: ClientRecord) {
  return {
    id: record.id,
    name: record.name,
    external_id: record.externalId,
    created_at: toRfc3339(record.createdAt),
  };
}
