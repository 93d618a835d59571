import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { adoptGrant } from '../src/app/adoptGrant.ts';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { createHouse } from '../src/app/house.ts';
import { openApp, openGrant } from '../src/app/openGrant.ts';
import { readConfig } from '../src/config.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { Identity } from '../src/platforms/kit/adapter.ts';
import { createServer } from '../src/server/server.ts';
import { type ApiUser, connect, openTestServer, prepare, type TestServer } from './support/server.ts';
import { operations } from './support/serverDocument.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
type Loose = any;

const ALLOW = { 'x-simulated-consent': 'allow' };
const MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
const DAY_MS = 86_400_000;

let server: TestServer;
let user: ApiUser;
before(async () => {
  server = await openTestServer();
  user = await server.user();
});
after(() => server.close());

const tokenOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

async function sessionFor(platform: string, extra: object = {}) {
  const { app, client } = await prepare(server, user, platform);
  const body = { client_id: client.id, app_id: app.id, ...extra };
  return (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
}

/** Signs in at the platform and stops in front of the callback. */
async function upToCallback(browser: ReturnType<TestServer['browser']>, url: string): Promise<URL> {
  const landing = await browser.visit(`${url}/continue`, (to) => !to.includes('/oauth/callback/'));
  return new URL(landing.trail.at(-1) as string);
}

async function reconnectUrl(connectionId: string): Promise<string> {
  return (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json.reconnect_url;
}

async function brokenConnection() {
  const made = await connect(server, user, 'snapchat');
  const [how] = (await server.test.control('GET', 'snapchat')).breaks.filter(
    (one: Loose) => one.shows === 'renew',
  );
  await server.test.control('POST', 'snapchat/break', { how: how.how });
  for (const later of [3_700_000, 600_000]) {
    server.test.clock.advance(later);
    await user.call('GET', `/v1/connections/${made.connectionId}/token`);
  }
  const { json } = await user.expect(200, 'GET', `/v1/connections/${made.connectionId}`);
  assert.equal(json.state, 'expired');
  if (how.can_be_mended) await server.test.control('POST', 'snapchat/mend', { how: how.how });
  return made;
}

describe('The way to a platform', () => {
  it('carries a fresh state, nonce and S256 challenge each time, and no platform is asked for more than a code', async () => {
    for (const { profile, adapter } of PLATFORMS) {
      for (const method of profile.methods.filter((one) => one.kind === 'oauth')) {
        const session = await sessionFor(profile.id, { method: method.id });
        const begun = [];
        for (let trip = 0; trip < 2; trip += 1)
          begun.push(await beginAuthorization(server.test.house, tokenOf(session.url), null));
        const [one, two] = begun.map(({ url }) => new URL(url).searchParams) as [
          URLSearchParams,
          URLSearchParams,
        ];
        const where = `${profile.id} ${method.id}`;
        assert.ok(adapter.methods[method.id]?.authorizeUrl, where);
        assert.notEqual(begun[0]?.state, begun[1]?.state, where);
        assert.equal(one.get('state'), begun[0]?.state, where);
        assert.ok(Buffer.from(begun[0]?.state ?? '', 'base64url').length >= 32, where);
        assert.notEqual(begun[0]?.browserSecret, begun[1]?.browserSecret, where);
        assert.equal(
          one.get('redirect_uri'),
          `${server.test.house.publicUrl}/oauth/callback/${profile.id}`,
          where,
        );
        assert.ok([null, 'code'].includes(one.get('response_type')), where);
        assert.equal(one.get('code_challenge_method'), method.pkce ? 'S256' : null, where);
        assert.equal(one.get('code_challenge')?.length, method.pkce ? 43 : undefined, where);
        if (method.pkce) assert.notEqual(one.get('code_challenge'), two.get('code_challenge'), where);
        if (one.has('nonce')) assert.notEqual(one.get('nonce'), two.get('nonce'), where);
      }
    }
  });

  it('keeps the verifier sealed and the state as a hash only', async () => {
    const session = await sessionFor('google-ads');
    const { state, url, browserSecret } = await beginAuthorization(
      server.test.house,
      tokenOf(session.url),
      null,
    );
    const hash = createHash('sha256').update(state).digest('hex');
    const kept = await server.test.house.store.getAttempt(hash);
    const vault = await server.test.house.vault.forWorkspace(user.ctx.workspaceId);
    const verifier = vault.open(
      { owner: hash, field: 'code_verifier', version: 0 },
      kept?.codeVerifier ?? '',
    );
    assert.ok(Buffer.from(verifier, 'base64url').length >= 32);
    assert.equal(
      new URL(url).searchParams.get('code_challenge'),
      createHash('sha256').update(verifier).digest('base64url'),
    );
    for (const secret of [state, verifier, browserSecret]) assert.ok(!JSON.stringify(kept).includes(secret));
  });

  it('goes back to https, or to this machine', () => {
    for (const [address, fine] of [
      ['http://grants.example.com', false],
      ['http://127.0.0.1.example.com', false],
      ['https://grants.example.com', true],
      ['http://localhost:8080', true],
      ['http://[::1]:8080', true],
    ] as const) {
      assert.equal(readConfig({ EVERGRANT_PUBLIC_URL: address }).ok, fine, address);
    }
  });
});

describe('The way back', () => {
  it('takes no code without its state, though the browser remembers one, and what was begun can still be ended', async () => {
    const session = await sessionFor('snapchat');
    const browser = server.browser(ALLOW);
    const mine = await upToCallback(browser, session.url);
    const other = await sessionFor('snapchat');
    const foreign = (await upToCallback(server.browser(ALLOW), other.url)).searchParams.get('code') ?? '';
    for (const state of ['', '&state=']) {
      const address = `/oauth/callback/snapchat?code=${encodeURIComponent(foreign)}${state}`;
      const refused = await browser.visit(address);
      assert.equal(refused.status, 400);
      assert.match(refused.text, /data-code="state_invalid"/);
    }
    assert.equal((await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json.status, 'open');
    const noted = await user.expect(
      200,
      'GET',
      `/v1/activity?subject=${session.id}&action=connect.state_refused`,
    );
    assert.equal(noted.json.data.length, 1);
    assert.equal((await browser.visit(mine.href)).status, 200);
  });

  it('repeats of an error that stands in the address no more than a name, and nothing that looks like a token', async () => {
    const session = await sessionFor('snapchat');
    const browser = server.browser(ALLOW);
    const { searchParams } = await upToCallback(browser, session.url);
    const error = `${'A1b2C3d4'.repeat(10)} ${MARKUP} ${'long '.repeat(2000)}`;
    const query = new URLSearchParams({ state: searchParams.get('state') ?? '', error });
    const refused = await browser.visit(`/oauth/callback/snapchat?${query}`);
    assert.match(refused.text, /data-code="app_failing"/);
    assert.doesNotMatch(refused.text, /<script|<img|A1b2C3d4/);
    const { detail } = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
    assert.ok(detail.length < 400, `${detail.length} characters`);
  });

  it('overwrites nothing when another id signs in under the same mail address, or when nobody says who it is', async () => {
    const { connectionId } = await connect(server, user, 'snapchat');
    const { house } = server.test;
    const view = await house.store.getConnection(user.ctx.workspaceId, connectionId);
    assert.ok(view?.grant.identity);
    const app = await house.store.getApp(user.ctx.workspaceId, view.grant.appId);
    assert.ok(app);
    const open = await openApp(house, app, view.grant.method);
    const issued = {
      secrets: { access_token: 'foreign' },
      issuedAt: house.now(),
      accessExpiresAt: house.now() + DAY_MS,
      accessExpiryAssumed: false,
    };
    const known = view.grant.identity as Identity;
    for (const identity of [{ ...known, id: 'somebody-else' }, undefined]) {
      const adoption = {
        open,
        issued: { ...issued, ...(identity && { identity }) },
        clientId: view.connection.clientId,
        connectionName: 'x',
        scopes: [],
        before: view,
        allowOtherIdentity: false,
      };
      await assert.rejects(adoptGrant(user.ctx, adoption), { code: 'identity_mismatch' });
    }
    assert.deepEqual(await house.store.getConnection(user.ctx.workspaceId, connectionId), view);
    const noted = await user.expect(200, 'GET', `/v1/activity?action=connect.other_identity_refused`);
    assert.equal(noted.json.data.length, 2);
  });
});

describe('A sign-in of which the platform does not say whose it is', () => {
  it('never writes over the grant of somebody who is known, even where another identity is allowed', async () => {
    const { connectionId } = await connect(server, user, 'snapchat');
    const { house } = server.test;
    const before = (await house.store.getConnection(user.ctx.workspaceId, connectionId))!;
    const app = (await house.store.getApp(user.ctx.workspaceId, before.grant.appId))!;
    const open = await openApp(house, app, before.grant.method);
    const { held } = await openGrant(house, open, before.grant);
    const issued = {
      secrets: held.secrets,
      issuedAt: house.now(),
      accessExpiresAt: house.now() + DAY_MS,
      accessExpiryAssumed: false,
    };
    const { connection, grant } = await adoptGrant(user.ctx, {
      open,
      issued,
      clientId: before.connection.clientId,
      connectionName: 'x',
      scopes: before.grant.facts.scopesRequested,
      before,
      allowOtherIdentity: true,
    });
    assert.equal(connection.id, connectionId);
    assert.notEqual(grant.id, before.grant.id, 'it has a grant of its own');
    assert.equal(grant.identity, null);
    const after = (await house.store.getGrant(user.ctx.workspaceId, before.grant.id))!;
    const kept = ({ secrets, identity, credentialVersion }: typeof after) => [
      secrets,
      identity,
      credentialVersion,
    ];
    assert.deepEqual(kept(after), kept(before.grant));
  });
});

describe('A reconnect link', () => {
  it('outlives renewals, ends with the first new sign-in, and takes others that were opened by it along', async () => {
    const { connectionId } = await brokenConnection();
    const link = await reconnectUrl(connectionId);
    const { house } = server.test;
    const view = await house.store.getConnection(user.ctx.workspaceId, connectionId);
    const claim = { now: house.now(), owner: 'test', leaseMs: 1000 };
    assert.ok(view);
    const held = await house.store.claimGrant(user.ctx.workspaceId, view.grant.id, claim);
    assert.ok(held);
    const { previousOwner: _, ...grant } = held;
    const renewed = { ...grant, credentialVersion: grant.credentialVersion + 1 };
    assert.equal(await house.committer.commit({ grant: renewed, activity: [] }), 'stored');
    const [first, second] = [server.browser(ALLOW), server.browser(ALLOW)];
    const waiting = (await second.visit(link)).trail.at(-1) as string;
    const underWay = await upToCallback(second, waiting);
    server.test.clock.advance(1000);
    assert.equal((await first.visit(`${link}?continue=1`)).status, 200);
    for (const address of [link, waiting, `${waiting}/continue`])
      assert.equal((await second.visit(address)).status, 410, address);
    assert.equal((await second.visit(underWay.href)).status, 400);
  });

  it('opens nothing else, ends after three days, and cannot be altered', async () => {
    const { connectionId } = await brokenConnection();
    const link = await reconnectUrl(connectionId);
    const browser = server.browser(ALLOW);
    assert.equal((await browser.visit(link)).status, 200);
    assert.ok(!browser.cookies.has('evergrant_visit'));
    assert.match((await browser.visit('/')).text, /name="api_key"/);
    const stranger = await server.user();
    const forged = link.replace(user.ctx.workspaceId, stranger.ctx.workspaceId);
    const middle = Math.floor(link.length - 20);
    const altered = `${link.slice(0, middle)}${link[middle] === 'A' ? 'B' : 'A'}${link.slice(middle + 1)}`;
    for (const address of [forged, altered, `${link}A`])
      assert.equal((await browser.visit(address)).status, 410);
    server.test.clock.advance(3 * DAY_MS);
    assert.equal((await browser.visit(link)).status, 410);
  });

  it('that is refused is logged, without the link', async () => {
    const logged = server.test.logged.length;
    await server.browser().visit('/connect/some-secret-link');
    await server.browser().visit('/reconnect/some-secret-link');
    await server.browser().visit('/oauth/callback/meta?state=some-secret-link&code=x');
    const lines = server.test.logged.slice(logged);
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, (fields as Loose).code]),
      [
        ['warn', 'link_expired'],
        ['warn', 'link_expired'],
        ['warn', 'state_invalid'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(lines), /some-secret-link/);
  });
});

describe('Disconnecting', () => {
  it('asks a platform that is busy again, and can be asked for again where it was broken off', async () => {
    const { connectionId } = await connect(server, user, 'snapchat');
    const view = await server.test.house.store.getConnection(user.ctx.workspaceId, connectionId);
    assert.ok(view);
    const holder = { now: server.test.clock.now(), owner: 'other:renew', leaseMs: 60_000 };
    const { store } = server.test.house;
    await store.updateConnection({ ...view.connection, status: 'disconnected', disconnectedAt: holder.now });
    await store.claimGrant(user.ctx.workspaceId, view.grant.id, { ...holder, leaseMs: 1 });
    server.test.clock.advance(10);
    await server.test.control('POST', 'snapchat/fault', {
      kind: 'outage',
      path: '/accounts/oauth2/revoke',
      times: 2,
    });
    const done = await user.expect(200, 'POST', `/v1/connections/${connectionId}/disconnect`);
    await server.test.control('DELETE', 'snapchat/fault');
    assert.equal(done.json.at_platform, 'revoked');
    assert.equal((await store.getGrant(user.ctx.workspaceId, view.grant.id))?.state, 'revoked');
    await user.expect(409, 'POST', `/v1/connections/${connectionId}/disconnect`);
  });
});

describe('A declared platform', () => {
  const declared = (host: string, id: string) => ({
    id,
    name: 'Acme Ads',
    endpoints: { authorization: 'https://login.acme.example/a', token: `https://${host}/t` },
    base_url: 'https://api.acme.example',
    identity: { endpoint: 'token_answer', id_path: 'user.id' },
  });

  it('cannot be led to other hosts once apps rest on it: their tokens would follow', async () => {
    const id = 'acme-moved';
    await user.expect(201, 'POST', '/v1/platforms', { body: declared('login.acme.example', id) });
    await user.expect(201, 'POST', '/v1/platforms', { body: declared('sso.acme.example', id) });
    const app = { platform: id, environment: 'live', client_id: 'c', client_secret: 's' };
    await user.expect(201, 'POST', '/v1/apps', { body: app });
    const refused = await user.expect(409, 'POST', '/v1/platforms', { body: declared('evil.example', id) });
    assert.match(refused.json.detail, /evil\.example/);
    await user.expect(201, 'POST', '/v1/platforms', {
      body: { ...declared('sso.acme.example', id), name: 'Acme' },
    });
    const { hosts } = (await user.expect(200, 'GET', `/v1/platforms/${id}`)).json;
    assert.ok(!hosts.includes('evil.example'));
  });
});

describe('What is shown', () => {
  it('holds names as text, whatever they are made of, on every page', async () => {
    const { workspaceId } = (await server.user(MARKUP)).ctx;
    const key = await server.keyFor({ ...user.ctx, workspaceId }, ['admin']);
    const named: ApiUser = { ...user, ctx: { ...user.ctx, workspaceId }, key, ...keyed(key) };
    const { app, client } = await prepare(server, named, 'snapchat');
    await named.expect(200, 'PATCH', `/v1/clients/${client.id}`, { body: { name: MARKUP } });
    const body = { client_id: client.id, app_id: app.id, name: MARKUP };
    const session = (await named.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const browser = server.browser(ALLOW);
    const pages = [await browser.visit(session.url), await browser.visit(`${session.url}/continue`)];
    await browser.submit('/sign-in', { api_key: key });
    pages.push(await browser.visit('/'));
    for (const page of pages) {
      assert.equal(page.status, 200);
      assert.match(page.text, /&#60;script&#62;/);
      assert.doesNotMatch(page.text, /<script|<img/);
    }
  });

  it('is guarded on every page, those of problems too: nothing from elsewhere, no frame, no referrer, nothing kept', async () => {
    const document = await (await fetch(`${server.url}/openapi.json`)).json();
    const pages = operations(document).filter((one) => one.method === 'GET' && !one.path.startsWith('/v1/'));
    const paths = pages
      .filter(({ operation }) => JSON.stringify(operation.responses).includes('text/html'))
      .map(({ path }) => path.replace(/\{\w+\}/g, 'nothing'));
    assert.ok(paths.length >= 8, paths.join());
    for (const path of [...paths, '/no/such/page']) {
      const { headers } = await fetch(`${server.url}${path}`, {
        headers: { accept: 'text/html' },
        redirect: 'manual',
      });
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(
        policy,
        /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        path,
      );
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
      assert.equal(headers.get('x-frame-options'), 'DENY', path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('cache-control'), 'no-store', path);
    }
  });

  it('leads back to an address that cannot be misread, and names it in the page’s policy as one', async () => {
    const { app, client } = await prepare(server, user, 'snapchat');
    for (const return_url of [
      'javascript:alert(1)',
      'http://product.example',
      'https://user:secret@product.example',
      'https://product.example;script-src',
      'https://a,b.example',
      'http://127.0.0.1@product.example',
      '//product.example',
    ]) {
      const body = { client_id: client.id, app_id: app.id, return_url };
      await user.expect(400, 'POST', '/v1/connect-sessions', { body });
    }
    const session = await sessionFor('snapchat', { return_url: 'https://product.example:8443/a?b=c' });
    const policy = (await server.browser().visit(session.url)).headers.get('content-security-policy');
    assert.match(policy ?? '', /form-action 'self' https:\/\/product\.example:8443;/);
  });

  it('has a place for a token in one answer of the API alone, and for a key in one', async () => {
    const document = await (await fetch(`${server.url}/openapi.json`)).json();
    const found: string[] = [];
    for (const { operation } of operations(document)) {
      const names = new Set<string>();
      memberNames(operation.responses, document, names, new Set());
      const secret = [...names].filter((name) =>
        /token|secret|password|^key$|verifier|assertion|private/i.test(name),
      );
      for (const name of secret) found.push(`${operation.operationId} ${name}`);
    }
    const harmless = /_requested|live_grant/;
    assert.deepEqual(found.filter((one) => !harmless.test(one)).sort(), [
      'createApiKey key',
      'getToken access_token',
    ]);
  });
});

describe('What is kept', () => {
  it('holds nothing from which the body of a request could be guessed', async () => {
    const { house } = server.test;
    const { app, client } = await prepare(server, user, 'trade-desk');
    const body = {
      client_id: client.id,
      app_id: app.id,
      method: 'login',
      fields: { login: 'a', password: 'hunter2' },
    };
    const headers = { 'idempotency-key': 'guess-me' };
    const first = await user.call('POST', '/v1/connections', { body, headers });
    assert.ok(first.status >= 400 && first.status < 500, first.text);
    const fresh = {
      workspaceId: user.ctx.workspaceId,
      key: 'guess-me',
      requestHash: '',
      status: null,
      body: null,
      createdAt: 0,
    };
    const kept = await house.store.beginIdempotent(fresh);
    assert.match(kept?.requestHash ?? '', /^v1\./);
    const again = await user.call('POST', '/v1/connections', { body, headers });
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    const other = { ...body, fields: { login: 'a', password: 'hunter3' } };
    const refused = await user.expect(409, 'POST', '/v1/connections', { body: other, headers });
    assert.equal(refused.json.code, 'idempotency_conflict');
  });
});

describe('A browser’s cookies', () => {
  it('travel over https only where the service is reached by it, and never to scripts', async () => {
    const { house } = server.test;
    const parts = { ...house, spool: server.test.spool, publicUrl: 'https://grants.example' };
    const secure = createServer(createHouse(parts));
    try {
      const session = await sessionFor('snapchat');
      const answer = await secure.inject(`/connect/${tokenOf(session.url)}/continue`);
      const cookies = [answer.headers['set-cookie']].flat();
      assert.equal(cookies.length, 3);
      for (const cookie of cookies)
        assert.match(String(cookie), /; HttpOnly; SameSite=Lax; Max-Age=3600; Secure$/);
    } finally {
      await secure.close();
    }
  });

  it('show the page to nobody once the key behind them was revoked, or a letter of them was changed', async () => {
    const made = (
      await user.expect(201, 'POST', '/v1/api-keys', { body: { name: 'visit', scopes: ['read'] } })
    ).json;
    const browser = server.browser();
    assert.doesNotMatch((await browser.submit('/sign-in', { api_key: made.key })).text, /name="api_key"/);
    const value = browser.cookies.get('evergrant_visit')?.value ?? '';
    const see = async (cookie: string) =>
      (await fetch(`${server.url}/`, { headers: { cookie: `evergrant_visit=${cookie}` } })).text();
    assert.doesNotMatch(await see(value), /name="api_key"/);
    const letter = value.at(-9) === 'A' ? 'B' : 'A';
    for (const wrong of [
      `${value.slice(0, -9)}${letter}${value.slice(-8)}`,
      `${value}A`,
      value.split('~')[1],
      '~',
      'wsp_x~v1.a.b',
    ])
      assert.match(await see(wrong ?? ''), /name="api_key"/, wrong);
    await user.expect(204, 'DELETE', `/v1/api-keys/${made.id}`);
    assert.match(await see(value), /name="api_key"/);
  });
});

describe('Input that means harm', () => {
  it('is the sender’s mistake, never a fault of ours', async () => {
    const deep = `{"platform":"meta","endpoint":"api","status":400,"body":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const cases = [
      ['POST', '/v1/diagnose', deep],
      ['POST', '/v1/clients', '{"__proto__":{"admin":true},"name":"x"}'],
      ['POST', '/v1/clients', '{"name":"x","constructor":{"prototype":{}}}'],
      ['POST', '/v1/clients', '"'.concat('\\"'.repeat(300_000))],
      ['GET', '/v1/connections?__proto__=1', undefined],
      ['GET', '/v1/connections?limit=1&limit=2', undefined],
      ['GET', '/v1/connections?cursor=%00', undefined],
    ] as const;
    for (const [method, path, body] of cases) {
      const answer = await user.expect(400, method, path, { body });
      assert.equal(answer.json.code, 'invalid_request', path);
    }
    for (const path of [
      '/v1/platforms/__proto__',
      '/v1/connections/..%2f..',
      '/v1/connections/%00',
      '//evil.example/',
    ])
      assert.equal((await user.call('GET', path)).status, 404, path);
    const nested = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`;
    const fine = { platform: 'meta', endpoint: 'api', status: 400, body: JSON.parse(nested) };
    await user.expect(200, 'POST', '/v1/diagnose', { body: fine });
  });
});

/** The calls of a user, with another key. */
function keyed(key: string): Pick<ApiUser, 'call' | 'expect'> {
  return {
    call: (method, path, call) => user.call(method, path, { key, ...call }),
    expect: (status, method, path, call) => user.expect(status, method, path, { key, ...call }),
  };
}

/** The names of all members that a schema declares, through its references. */
function memberNames(node: Loose, document: Loose, names: Set<string>, seen: Set<unknown>): void {
  if (typeof node !== 'object' || node === null || seen.has(node)) return;
  seen.add(node);
  for (const [name, value] of Object.entries(node)) {
    if (name === 'examples' || name === 'example') continue;
    if (name === 'properties')
      for (const [member, { type }] of Object.entries<Loose>(value as object))
        if (type !== 'boolean') names.add(member);
    if (name === '$ref') {
      const path = String(value).slice(2).split('/');
      const target = path.reduce<Loose>((here, key) => here?.[key], document);
      memberNames(target, document, names, seen);
    } else memberNames(value, document, names, seen);
  }
}
