import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiUser, connect, openTestServer, prepare, type TestServer } from './support/server.ts';

let server: TestServer;

before(async () => {
  server = await openTestServer();
});
after(() => server.close());

const DENY = { 'x-simulated-consent': 'deny' };
const ALLOW = { 'x-simulated-consent': 'allow' };

async function breakSnapchat(how = 'revoked_by_user'): Promise<void> {
  await server.test.control('POST', 'snapchat/break', { how });
}

/** Renews until a person is needed: the verdict wants a second look. */
async function renewUntilBroken(user: ApiUser, connectionId: string) {
  for (let round = 0; round < 4; round += 1) {
    const answer = await user.call('POST', `/v1/connections/${connectionId}/renew`);
    if (answer.status === 409) return answer;
    server.test.clock.advance(2 * 3_600_000);
  }
  throw new Error('It is never found broken.');
}

describe('The life of a connection over HTTP', () => {
  it('connects, hands out a token, sees the loss, and is mended with the same ids', async () => {
    const user = await server.user('Bright Agency');
    const { connectionId, landed } = await connect(server, user, 'snapchat');
    assert.match(landed.text, /Snapchat Ads is connected/);
    const before = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    assert.equal(before.state, 'active');
    assert.equal(before.reconnect_url, null);
    const token = (await user.expect(200, 'GET', `/v1/connections/${connectionId}/token?min_ttl=60`)).json;
    assert.ok(token.access_token.length > 20);
    assert.match(
      token.base_url,
      /^http:\/\/127\.0\.0\.1:\d+\/adsapi\.snapchat\.com\/v1$/,
      'the simulated platform’s address',
    );

    await breakSnapchat();
    const broken = await renewUntilBroken(user, connectionId);
    assert.equal(broken.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.equal(broken.json.code, 'reauthorization_required');
    assert.ok(broken.json.cause && broken.json.remedy && broken.json.since && broken.json.who);
    const asked = await user.expect(409, 'GET', `/v1/connections/${connectionId}/token?min_ttl=60`);
    assert.equal(asked.json.code, 'reauthorization_required');

    const landing = await server.browser(ALLOW).visit(`${asked.json.reconnect_url}?continue=1`);
    assert.match(landing.text, /Snapchat Ads is reconnected/);
    const mended = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    assert.equal(mended.state, 'active');
    assert.equal(mended.grant_id, before.grant_id);
    const fresh = (await user.expect(200, 'GET', `/v1/connections/${connectionId}/token`)).json;
    assert.notEqual(fresh.access_token, token.access_token);
    const outages = (await user.expect(200, 'GET', `/v1/outages?connection_id=${connectionId}`)).json.data;
    assert.equal(outages.length, 1);
    assert.ok(outages[0].ended_at);
    assert.equal((await user.expect(200, 'GET', '/v1/activity/verify')).json.intact, true);
    const again = await server.browser().visit(asked.json.reconnect_url);
    assert.equal(again.status, 410, 'a reconnect link serves once');
  });

  it('leads a person through the page, and the code does not stay in the address', async () => {
    const user = await server.user('Bright <Agency>');
    const { app, client } = await prepare(server, user, 'snapchat');
    const body = { client_id: client.id, app_id: app.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const browser = server.browser(ALLOW);
    const page = await browser.visit(session.url);
    assert.equal(page.status, 200);
    assert.match(page.text, /Bright &#60;Agency&#62;/);
    assert.match(page.text, /Summer Shoes/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(page.headers.get('x-frame-options'), 'DENY');
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.doesNotMatch(page.text, /<script|https?:\/\/(?!127)/);
    const link = /href="(\/connect\/[^"]+\/continue)"/.exec(page.text)?.[1] as string;
    const landed = await browser.visit(link);
    assert.equal(landed.status, 200);
    assert.match(landed.trail.at(-1) as string, /\/connected\/ses_/);
    assert.doesNotMatch(landed.trail.at(-1) as string, /code=|state=/);
    assert.match(
      browser.cookies.get('evergrant_browser')?.attributes ?? '',
      /HttpOnly; SameSite=Lax; Max-Age=3600/,
    );
    const done = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
    assert.equal(done.status, 'completed');
    const over = await server.browser().visit(session.url);
    assert.equal(over.status, 410, 'the link served once');
    assert.match(over.text, /the connection is made, and nothing is left to do/);
  });

  it('leads back to the integrator with the outcome where a return address was given', async () => {
    const user = await server.user();
    const { app, client } = await prepare(server, user, 'snapchat');
    const body = { client_id: client.id, app_id: app.id, return_url: 'https://product.example/done?tab=1' };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const landed = await server
      .browser(ALLOW)
      .visit(`${session.url}/continue`, (location) => !location.startsWith('https://product.example'));
    const back = new URL(landed.trail.at(-1) as string);
    assert.equal(back.origin + back.pathname, 'https://product.example/done');
    assert.equal(back.searchParams.get('tab'), '1');
    assert.equal(back.searchParams.get('status'), 'completed');
    assert.match(back.searchParams.get('connection_id') ?? '', /^con_/);
  });
});

describe('A sign-in that goes wrong', () => {
  async function started(user: ApiUser, extra: object = {}) {
    const { app, client } = await prepare(server, user, 'snapchat');
    const body = { client_id: client.id, app_id: app.id, ...extra };
    return (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
  }

  /** Goes to the platform and stops in front of the callback. */
  async function upToCallback(browser: ReturnType<TestServer['browser']>, url: string): Promise<string> {
    const landing = await browser.visit(
      `${url}/continue`,
      (location) => !location.includes('/oauth/callback/'),
    );
    return landing.trail.at(-1) as string;
  }

  it('tells of a denied consent, keeps its cause, and can be tried again', async () => {
    const user = await server.user();
    const session = await started(user);
    const browser = server.browser(DENY);
    const denied = await browser.visit(`${session.url}/continue`);
    assert.equal(denied.status, 400);
    assert.match(denied.text, /data-code="consent_denied"/);
    assert.match(denied.text, new RegExp(`href="/connect/${session.url.split('/').at(-1)}"`));
    const seen = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
    assert.equal(seen.status, 'open');
    assert.ok(seen.cause && seen.detail);
    const landed = await server.browser(ALLOW).visit(`${session.url}/continue`);
    assert.equal(landed.status, 200);
  });

  it('leaves the old connection as it was when a reconnect is denied', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'snapchat');
    const before = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    const body = { connection_id: connectionId };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    await server.browser(DENY).visit(`${session.url}/continue`);
    assert.deepEqual((await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json, before);
    await user.expect(200, 'GET', `/v1/connections/${connectionId}/token`);
  });

  it('refuses a state that was used, and logs it', async () => {
    const user = await server.user();
    const session = await started(user);
    const browser = server.browser(ALLOW);
    const callback = await upToCallback(browser, session.url);
    assert.equal((await browser.visit(callback)).status, 200);
    const again = await browser.visit(callback);
    assert.equal(again.status, 400);
    assert.match(again.text, /data-code="state_invalid"/);
    const rows = (await user.expect(200, 'GET', `/v1/activity?subject=${session.id}`)).json.data;
    assert.ok(rows.some((row: { action: string }) => row.action === 'connect.state_refused'));
  });

  it('refuses a state that took too long', async () => {
    const user = await server.user();
    const session = await started(user);
    const browser = server.browser(ALLOW);
    const callback = await upToCallback(browser, session.url);
    server.test.clock.advance(31 * 60_000);
    assert.match((await browser.visit(callback)).text, /data-code="state_invalid"/);
  });

  it('refuses a state in another browser, and one of another platform', async () => {
    const user = await server.user();
    const session = await started(user);
    const browser = server.browser(ALLOW);
    const callback = await upToCallback(browser, session.url);
    assert.match((await server.browser().visit(callback)).text, /data-code="state_invalid"/);
    assert.match(
      (await browser.visit(callback.replace('/snapchat', '/meta'))).text,
      /data-code="state_invalid"/,
    );
    assert.equal((await browser.visit(callback)).status, 200, 'the right browser still gets through');
  });

  it('refuses a callback that nobody began', async () => {
    const landing = await server.browser().visit('/oauth/callback/snapchat?code=x&state=y');
    assert.equal(landing.status, 400);
    assert.doesNotMatch(landing.text, /Try again/);
  });

  it('refuses somebody else on a reconnect, names both, and changes nothing', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'snapchat');
    const before = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    const body = { connection_id: connectionId };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const { people } = (await server.test.control('GET', 'snapchat')) as {
      people: { id: string; name: string }[];
    };
    const other = people.find(({ id }) => id !== before.identity.id) as { id: string; name: string };
    const browser = server.browser({ ...ALLOW, 'x-simulated-person': other.id });
    const refused = await browser.visit(`${session.url}/continue`);
    assert.equal(refused.status, 409);
    assert.ok(refused.text.includes(before.identity.name) && refused.text.includes(other.name));
    assert.deepEqual((await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json, before);
  });

  it('refuses to lead to an address that is not https', async () => {
    const user = await server.user();
    const { client } = await prepare(server, user, 'snapchat');
    for (const return_url of ['http://evil.example/', 'javascript:alert(1)', '//evil.example', 'nonsense']) {
      const body = { client_id: client.id, platform: 'snapchat', return_url };
      const refused = await user.expect(400, 'POST', '/v1/connect-sessions', { body });
      assert.match(refused.json.detail, /https/);
    }
  });

  it('shows a form again with what was wrong, but never a secret', async () => {
    const user = await server.user();
    const client = (await user.expect(201, 'POST', '/v1/clients', { body: { name: 'A' } })).json;
    const list = (await user.expect(200, 'GET', '/v1/platforms')).json.data;
    const platform = list.find((one: { methods: { kind: string }[] }) =>
      one.methods.some(({ kind }) => kind === 'fields'),
    );
    const method = platform.methods.find(({ kind }: { kind: string }) => kind === 'fields');
    const { app } = await prepare(server, user, platform.id);
    const body = { client_id: client.id, app_id: app.id, method: method.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const browser = server.browser();
    assert.match(
      (await browser.visit(`${session.url}/continue`)).trail.at(-1) as string,
      /\/connect\/[^/]+$/,
      'no sign-in here',
    );
    const secrets = Object.fromEntries(
      method.fields.map(({ id, secret }: { id: string; secret: boolean }) => [
        id,
        secret ? 'canary-5ecret-value' : '',
      ]),
    );
    const again = await browser.submit(`${session.url}/fields`, secrets);
    assert.equal(again.status, 400);
    assert.match(again.text, /role="alert"/);
    assert.doesNotMatch(again.text, /canary-5ecret-value/);
    const given = await server.test.control('POST', `${platform.id}/fields`, { method: method.id });
    const landed = await browser.submit(`${session.url}/fields`, given);
    assert.equal(landed.status, 200, landed.text.slice(0, 600));
    assert.match(landed.text, /is connected/);
  });

  it('refuses a form that was sent from another site', async () => {
    const refused = await server
      .browser()
      .submit('/sign-in', { api_key: 'x' }, { 'sec-fetch-site': 'cross-site' });
    assert.equal(refused.status, 403);
  });
});
