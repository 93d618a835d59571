import { z } from 'zod';
import { API_KEY_SCOPES } from '../../app/manageApiKeys.ts';
import { id, line, listOf, time } from './common.ts';

const scopes = z.array(z.enum(API_KEY_SCOPES)).min(1).max(API_KEY_SCOPES.length).meta({
  description:
    'admin: everything. write: change connections and clients, and read. read: look. token: read tokens.',
});

export const createApiKeyBody = z
  .strictObject({ name: line(), scopes })
  .meta({ id: 'CreateApiKey', examples: [{ name: 'reporting service', scopes: ['token'] }] });

const keyMembers = {
  id,
  name: z.string(),
  scopes: z.array(z.string()),
  created_at: time,
  revoked_at: time.nullable(),
};
const example = {
  id: 'key_01kabc',
  name: 'reporting service',
  scopes: ['token'],
  created_at: '2026-11-22T09:00:00.000Z',
  revoked_at: null,
};

export const apiKey = z.object(keyMembers).meta({ id: 'ApiKey', examples: [example] });

export const createdApiKey = z
  .object({
    ...keyMembers,
    key: z.string().meta({ description: 'The key itself: shown once, kept nowhere.' }),
  })
  .meta({ id: 'CreatedApiKey', examples: [{ ...example, key: 'evg_value' }] });

export const apiKeyList = listOf('ApiKeyList', apiKey);
