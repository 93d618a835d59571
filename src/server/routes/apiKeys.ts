import { createApiKey, listApiKeys, revokeApiKey } from '../../app/manageApiKeys.ts';
import { wholeList } from '../paging.ts';
import { route } from '../route.ts';
import { apiKeyList, createApiKeyBody, createdApiKey } from '../schemas/apiKeys.ts';

const tag = 'API keys';
const scope = 'admin';
const parameters = {
  id: 'The key’s id (`key_…`), from `GET /v1/api-keys` or the answer that made it; not the key itself.',
};

export const apiKeyRoutes = [
  route({
    name: 'createApiKey',
    method: 'POST',
    path: '/v1/api-keys',
    scope,
    tag,
    summary: 'Create an API key',
    description: 'The key is in this answer and nowhere else.',
    body: createApiKeyBody,
    answer: createdApiKey,
    status: 201,
    location: () => '/v1/api-keys',
    noStore: true,
    handle: ({ ctx, body }) => createApiKey(ctx, body),
  }),
  route({
    name: 'listApiKeys',
    method: 'GET',
    path: '/v1/api-keys',
    scope,
    tag,
    summary: 'List API keys, revoked ones too',
    answer: apiKeyList,
    handle: async ({ ctx }) => wholeList(await listApiKeys(ctx)),
  }),
  route({
    name: 'revokeApiKey',
    method: 'DELETE',
    path: '/v1/api-keys/{id}',
    parameters,
    scope,
    tag,
    summary: 'Revoke an API key',
    description:
      'It stops working at once; one that was revoked already stays so. The last one with the scope `admin` stays (409 `conflict`): without it nobody could make another.',
    answer: null,
    problems: ['conflict'],
    handle: ({ ctx, id }) => revokeApiKey(ctx, id),
  }),
];
