import { readConnectSession } from '../../app/readConnectSession.ts';
import { startConnect } from '../../app/startConnect.ts';
import { route } from '../route.ts';
import { connectSession, startConnectBody, startedConnect } from '../schemas/connectSessions.ts';

const tag = 'Connect sessions';
const parameters = {
  id: 'The session’s `id` (`ses_…`) from the answer of `POST /v1/connect-sessions`; not the end of its `url`.',
};

export const connectSessionRoutes = [
  route({
    name: 'startConnect',
    method: 'POST',
    path: '/v1/connect-sessions',
    scope: 'write',
    tag,
    summary: 'Open a link under which a person connects, or reconnects',
    description:
      'With `connection_id` it is a reconnect: client, platform, app, method and name are those of the connection. Leave them out; one that differs is refused.',
    body: startConnectBody,
    answer: startedConnect,
    status: 201,
    location: ({ id }) => `/v1/connect-sessions/${id}`,
    problems: ['unknown_platform', 'unknown_method'],
    handle: ({ ctx, body }) =>
      startConnect(ctx, {
        clientId: body.client_id,
        connectionId: body.connection_id,
        platform: body.platform,
        appId: body.app_id,
        method: body.method,
        scopes: body.scopes,
        name: body.name,
        returnUrl: body.return_url,
        allowOtherIdentity: body.allow_other_identity,
      }),
  }),
  route({
    name: 'getConnectSession',
    method: 'GET',
    path: '/v1/connect-sessions/{id}',
    parameters,
    scope: 'read',
    tag,
    summary: 'See how a connect session stands',
    answer: connectSession,
    handle: ({ ctx, id }) => readConnectSession(ctx, id),
  }),
];
