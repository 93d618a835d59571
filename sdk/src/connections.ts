import type { CallOptions, PostOptions, Send } from './http.ts';
import { type Page, paged } from './paged.ts';
import { addressOf, lister } from './resource.ts';
import { TokenCache } from './tokens.ts';
import type { AdAccount, Connection, ConnectionDetail, Query, Schemas, Token } from './types.ts';

export interface TokenOptions {
  /**
   * The token is renewed first when less than this is left of its life. Default 300. A wish, no promise: where a renewal
   * fails, or the platform's tokens live shorter, the freshest that works is handed out; `expires_at` tells its end.
   */
  readonly minTtlSeconds?: number | undefined;
  /** Gives up waiting; the request itself may be shared with others and goes on. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MIN_TTL_SECONDS = 300;

export function connectionsOf(send: Send, now: () => number) {
  const tokens = new TokenCache(
    async (id, min_ttl) =>
      send<Token>({ method: 'GET', path: addressOf('connections', id, '/token'), query: { min_ttl } }),
    now,
  );
  /** Whatever was kept of a connection may be old once something is done to it. */
  const doTo = async <Answer>(id: string, what: string, body?: unknown, options?: PostOptions) => {
    try {
      return await send<Answer>({
        method: 'POST',
        path: addressOf('connections', id, `/${what}`),
        body,
        options,
      });
    } finally {
      tokens.forget(id);
    }
  };
  return {
    ...tokenReading(tokens),
    ...reading(send),
    /** Connects by fields, for methods that take a token, a login or a key. For a sign-in open a connect session. */
    create: (body: Schemas['CreateConnection'], options?: PostOptions) =>
      send<ConnectionDetail>({ method: 'POST', path: '/v1/connections', body, options }),
    /** Renames a connection, or chooses its ad accounts. */
    update: async (id: string, body: Schemas['UpdateConnection'], options?: CallOptions) =>
      send<ConnectionDetail>({ method: 'PATCH', path: addressOf('connections', id), body, options }),
    /** Renews the credential now. Never needed: renewals happen by themselves. */
    renew: (id: string, options?: PostOptions) => doTo<Schemas['Renewal']>(id, 'renew', undefined, options),
    /** Reads the ad accounts again. Changes no credential. */
    refresh: async (id: string, options?: PostOptions) =>
      send<ConnectionDetail>({ method: 'POST', path: addressOf('connections', id, '/refresh'), options }),
    /** Says what the platform answered to one of your calls. The next token is asked of the server. */
    reportFailure: (id: string, body: Schemas['ReportFailure'], options?: PostOptions) =>
      doTo<Schemas['ReportedFailure']>(id, 'failures', body, options),
    /**
     * Ends a connection on purpose. Where the platform would end others with it, it rejects with `confirmation_required`
     * naming them, until `confirm` is set.
     */
    disconnect: (
      id: string,
      { confirm, ...options }: PostOptions & { readonly confirm?: boolean | undefined } = {},
    ) => doTo<Schemas['Disconnected']>(id, 'disconnect', confirm ? { confirm } : undefined, options),
  };
}

function tokenReading(tokens: TokenCache) {
  return {
    /**
     * A working access token. Kept in memory until less than `minTtlSeconds` of it is left, at most for an hour, and for
     * a minute where it has no end. Where a person is needed it rejects with `reauthorization_required`, which has the
     * cause, the remedy and the link under which to reconnect.
     */
    token: (id: string, { minTtlSeconds = DEFAULT_MIN_TTL_SECONDS, signal }: TokenOptions = {}) =>
      tokens.get(id, minTtlSeconds, signal),
    /** Drops the kept token, such as after a 401 of the platform: the next one is asked of the server. */
    forget: (id: string) => tokens.forget(id),
  };
}

function reading(send: Send) {
  return {
    list: lister<Connection, Query<'listConnections'>>(send, '/v1/connections'),
    /** State, cause, remedy, deadlines, accounts. */
    get: async (id: string, options?: CallOptions) =>
      send<ConnectionDetail>({ method: 'GET', path: addressOf('connections', id), options }),
    /** Every ad account that the grant reaches now, asked of the platform. */
    accounts: (id: string, options?: CallOptions) =>
      paged<AdAccount>(async () =>
        send<Page<AdAccount>>({ method: 'GET', path: addressOf('connections', id, '/accounts'), options }),
      ),
  };
}
