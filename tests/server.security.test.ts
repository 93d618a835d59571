import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type ApiUser, connect, openTestServer, type TestServer } from './support/server.ts';
import { apiOperations, bodyOf } from './support/serverDocument.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is read as the JSON that it is.
type Loose = any;

let server: TestServer;
let document: Loose;
let owner: ApiUser;
let stranger: ApiUser;
let ids: Record<string, string>;

before(async () => {
  server = await openTestServer();
  document = await (await fetch(`${server.url}/openapi.json`)).json();
  owner = await server.user('Owner');
  stranger = await server.user('Stranger');
  const made = await connect(server, owner, 'snapchat');
  const connection = (await owner.expect(200, 'GET', `/v1/connections/${made.connectionId}`)).json;
  const [key] = (await owner.expect(200, 'GET', '/v1/api-keys')).json.data;
  ids = {
    apps: made.app.id,
    clients: made.client.id,
    connections: made.connectionId,
    grants: connection.grant_id,
    'connect-sessions': made.session.id,
    'api-keys': key.id,
  };
});
after(() => server.close());

describe('Who may do what', () => {
  it('answers nobody without a key, on any route', async () => {
    assert.ok(apiOperations(document).length > 30);
    for (const one of apiOperations(document)) {
      const path = one.path.replace('{id}', 'con_x');
      for (const key of [null, 'evg_wrong', '']) {
        const answer = await owner.expect(401, one.method, path, { key, body: bodyOf(one) });
        assert.equal(answer.json.code, 'unauthorized', `${one.method} ${path}`);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
      }
    }
  });

  it('shows nothing of another workspace, on any route with an id', async () => {
    const seen = new Set<string>();
    for (const one of apiOperations(document).filter(
      ({ path }) => path.includes('{id}') && !path.startsWith('/v1/platforms'),
    )) {
      const kind = one.path.split('/')[2] as string;
      const id = ids[kind] as string;
      assert.ok(id, `an id for ${one.path}`);
      seen.add(kind);
      const before = await server.test.house.store.listActivity(
        owner.ctx.workspaceId,
        {},
        { limit: 1, beforeSeq: null },
      );
      const answer = await stranger.expect(404, one.method, one.path.replace('{id}', id), {
        body: bodyOf(one),
      });
      assert.equal(answer.json.code, 'not_found');
      assert.doesNotMatch(answer.text, /Summer Shoes|Ida/);
      const later = await server.test.house.store.listActivity(
        owner.ctx.workspaceId,
        {},
        { limit: 1, beforeSeq: null },
      );
      assert.deepEqual(later, before, 'nothing happened there');
    }
    assert.deepEqual([...seen].sort(), Object.keys(ids).sort());
  });

  it('shows nothing of another workspace in lists, filters and bodies', async () => {
    for (const path of ['apps', 'clients', 'connections', 'grants', 'outages', 'deadlines']) {
      assert.deepEqual((await stranger.expect(200, 'GET', `/v1/${path}`)).json.data, [], path);
    }
    for (const filter of [
      `connections?client_id=${ids.clients}`,
      `connections?grant_id=${ids.grants}`,
      `grants?app_id=${ids.apps}`,
    ]) {
      assert.deepEqual((await stranger.expect(200, 'GET', `/v1/${filter}`)).json.data, []);
    }
    const own = (await stranger.expect(201, 'POST', '/v1/clients', { body: { name: 'Mine' } })).json.id;
    const bodies = [
      ['connect-sessions', { connection_id: ids.connections }],
      ['connect-sessions', { client_id: ids.clients, platform: 'snapchat' }],
      ['connect-sessions', { client_id: own, app_id: ids.apps }],
      ['connections', { client_id: ids.clients, app_id: ids.apps, fields: {} }],
      ['connections', { client_id: own, app_id: ids.apps, fields: {} }],
    ] as const;
    for (const [path, body] of bodies) await stranger.expect(404, 'POST', `/v1/${path}`, { body });
    const activity = (await stranger.expect(200, 'GET', `/v1/activity?subject=${ids.connections}`)).json.data;
    assert.deepEqual(activity, []);
  });

  it('lets a key do what its scopes say, on every route', async () => {
    const allowed: Record<string, readonly string[]> = {
      read: ['read'],
      write: ['write', 'read'],
      token: ['token'],
      admin: ['admin', 'write', 'read', 'token'],
    };
    const keys = new Map<string, string>();
    for (const scope of ['read', 'write', 'token'] as const)
      keys.set(scope, await server.keyFor(stranger.ctx, [scope]));
    for (const one of apiOperations(document)) {
      const needed = one.operation.security[0].apiKey[0] as string;
      for (const [scope, key] of keys) {
        const answer = await stranger.call(one.method, one.path.replace('{id}', 'nothing'), {
          key,
          body: bodyOf(one),
        });
        const may = allowed[scope]?.includes(needed);
        assert.equal(answer.status === 403, !may, `${scope} on ${one.method} ${one.path}: ${answer.status}`);
      }
    }
    const { data } = (await stranger.expect(200, 'GET', '/v1/activity?action=api_key.refused&limit=1')).json;
    assert.equal(data[0].detail.code, 'forbidden', 'a refusal is on record');
  });

  it('refuses a key at once when it is revoked', async () => {
    const made = (
      await owner.expect(201, 'POST', '/v1/api-keys', { body: { name: 'short', scopes: ['read'] } })
    ).json;
    await owner.expect(200, 'GET', '/v1/clients', { key: made.key });
    await owner.expect(204, 'DELETE', `/v1/api-keys/${made.id}`);
    await owner.expect(401, 'GET', '/v1/clients', { key: made.key });
    assert.doesNotMatch((await owner.expect(200, 'GET', '/v1/api-keys')).text, /evg_|hash/);
  });
});

describe('What leaves', () => {
  it('holds a secret in no answer, page or log line but the token’s', async () => {
    const token = await owner.expect(200, 'GET', `/v1/connections/${ids.connections}/token`);
    assert.equal(token.headers.get('cache-control'), 'no-store');
    assert.equal(token.headers.get('pragma'), 'no-cache');
    const { app } = (await server.test.control('GET', 'snapchat')) as { app: { client_secret: string } };
    const grant = await server.test.house.store.getGrant(owner.ctx.workspaceId, ids.grants as string);
    const secrets = [token.json.access_token, app.client_secret, ...Object.values(grant?.secrets ?? {})];
    assert.ok(secrets.length >= 4);
    const answers: string[] = [JSON.stringify(server.test.logged)];
    for (const { path } of apiOperations(document).filter(
      (one) => one.method === 'GET' && !one.path.endsWith('/token'),
    )) {
      answers.push(
        (await owner.call('GET', path.replace('{id}', ids[path.split('/')[2] as string] ?? 'snapchat'))).text,
      );
    }
    for (const verb of ['refresh', 'renew']) {
      answers.push((await owner.expect(200, 'POST', `/v1/connections/${ids.connections}/${verb}`)).text);
    }
    const body = { endpoint: 'api', status: 500, body: `echo ${token.json.access_token}` };
    answers.push(
      (await owner.expect(200, 'POST', `/v1/connections/${ids.connections}/failures`, { body })).text,
    );
    answers.push((await owner.expect(200, 'GET', '/v1/activity?limit=200')).text);
    for (const [index, text] of answers.entries()) {
      for (const secret of secrets)
        assert.ok(!text.includes(secret), `answer ${index}: ${text.slice(0, 200)}`);
    }
  });

  it('tells nothing of a fault of ours, and logs it under the request’s id', async () => {
    const { store } = server.test.house;
    const whole = store.listClients;
    const broken = store as { listClients: unknown };
    broken.listClients = () => Promise.reject(new Error('password=hunter2 in a stack'));
    try {
      const answer = await owner.expect(500, 'GET', '/v1/clients');
      assert.equal(answer.json.code, 'internal');
      assert.doesNotMatch(answer.text, /hunter2/);
      const line = server.test.logged.find(
        ({ fields }) => (fields as Loose).request_id === answer.json.request_id,
      );
      assert.equal(line?.level, 'error');
    } finally {
      broken.listClients = whole;
    }
  });
});

describe('The operator’s page', () => {
  it('asks for a key, keeps no key in the browser, and shows what is broken', async () => {
    const browser = server.browser();
    assert.match((await browser.visit('/')).text, /API key/);
    assert.equal((await browser.submit('/sign-in', { api_key: 'evg_wrong' })).status, 401);
    const page = await browser.submit('/sign-in', { api_key: owner.key });
    assert.match(page.text, /Summer Shoes/);
    const cookie = browser.cookies.get('evergrant_visit');
    assert.match(cookie?.attributes ?? '', /HttpOnly; SameSite=Strict; Max-Age=43200/);
    assert.ok(!cookie?.value.includes(owner.key));
    assert.doesNotMatch((await server.browser().visit('/')).text, /Summer Shoes/);
    server.test.clock.advance(12 * 3_600_000);
    assert.doesNotMatch((await browser.visit('/')).text, /Summer Shoes/, 'the visit has ended');
  });

  it('is open in the sandbox to this machine only, and not through a proxy or another name', async () => {
    const open = await openTestServer((test) => ({ openDashboardWorkspaceId: test.ctx.workspaceId }));
    try {
      const user = { ...(await open.user()), ctx: open.test.ctx };
      const key = await open.keyFor(open.test.ctx, ['admin']);
      const { call } = user;
      const mine = {
        ...user,
        key,
        expect: owner.expect,
        call: (m: string, p: string, c = {}) => call(m, p, { key, ...c }),
      };
      await mine.call('POST', '/v1/clients', { body: { name: 'Visible Client' } });
      const page = (await open.browser().visit('/')).text;
      assert.match(page, /There are no connections yet/);
      assert.doesNotMatch(page, /Nothing is connected yet/, 'it is said once');
      assert.match((await open.browser({ 'x-forwarded-for': '203.0.113.9' }).visit('/')).text, /API key/);
      assert.match(
        await pageAs(open.url, 'evil.example'),
        /name="api_key"/,
        'a rebound name is no local caller',
      );
    } finally {
      await open.close();
    }
  });
});

/** The page under another host name, as a browser would ask whose DNS was turned. */
function pageAs(url: string, host: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: '/', headers: { host } }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });
}
