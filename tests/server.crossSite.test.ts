import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiUser, openTestServer, prepare, type TestServer } from './support/server.ts';

const ALLOW = { 'x-simulated-consent': 'allow' };
const HOUR_MS = 3_600_000;

let server: TestServer;
let user: ApiUser;
before(async () => {
  server = await openTestServer();
  user = await server.user();
});
after(() => server.close());

async function session(platform = 'snapchat') {
  const { app, client } = await prepare(server, user, platform);
  const body = { client_id: client.id, app_id: app.id };
  return (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
}

/** Signs in at the platform and stops in front of the callback. */
async function upToCallback(browser: ReturnType<TestServer['browser']>, url: string): Promise<URL> {
  const landing = await browser.visit(`${url}/continue`, (to) => !to.includes('/oauth/callback/'));
  return new URL(landing.trail.at(-1) as string);
}

const path = (url: string): string => new URL(url).pathname;

describe('The code of a sign-in', () => {
  it('leaves the address at once, whatever comes of it, and the page that tells of a problem can be loaded again', async () => {
    const { url } = await session();
    const browser = server.browser(ALLOW);
    const callback = await upToCallback(browser, url);
    const state = callback.searchParams.get('state') ?? '';
    const cases = [
      ['another browser', server.browser(), callback.href, 'It was begun in another browser.'],
      ['a denial', browser, `${callback.pathname}?error=access_denied&state=${state}`, 'Access was declined'],
      ['a state used twice', browser, callback.href, 'It was already used.'],
      ['a foreign state', browser, `${callback.pathname}?code=sekret&state=foreign`, 'start from there'],
      ['no state', server.browser(), `${callback.pathname}?code=sekret`, 'start from there'],
      ['an unknown platform', browser, '/oauth/callback/a%2fb?code=sekret&state=x', 'start from there'],
    ] as const;
    for (const [name, visitor, address, words] of cases) {
      const first = await visitor.visit(address, () => false);
      assert.equal(first.status, 303, name);
      assert.equal(first.headers.get('referrer-policy'), 'no-referrer', name);
      assert.equal(first.headers.get('cache-control'), 'no-store', name);
      const clean = first.trail.at(-1) as string;
      for (const secret of ['sekret', state, callback.searchParams.get('code') ?? ''])
        assert.ok(!clean.includes(secret), `${name}: ${clean}`);
      for (let time = 0; time < 2; time += 1) {
        const landed = await visitor.visit(clean);
        assert.equal(landed.status, 400, name);
        assert.ok(landed.text.includes(words), `${name}: ${landed.text.slice(-800)}`);
      }
    }
  });

  it('leaves the address also when the database is away, and where the connection was made', async () => {
    const { url } = await session();
    const browser = server.browser(ALLOW);
    const callback = await upToCallback(browser, url);
    const store = server.test.house.store as { getAttempt: unknown };
    const { getAttempt } = server.test.house.store;
    store.getAttempt = () => Promise.reject(new Error('gone'));
    const broken = await browser
      .visit(callback.href, () => false)
      .finally(() => {
        store.getAttempt = getAttempt;
      });
    assert.match(broken.trail.at(-1) ?? '', /\/problem\?code=internal$/);
    const fine = await browser.visit(callback.href, () => false);
    assert.match(fine.trail.at(-1) ?? '', /\/connected\/ses_/);
  });

  it('leaves a page that offers the link again in the browser that came by it, says only what we sealed, and ends', async () => {
    const { url } = await session();
    const browser = server.browser(ALLOW);
    const callback = await upToCallback(browser, url);
    const state = callback.searchParams.get('state') ?? '';
    const denial = `${callback.pathname}?error=access_denied&state=${state}`;
    const landed = await browser.visit(denial);
    assert.ok(landed.text.includes(`href="${path(url)}"`), 'try again');
    const address = landed.trail.at(-1) as string;
    assert.ok(!(await server.browser().visit(address)).text.includes(path(url)), 'nobody else gets the link');
    const altered = address.replace(/in=.*/, 'in=wsp_x~v1.a.b');
    for (const other of [altered, address.replace(/code=[^&]*/, 'code=__proto__').replace(/in=.*/, '')])
      assert.doesNotMatch((await browser.visit(other)).text, /Access was not allowed at the platform/);
    server.test.clock.advance(HOUR_MS);
    assert.doesNotMatch((await browser.visit(address)).text, /Access was not allowed at the platform/);
  });
});

describe('A page of another site', () => {
  it('cannot lead anybody to a platform: they see first who asks for what', async () => {
    const { url } = await session();
    for (const site of ['cross-site', 'same-site']) {
      const led = await server
        .browser({ 'sec-fetch-site': site })
        .visit(`${path(url)}/continue`, () => false);
      assert.equal(led.status, 303);
      assert.equal(path(led.trail.at(-1) as string), path(url), site);
      assert.deepEqual(led.headers.getSetCookie(), [], 'no trip was begun');
    }
    for (const site of ['same-origin', 'none']) {
      const led = await server
        .browser({ 'sec-fetch-site': site })
        .visit(`${path(url)}/continue`, () => false);
      assert.doesNotMatch(led.trail.at(-1) ?? '', /\/connect\//, site);
    }
  });

  it('sends to the page whom “continue=1” would lead on, who comes from here or from nowhere goes on', async () => {
    const { url } = await session();
    const within = (address: string) => address.includes('/connect/');
    const visit = (site: string) =>
      server.browser({ 'sec-fetch-site': site }).visit(`${path(url)}?continue=1`, within);
    const led = await visit('cross-site');
    assert.equal(led.status, 200);
    assert.equal(path(led.trail.at(-1) as string), path(url));
    assert.deepEqual(led.headers.getSetCookie(), [], 'no trip was begun');
    for (const site of ['same-origin', 'none'])
      assert.doesNotMatch((await visit(site)).trail.at(-1) ?? '', /\/connect\//, site);
  });

  it('cannot send a form to any page here, by either of the headers that browsers write', async () => {
    const { url } = await session('trade-desk');
    const document = await (await fetch(`${server.url}/openapi.json`)).json();
    const posts = Object.entries<Record<string, unknown>>(document.paths)
      .filter(([where, item]) => item.post && !where.startsWith('/v1/'))
      .map(([where]) => where.replace('{token}', path(url).split('/').pop() as string));
    assert.ok(posts.length >= 4, posts.join());
    const foreign: readonly Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: server.test.house.publicUrl },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
    ];
    for (const where of posts) {
      for (const headers of foreign) {
        const refused = await server.browser().submit(where, { api_key: user.key }, headers);
        assert.equal(refused.status, 403, `${where} ${JSON.stringify(headers)}`);
        assert.deepEqual(refused.headers.getSetCookie(), []);
      }
      const own = { origin: server.test.house.publicUrl };
      assert.notEqual((await server.browser().submit(where, { api_key: user.key }, own)).status, 403, where);
    }
  });
});
