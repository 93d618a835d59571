import { createConnection } from '../../app/createConnection.ts';
import { disconnect } from '../../app/disconnect.ts';
import { getToken } from '../../app/getToken.ts';
import {
  getConnection,
  listConnections,
  listReachableAccounts,
  refreshConnection,
  updateConnection,
} from '../../app/manageConnections.ts';
import { renewConnection } from '../../app/renewConnection.ts';
import { reportFailure } from '../../app/reportFailure.ts';
import { byId, listAnswer, pageOf, wholeList } from '../paging.ts';
import { route } from '../route.ts';
import {
  accountList,
  connectionDetail,
  connectionList,
  connectionQuery,
  createConnectionBody,
  disconnectBody,
  disconnected,
  renewal,
  token,
  tokenQuery,
  updateConnectionBody,
} from '../schemas/connections.ts';
import { failureBody, reported } from '../schemas/diagnosis.ts';

const tag = 'Connections';
const parameters = {
  id: 'The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it.',
};

const reading = [
  route({
    name: 'listConnections',
    method: 'GET',
    path: '/v1/connections',
    scope: 'read',
    tag,
    summary: 'List connections',
    query: connectionQuery,
    problems: ['unknown_platform'],
    answer: connectionList,
    handle: async ({ ctx, query }) => {
      const { client_id: clientId, grant_id: grantId, platform, state, limit } = query;
      return listAnswer(
        await listConnections(ctx, { clientId, grantId, platform, state }, pageOf(query)),
        limit,
        byId,
      );
    },
  }),
  route({
    name: 'getConnection',
    method: 'GET',
    path: '/v1/connections/{id}',
    parameters,
    scope: 'read',
    tag,
    summary: 'Read a connection: state, cause, remedy, deadlines, accounts',
    answer: connectionDetail,
    handle: ({ ctx, id }) => getConnection(ctx, id),
  }),
  route({
    name: 'listReachableAccounts',
    method: 'GET',
    path: '/v1/connections/{id}/accounts',
    parameters,
    scope: 'read',
    tag,
    summary: 'List every ad account that the grant reaches now',
    description: 'Asks the platform.',
    answer: accountList,
    problems: [
      'reauthorization_required',
      'connection_disconnected',
      'platform_refuses',
      'app_failing',
      'temporarily_unavailable',
    ],
    handle: async ({ ctx, id }) => wholeList(await listReachableAccounts(ctx, id)),
  }),
  route({
    name: 'getToken',
    method: 'GET',
    path: '/v1/connections/{id}/token',
    parameters,
    scope: 'token',
    tag,
    summary: 'Get a working access token',
    description:
      'Renews it first when less than `min_ttl` seconds are left; the freshest token that works is handed out, which may live shorter. Where a person is needed: 409 `reauthorization_required` with cause, since, remedy and reconnect_url.',
    query: tokenQuery,
    answer: token,
    noStore: true,
    problems: [
      'reauthorization_required',
      'connection_disconnected',
      'app_failing',
      'temporarily_unavailable',
    ],
    handle: ({ ctx, id, query }) => getToken(ctx, { connectionId: id, minTtlSeconds: query.min_ttl }),
  }),
];

const changing = [
  route({
    name: 'createConnection',
    method: 'POST',
    path: '/v1/connections',
    scope: 'write',
    tag,
    summary: 'Connect by fields, or by a profile that is already authorized',
    description:
      '`fields` for methods that take a token, a login or a key; `grant_id` to use an authorized profile for another client too, whose platform, app and method are then settled. A new sign-in goes through a connect session.',
    body: createConnectionBody,
    answer: connectionDetail,
    status: 201,
    location: ({ id }) => `/v1/connections/${id}`,
    problems: [
      'unknown_platform',
      'unknown_method',
      'invalid_fields',
      'reauthorization_required',
      'platform_refuses',
      'connect_failed',
      'app_failing',
      'temporarily_unavailable',
    ],
    handle: ({ ctx, body }) => {
      const { client_id: clientId, app_id: appId, grant_id: grantId, platform, method, name, fields } = body;
      return createConnection(ctx, { clientId, appId, grantId, platform, method, name, fields });
    },
  }),
  route({
    name: 'updateConnection',
    method: 'PATCH',
    path: '/v1/connections/{id}',
    parameters,
    scope: 'write',
    tag,
    summary: 'Rename a connection, or choose its ad accounts',
    body: updateConnectionBody,
    answer: connectionDetail,
    problems: [
      'reauthorization_required',
      'connection_disconnected',
      'platform_refuses',
      'app_failing',
      'temporarily_unavailable',
    ],
    handle: ({ ctx, id, body }) =>
      updateConnection(ctx, id, { name: body.name, accountIds: body.account_ids }),
  }),
  route({
    name: 'renewConnection',
    method: 'POST',
    path: '/v1/connections/{id}/renew',
    parameters,
    scope: 'write',
    tag,
    summary: 'Renew the credential now',
    description:
      'Probes it where there is nothing to renew, and where a person is needed: that may have passed at the platform. Never needed: renewals happen by themselves. Asked again within seconds, or while a suspicion waits to be confirmed, it answers what is known, and `held_until`.',
    answer: renewal,
    problems: ['reauthorization_required', 'connection_disconnected'],
    handle: ({ ctx, id }) => renewConnection(ctx, id),
  }),
  route({
    name: 'refreshConnection',
    method: 'POST',
    path: '/v1/connections/{id}/refresh',
    parameters,
    scope: 'write',
    tag,
    summary: 'Read the ad accounts again',
    description: 'Status, permissions, and what is no longer reachable. Changes no credential.',
    answer: connectionDetail,
    problems: [
      'reauthorization_required',
      'connection_disconnected',
      'platform_refuses',
      'app_failing',
      'temporarily_unavailable',
    ],
    handle: ({ ctx, id }) => refreshConnection(ctx, id),
  }),
  route({
    name: 'reportFailure',
    method: 'POST',
    path: '/v1/connections/{id}/failures',
    parameters,
    scope: 'write',
    tag,
    summary: 'Report what the platform answered to one of your calls',
    description:
      'It is evidence, not a verdict: what may concern the grant is asked of the platform at once, or by itself at `held_until` where it was asked a moment ago.',
    body: failureBody,
    quoted: 'body',
    answer: reported,
    problems: ['connection_disconnected'],
    handle: ({ ctx, id, body }) => {
      const { endpoint, status, headers } = body;
      return reportFailure(ctx, id, { endpoint, status, headers, body: body.body });
    },
  }),
  route({
    name: 'disconnect',
    method: 'POST',
    path: '/v1/connections/{id}/disconnect',
    parameters,
    scope: 'write',
    tag,
    summary: 'End a connection on purpose',
    description:
      'The grant ends with its last connection, at the platform too where it has a way. History stays. Where the platform would end other connections with it, this answers 409 `confirmation_required` naming them, until it is asked for with `confirm`.',
    body: disconnectBody,
    answer: disconnected,
    problems: ['connection_disconnected', 'confirmation_required', 'temporarily_unavailable'],
    handle: ({ ctx, id, body }) => disconnect(ctx, id, { confirm: body.confirm }),
  }),
];

export const connectionRoutes = [...reading, ...changing];
