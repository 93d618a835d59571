import { z } from 'zod';
import { id, line, listOf, time } from './common.ts';

const externalId = line().nullable().meta({ description: 'Your own id for this client; unique.' });

export const createClientBody = z
  .strictObject({ name: line(), external_id: externalId.optional() })
  .meta({ id: 'CreateClient', examples: [{ name: 'Summer Shoes', external_id: 'crm-4711' }] });

export const updateClientBody = z
  .strictObject({ name: line().optional(), external_id: externalId.optional() })
  .meta({ id: 'UpdateClient', examples: [{ name: 'Summer Shoes Europe' }] });

export const client = z
  .object({ id, name: z.string(), external_id: z.string().nullable(), created_at: time })
  .meta({
    id: 'Client',
    description:
      'An agency’s client, brand or campaign: the folder in which people look for their connections.',
    examples: [
      {
        id: 'cli_01kabc',
        name: 'Summer Shoes',
        external_id: 'crm-4711',
        created_at: '2026-11-22T09:00:00.000Z',
      },
    ],
  });

export const clientList = listOf('ClientList', client);
