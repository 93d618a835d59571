import assert from 'node:assert/strict';
import { connect as connectTo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type ApiUser, connect, openTestServer, prepare, type TestServer } from './support/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as the JSON that they are.
type Loose = any;

let server: TestServer;
let user: ApiUser;

before(async () => {
  server = await openTestServer();
});
after(() => server.close());
beforeEach(async () => {
  user = await server.user();
});

describe('Bad input', () => {
  it('is answered by a problem document that names each member', async () => {
    const cases: readonly (readonly [number, string, string, string, unknown, RegExp])[] = [
      [400, 'invalid_request', 'POST', '/v1/clients', '{"name": ', /JSON/],
      [400, 'invalid_request', 'POST', '/v1/clients', '[]', /./],
      [400, 'invalid_request', 'POST', '/v1/clients', {}, /name: It is needed/],
      [400, 'invalid_request', 'POST', '/v1/clients', { name: 'a\u0000b' }, /name/],
      [
        400,
        'invalid_request',
        'POST',
        '/v1/clients',
        { name: 'x', colour: 'red' },
        /colour: There is no such member/,
      ],
      [400, 'invalid_request', 'POST', '/v1/clients', '{"name":"x","__proto__":{"a":1}}', /JSON/],
      [
        400,
        'invalid_request',
        'GET',
        '/v1/clients?limit=0&colour=red',
        undefined,
        /limit.*colour|colour.*limit/,
      ],
      [400, 'invalid_request', 'GET', '/v1/clients?limit=201', undefined, /limit/],
      [400, 'invalid_request', 'GET', '/v1/connections?state=dead', undefined, /state/],
      [400, 'invalid_request', 'GET', '/v1/connections/x/token?min_ttl=-1', undefined, /min_ttl/],
      [400, 'invalid_request', 'POST', '/v1/connect-sessions', {}, /client_id/],
      [400, 'unknown_platform', 'POST', '/v1/apps', { platform: 'myspace' }, /no platform “myspace”/],
      [400, 'unknown_platform', 'POST', '/v1/diagnose', { platform: 'myspace', status: 400 }, /Known here/],
      [404, 'not_found', 'GET', '/v1/platforms/myspace', undefined, /platform/],
      [404, 'not_found', 'GET', '/v1/clients/%00', undefined, /./],
      [400, 'invalid_request', 'GET', '/v1/clients/%zz', undefined, /./],
      [400, 'invalid_request', 'POST', '/v1/platforms', { id: 'acme' }, /declaration is not valid/],
      [404, 'not_found', 'GET', '/v1/nothing', undefined, /./],
      [404, 'not_found', 'GET', `/v1/clients/${'x'.repeat(3000)}`, undefined, /./],
      [405, 'method_not_allowed', 'PUT', '/v1/clients', { name: 'x' }, /GET/],
      [405, 'method_not_allowed', 'DELETE', '/v1/connections/con_x/token', undefined, /GET/],
      [413, 'body_too_large', 'POST', '/v1/clients', { name: 'x'.repeat(2_000_000) }, /./],
    ];
    for (const [status, code, method, path, body, detail] of cases) {
      const answer = await user.expect(status, method, path, { body });
      assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8', path);
      assert.equal(answer.json.code, code, path);
      assert.equal(answer.json.type, `/problems/${code}`);
      assert.equal(answer.json.status, status);
      assert.match(answer.json.detail, detail, path);
    }
    const wrongType = { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    assert.equal(
      (await user.expect(415, 'POST', '/v1/clients', wrongType)).json.code,
      'unsupported_media_type',
    );
    const named = (await user.expect(400, 'POST', '/v1/api-keys', { body: { scopes: ['god'] } })).json;
    assert.deepEqual(Object.keys(named.errors).sort(), ['name', 'scopes.0']);
  });

  it('is an empty query parameter of whatever kind, but for a cursor', async () => {
    const cases: Readonly<Record<string, readonly string[]>> = {
      '/v1/connections/con_x/token': ['min_ttl'],
      '/v1/connections': ['limit', 'client_id', 'grant_id', 'platform', 'state'],
      '/v1/grants': ['limit', 'app_id', 'state'],
      '/v1/clients': ['limit'],
      '/v1/apps': ['limit'],
      '/v1/activity': ['limit', 'subject', 'action'],
      '/v1/outages': ['limit', 'connection_id', 'open'],
      '/v1/deadlines': ['within_days'],
    };
    for (const [path, names] of Object.entries(cases)) {
      for (const value of ['', '%20']) {
        const given = names.map((name) => `${name}=${value}`).join('&');
        const { json } = await user.expect(400, 'GET', `${path}?${given}`);
        const sentences = names.map((name) => [name, 'It is empty. Give a value, or leave it out.']);
        assert.deepEqual(json.errors, Object.fromEntries(sentences), path);
      }
    }
    for (const list of ['clients', 'activity']) await user.expect(200, 'GET', `/v1/${list}?cursor=`);
    const unknown = (await user.expect(400, 'GET', '/v1/clients?colour=')).json;
    assert.deepEqual(unknown.errors, { colour: 'There is no such query parameter.' });
  });

  it('is text with half a character in it, wherever it stands; only what a platform said is taken as it is', async () => {
    const half = '\ud800';
    const cases: readonly (readonly [string, string, unknown, string])[] = [
      ['POST', '/v1/clients', { name: `${half}abc` }, 'name'],
      ['POST', '/v1/clients', { name: 'x', external_id: `a${half}` }, 'external_id'],
      ['POST', '/v1/api-keys', { name: half, scopes: ['read'] }, 'name'],
      ['POST', '/v1/apps', { platform: 'snapchat', client_secret: `s${half}` }, 'client_secret'],
      ['POST', '/v1/apps', { platform: 'snapchat', settings: { region: half } }, 'settings.region'],
      ['POST', '/v1/apps', { platform: 'snapchat', settings: { [half]: 'x' } }, 'settings.\ufffd'],
      ['POST', '/v1/connect-sessions', { client_id: 'x', scopes: ['a', half] }, 'scopes.1'],
      ['POST', '/v1/platforms', { id: 'acme', name: `Acme ${half}` }, 'name'],
    ];
    for (const [method, path, body, member] of cases) {
      const { json } = await user.expect(400, method, path, { body });
      assert.equal(json.code, 'invalid_request', path);
      assert.match(json.errors[member], /half of a character/, path);
    }
    await user.expect(201, 'POST', '/v1/clients', { body: { name: 'whole: \ud83d\ude00' } });
    const told = { platform: 'snapchat', status: 400, body: `cut off ${half}` };
    await user.expect(200, 'POST', '/v1/diagnose', { body: told });
  });

  it('is a problem document too where no request can be read: a head that is too large, or none at all', async () => {
    const far = await user.expect(431, 'GET', `/v1/clients?cursor=${'x'.repeat(20_000)}`);
    assert.equal(far.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.deepEqual([far.json.code, far.json.status], ['head_too_large', 431]);
    const socket = connectTo(Number(new URL(server.url).port), '127.0.0.1');
    socket.end('no request\r\n\r\n');
    const [head, body] = (await text(socket)).split('\r\n\r\n');
    assert.match(head!, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/);
    assert.equal(JSON.parse(body!).code, 'invalid_request');
  });

  it('takes an empty body where none is needed, whatever its content type', async () => {
    const headers = { 'content-type': 'application/json' };
    const { connectionId } = await connect(server, user, 'snapchat');
    await user.expect(200, 'POST', `/v1/connections/${connectionId}/renew`, { body: '', headers });
  });
});

describe('Idempotency-Key', () => {
  it('answers the same request as the first time, and does nothing twice', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = await user.expect(201, 'POST', '/v1/clients', { body: { name: 'Once' }, headers });
    const again = await user.expect(201, 'POST', '/v1/clients', { body: { name: 'Once' }, headers });
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.equal((await user.expect(200, 'GET', '/v1/clients')).json.data.length, 1);
    const other = await user.expect(409, 'POST', '/v1/clients', { body: { name: 'Other' }, headers });
    assert.equal(other.json.code, 'idempotency_conflict');
    await (await server.user()).expect(201, 'POST', '/v1/clients', { body: { name: 'Other' }, headers });
  });

  it('does the work once when the same request comes many times at once', async () => {
    const headers = { 'idempotency-key': 'race' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => user.call('POST', '/v1/clients', { body: { name: 'Race' }, headers })),
    );
    assert.ok(answers.every(({ status }) => status === 201 || status === 409));
    assert.equal((await user.expect(200, 'GET', '/v1/clients')).json.data.length, 1);
  });

  it('keeps a refusal, but not a fault of ours', async () => {
    const refused = {
      body: { client_id: 'cli_none', platform: 'snapchat' },
      headers: { 'idempotency-key': 'a' },
    };
    await user.expect(404, 'POST', '/v1/connect-sessions', refused);
    const again = await user.expect(404, 'POST', '/v1/connect-sessions', refused);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.equal(again.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    const store = server.test.house.store as { transaction: unknown };
    const whole = store.transaction;
    store.transaction = () => Promise.reject(new Error('away'));
    const lost = { body: { name: 'Later' }, headers: { 'idempotency-key': 'b' } };
    await user.expect(500, 'POST', '/v1/clients', lost);
    store.transaction = whole;
    await user.expect(201, 'POST', '/v1/clients', lost);
  });

  it('begins the work again ten minutes after a process was killed over it, and not before', async () => {
    const { clock, house } = server.test;
    const store = house.store as { finishIdempotent: unknown };
    const whole = store.finishIdempotent;
    store.finishIdempotent = async () => {}; // as if the process had ended after the work
    const call = { body: { name: 'Killed' }, headers: { 'idempotency-key': 'killed' } };
    await user.expect(201, 'POST', '/v1/clients', call);
    store.finishIdempotent = whole;
    clock.advance(9 * 60_000);
    const early = await user.expect(409, 'POST', '/v1/clients', call);
    assert.equal(early.json.code, 'idempotency_conflict');
    clock.advance(60_000);
    const other = await user.expect(409, 'POST', '/v1/clients', { ...call, body: { name: 'Other' } });
    assert.match(other.json.detail, /another request/);
    const answers = await Promise.all([1, 2, 3].map(() => user.call('POST', '/v1/clients', call)));
    assert.equal(
      answers.filter((one) => one.status === 201 && one.headers.get('idempotent-replayed') === null).length,
      1,
    );
    const again = await user.expect(201, 'POST', '/v1/clients', call);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.equal((await user.expect(200, 'GET', '/v1/clients')).json.data.length, 2);
  });

  it('is not begun again while this process works on it, however far its clock is moved', async () => {
    const { clock, house } = server.test;
    const store = house.store as { transaction: unknown };
    const whole = house.store.transaction;
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    store.transaction = async (work: Parameters<typeof whole>[0]) => {
      reached.resolve();
      await gate.promise;
      return whole(work);
    };
    const call = { body: { name: 'Slow' }, headers: { 'idempotency-key': 'slow' } };
    const slow = user.call('POST', '/v1/clients', call);
    await reached.promise;
    clock.advance(3_600_000);
    const meanwhile = await user.call('POST', '/v1/clients', call);
    gate.resolve();
    store.transaction = whole;
    assert.deepEqual([meanwhile.status, (await slow).status], [409, 201]);
  });

  it('keeps a fresh API key sealed', async () => {
    const call = { body: { name: 'k', scopes: ['read'] }, headers: { 'idempotency-key': 'key-1' } };
    const first = await user.expect(201, 'POST', '/v1/api-keys', call);
    assert.equal((await user.expect(201, 'POST', '/v1/api-keys', call)).json.key, first.json.key);
    const kept = await server.test.house.store.beginIdempotent({
      ...{ workspaceId: user.ctx.workspaceId, key: 'key-1', requestHash: '' },
      ...{ status: null, body: null, createdAt: 0 },
    });
    assert.ok(kept?.body && !kept.body.includes(first.json.key));
  });
});

describe('Lists', () => {
  it('come in pages that miss nothing and repeat nothing', async () => {
    for (let index = 0; index < 5; index += 1) {
      await user.expect(201, 'POST', '/v1/clients', { body: { name: `Client ${index}` } });
      server.test.clock.advance(1000);
    }
    for (const path of ['/v1/clients?limit=2', '/v1/activity?limit=2']) {
      const seen: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Loose = (await user.expect(200, 'GET', `${path}&cursor=${cursor}`)).json;
        assert.ok(page.data.length <= 2);
        seen.push(...page.data.map((row: Loose) => row.id ?? row.seq));
        cursor = page.next_cursor;
      }
      assert.ok(seen.length >= 5, path);
      assert.equal(new Set(seen).size, seen.length, path);
    }
  });
});

describe('The service itself', () => {
  it('says whether it is up and ready', async () => {
    await user.expect(200, 'GET', '/healthz', { key: null });
    await user.expect(200, 'GET', '/readyz', { key: null });
    assert.equal((await fetch(`${server.url}/healthz`, { method: 'HEAD' })).status, 200);
    const store = server.test.house.store as { ping: unknown };
    const whole = store.ping;
    store.ping = () => Promise.reject(new Error('away'));
    const away = await user.expect(503, 'GET', '/readyz', { key: null });
    assert.equal(away.json.code, 'temporarily_unavailable');
    await user.expect(200, 'GET', '/healthz', { key: null });
    store.ping = whole;
    await user.expect(404, 'GET', '/metrics', { key: null });
  });

  it('looks up the keys of requests that arrive together in few queries', async () => {
    const store = server.test.house.store as { findApiKeys: (hashes: readonly string[]) => Promise<unknown> };
    const whole = store.findApiKeys;
    let queries = 0;
    store.findApiKeys = (hashes) => {
      queries += 1;
      return whole(hashes);
    };
    const inject = () =>
      server.server.inject({
        url: '/v1/diagnose',
        headers: { authorization: `Bearer ${user.key}` },
        method: 'POST',
        payload: { platform: 'snapchat', status: 500 },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, inject));
    store.findApiKeys = whole;
    assert.ok(answers.every(({ statusCode }) => statusCode === 200));
    assert.ok(queries < 10, `${queries} queries`);
  });
});

describe('Fields', () => {
  it('connect without a page, and are refused by name', async () => {
    const list = (await user.expect(200, 'GET', '/v1/platforms')).json.data;
    const platform = list.find((one: Loose) => one.methods.some((method: Loose) => method.kind === 'fields'));
    const method = platform.methods.find((one: Loose) => one.kind === 'fields').id;
    const { app, client } = await prepare(server, user, platform.id);
    const target = { client_id: client.id, app_id: app.id, method };
    const refused = await user.expect(400, 'POST', '/v1/connections', {
      body: { ...target, fields: { nonsense: 'x' } },
    });
    assert.equal(refused.json.code, 'invalid_fields');
    assert.ok(refused.json.errors.nonsense);
    const fields = await server.test.control('POST', `${platform.id}/fields`, { method });
    const made = await user.expect(201, 'POST', '/v1/connections', { body: { ...target, fields } });
    assert.equal(made.headers.get('location'), `/v1/connections/${made.json.id}`);
    await user.expect(200, 'GET', `/v1/connections/${made.json.id}/token`);
    const gone = await user.expect(200, 'POST', `/v1/connections/${made.json.id}/disconnect`);
    assert.ok(gone.json.at_platform);
    const after = await user.expect(409, 'GET', `/v1/connections/${made.json.id}/token`);
    assert.equal(after.json.code, 'connection_disconnected');
  });
});

describe('A declared platform', () => {
  it('is known to its workspace alone', async () => {
    const body = {
      id: 'acme-ads',
      name: 'Acme Ads',
      declared_on: '2026-11-22',
      endpoints: { authorization: 'https://login.acme.example/a', token: 'https://login.acme.example/t' },
      base_url: 'https://api.acme.example',
      identity: { endpoint: 'token_answer', id_path: 'user.id' },
    };
    const made = await user.expect(201, 'POST', '/v1/platforms', { body });
    assert.equal(made.headers.get('location'), '/v1/platforms/acme-ads');
    const seen = (await user.expect(200, 'GET', '/v1/platforms/acme-ads')).json;
    assert.equal(seen.declared, true);
    assert.match(seen.redirect_uri, /\/oauth\/callback\/acme-ads$/);
    assert.deepEqual(seen, made.json);
    await (await server.user()).expect(404, 'GET', '/v1/platforms/acme-ads');
  });
});
