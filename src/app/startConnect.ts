import { MINUTE_MS, toRfc3339 } from '../core/instant.ts';
import type { Platform } from '../platforms/kit/platform.ts';
import type { AuthMethod } from '../platforms/kit/profile.ts';
import type { AppRecord, ConnectSessionRecord } from '../store/records.ts';
import { sessionRow, subjectsOf } from './connectActivity.ts';
import type { Context } from './context.ts';
import { notFound, Problem } from './errors.ts';
import { sha256Hex } from './hash.ts';
import { newId, newSecret } from './ids.ts';
import { refuseContradiction } from './refuseContradiction.ts';

/** How long a hosted page can be used. */
const SESSION_LIFETIME_MS = 60 * MINUTE_MS;

export interface StartConnectInput {
  /** Whose connection it will be. Needed unless `connectionId` is given. */
  readonly clientId?: string;
  /** Makes it a reconnect: same ids, same settings, same identity. What it settles cannot be given otherwise beside it. */
  readonly connectionId?: string;
  readonly platform?: string;
  /** Default: the platform's first method. */
  readonly method?: string;
  /** Default: the workspace's only app of the platform. */
  readonly appId?: string;
  /** Default: the method's default scopes. */
  readonly scopes?: readonly string[];
  readonly name?: string;
  readonly returnUrl?: string;
  readonly allowOtherIdentity?: boolean;
}

export interface StartedConnect {
  readonly id: string;
  readonly url: string;
  readonly expires_at: string;
}

/** Opens a connect session: a link under which one person connects, or reconnects, one thing. */
export async function startConnect(ctx: Context, input: StartConnectInput): Promise<StartedConnect> {
  const { house } = ctx;
  const chosen = input.connectionId
    ? await chooseForReconnect(ctx, input)
    : await chooseForConnect(ctx, input);
  const token = newSecret(house);
  const now = house.now();
  const session: ConnectSessionRecord = {
    workspaceId: ctx.workspaceId,
    id: newId(house, 'ses'),
    tokenHash: sha256Hex(token),
    ...chosen,
    allowOtherIdentity: input.allowOtherIdentity ?? false,
    returnUrl: checkedReturnUrl(input.returnUrl),
    status: 'open',
    cause: null,
    detail: null,
    resultConnectionId: null,
    createdAt: now,
    expiresAt: now + SESSION_LIFETIME_MS,
    finishedAt: null,
  };
  const { platform, method, appId } = session;
  const row = sessionRow(ctx, 'connect.link_created', subjectsOf(session), {
    platform,
    method,
    app_id: appId,
    expires_at: toRfc3339(session.expiresAt),
  });
  await house.store.transaction(async (store) => {
    await store.insertConnectSession(session);
    await store.appendActivity([row]);
  });
  return {
    id: session.id,
    url: `${house.publicUrl}/connect/${token}`,
    expires_at: toRfc3339(session.expiresAt),
  };
}

type Chosen = Pick<
  ConnectSessionRecord,
  'clientId' | 'connectionId' | 'platform' | 'method' | 'appId' | 'scopes' | 'connectionName'
>;

async function chooseForReconnect(ctx: Context, input: StartConnectInput): Promise<Chosen> {
  const view = await ctx.house.store.getConnection(ctx.workspaceId, input.connectionId!);
  if (!view) throw notFound('connection', input.connectionId!);
  const { connection, grant } = view;
  const { clientId: client_id, platform, appId: app_id, method, name } = input;
  const settled = {
    client_id: connection.clientId,
    platform: grant.platform,
    app_id: grant.appId,
    method: grant.method,
    name: connection.name,
  };
  await refuseContradiction(ctx, 'connection_id', settled, { client_id, platform, app_id, method, name });
  return {
    clientId: connection.clientId,
    connectionId: connection.id,
    platform: grant.platform,
    method: grant.method,
    appId: grant.appId,
    scopes: [...new Set([...grant.facts.scopesRequested, ...(input.scopes ?? [])])],
    connectionName: connection.name,
  };
}

/** What a new connection will be made of: app, platform, method, scopes. */
export async function chooseForConnect(ctx: Context, input: StartConnectInput): Promise<Chosen> {
  if (!input.clientId)
    throw new Problem(
      'invalid_request',
      'Give client_id (whose connection it will be), or connection_id to reconnect.',
    );
  const client = await ctx.house.store.getClient(ctx.workspaceId, input.clientId);
  if (!client) throw notFound('client', input.clientId);
  const app = await chooseApp(ctx, input);
  const platform = await platformOf(ctx, app.platform);
  const method = methodOf(platform, input.method);
  return {
    clientId: client.id,
    connectionId: null,
    platform: platform.profile.id,
    method: method.id,
    appId: app.id,
    scopes: chosenScopes(method, input.scopes),
    connectionName: input.name ?? `${platform.profile.name} for ${client.name}`,
  };
}

async function chooseApp(ctx: Context, input: StartConnectInput): Promise<AppRecord> {
  if (input.appId) {
    const app = await ctx.house.store.getApp(ctx.workspaceId, input.appId);
    if (!app) throw notFound('app', input.appId);
    return app;
  }
  if (!input.platform) throw new Problem('invalid_request', 'Give platform or app_id.');
  const platform = await platformOf(ctx, input.platform);
  const all = await ctx.house.store.listApps(ctx.workspaceId, { limit: 500, after: null });
  const apps = all.filter((app) => app.platform === platform.profile.id);
  if (apps.length === 1) return apps[0]!;
  throw apps.length === 0 ? noAppOf(platform) : whichAppOf(platform, apps);
}

function noAppOf({ profile: { id, name } }: Platform): Problem {
  return new Problem(
    'invalid_request',
    `This workspace has no app of ${name} yet: register one at the platform, and create it here first (POST /v1/apps). GET /v1/platforms/${id} says how.`,
  );
}

/** What tells the apps apart stands in words, and in `apps` for programs. An app serves every auth method of its platform. */
function whichAppOf({ profile: { name, methods } }: Platform, apps: readonly AppRecord[]): Problem {
  const told = apps.map((app) => `${app.id} (“${app.name}”, ${app.environment})`).join(', ');
  const ways = methods.map((method) => method.id).join(', ');
  return new Problem(
    'invalid_request',
    `This workspace has ${apps.length} apps of ${name}. Give app_id, one of: ${told}. Each serves the auth methods ${ways}.`,
    {
      apps: apps.map(({ id, name, environment, clientId }) => ({
        id,
        name,
        environment,
        client_id: clientId,
        methods: methods.map((method) => method.id),
      })),
    },
  );
}

export async function platformOf(ctx: Context, id: string): Promise<Platform> {
  const platform = await ctx.house.registry.find(ctx.workspaceId, id);
  if (platform) return platform;
  const known = (await ctx.house.registry.all(ctx.workspaceId)).map((one) => one.profile.id).join(', ');
  throw new Problem('unknown_platform', `There is no platform “${id}”. Known here: ${known}.`);
}

export function methodOf(platform: Pick<Platform, 'profile'>, id: string | undefined): AuthMethod {
  const { methods, name } = platform.profile;
  const method = id === undefined ? methods[0] : methods.find((candidate) => candidate.id === id);
  if (method) return method;
  throw new Problem(
    'unknown_method',
    `${name} has no auth method “${id}”. It has: ${methods.map((one) => one.id).join(', ')}.`,
  );
}

function chosenScopes(method: AuthMethod, asked: readonly string[] | undefined): readonly string[] {
  if (!asked || asked.length === 0)
    return method.scopes.filter((scope) => scope.byDefault).map((scope) => scope.id);
  const known = new Set(method.scopes.map((scope) => scope.id));
  const unknown = asked.filter((scope) => !known.has(scope));
  if (unknown.length === 0 || known.size === 0) return asked;
  throw new Problem(
    'invalid_request',
    `Unknown scopes: ${unknown.join(', ')}. Known: ${[...known].join(', ')}.`,
  );
}

/** Only https, or http on this machine: the page sends people there, so nothing else is taken. */
function checkedReturnUrl(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  // Other signs can stand in a host, and would mean something in the page's headers, where it is named.
  const plain =
    url !== null && /^[a-z0-9_.:[\]-]+$/.test(url.host) && url.username === '' && url.password === '';
  const local = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (plain && (url.protocol === 'https:' || local)) return url.href;
  throw new Problem('invalid_request', 'return_url has to be an https address (http only for localhost).');
}
