import { createApp, deleteApp, getApp, listApps, updateApp } from '../../app/manageApps.ts';
import { byId, listAnswer, pageOf } from '../paging.ts';
import { route } from '../route.ts';
import { app, appDetail, appList, createAppBody, updateAppBody } from '../schemas/apps.ts';
import { onlyPage } from '../schemas/common.ts';

const tag = 'Apps';
const scope = 'admin';
const parameters = {
  id: 'The app’s id (`app_…`), from `GET /v1/apps`; connections and grants name theirs as `app_id`.',
};

export const appRoutes = [
  route({
    name: 'createApp',
    method: 'POST',
    path: '/v1/apps',
    scope,
    tag,
    summary: 'Register your OAuth client of a platform',
    body: createAppBody,
    answer: app,
    status: 201,
    location: ({ id }) => `/v1/apps/${id}`,
    problems: ['unknown_platform'],
    handle: ({ ctx, body }) =>
      createApp(ctx, {
        platform: body.platform,
        environment: body.environment,
        name: body.name,
        clientId: body.client_id,
        clientSecret: body.client_secret,
        settings: body.settings,
      }),
  }),
  route({
    name: 'listApps',
    method: 'GET',
    path: '/v1/apps',
    scope,
    tag,
    summary: 'List apps',
    query: onlyPage,
    answer: appList,
    handle: async ({ ctx, query }) => listAnswer(await listApps(ctx, pageOf(query)), query.limit, byId),
  }),
  route({
    name: 'getApp',
    method: 'GET',
    path: '/v1/apps/{id}',
    parameters,
    scope,
    tag,
    summary: 'Read an app',
    answer: appDetail,
    handle: ({ ctx, id }) => getApp(ctx, id),
  }),
  route({
    name: 'updateApp',
    method: 'PATCH',
    path: '/v1/apps/{id}',
    parameters,
    scope,
    tag,
    summary: 'Change an app',
    description: 'A new secret takes effect with the next renewal, which is tried at once.',
    body: updateAppBody,
    answer: app,
    handle: ({ ctx, id, body }) =>
      updateApp(ctx, id, {
        name: body.name,
        clientId: body.client_id,
        clientSecret: body.client_secret,
        settings: body.settings,
      }),
  }),
  route({
    name: 'deleteApp',
    method: 'DELETE',
    path: '/v1/apps/{id}',
    parameters,
    scope,
    tag,
    summary: 'Delete an app on which no grant rests',
    answer: null,
    problems: ['conflict'],
    handle: ({ ctx, id }) => deleteApp(ctx, id),
  }),
];
