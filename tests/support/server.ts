import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../../src/app/context.ts';
import { newId } from '../../src/app/ids.ts';
import { type ApiKeyScope, createApiKey } from '../../src/app/manageApiKeys.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { createServer } from '../../src/server/server.ts';
import { openStore } from '../../src/store/open.ts';
import { openTestHouse, type TestHouse } from './house.ts';
import { Browser } from './serverBrowser.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
  readonly json: any;
}

export interface ApiCall {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another key than the workspace's own; null: none. */
  readonly key?: string | null;
}

/** A workspace with a key that may everything, as its integrator uses it. */
export interface ApiUser {
  readonly ctx: Context;
  readonly key: string;
  readonly call: (method: string, path: string, call?: ApiCall) => Promise<ApiAnswer>;
  /** As `call`, and anything but the expected status is a failure. */
  readonly expect: (status: number, method: string, path: string, call?: ApiCall) => Promise<ApiAnswer>;
}

export interface TestServer {
  readonly test: TestHouse;
  readonly server: FastifyInstance;
  readonly url: string;
  readonly user: (name?: string) => Promise<ApiUser>;
  readonly keyFor: (ctx: Context, scopes: readonly ApiKeyScope[]) => Promise<string>;
  readonly browser: (headers?: Readonly<Record<string, string>>) => Browser;
  readonly close: () => Promise<void>;
}

/** The server on a free port, over a complete house with the simulated platforms. */
export async function openTestServer(
  optionsOf: (test: TestHouse) => ServerOptions = () => ({}),
): Promise<TestServer> {
  const store = await openStore({ memory: true });
  await store.migrate();
  const test = await openTestHouse(store);
  const server = createServer(test.house, optionsOf(test));
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  const keyFor = async (ctx: Context, scopes: readonly ApiKeyScope[]) =>
    (await createApiKey(ctx, { name: scopes.join(), scopes })).key;
  const user = async (name = 'Agency'): Promise<ApiUser> => {
    const workspaceId = newId(test.house, 'wsp');
    await store.insertWorkspace({ id: workspaceId, name, createdAt: test.house.now() });
    const ctx: Context = { house: test.house, workspaceId, actor: 'system' };
    return apiUser(url, ctx, await keyFor(ctx, ['admin']));
  };
  return {
    test,
    server,
    url,
    user,
    keyFor,
    browser: (headers = {}) => new Browser(url, test.house.publicUrl, headers),
    close: async () => {
      await server.close();
      await test.close();
      await store.close();
    },
  };
}

export function apiUser(url: string, ctx: Context, key: string): ApiUser {
  const call = async (method: string, path: string, { body, headers, key: other }: ApiCall = {}) => {
    const sent: Record<string, string> = { ...headers };
    const used = other === undefined ? key : other;
    if (used !== null) sent.authorization = `Bearer ${used}`;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    if (text !== undefined) sent['content-type'] ??= 'application/json';
    const answer = await fetch(`${url}${path}`, { method, headers: sent, body: text, redirect: 'manual' });
    return readAnswer(answer);
  };
  const expect = async (status: number, method: string, path: string, rest?: ApiCall) => {
    const answer = await call(method, path, rest);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text.slice(0, 500)}`);
    return answer;
  };
  return { ctx, key, call, expect };
}

async function readAnswer(answer: Response): Promise<ApiAnswer> {
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

/** An app and a client: what has to be there before anything can be connected. */
export async function prepare(server: TestServer, user: ApiUser, platform: string) {
  const known = await server.test.control('GET');
  const { app: sim } = known.platforms.find((one: { id: string }) => one.id === platform);
  const { client_id, client_secret, settings } = sim;
  const body = { platform, environment: 'sandbox', client_id, client_secret, settings };
  const app = (await user.expect(201, 'POST', '/v1/apps', { body })).json;
  const client = (await user.expect(201, 'POST', '/v1/clients', { body: { name: 'Summer Shoes' } })).json;
  return { app, client };
}

/** A connection made as a person makes it, over HTTP alone. */
export async function connect(server: TestServer, user: ApiUser, platform: string) {
  const { app, client } = await prepare(server, user, platform);
  const body = { client_id: client.id, app_id: app.id };
  const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
  const landed = await server.browser({ 'x-simulated-consent': 'allow' }).visit(`${session.url}/continue`);
  assert.equal(landed.status, 200, landed.text.slice(0, 500));
  const done = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
  return { app, client, session, connectionId: done.connection_id as string, landed };
}
