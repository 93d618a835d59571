import { declarePlatform, deleteDeclaration } from '../../app/declarePlatform.ts';
import { viewPlatform } from '../../app/viewPlatform.ts';
import { route } from '../route.ts';
import { declarePlatformBody, platform } from '../schemas/platforms.ts';

const parameters = {
  id: 'The id in its declaration; `GET /v1/platforms` marks what was declared here with `declared`.',
};

export const declarePlatformRoutes = [
  route({
    name: 'declarePlatform',
    method: 'POST',
    path: '/v1/platforms',
    scope: 'admin',
    tag: 'Platforms',
    summary: 'Declare an OAuth 2.0 or OpenID Connect server as a platform',
    description:
      'Declaring the same id anew replaces it; with apps on it, not with hosts that it did not have.',
    body: declarePlatformBody,
    answer: platform,
    status: 201,
    location: ({ id }) => `/v1/platforms/${id}`,
    problems: ['conflict'],
    handle: async ({ ctx, body }) => viewPlatform(ctx, await declarePlatform(ctx, body), true),
  }),
  route({
    name: 'deletePlatform',
    method: 'DELETE',
    path: '/v1/platforms/{id}',
    parameters,
    scope: 'admin',
    tag: 'Platforms',
    summary: 'Take back the declaration of a platform on which no app rests',
    answer: null,
    problems: ['conflict'],
    handle: ({ ctx, id }) => deleteDeclaration(ctx, id),
  }),
];
