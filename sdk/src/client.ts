import { connectionsOf } from './connections.ts';
import { type CallOptions, createSend, type Fetch, type PostOptions, type Send } from './http.ts';
import { addressOf, lister } from './resource.ts';
import type {
  Activity,
  ApiKey,
  App,
  Client,
  Clock,
  Deadline,
  Grant,
  Outage,
  Platform,
  Query,
  Schemas,
} from './types.ts';

export interface EvergrantOptions {
  /** Where Evergrant answers, such as `https://grants.example.com`. */
  readonly url: string;
  /** An API key, `evg_…`. Absent: for a place where something else says who asks. */
  readonly apiKey?: string | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** The clock by which tokens are kept, in milliseconds since 1970. Default: the system's. */
  readonly now?: (() => number) | undefined;
  /** How long a call may take. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** Sent as `User-Agent`. Default: what the runtime sends. */
  readonly userAgent?: string | undefined;
}

export type Evergrant = ReturnType<typeof createEvergrant>;

/** A client of one Evergrant. Calls reject with `EvergrantError`. */
export function createEvergrant(options: EvergrantOptions) {
  const send = createSend({
    ...options,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    timeoutSeconds: options.timeoutSeconds ?? 30,
  });
  return {
    connections: connectionsOf(send, options.now ?? Date.now),
    connectSessions: connectSessionsOf(send),
    clients: clientsOf(send),
    grants: grantsOf(send),
    apps: appsOf(send),
    platforms: platformsOf(send),
    apiKeys: apiKeysOf(send),
    activity: activityOf(send),
    clock: clockOf(send),
    /** For how long connections could not work, newest first. */
    outages: { list: lister<Outage, Query<'listOutages'>>(send, '/v1/outages') },
    /** What only a person can put off, soonest first. */
    deadlines: { list: lister<Deadline, Query<'listDeadlines'>>(send, '/v1/deadlines') },
    /** Says what a platform's answer means. Looks nothing up and changes nothing. */
    diagnose: (body: Schemas['Diagnose'], callOptions?: CallOptions) =>
      send<Schemas['Diagnosis']>({ method: 'POST', path: '/v1/diagnose', body, options: callOptions }),
  };
}

function connectSessionsOf(send: Send) {
  return {
    /** Opens a link under which a person connects, or with `connection_id` reconnects. Send them to its `url`. */
    create: (body: Schemas['StartConnect'], options?: PostOptions) =>
      send<Schemas['StartedConnect']>({ method: 'POST', path: '/v1/connect-sessions', body, options }),
    /** How it stands: `open` until the person has done it. */
    get: async (id: string, options?: CallOptions) =>
      send<Schemas['ConnectSession']>({ method: 'GET', path: addressOf('connect-sessions', id), options }),
  };
}

function clientsOf(send: Send) {
  return {
    list: lister<Client, Query<'listClients'>>(send, '/v1/clients'),
    create: (body: Schemas['CreateClient'], options?: PostOptions) =>
      send<Client>({ method: 'POST', path: '/v1/clients', body, options }),
    get: async (id: string, options?: CallOptions) =>
      send<Client>({ method: 'GET', path: addressOf('clients', id), options }),
    update: async (id: string, body: Schemas['UpdateClient'], options?: CallOptions) =>
      send<Client>({ method: 'PATCH', path: addressOf('clients', id), body, options }),
    /** Only a client without connections can be deleted. */
    delete: async (id: string, options?: CallOptions) =>
      send<void>({ method: 'DELETE', path: addressOf('clients', id), options }),
  };
}

function grantsOf(send: Send) {
  return {
    list: lister<Grant, Query<'listGrants'>>(send, '/v1/grants'),
    get: async (id: string, options?: CallOptions) =>
      send<Schemas['GrantDetail']>({ method: 'GET', path: addressOf('grants', id), options }),
  };
}

function appsOf(send: Send) {
  return {
    list: lister<App, Query<'listApps'>>(send, '/v1/apps'),
    /** Registers your OAuth client of a platform. Its secret is sealed and never shown again. */
    create: (body: Schemas['CreateApp'], options?: PostOptions) =>
      send<App>({ method: 'POST', path: '/v1/apps', body, options }),
    get: async (id: string, options?: CallOptions) =>
      send<Schemas['AppDetail']>({ method: 'GET', path: addressOf('apps', id), options }),
    update: async (id: string, body: Schemas['UpdateApp'], options?: CallOptions) =>
      send<App>({ method: 'PATCH', path: addressOf('apps', id), body, options }),
    delete: async (id: string, options?: CallOptions) =>
      send<void>({ method: 'DELETE', path: addressOf('apps', id), options }),
  };
}

function platformsOf(send: Send) {
  return {
    list: lister<Platform, Record<string, never>>(send, '/v1/platforms'),
    get: async (id: string, options?: CallOptions) =>
      send<Platform>({ method: 'GET', path: addressOf('platforms', id), options }),
    /** Declares an OAuth 2.0 or OpenID Connect server as a platform. */
    declare: (body: Schemas['DeclarePlatform'], options?: PostOptions) =>
      send<Platform>({ method: 'POST', path: '/v1/platforms', body, options }),
    /** Takes a declaration back; refused while apps rest on it. */
    delete: async (id: string, options?: CallOptions) =>
      send<void>({ method: 'DELETE', path: addressOf('platforms', id), options }),
  };
}

function apiKeysOf(send: Send) {
  return {
    list: lister<ApiKey, Record<string, never>>(send, '/v1/api-keys'),
    /** The key is in this answer and nowhere else. */
    create: (body: Schemas['CreateApiKey'], options?: PostOptions) =>
      send<Schemas['CreatedApiKey']>({ method: 'POST', path: '/v1/api-keys', body, options }),
    /** It stops working at once. */
    revoke: async (id: string, options?: CallOptions) =>
      send<void>({ method: 'DELETE', path: addressOf('api-keys', id), options }),
  };
}

function activityOf(send: Send) {
  return {
    /** The activity log, newest first. */
    list: lister<Activity, Query<'listActivity'>>(send, '/v1/activity'),
    /** Whether the log is unbroken. */
    verify: (options?: CallOptions) =>
      send<Schemas['VerifiedActivity']>({ method: 'GET', path: '/v1/activity/verify', options }),
  };
}

/** The clock of a sandbox. Elsewhere every call rejects with `clock_fixed`. */
function clockOf(send: Send) {
  const post = (verb: string, body: unknown, options?: PostOptions) =>
    send<Clock>({ method: 'POST', path: `/v1/clock/${verb}`, body, options });
  return {
    get: (options?: CallOptions) => send<Clock>({ method: 'GET', path: '/v1/clock', options }),
    freeze: (options?: PostOptions) => post('freeze', undefined, options),
    /** Lets the time run on from where it stands. */
    resume: (options?: PostOptions) => post('resume', undefined, options),
    /**
     * Moves the time forward; what is due in between happens in order. A long move is still under way when this resolves
     * (`move.state`): ask `get` until it is over.
     */
    forward: (body: Schemas['ForwardClock'], options?: PostOptions) => post('forward', body, options),
    /** Ends the move under way where it is. */
    stop: (options?: PostOptions) => post('stop', undefined, options),
  };
}
