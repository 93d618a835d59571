import { getGrant, listGrants } from '../../app/manageConnections.ts';
import { byId, listAnswer, pageOf } from '../paging.ts';
import { route } from '../route.ts';
import { grantDetail, grantList, grantQuery } from '../schemas/grants.ts';

const tag = 'Grants';
const parameters = {
  id: 'The grant’s id (`grt_…`), from `GET /v1/grants`; connections name theirs as `grant_id`.',
};

export const grantRoutes = [
  route({
    name: 'listGrants',
    method: 'GET',
    path: '/v1/grants',
    scope: 'read',
    tag,
    summary: 'List grants',
    query: grantQuery,
    answer: grantList,
    handle: async ({ ctx, query }) => {
      const { app_id: appId, identity_id: identityId, state, limit } = query;
      return listAnswer(await listGrants(ctx, { appId, identityId, state }, pageOf(query)), limit, byId);
    },
  }),
  route({
    name: 'getGrant',
    method: 'GET',
    path: '/v1/grants/{id}',
    parameters,
    scope: 'read',
    tag,
    summary: 'Read a grant and what rests on it',
    answer: grantDetail,
    handle: ({ ctx, id }) => getGrant(ctx, id),
  }),
];
