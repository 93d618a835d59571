import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createEvergrant, EvergrantError, type EvergrantOptions } from '../sdk/src/index.ts';
import { type ApiUser, connect, openTestServer, type TestServer } from './support/server.ts';

interface Canned {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Answers only when this resolves. */
  readonly after?: Promise<unknown>;
}
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const KEY = 'evg_canary-key-that-must-not-leak';
const START = Date.parse('2026-11-22T09:00:00Z');
const HOUR_MS = 3_600_000;

let server: Server;
let url: string;
let seen: Seen[] = [];
let answer: (request: Seen) => Canned | Promise<Canned>;
let clock = START;

before(async () => {
  server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, url: path, headers, body: Buffer.concat(chunks).toString() };
    seen.push(request);
    const { status = 200, body, headers: extra = {}, after: wait } = await answer(request);
    await wait;
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    outgoing.writeHead(status, { 'content-type': type, ...extra });
    outgoing.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => new Promise((closed) => server.close(closed)));
afterEach(() => {
  seen = [];
  clock = START;
});

const client = (options: Partial<EvergrantOptions> = {}) =>
  createEvergrant({ url, apiKey: KEY, now: () => clock, ...options });

/** Tokens numbered in the order in which they were asked for. */
function serveTokens(lifetimeMs: number | null): void {
  answer = () => {
    const expires_at = lifetimeMs === null ? null : new Date(clock + lifetimeMs).toISOString();
    return {
      body: {
        access_token: `token-${seen.length}`,
        expires_at,
        headers: {},
        base_url: 'https://ads.example',
      },
    };
  };
}

async function failure(work: Promise<unknown>): Promise<EvergrantError> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (thrown) => thrown,
  );
  assert.ok(error instanceof EvergrantError, `an EvergrantError, not ${error}`);
  return error;
}

describe('tokens', () => {
  const id = 'con_1';
  const read = async (evergrant: ReturnType<typeof client>, minTtlSeconds?: number) =>
    (await evergrant.connections.token(id, minTtlSeconds === undefined ? {} : { minTtlSeconds }))
      .access_token;

  it('are asked for with the key and the needed life', async () => {
    serveTokens(HOUR_MS);
    await read(client(), 600);
    assert.equal(seen[0]?.url, '/v1/connections/con_1/token?min_ttl=600');
    assert.equal(seen[0]?.headers.authorization, `Bearer ${KEY}`);
  });

  it('are kept until less than the needed life is left', async () => {
    serveTokens(HOUR_MS);
    const evergrant = client();
    assert.equal(await read(evergrant), 'token-1');
    clock = START + HOUR_MS - 300_000;
    assert.equal(await read(evergrant), 'token-1');
    clock += 1;
    assert.equal(await read(evergrant), 'token-2');
  });

  it('are kept no longer than an hour, however long they last', async () => {
    serveTokens(60 * 24 * HOUR_MS);
    const evergrant = client();
    await read(evergrant);
    clock = START + HOUR_MS - 1;
    assert.equal(await read(evergrant), 'token-1');
    clock += 1;
    assert.equal(await read(evergrant), 'token-2');
  });

  it('without end are kept for a minute, so that a disconnect is noticed', async () => {
    serveTokens(null);
    const evergrant = client();
    await read(evergrant);
    clock = START + 59_999;
    assert.equal(await read(evergrant), 'token-1');
    clock += 1;
    assert.equal(await read(evergrant), 'token-2');
  });

  it('that last shorter than needed are handed out, and asked for again', async () => {
    serveTokens(100_000);
    const evergrant = client();
    assert.equal(await read(evergrant), 'token-1');
    assert.equal(await read(evergrant), 'token-2');
    assert.equal(await read(evergrant, 60), 'token-2', 'a caller who needs less is served from memory');
  });

  it('are asked for once by any number of callers at the same time', async () => {
    serveTokens(HOUR_MS);
    const evergrant = client();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => read(evergrant)));
    assert.deepEqual(new Set(tokens), new Set(['token-1']));
    assert.equal(seen.length, 1);
    await evergrant.connections.token('con_2');
    assert.equal(seen.length, 2, 'another connection has another token');
  });

  it('are not remembered as failures', async () => {
    answer = () => ({ status: 503, body: { code: 'temporarily_unavailable', detail: 'Try again.' } });
    const evergrant = client();
    const failures = await Promise.all([failure(read(evergrant)), failure(read(evergrant))]);
    assert.equal(seen.length, 1, 'both shared the request');
    assert.ok(failures.every((error) => error.temporary));
    serveTokens(HOUR_MS);
    assert.equal(await read(evergrant), 'token-2');
  });

  it('are forgotten on request, also the one that is under way', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = () => ({
      body: { access_token: `token-${seen.length}`, expires_at: null },
      after: seen.length === 1 ? held : undefined,
    });
    const evergrant = client();
    const first = read(evergrant);
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    evergrant.connections.forget(id);
    assert.equal(await read(evergrant), 'token-2');
    release();
    assert.equal(await first, 'token-1', 'who asked before is answered');
    assert.equal(await read(evergrant), 'token-2', 'the older answer does not replace the newer');
  });

  it('are forgotten when something is done to the connection', async () => {
    serveTokens(HOUR_MS);
    const evergrant = client();
    const { connections } = evergrant;
    for (const act of [
      () => connections.reportFailure(id, { status: 401, body: {} }),
      () => connections.renew(id),
      () => connections.disconnect(id),
    ]) {
      await read(evergrant);
      const before = seen.length;
      await act();
      await read(evergrant);
      assert.equal(seen.length, before + 2, 'the act itself, and a fresh question');
    }
  });

  it('stay with the others when one caller gives up', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = () => ({ body: { access_token: 'shared', expires_at: null }, after: held });
    const evergrant = client();
    const impatient = new AbortController();
    const given = evergrant.connections.token(id, { signal: impatient.signal });
    const patient = read(evergrant);
    impatient.abort(new Error('enough'));
    await assert.rejects(given, /enough/);
    release();
    assert.equal(await patient, 'shared');
    assert.equal(seen.length, 1);
  });
});

describe('errors', () => {
  it('carry what the problem document says', async () => {
    const reconnect_url = 'https://evergrant.example/reconnect/x';
    answer = () => ({
      status: 409,
      body: {
        type: '/problems/reauthorization_required',
        title: 'A person has to authorize this again',
        status: 409,
        detail: 'The authorization was withdrawn. Reconnect.',
        code: 'reauthorization_required',
        cause: 'revoked_by_user',
        remedy: 'Reconnect.',
        since: '2026-11-22T08:00:00Z',
        reconnect_url,
      },
    });
    const error = await failure(client().connections.token('con_1'));
    assert.equal(error.code, 'reauthorization_required');
    assert.equal(error.status, 409);
    assert.equal(error.message, 'The authorization was withdrawn. Reconnect.');
    assert.equal(error.cause, 'revoked_by_user');
    assert.equal(error.remedy, 'Reconnect.');
    assert.equal(error.reconnectUrl, reconnect_url);
    assert.equal(error.extensions.since, '2026-11-22T08:00:00Z');
    assert.equal(error.temporary, false);
  });

  it('say what to do where nothing answers', async () => {
    const closed = createServer();
    await new Promise<void>((listening) => closed.listen(0, '127.0.0.1', listening));
    const gone = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((done) => closed.close(done));
    const error = await failure(client({ url: gone }).clients.list());
    assert.equal(error.code, 'network_error');
    assert.equal(error.status, null);
    assert.equal(
      error.message,
      `Nothing answers at ${gone} (ECONNREFUSED). Check that Evergrant runs, and that the url is right.`,
    );
    assert.ok(error.origin, 'the error below is at hand');
  });

  it('say when an answer does not come in time', async () => {
    answer = () => ({ after: new Promise((resolve) => setTimeout(resolve, 500).unref()) });
    const error = await failure(client({ timeoutSeconds: 0.05 }).clients.get('cli_1'));
    assert.equal(error.code, 'timeout');
    assert.match(error.message, /did not answer within 0.05 s/);
  });

  it('say when something else than Evergrant answers', async () => {
    for (const canned of [
      { status: 502, body: '<html>Bad gateway</html>' },
      { status: 200, body: '<html>Welcome</html>' },
      { status: 404, body: { message: 'no Route matched' } },
      { status: 302, body: '', headers: { location: 'https://elsewhere.example/' } },
    ]) {
      answer = () => canned;
      const error = await failure(client().platforms.list());
      assert.equal(error.code, 'unexpected_answer', String(canned.status));
      assert.equal(error.status, canned.status);
    }
    assert.equal(seen.length, 4, 'a redirect is not followed');
  });

  it('are not made of an end that the caller chose', async () => {
    const caller = new AbortController();
    // Once the request has arrived: one that came later would be counted with those of the next test.
    answer = () => {
      caller.abort(new DOMException('The caller waits no longer.', 'TimeoutError'));
      return { after: new Promise(() => undefined) };
    };
    const { signal } = caller;
    await assert.rejects(client().clients.get('cli_1', { signal }), { name: 'TimeoutError' });
  });

  it('hold no secret', async () => {
    const texts: string[] = [];
    const note = (error: unknown) =>
      texts.push(String(error), JSON.stringify(error), (error as Error).stack ?? '');
    const leaky = async () => {
      throw Object.assign(new TypeError(`fetch failed: authorization: Bearer ${KEY}`), { code: `X_${KEY}` });
    };
    note(await failure(client({ fetch: leaky }).clients.list()));
    for (const options of [{ apiKey: `${KEY}\n` }, { url: `http://user:${KEY}@127.0.0.1/` }, { url: KEY }]) {
      assert.throws(
        () => client(options),
        (error) => Boolean(note(error)),
      );
    }
    assert.doesNotMatch(texts.join('\n'), new RegExp(KEY));
  });
});

describe('lists', () => {
  beforePages();

  it('are a promise of their first page', async () => {
    const page = await client().connections.list({ state: 'expired', limit: 2 });
    assert.deepEqual(page, { data: [{ id: 'a' }, { id: 'b' }], next_cursor: 'b' });
    assert.equal(seen[0]?.url, '/v1/connections?state=expired&limit=2');
    assert.equal(seen.length, 1);
  });

  it('are a loop over every row of every page', async () => {
    const ids: string[] = [];
    for await (const connection of client().connections.list({ limit: 2 })) ids.push(connection.id);
    assert.deepEqual(ids, ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(
      seen.map((request) => request.url),
      ['/v1/connections?limit=2', '/v1/connections?limit=2&cursor=b', '/v1/connections?limit=2&cursor=d'],
    );
  });

  it('ask for no page that the loop does not reach', async () => {
    for await (const connection of client().connections.list({ limit: 2 })) if (connection.id === 'b') break;
    assert.equal(seen.length, 1);
  });

  it('begin where they are told to', async () => {
    const ids: string[] = [];
    for await (const connection of client().connections.list({ limit: 2, cursor: 'b' }))
      ids.push(connection.id);
    assert.deepEqual(ids, ['c', 'd', 'e']);
  });

  function beforePages(): void {
    before(() => {
      answer = (request) => {
        const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
        const query = new URL(request.url, url).searchParams;
        const from = rows.findIndex((row) => row.id === query.get('cursor')) + 1;
        const data = rows.slice(from, from + 2);
        return { body: { data, next_cursor: from + 2 < rows.length ? data.at(-1)?.id : null } };
      };
    });
  }
});

describe('calls', () => {
  it('send JSON, the idempotency key and the user agent', async () => {
    answer = () => ({ status: 201, body: { id: 'cli_1' } });
    await client({ userAgent: 'test/1' }).clients.create(
      { name: 'Summer Shoes' },
      { idempotencyKey: 'once' },
    );
    const [request] = seen;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.body, '{"name":"Summer Shoes"}');
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.equal(request?.headers['idempotency-key'], 'once');
    assert.equal(request?.headers['user-agent'], 'test/1');
  });

  it('bring nothing where there is no content', async () => {
    answer = () => ({ status: 204 });
    assert.equal(await client().apiKeys.revoke('key_1'), undefined);
    assert.equal(seen[0]?.method, 'DELETE');
  });

  it('keep ids inside their place in the address', async () => {
    answer = () => ({ body: {} });
    await client().connections.get('../api-keys?x=1#y');
    assert.equal(seen[0]?.url, '/v1/connections/..%2Fapi-keys%3Fx%3D1%23y');
    for (const id of ['', '.', '..']) await assert.rejects(client().connections.get(id), TypeError);
  });

  it('keep the path under which Evergrant is served', async () => {
    answer = () => ({ body: {} });
    await client({ url: `${url}/evergrant/` }).activity.verify();
    assert.equal(seen[0]?.url, '/evergrant/v1/activity/verify');
  });

  it('go to an address of the documents each, and there is none without a method', async () => {
    answer = () => ({ body: { data: [], next_cursor: null } });
    await callEverything();
    const called = seen.map(
      ({ method, url: path }) => `${method} ${path.replace(/\?.*/, '').replace('/ID', '/{id}')}`,
    );
    const { ROUTES } = await import('../src/server/routes/index.ts');
    assert.deepEqual(called.sort(), ROUTES.map((route) => `${route.method} ${route.path}`).sort());
  });
});

async function callEverything(): Promise<void> {
  const {
    connections,
    connectSessions,
    clients,
    grants,
    apps,
    platforms,
    apiKeys,
    clock,
    activity,
    outages,
    deadlines,
    diagnose,
  } = client();
  const id = 'ID';
  for (const { list } of [
    connections,
    clients,
    grants,
    apps,
    platforms,
    apiKeys,
    activity,
    outages,
    deadlines,
  ])
    await list();
  for (const { get } of [connections, connectSessions, clients, grants, apps, platforms]) await get(id);
  await connections.create({ client_id: id, fields: {} });
  await connections.update(id, {});
  for (const act of ['renew', 'refresh', 'accounts', 'disconnect', 'token'] as const)
    await connections[act](id);
  await connections.reportFailure(id, { status: 401, body: '' });
  await connectSessions.create({ client_id: id });
  for (const { create } of [clients, apps, apiKeys])
    await create({ name: '', platform: id, scopes: ['read'] });
  for (const { update } of [clients, apps]) await update(id, {});
  for (const { delete: remove } of [clients, apps, platforms]) await remove(id);
  await apiKeys.revoke(id);
  await platforms.declare({ id, name: id, base_url: 'https://api.acme.example' });
  await activity.verify();
  await clock.get();
  await clock.freeze();
  await clock.resume();
  await clock.forward({ by: '1d' });
  await clock.stop();
  await diagnose({ platform: id, status: 401, body: '' });
}

describe('against a running service', () => {
  let real: TestServer;
  let user: ApiUser;
  before(async () => {
    real = await openTestServer();
    user = await real.user();
  });
  after(() => real.close());

  it('connects, hands out a token, pages, and does nothing twice', async () => {
    const { PLATFORMS } = await import('../src/platforms/index.ts');
    const platform = PLATFORMS.find(({ profile }) => profile.methods[0]?.kind === 'oauth')?.profile.id ?? '';
    const { connectionId } = await connect(real, user, platform);
    const evergrant = createEvergrant({ url: real.url, apiKey: user.key, now: real.test.clock.now });
    const token = await evergrant.connections.token(connectionId);
    assert.ok(token.access_token);
    assert.equal(await evergrant.connections.token(connectionId), token, 'kept');
    const once = { idempotencyKey: 'make-it-once' };
    const [one, same] = [
      await evergrant.clients.create({ name: 'One' }, once),
      await evergrant.clients.create({ name: 'One' }, once),
    ];
    assert.equal(one.id, same.id);
    const names: string[] = [];
    for await (const row of evergrant.clients.list({ limit: 1 })) names.push(row.name);
    assert.deepEqual(names.sort(), ['One', 'Summer Shoes']);
    await evergrant.connections.disconnect(connectionId);
    assert.equal((await failure(evergrant.connections.token(connectionId))).code, 'connection_disconnected');
    assert.equal((await failure(evergrant.connections.get('con_none'))).status, 404);
  });
});

describe('the package', () => {
  const folder = new URL('../sdk/', import.meta.url);
  const sources = readdirSync(new URL('src/', folder)).map((name) => ({
    name,
    text: readFileSync(new URL(`src/${name}`, folder), 'utf8'),
  }));

  it('has no dependencies', () => {
    const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(
      readFileSync(new URL('package.json', folder), 'utf8'),
    );
    assert.deepEqual(
      [dependencies, peerDependencies, optionalDependencies],
      [undefined, undefined, undefined],
    );
  });

  it('imports nothing but itself, and names nothing that only Node has', () => {
    for (const { name, text } of sources) {
      for (const [, from] of text.matchAll(/(?:from|import\()\s*'([^']+)'/g))
        assert.match(from ?? '', /^\.\//, `${name} imports ${from}`);
      assert.doesNotMatch(text, /\b(process|Buffer|require|__dirname|setImmediate)\b[.(]/, name);
    }
  });

  it('calls fetch as a browser wants it: on the global object, at the time of the call', async () => {
    const real = globalThis.fetch;
    const calls: [string, RequestInit, unknown][] = [];
    globalThis.fetch = async function (this: unknown, input: unknown, init: RequestInit) {
      calls.push([String(input), init, this]);
      return new Response('{"data":[],"next_cursor":null}', {
        headers: { 'content-type': 'application/json' },
      });
    } as typeof fetch;
    try {
      await createEvergrant({ url: 'https://grants.example.com' }).deadlines.list({ within_days: 30 });
    } finally {
      globalThis.fetch = real;
    }
    const [[input, init, self]] = calls as [[string, RequestInit, unknown]];
    assert.equal(input, 'https://grants.example.com/v1/deadlines?within_days=30');
    assert.equal(self, globalThis);
    assert.equal('authorization' in (init.headers as object), false, 'no key was given, none is sent');
  });

  it('has types that are those of the API', async () => {
    const { sdkTypes } = await import('../scripts/sdkTypes.ts');
    const kept = readFileSync(new URL('src/openapi.gen.ts', folder), 'utf8');
    assert.ok(kept === (await sdkTypes()), 'sdk/src/openapi.gen.ts is out of date: run npm run gen');
  });

  it('shows in its README only what it has', () => {
    const readme = readFileSync(fileURLToPath(new URL('README.md', folder)), 'utf8');
    const evergrant = client() as unknown as Record<string, Record<string, unknown>>;
    for (const [, resource = '', member] of readme.matchAll(/evergrant\.(\w+)\.(\w+)\(/g)) {
      assert.equal(typeof evergrant[resource]?.[member ?? ''], 'function', `${resource}.${member}`);
    }
  });
});
