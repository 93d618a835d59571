import { createClient, deleteClient, getClient, listClients, updateClient } from '../../app/manageClients.ts';
import { byId, listAnswer, pageOf } from '../paging.ts';
import { route } from '../route.ts';
import { client, clientList, createClientBody, updateClientBody } from '../schemas/clients.ts';
import { onlyPage } from '../schemas/common.ts';

const tag = 'Clients';
const parameters = {
  id: 'The client’s id (`cli_…`), from `GET /v1/clients`; connections name theirs as `client_id`.',
};

export const clientRoutes = [
  route({
    name: 'createClient',
    method: 'POST',
    path: '/v1/clients',
    scope: 'write',
    tag,
    summary: 'Create a client',
    body: createClientBody,
    answer: client,
    status: 201,
    location: ({ id }) => `/v1/clients/${id}`,
    problems: ['conflict'],
    handle: ({ ctx, body }) => createClient(ctx, { name: body.name, externalId: body.external_id }),
  }),
  route({
    name: 'listClients',
    method: 'GET',
    path: '/v1/clients',
    scope: 'read',
    tag,
    summary: 'List clients',
    query: onlyPage,
    answer: clientList,
    handle: async ({ ctx, query }) => listAnswer(await listClients(ctx, pageOf(query)), query.limit, byId),
  }),
  route({
    name: 'getClient',
    method: 'GET',
    path: '/v1/clients/{id}',
    parameters,
    scope: 'read',
    tag,
    summary: 'Read a client',
    answer: client,
    handle: ({ ctx, id }) => getClient(ctx, id),
  }),
  route({
    name: 'updateClient',
    method: 'PATCH',
    path: '/v1/clients/{id}',
    parameters,
    scope: 'write',
    tag,
    summary: 'Change a client',
    body: updateClientBody,
    answer: client,
    problems: ['conflict'],
    handle: ({ ctx, id, body }) => updateClient(ctx, id, { name: body.name, externalId: body.external_id }),
  }),
  route({
    name: 'deleteClient',
    method: 'DELETE',
    path: '/v1/clients/{id}',
    parameters,
    scope: 'write',
    tag,
    summary: 'Delete a client without connections',
    answer: null,
    problems: ['conflict'],
    handle: ({ ctx, id }) => deleteClient(ctx, id),
  }),
];
