import { activity } from './activity.ts';
import { apiKeysCreate, apiKeysList, apiKeysRevoke } from './apiKeys.ts';
import { appsList, appsShow } from './apps.ts';
import { clientsCreate, clientsList } from './clients.ts';
import { clockForward, clockFreeze, clockResume, clockShow, clockStop } from './clock.ts';
import type { Command } from './command.ts';
import { connect } from './connect.ts';
import { connectionsList, connectionsRefresh, connectionsShow } from './connections.ts';
import { deadlines } from './deadlines.ts';
import { diagnose } from './diagnose.ts';
import { disconnect } from './disconnect.ts';
import { keysRotate } from './keysRotate.ts';
import { migrate } from './migrate.ts';
import { outages } from './outages.ts';
import { platforms } from './platforms.ts';
import { renew } from './renew.ts';
import { sandbox } from './sandbox.ts';
import { serve } from './serve.ts';
import { simulate } from './simulate.ts';
import { token } from './token.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  connect,
  connectionsList,
  connectionsShow,
  connectionsRefresh,
  token,
  renew,
  disconnect,
  deadlines,
  outages,
  activity,
  platforms,
  appsList,
  appsShow,
  clientsList,
  clientsCreate,
  apiKeysList,
  apiKeysCreate,
  apiKeysRevoke,
  clockShow,
  clockFreeze,
  clockResume,
  clockForward,
  clockStop,
  serve,
  sandbox,
  simulate,
  migrate,
  keysRotate,
  diagnose,
];
