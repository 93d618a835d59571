import type { Route } from '../route.ts';
import { apiKeyRoutes } from './apiKeys.ts';
import { appRoutes } from './apps.ts';
import { clientRoutes } from './clients.ts';
import { clockRoutes } from './clock.ts';
import { connectionRoutes } from './connections.ts';
import { connectSessionRoutes } from './connectSessions.ts';
import { declarePlatformRoutes } from './declarePlatform.ts';
import { diagnoseRoutes } from './diagnose.ts';
import { grantRoutes } from './grants.ts';
import { historyRoutes } from './history.ts';
import { platformRoutes } from './platforms.ts';

/** Every route of the API, in the order of the documents. */
export const ROUTES: readonly Route[] = [
  ...connectionRoutes,
  ...connectSessionRoutes,
  ...clientRoutes,
  ...grantRoutes,
  ...appRoutes,
  ...platformRoutes,
  ...declarePlatformRoutes,
  ...diagnoseRoutes,
  ...historyRoutes,
  ...apiKeyRoutes,
  ...clockRoutes,
];
