import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '../src/config.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../src/core/instant.ts';
import { type Running, startEvergrant } from '../src/main.ts';
import { openTestServer } from './support/server.ts';
import { Browser } from './support/serverBrowser.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
type Loose = any;

const folder = mkdtempSync(join(tmpdir(), 'evergrant-clock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function start(environment: Readonly<Record<string, string>> = {}): Promise<Running> {
  const reading = readConfig({
    EVERGRANT_SANDBOX: 'on',
    PORT: '0',
    EVERGRANT_SANDBOX_PORT: '0',
    EVERGRANT_DATA_DIR: folder,
    EVERGRANT_LOG_LEVEL: 'silent',
    ...environment,
  });
  assert.ok(reading.ok);
  return startEvergrant(reading.config);
}

describe('the clock of a sandbox', () => {
  let running: Running;
  before(async () => {
    running = await start();
  });
  after(() => running?.close());

  async function call(method: string, path: string, body?: unknown, key?: string) {
    const headers: Record<string, string> = { authorization: `Bearer ${running.apiKey}` };
    if (key !== undefined) headers['idempotency-key'] = key;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${running.url}${path}`, init);
    const text = await answer.text();
    const isReplay = answer.headers.get('idempotent-replayed') === 'true';
    return { status: answer.status, json: (text === '' ? null : JSON.parse(text)) as Loose, isReplay };
  }

  async function expect(
    status: number,
    method: string,
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<Loose> {
    const answer = await call(method, path, body, key);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  /** Moves it, and waits until it is there. */
  async function forward(body: { by: string } | { to: string }, key?: string): Promise<Loose> {
    let clock = await expect(200, 'POST', '/v1/clock/forward', body, key);
    while (clock.move.state === 'under_way') {
      await new Promise((resolve) => setTimeout(resolve, 200));
      clock = await expect(200, 'GET', '/v1/clock');
    }
    assert.equal(clock.move.state, 'done');
    return clock;
  }

  const connections = async (): Promise<Loose[]> =>
    (await expect(200, 'GET', '/v1/connections?limit=200')).data;

  /** The log's rows, oldest first. */
  async function activity(query: string): Promise<Loose[]> {
    const rows: Loose[] = [];
    for (let cursor = ''; ; ) {
      const page = await expect(200, 'GET', `/v1/activity?limit=200&${query}${cursor}`);
      rows.push(...page.data);
      if (page.next_cursor === null) return rows.reverse();
      cursor = `&cursor=${page.next_cursor}`;
    }
  }

  const liveApp = { platform: 'snapchat', environment: 'live', client_id: 'one', client_secret: 'two' };

  it('is the real one until somebody touches it, and cannot be touched beside a live app', async () => {
    const clock = await expect(200, 'GET', '/v1/clock');
    assert.equal(clock.touched, false);
    assert.ok(Math.abs(Date.parse(clock.now) - Date.now()) < 60_000);
    const app = await expect(201, 'POST', '/v1/apps', liveApp);
    for (const verb of ['freeze', 'resume', 'forward']) {
      const body = verb === 'forward' ? { by: '1d' } : undefined;
      const refused = await expect(409, 'POST', `/v1/clock/${verb}`, body);
      assert.equal(refused.code, 'clock_fixed');
      assert.match(refused.detail, /live app.*Delete the live app, or use an instance/);
    }
    const beside = await expect(200, 'GET', '/v1/clock');
    assert.equal(beside.touched, false);
    assert.match(beside.fixed_reason, /live app.*Delete the live app/, 'whoever looks at it is told too');
    await expect(204, 'DELETE', `/v1/apps/${app.id}`);
  });

  it('names what a move can go to, where it is asked for something else', async () => {
    const { detail, errors } = await expect(400, 'POST', '/v1/clock/forward', { to: 'next-renewal' });
    assert.match(JSON.stringify([detail, errors]), /next_renewal.*next_deadline.*2027-/);
  });

  it('stands still when it is frozen, for the service and its platforms', async () => {
    const { now, state } = await expect(200, 'POST', '/v1/clock/freeze');
    assert.equal(state, 'frozen');
    const atPlatform = () => fetch(`${running.sandboxUrl}/`).then(({ headers }) => headers.get('date'));
    const before = await atPlatform();
    assert.equal(Date.parse(before ?? ''), Math.floor(Date.parse(now) / 1000) * 1000);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal((await expect(200, 'GET', '/v1/clock')).now, now);
    assert.equal(await atPlatform(), before);
  });

  it('refuses a live app from then on, and says what to do', async () => {
    const refused = await expect(409, 'POST', '/v1/apps', liveApp);
    assert.equal(refused.code, 'clock_moved');
    assert.match(refused.detail, /another EVERGRANT_DATA_DIR/);
    const { data } = await expect(200, 'GET', '/v1/apps?limit=200');
    assert.ok(data.every((app: Loose) => app.environment === 'sandbox'));
  });

  let afterADay = '';

  it('moved by a day renews every grant of an hour at its time, in order, and nothing ends unnoticed', async () => {
    const before = await connections();
    const clock = await forward({ by: '1d' }, 'a-day');
    afterADay = clock.now;
    assert.equal(Date.parse(clock.now), Date.parse(clock.move.from) + DAY_MS);
    assert.equal(clock.state, 'frozen', 'it stands still again');

    const rows = (await activity('')).filter(({ at }) => at > clock.move.from);
    const times = rows.map(({ at }) => at);
    assert.deepEqual(times, times.toSorted(), 'in order of time');
    const renewals = rows.filter(({ action }) => action === 'grant.renewed');
    assert.equal(renewals.length, clock.move.renewals);

    const hourly = before.filter((one) => {
      const life = Date.parse(one.access_expires_at) - Date.parse(one.created_at);
      return ['active', 'degraded'].includes(one.state) && Math.abs(life - HOUR_MS) < 60_000;
    });
    assert.ok(hourly.length >= 6, `${hourly.length} of an hour`);
    for (const { grant_id, platform } of hourly) {
      const at = renewals
        .filter(({ subjects }) => subjects.includes(grant_id))
        .map((row) => Date.parse(row.at));
      for (const [index, moment] of at.entries()) {
        const gap = moment - (at[index - 1] ?? moment - 2_400 * SECOND_MS);
        assert.ok(gap >= 2_200 * SECOND_MS && gap <= 2_401 * SECOND_MS, `${platform}: after ${gap} ms`);
      }
      const last = at.at(-1)!;
      const gap = at[1]! - at[0]!;
      assert.ok(
        at[0]! - Date.parse(clock.move.from) <= 2_401 * SECOND_MS &&
          Date.parse(clock.now) - last < gap + 1_000,
      );
      assert.ok(at.length >= 35 && at.length <= 39, `${platform}: ${at.length} times`);
    }

    for (const one of await connections()) {
      const was = before.find(({ id }) => id === one.id);
      const doubted = was.state === 'suspect' && one.state === 'expired';
      assert.ok(one.state === was.state || doubted, `${one.platform}: ${was.state}, now ${one.state}`);
      if (was.state === 'active') assert.ok(one.has_working_token, one.platform);
    }
    const { data: outages } = await expect(200, 'GET', '/v1/outages?limit=200');
    assert.ok(
      outages.every((outage: Loose) => outage.started_at < clock.move.from),
      'no outage on the way',
    );
  });

  it('hands out a token afterwards that the platform takes, with its end by the same clock', async () => {
    const one = (await connections()).find(({ platform }) => platform === 'snapchat');
    const { now } = await expect(200, 'GET', '/v1/clock');
    const token = await expect(200, 'GET', `/v1/connections/${one.id}/token`);
    const left = Date.parse(token.expires_at) - Date.parse(now);
    assert.ok(left > 0 && left <= HOUR_MS, `${left} ms`);
    const headers = { authorization: `Bearer ${token.access_token}` };
    assert.equal((await fetch(`${running.sandboxUrl}/adsapi.snapchat.com/v1/me`, { headers })).status, 200);
  });

  it('goes to the next renewal, and that is done', async () => {
    const planned = (await connections()).map((one) => one.next_renewal_at).filter(Boolean);
    const before = await expect(200, 'GET', '/v1/clock');
    assert.equal(before.next_renewal.at, planned.toSorted()[0]);
    const clock = await forward({ to: 'next_renewal' });
    assert.equal(clock.now, before.next_renewal.at);
    const [last] = (await expect(200, 'GET', '/v1/activity?limit=1&action=grant.renewed')).data;
    assert.equal(last.at, clock.now);
    assert.deepEqual(last.subjects, [before.next_renewal.grant_id]);
    assert.ok(clock.next_renewal.at > clock.now);
  });

  it('is moved once by a request with an Idempotency-Key, which is answered as before when that day is over', async () => {
    await forward({ by: '2h' });
    const { now } = await expect(200, 'GET', '/v1/clock');
    const again = await call('POST', '/v1/clock/forward', { by: '1d' }, 'a-day');
    assert.deepEqual([again.status, again.isReplay, again.json.move.to], [200, true, afterADay]);
    assert.equal((await expect(200, 'GET', '/v1/clock')).now, now, 'it stands where it stood');
  });

  it('takes one move at a time, shows how far it is, and stops on request', async () => {
    const moved = call('POST', '/v1/clock/forward', { by: '30d' });
    let clock = await expect(200, 'GET', '/v1/clock');
    while (!(clock.move.state === 'under_way' && clock.move.share > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      clock = await expect(200, 'GET', '/v1/clock');
    }
    assert.ok(clock.move.share < 1);
    for (const [path, body] of [['forward', { by: '1h' }], ['freeze'], ['resume']] as const) {
      const refused = await expect(409, 'POST', `/v1/clock/${path}`, body);
      assert.equal(refused.code, 'clock_moving');
    }
    const answer = await fetch(`${running.url}/clock`);
    const page = await answer.text();
    assert.match(page, /<progress value="0\.\d+" max="1"/);
    const until = `${clock.move.to.slice(0, 10)} ${clock.move.to.slice(11, 16)} UTC`;
    const told = new RegExp(
      `<span class="state good">moving</span> \\d+ % of the way to ${until}, \\d+ \\w+ to go;`,
    );
    assert.match(page, told, 'that it moves, how far it is, and until when');
    assert.doesNotMatch(page, />frozen<|http-equiv/);
    assert.equal(answer.headers.get('refresh'), null, 'it is loaded again for those alone who ask for it');
    const followed = await fetch(`${running.url}/clock?follow=1`);
    assert.equal(followed.headers.get('refresh'), '2');
    assert.match(await followed.text(), /href="\/clock">Stop reloading</);
    const stopped = await expect(200, 'POST', '/v1/clock/stop');
    assert.equal(stopped.move.state, 'stopped');
    assert.equal(stopped.now, stopped.move.at);
    const after = await fetch(`${running.url}/clock?follow=1`);
    assert.equal(after.headers.get('refresh'), null);
    assert.match(await after.text(), /<span class="state warn">frozen<\/span>/);
    assert.ok(stopped.now < stopped.move.to);
    await moved;
  });

  it('never goes back, nor further than 400 days at once', async () => {
    const { now } = await expect(200, 'GET', '/v1/clock');
    const wrong = [
      { to: new Date(Date.parse(now) - 1).toISOString() },
      { by: '0d' },
      { by: '401d' },
      { by: 'a while' },
      { to: 'yesterday' },
      { by: '1d', to: 'next_renewal' },
      {},
    ];
    for (const body of wrong) {
      const refused = await expect(400, 'POST', '/v1/clock/forward', body);
      assert.equal(refused.code, 'invalid_request', JSON.stringify(body));
    }
    assert.equal((await expect(200, 'GET', '/v1/clock')).now, now);
  });

  it('is moved on its page too, which leads there from /', async () => {
    const browser = new Browser(running.url, running.url, {});
    const { text } = await browser.visit('/');
    const ways = text.slice(text.indexOf('<nav'), text.indexOf('</nav>'));
    for (const address of ['/clock', '/docs', running.sandboxUrl])
      assert.ok(ways.includes(`<a href="${address}">`), `${address}: ${ways}`);
    const platforms = await (await fetch(running.sandboxUrl ?? '')).text();
    assert.ok(platforms.includes(`<a href="${running.url}/">Connections</a>`), 'and back');
    const before = Date.parse((await expect(200, 'GET', '/v1/clock')).now);
    const page = await browser.submit('/clock', { do: 'by', by: '10m' });
    assert.equal(page.status, 200);
    const { now } = await forward({ by: '1s' });
    assert.equal(Date.parse(now), before + 601_000);
    const wrong = await browser.submit('/clock', { do: 'by', by: 'soon' });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /A span is a number and a unit/);
    assert.match(
      wrong.text,
      /<input id="by" name="by" value="soon"/,
      'what was written is there to be corrected',
    );
    const far = await browser.submit('/clock', { do: 'by', by: '401d' });
    assert.match(far.text, /One move goes 400 days at most.*value="401d"/s);
    const foreign = await browser.submit('/clock', { do: '1d' }, { 'sec-fetch-site': 'cross-site' });
    assert.equal(foreign.status, 403);
    assert.equal((await expect(200, 'GET', '/v1/clock')).now, now);
  });

  it('is kept over a restart, frozen as it was, and the tokens live on', async () => {
    const { now } = await expect(200, 'GET', '/v1/clock');
    const apiKey = running.apiKey;
    await running.close();
    running = await start();
    assert.equal(running.apiKey, apiKey);
    const clock = await expect(200, 'GET', '/v1/clock');
    assert.deepEqual([clock.now, clock.state, clock.touched], [now, 'frozen', true]);
    const one = (await connections()).find(({ platform }) => platform === 'snapchat');
    const token = await expect(200, 'GET', `/v1/connections/${one.id}/token`);
    const headers = { authorization: `Bearer ${token.access_token}` };
    assert.equal((await fetch(`${running.sandboxUrl}/adsapi.snapchat.com/v1/me`, { headers })).status, 200);
    assert.equal((await expect(200, 'POST', `/v1/connections/${one.id}/renew`)).outcome, 'renewed');
  });

  it('goes to the next deadline, where a token of 60 days that nothing renews has expired', async () => {
    // What renews every hour would make it a matter of minutes.
    const all = (await connections()).filter(({ state }) => state !== 'expired');
    const chosen = all.find(({ method }) => method === 'user_login_without_refresh');
    for (const one of all.filter(({ id }) => id !== chosen.id))
      await expect(200, 'POST', `/v1/connections/${one.id}/disconnect`, { confirm: true });
    const before = await expect(200, 'GET', '/v1/clock');
    assert.equal(before.next_deadline.at, chosen.access_expires_at);
    assert.equal(before.next_renewal, null);
    assert.equal((await expect(404, 'POST', '/v1/clock/forward', { to: 'next_renewal' })).code, 'not_found');
    const clock = await forward({ to: 'next_deadline' });
    assert.equal(Date.parse(clock.now), Date.parse(chosen.access_expires_at) + 60_000, 'a minute past it');
    const after = await expect(200, 'GET', `/v1/connections/${chosen.id}`);
    assert.equal(after.state, 'expired');
    const { data } = await expect(200, 'GET', `/v1/outages?connection_id=${chosen.id}`);
    assert.equal(data[0].started_at, chosen.access_expires_at);
    assert.equal(clock.next_deadline, null);
  });

  it('does not sign out who moves it on the page, and asks for a key that may', async () => {
    const browser = new Browser(running.url, running.url, { 'x-forwarded-for': '192.0.2.1' });
    assert.match(
      (await browser.visit('/clock')).text,
      /<input id="api_key"/,
      'through a proxy nobody is known',
    );
    const { key } = await expect(201, 'POST', '/v1/api-keys', { name: 'looks', scopes: ['read'] });
    await browser.submit('/sign-in', { api_key: key });
    assert.match((await browser.visit('/clock')).text, /Next renewal/);
    assert.equal((await browser.submit('/clock', { do: '1h' })).status, 403);
    await browser.submit('/sign-in', { api_key: running.apiKey! });
    await browser.submit('/clock', { do: '1d' });
    await expect(200, 'POST', '/v1/clock/stop');
    await forward({ by: '11h' });
    assert.match((await browser.visit('/clock')).text, /Next renewal/);
    await forward({ by: '2d' });
    assert.match(
      (await browser.visit('/clock')).text,
      /<input id="api_key"/,
      'in the end it is over, as in life',
    );
  });

  it('runs on from where it stands, ahead of the real time, also after a restart', async () => {
    const { now } = await expect(200, 'GET', '/v1/clock');
    const { state, ahead_seconds } = await expect(200, 'POST', '/v1/clock/resume');
    assert.equal(state, 'running');
    assert.ok(ahead_seconds > 50 * 86_400);
    await running.close();
    running = await start();
    const clock = await expect(200, 'GET', '/v1/clock');
    assert.equal(clock.state, 'running');
    assert.ok(clock.now > now && Math.abs(clock.ahead_seconds - ahead_seconds) <= 1);
    const later = await forward({ by: '1h' });
    assert.equal(later.state, 'running');
    assert.ok(Date.parse(later.now) >= Date.parse(clock.now) + HOUR_MS);
  });

  it('keeps its data a sandbox of one process: any other start is refused in words', async () => {
    await running.close();
    const refused = /clock of the sandbox in .* was frozen or moved.*another EVERGRANT_DATA_DIR/;
    await assert.rejects(start({ EVERGRANT_SANDBOX: 'off' }), refused);
    await assert.rejects(start({ DATABASE_URL: 'postgres://127.0.0.1:1/none' }), refused);
    const path = join(folder, 'sandbox.clock');
    const kept = readFileSync(path, 'utf8');
    writeFileSync(path, '{"aheadMs":');
    await assert.rejects(start(), /does not say where the sandbox’s clock stands/);
    writeFileSync(path, kept);
  });
});

describe('where the time is the real one', () => {
  it('nothing of the clock is offered, and the refusal says where it would be', async () => {
    const server = await openTestServer();
    const user = await server.user();
    for (const [method, path] of [
      ['GET', '/v1/clock'],
      ['POST', '/v1/clock/freeze'],
      ['POST', '/v1/clock/resume'],
      ['POST', '/v1/clock/stop'],
    ] as const) {
      const refused = await user.expect(409, method, path);
      assert.equal(refused.json.code, 'clock_fixed');
      assert.match(refused.json.detail, /EVERGRANT_SANDBOX=on and without DATABASE_URL/);
    }
    await user.expect(409, 'POST', '/v1/clock/forward', { body: { by: '1d' } });
    assert.equal((await server.browser().visit('/clock')).status, 404);
    await server.close();
  });
});
