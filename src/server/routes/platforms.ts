import { getPlatform, listPlatforms } from '../../app/viewPlatform.ts';
import { wholeList } from '../paging.ts';
import { route } from '../route.ts';
import { platform, platformList } from '../schemas/platforms.ts';

const tag = 'Platforms';
const parameters = {
  id: 'The platform’s id or an alias of it, from `GET /v1/platforms`; apps, connections and grants name theirs as `platform`.',
};

export const platformRoutes = [
  route({
    name: 'listPlatforms',
    method: 'GET',
    path: '/v1/platforms',
    scope: 'read',
    tag,
    summary: 'List the platforms that can be connected',
    description:
      'With cadence, auth methods, scopes and what stops without them, fields, and how to register an app.',
    answer: platformList,
    handle: async ({ ctx }) => wholeList(await listPlatforms(ctx)),
  }),
  route({
    name: 'getPlatform',
    method: 'GET',
    path: '/v1/platforms/{id}',
    parameters,
    scope: 'read',
    tag,
    summary: 'Read what is true about a platform',
    answer: platform,
    handle: ({ ctx, id }) => getPlatform(ctx, id),
  }),
];
