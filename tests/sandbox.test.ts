import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { PlatformAnswer } from '../src/core/answer.ts';
import { diagnose } from '../src/core/diagnosis.ts';
import { HOUR_MS } from '../src/core/instant.ts';
import type { AppConfig, Held, Io, MethodAdapter } from '../src/platforms/kit/adapter.ts';
import { readStandardCallback } from '../src/platforms/kit/oauth.ts';
import { formPost, get } from '../src/platforms/kit/request.ts';
import {
  jsonAnswer,
  redirectAnswer,
  type SimRequest,
  type Simulator,
  type SimulatorFactory,
} from '../src/platforms/kit/simulator.ts';
import { snapchat } from '../src/platforms/snapchat/index.ts';
import { simulateSnapchat } from '../src/platforms/snapchat/simulator.ts';
import { seededRandom, simWorld } from '../src/simulator/dice.ts';
import { startSandbox } from '../src/simulator/sandbox.ts';
import { createSender, type Sender } from '../src/wire/send.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';
import { factsOf, heldAfter } from './support/simulated.ts';

const ADA = { id: 'p-1', name: 'Ada', email: 'ada@example.org' };
const BEN = { id: 'p-2', name: 'Ben', email: 'ben@example.org' };

/** A made-up family of two platforms that notes what it was asked to do. */
class Echo implements Simulator {
  readonly platforms = ['echo', 'echo-plus'];
  readonly hosts = ['api.echo.example', 'login.echo.example'];
  readonly people = [ADA, BEN];
  readonly acted: SimRequest[] = [];
  readonly switched: unknown[] = [];

  app() {
    return { clientId: 'echo-app', clientSecret: 'echo-secret', settings: { region: 'eu' } };
  }

  fields(platform: string, method: string, person?: string): Record<string, string> {
    if (method !== 'api_token') throw new Error(`${platform} has no page for ${method}.`);
    return { api_token: `token-of-${person ?? ADA.id}` };
  }

  breaks() {
    const note = (what: string) => (target: unknown) => void this.switched.push([what, target]);
    return [
      { how: 'revoked', title: 'Revoked', truth: 'revoked_by_user', shows: 'renew', apply: note('revoke') },
      {
        how: 'role_removed',
        title: 'Role <removed>',
        truth: 'account_access_removed',
        shows: 'api',
        methods: ['api_token'],
        apply: note('remove'),
        mend: note('give back'),
      },
    ] as const;
  }

  handle(request: SimRequest) {
    this.acted.push(request);
    const to = request.query.get('to');
    if (to) return redirectAnswer(to);
    if (request.path === '/bug') throw new Error('a bug');
    if (request.path === '/later') return Promise.resolve(jsonAnswer(200, { later: true }));
    return jsonAnswer(200, {
      method: request.method,
      host: request.host,
      path: request.path,
      body: request.body,
    });
  }

  lives(_platform: string, _method: string, secrets: Readonly<Record<string, string>>) {
    return secrets.api_token?.startsWith('token-of-') ?? false;
  }

  takes(_platform: string, _method: string, secrets: Readonly<Record<string, string>>) {
    return this.lives(_platform, _method, secrets);
  }

  clientIds() {
    return ['echo-app', 'echo-app-two'];
  }

  issued(accessToken: string) {
    return accessToken.startsWith('token-of-');
  }

  rateLimited() {
    return jsonAnswer(400, { code: 17, message: 'User request limit reached' });
  }
}

let echo: Echo;
let sandbox: TestSandbox;
let sender: Sender;

const answerOf = (answer: PlatformAnswer) =>
  answer.kind === 'answer'
    ? { status: answer.status, body: answer.body }
    : { reason: answer.reason, sent: answer.sent };

function call(path = '/v1/me', host = 'api.echo.example') {
  const send = sender.senderFor({
    hosts: ['api.echo.example', 'login.echo.example'],
    environment: 'sandbox',
  });
  return send(get('api', `https://${host}${path}`));
}

async function start(factory: SimulatorFactory = () => echo) {
  echo = new Echo();
  sandbox = await sandboxForTest([factory]);
  sender = createSender({
    sandboxBaseUrl: sandbox.url,
    now: sandbox.clock.now,
    timeoutMs: 3_000,
    timeoutMsOf: { probe: 40 },
  });
}

async function stop() {
  await sender.close();
  await sandbox.close();
}

// biome-ignore lint/suspicious/noExplicitAny: the control API's JSON, read for what is expected.
type Json = any;

const refusal =
  (status: number, error: string, known?: readonly string[]) => (thrown: Error & { json?: Json }) => {
    assert.match(thrown.message, new RegExp(`^${status} ${error}`));
    if (known) assert.deepEqual(thrown.json.known, known);
    return true;
  };

describe('the sandbox’s addresses', () => {
  before(() => start());
  after(stop);

  it('leads /{host}/{path} to the platform that serves the host, as if it had been called itself', async () => {
    const url = `${sandbox.url}/login.echo.example/token/x%2Fy?a=1&b=%20`;
    const answer = await fetch(url, { method: 'POST', headers: { 'X-Test': 'yes' }, body: 'grant=1&ü' });
    const seen = echo.acted.at(-1);
    assert.equal(answer.status, 200);
    assert.deepEqual(
      [seen?.method, seen?.host, seen?.path, String(seen?.query), seen?.body],
      ['POST', 'login.echo.example', '/token/x%2Fy', 'a=1&b=+', 'grant=1&ü'],
    );
    assert.deepEqual([seen?.headers['x-test'], seen?.headers.host], ['yes', 'login.echo.example']);
  });

  it('takes a host without a path as its root', async () => {
    await fetch(`${sandbox.url}/api.echo.example?x=1`);
    assert.deepEqual([echo.acted.at(-1)?.path, echo.acted.at(-1)?.query.get('x')], ['/', '1']);
  });

  it('waits for a platform that takes its time', async () => {
    assert.deepEqual(await (await fetch(`${sandbox.url}/api.echo.example/later`)).json(), { later: true });
  });

  it('stamps answers with the simulated time', async () => {
    sandbox.clock.advance(HOUR_MS);
    const { headers } = await fetch(`${sandbox.url}/api.echo.example/`);
    assert.equal(headers.get('date'), new Date(sandbox.clock.now()).toUTCString());
  });

  it('keeps redirects within a platform in the sandbox, and lets those to the app go', async () => {
    const to = async (address: string) => {
      const url = `${sandbox.url}/api.echo.example/?to=${encodeURIComponent(address)}`;
      return (await fetch(url, { redirect: 'manual' })).headers.get('location');
    };
    const inside = `${sandbox.url}/login.echo.example/next?code=1#part`;
    assert.equal(await to('https://login.echo.example/next?code=1#part'), inside);
    assert.equal(await to('https://app.example/callback?code=1'), 'https://app.example/callback?code=1');
    assert.equal(await to('/relative'), '/relative');
  });

  it('says which hosts it serves when asked for another', async () => {
    const answer = await fetch(`${sandbox.url}/other.example/x`);
    assert.equal(answer.status, 404);
    assert.deepEqual(((await answer.json()) as Json).known, echo.hosts);
  });

  it('refuses bodies over 1 MB', async () => {
    const before = echo.acted.length;
    const answer = await fetch(`${sandbox.url}/api.echo.example/`, {
      method: 'POST',
      body: 'x'.repeat(1_000_001),
    });
    assert.equal(answer.status, 413);
    assert.equal(echo.acted.length, before);
  });

  it('tells a bug in a simulator as such', async () => {
    const answer = await fetch(`${sandbox.url}/api.echo.example/bug`);
    assert.deepEqual([answer.status, ((await answer.json()) as Json).error], [500, 'simulator_bug']);
  });

  it('does not start when two simulators serve one host, and not on a port that is taken', async () => {
    const options = { now: () => 0, random: seededRandom('x') };
    const twice = startSandbox({ ...options, factories: [() => new Echo(), () => new Echo()] });
    await assert.rejects(twice, /serves the host api\.echo\.example, login\.echo\.example/);
    const port = Number(new URL(sandbox.url).port);
    await assert.rejects(startSandbox({ ...options, factories: [], port }), { code: 'EADDRINUSE' });
  });
});

describe('the sandbox’s switches', () => {
  before(() => start());
  after(stop);

  it('lists every platform with its people, app, switches and faults', async () => {
    const { platforms, faults } = await sandbox.control('GET');
    assert.deepEqual(
      platforms.map((platform: Json) => platform.id),
      ['echo', 'echo-plus'],
    );
    const [first] = platforms;
    assert.deepEqual(first.people, [ADA, BEN]);
    assert.deepEqual(first.app, {
      client_id: 'echo-app',
      client_secret: 'echo-secret',
      settings: { region: 'eu' },
    });
    assert.deepEqual(first.shares_with, ['echo-plus']);
    const revoked = { how: 'revoked', title: 'Revoked', truth: 'revoked_by_user', shows: 'renew' };
    assert.deepEqual(first.breaks[0], { ...revoked, by: 'person', methods: null, can_be_mended: false });
    assert.deepEqual(first.flips, []);
    assert.deepEqual(first.breaks[1].methods, ['api_token']);
    assert.deepEqual(
      first.faults,
      faults.map((fault: Json) => fault.kind),
    );
    assert.deepEqual(await sandbox.control('GET', 'echo'), first);
  });

  it('breaks and mends for one person, by id or mail address, for one app or one token', async () => {
    echo.switched.length = 0;
    await sandbox.control('POST', 'echo/break', {
      how: 'revoked',
      identity: 'p-2',
      client_id: 'echo-app',
      access_token: 'token-of-p-2',
    });
    await sandbox.control('POST', 'echo/break', { how: 'role_removed', identity: 'ben@example.org' });
    const { mended } = await sandbox.control('POST', 'echo/mend', { how: 'role_removed' });
    assert.equal(mended.how, 'role_removed');
    assert.deepEqual(echo.switched, [
      ['revoke', { identity: 'p-2', clientId: 'echo-app', accessToken: 'token-of-p-2' }],
      ['remove', { identity: 'p-2' }],
      ['give back', {}],
    ]);
  });

  it('hands out the values that a person would copy from the platform’s pages', async () => {
    const fields = await sandbox.control('POST', 'echo/fields', { method: 'api_token', person: 'p-2' });
    assert.deepEqual(fields, { api_token: 'token-of-p-2' });
  });

  it('answers an unknown name with what exists', async () => {
    const { control } = sandbox;
    await assert.rejects(control('GET', 'nope'), refusal(404, 'unknown_platform', ['echo', 'echo-plus']));
    await assert.rejects(control('GET', 'constructor'), refusal(404, 'unknown_platform'));
    await assert.rejects(control('POST', 'echo/toString'), refusal(404, 'unknown_verb'));
    await assert.rejects(control('PUT', 'echo/break'), refusal(404, 'unknown_verb'));
    const both = ['revoked', 'role_removed'];
    await assert.rejects(control('POST', 'echo/break', { how: 'x' }), refusal(404, 'unknown_switch', both));
    await assert.rejects(control('POST', 'echo/break'), refusal(400, 'unknown_switch', both));
    await assert.rejects(
      control('POST', 'echo/mend', { how: 'revoked' }),
      refusal(404, 'unknown_switch', ['role_removed']),
    );
    const stranger = control('POST', 'echo/break', { how: 'revoked', identity: 'p-9' });
    await assert.rejects(stranger, refusal(404, 'unknown_person', ['p-1', 'p-2']));
    await assert.rejects(control('POST', 'echo/fault', { kind: 'x' }), refusal(400, 'unknown_fault'));
    await assert.rejects(
      control('POST', 'echo/fault', { kind: 'outage', times: -1 }),
      refusal(400, 'bad_times'),
    );
    const elsewhere = control('POST', 'echo/fault', { kind: 'outage', host: 'other.example' });
    await assert.rejects(elsewhere, refusal(404, 'unknown_host', echo.hosts));
    await assert.rejects(control('POST', 'echo/fields', {}), refusal(400, 'no_method', ['api_token']));
    await assert.rejects(
      control('POST', 'echo/fields', { method: 'x' }),
      refusal(404, 'unknown_method', ['api_token']),
    );
    await assert.rejects(control('POST', 'echo/break', [1]), refusal(400, 'bad_json'));
  });

  it('takes no misspelt field, no wrong target and nothing that is not JSON, and does nothing then', async () => {
    const { control } = sandbox;
    echo.switched.length = 0;
    const target = ['how', 'identity', 'client_id', 'access_token'];
    for (const verb of ['break', 'mend'])
      await assert.rejects(
        control('POST', `echo/${verb}`, { how: 'role_removed', identiti: 'p-2' }),
        refusal(400, 'unknown_field', target),
      );
    const apps = refusal(404, 'unknown_client', ['echo-app', 'echo-app-two']);
    await assert.rejects(control('POST', 'echo/break', { how: 'revoked', client_id: 'nope' }), apps);
    const token = { how: 'revoked', access_token: 'nope' };
    await assert.rejects(control('POST', 'echo/break', token), refusal(404, 'unknown_token'));
    const empty = { how: 'revoked', identity: '' };
    await assert.rejects(control('POST', 'echo/break', empty), refusal(400, 'bad_field'));
    const list = { how: 'revoked', identity: ['p-1'] };
    await assert.rejects(control('POST', 'echo/break', list), refusal(400, 'bad_field'));
    const queried = control('POST', 'echo/break?identity=p-1', { how: 'revoked' });
    await assert.rejects(queried, refusal(400, 'no_query'));
    await assert.rejects(
      control('POST', 'misbehaviour', { rates: 1 }),
      refusal(400, 'unknown_field', ['rate']),
    );
    await assert.rejects(
      control('DELETE', 'echo/fault', { kind: 'html' }),
      refusal(400, 'unknown_field', []),
    );
    await assert.rejects(control('POST', 'echo/receiver', {}), refusal(400, 'no_receiver'));
    const url = `${sandbox.url}/_control/echo/break`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const [body, headers, error] of [
      ['{"how":', {}, 'bad_json'],
      ['how=revoked', {}, 'bad_json'],
      ['garbage', form, 'unknown_field'],
    ] as const) {
      const answer = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
      assert.deepEqual([answer.status, ((await answer.json()) as Json).error], [400, error], body);
    }
    assert.deepEqual(echo.switched, []);
  });

  it('counts calls by path, leaves its own out, and forgets them when asked', async () => {
    await sandbox.control('DELETE', 'echo/calls');
    await call('/v1/me?x=1');
    await call('/v1/me?x=2');
    await call('/token', 'login.echo.example');
    const calls = await sandbox.control('GET', 'echo/calls');
    assert.deepEqual(calls, { total: 3, by_path: { '/v1/me': 2, '/token': 1 } });
    assert.deepEqual(await sandbox.control('DELETE', 'echo/calls'), { total: 0, by_path: {} });
  });

  it('refuses pages of other sites, by every sign that browsers give, and takes what programs and its own page send', async () => {
    const { host, port } = new URL(sandbox.url);
    const send = (headers: Record<string, string>, method = 'POST') =>
      new Promise<number | undefined>((resolve, reject) => {
        const path = `/_control/echo${method === 'GET' ? '' : '/end-faults'}`;
        const asked = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.on('error', reject);
        asked.end();
      });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const foreign: readonly Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: `http://${host}` },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'null' },
      { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
      { host: `evil.example:${port}` },
    ];
    for (const headers of foreign) {
      assert.equal(await send({ ...form, ...headers }), 403, JSON.stringify(headers));
      assert.equal(await send(headers, 'GET'), 403, JSON.stringify(headers));
    }
    for (const headers of [
      {},
      { 'sec-fetch-site': 'same-origin', origin: `http://${host}` },
      { origin: `http://${host}` },
    ])
      assert.equal(
        await send({ ...form, ...headers } as Record<string, string>),
        303,
        JSON.stringify(headers),
      );
    assert.equal(await send({ host: `localhost:${port}`, 'sec-fetch-site': 'none' }, 'GET'), 200);
  });

  it('shows everything on a page for people, whose forms flip the same switches', async () => {
    const page = await (await fetch(sandbox.url)).text();
    for (const shown of ['echo-plus', 'Ada', 'Role &#60;removed&#62;', 'lose_answer', 'echo-secret']) {
      assert.ok(page.includes(shown), shown);
    }
    assert.doesNotMatch(page, /<script|src=|https?:/);
    echo.switched.length = 0;
    const form = new URLSearchParams({ how: 'revoked', identity: '' });
    const url = `${sandbox.url}/_control/echo/break`;
    const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
    assert.deepEqual(
      [answer.status, new URL(answer.headers.get('location') ?? '', url).pathname],
      [303, '/'],
    );
    assert.deepEqual(echo.switched, [['revoke', {}]]);
    await fetch(`${sandbox.url}/_control/echo/fault`, {
      method: 'POST',
      body: new URLSearchParams({ kind: 'html', times: '2', path: '' }),
    });
    assert.match(await (await fetch(sandbox.url)).text(), /<code>html<\/code>, 2 more/);
    await fetch(`${sandbox.url}/_control/echo/end-faults`, { method: 'POST', body: new URLSearchParams() });
    assert.deepEqual((await sandbox.control('GET', 'echo')).active_faults, []);
  });
});

describe('the sandbox’s faults', () => {
  before(() => start());
  after(stop);
  beforeEach(async () => {
    await sandbox.control('DELETE', 'echo/fault');
    echo.acted.length = 0;
  });

  const once = (kind: string) => sandbox.control('POST', 'echo/fault', { kind, times: 1 });

  it('outage: 503, and the platform does not act', async () => {
    await once('outage');
    assert.deepEqual(answerOf(await call()), { status: 503, body: 'Service Unavailable' });
    assert.equal(echo.acted.length, 0);
  });

  it('rate_limit: in the platform’s own words', async () => {
    await once('rate_limit');
    const body = JSON.stringify({ code: 17, message: 'User request limit reached' });
    assert.deepEqual(answerOf(await call()), { status: 400, body });
  });

  it('html and empty: a success that says nothing', async () => {
    await once('html');
    await once('empty');
    const page = await call();
    assert.ok(page.kind === 'answer' && page.status === 200 && page.body.startsWith('<!DOCTYPE html>'));
    assert.deepEqual(answerOf(await call()), { status: 200, body: '' });
    assert.equal(echo.acted.length, 0);
  });

  it('half_json: the platform acts, its answer arrives cut', async () => {
    const whole = await call();
    await once('half_json');
    const half = await call();
    assert.ok(whole.kind === 'answer' && half.kind === 'answer');
    assert.equal(half.body, whole.body.slice(0, Math.floor(whole.body.length / 2)));
    assert.equal(echo.acted.length, 2);
  });

  it('huge: more than anybody should read', async () => {
    await once('huge');
    assert.deepEqual(answerOf(await call()), { reason: 'answer_too_large', sent: true });
  });

  it('hang: silence until the client leaves', async () => {
    await once('hang');
    const send = sender.senderFor({ hosts: ['api.echo.example'], environment: 'sandbox' });
    const answer = await send(get('probe', 'https://api.echo.example/'));
    assert.deepEqual(answerOf(answer), { reason: 'timeout', sent: true });
    assert.equal(echo.acted.length, 0);
  });

  it('redirect: somewhere else', async () => {
    await once('redirect');
    assert.deepEqual(answerOf(await call()), { reason: 'redirect_refused', sent: true });
  });

  it('lose_answer: the platform acts, and nobody hears of it', async () => {
    await once('lose_answer');
    assert.deepEqual(answerOf(await call()), { reason: 'connection_lost', sent: true });
    assert.equal(echo.acted.length, 1);
  });

  it('drop_before: to the client the same, but the platform did not act', async () => {
    await once('drop_before');
    assert.deepEqual(answerOf(await call()), { reason: 'connection_lost', sent: true });
    assert.equal(echo.acted.length, 0);
  });

  it('hits as often as told, only the path and host told, and ends when told', async () => {
    await sandbox.control('POST', 'echo/fault', { kind: 'outage', times: 2, path: '/token' });
    await sandbox.control('POST', 'echo/fault', { kind: 'empty', host: 'login.echo.example' });
    const statuses = [];
    for (const path of ['/v1/me', '/token/a', '/token', '/token']) {
      const answer = await call(path);
      statuses.push(answer.kind === 'answer' && answer.status);
    }
    assert.deepEqual(statuses, [200, 503, 503, 200]);
    assert.deepEqual(answerOf(await call('/x', 'login.echo.example')), { status: 200, body: '' });
    const { active_faults } = await sandbox.control('GET', 'echo-plus');
    assert.deepEqual(active_faults, [{ kind: 'empty', times: null, path: null, host: 'login.echo.example' }]);
    await sandbox.control('DELETE', 'echo/fault');
    assert.match(String(answerOf(await call('/x', 'login.echo.example')).body), /"path":"\/x"/);
  });

  it('closes at once, even while somebody waits in silence', async () => {
    const other = await sandboxForTest([() => new Echo()]);
    await other.control('POST', 'echo/fault', { kind: 'hang' });
    const waiting = fetch(`${other.url}/api.echo.example/`).catch(() => 'cut');
    while ((await other.control('GET', 'echo/calls')).total === 0);
    await other.close();
    assert.equal(await waiting, 'cut');
  });
});

describe('seeded dice', () => {
  it('throw the same sequence for the same seed, another for another, evenly', () => {
    const take = (seed: string, count = 5) => Array.from({ length: count }, seededRandom(seed));
    assert.deepEqual(take('a'), take('a'));
    assert.notDeepEqual(take('a'), take('b'));
    const many = take('c', 20_000);
    const mean = many.reduce((sum, value) => sum + value, 0) / many.length;
    assert.ok(many.every((value) => value >= 0 && value < 1) && Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
    const { token } = simWorld(() => 0, seededRandom('d'));
    const tokens = new Set(Array.from({ length: 1_000 }, () => token(20)));
    assert.equal(tokens.size, 1_000);
    for (const made of tokens) assert.match(made, /^[A-Za-z0-9]{20}$/);
  });
});

describe('a platform through the wire and the sandbox, over real HTTP', () => {
  const REDIRECT_URI = 'https://evergrant.example/oauth/callback/any';
  const adapter = snapchat.adapter.methods.user_login as MethodAdapter;
  const [method] = snapchat.profile.methods;
  const scopes = ['snapchat-marketing-api'];
  let io: Io;
  let app: AppConfig;

  before(async () => {
    sandbox = await sandboxForTest([simulateSnapchat]);
    const { now } = sandbox.clock;
    sender = createSender({ sandboxBaseUrl: sandbox.url, now });
    const send = sender.senderFor({ hosts: snapchat.profile.hosts, environment: 'sandbox' });
    io = { now, send, randomBytes: (count) => new Uint8Array(count) };
    const registered = (await sandbox.control('GET', 'snapchat')).app;
    app = {
      id: 'app_test',
      platform: 'snapchat',
      environment: 'sandbox',
      clientId: registered.client_id,
      clientSecret: registered.client_secret,
      settings: registered.settings,
    };
  });
  after(stop);

  async function connect(): Promise<Held> {
    assert.ok(adapter.authorizeUrl && adapter.exchange && method);
    const input = { redirectUri: REDIRECT_URI, state: 's-1', codeChallenge: null, nonce: 'n', scopes };
    const url = await adapter.authorizeUrl(app, { ...input, identity: null, reconnect: false }, io);
    const headers = { 'x-simulated-consent': 'allow' };
    const page = await fetch(sender.browserUrl('sandbox', url), { headers, redirect: 'manual' });
    const back = new URL(page.headers.get('location') ?? '');
    assert.equal(`${back.origin}${back.pathname}`, REDIRECT_URI);
    const callback = readStandardCallback(back.searchParams);
    assert.ok(callback.kind === 'code');
    const issued = await adapter.exchange(io, app, { ...input, code: callback.code, codeVerifier: null });
    assert.ok(issued.ok, JSON.stringify(issued));
    const { secrets, identity = null } = issued.value;
    return { secrets, identity, facts: factsOf(snapchat, method, issued.value, scopes) };
  }

  it('shows people the consent page, whose form leads back with a code', async () => {
    const query = new URLSearchParams({
      client_id: app.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'x',
      state: 's',
    });
    const url = sender.browserUrl('sandbox', `https://accounts.snapchat.com/login/oauth2/authorize?${query}`);
    assert.match(await (await fetch(url)).text(), /asks for access/);
    const body = new URLSearchParams({ decision: 'allow' });
    const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    assert.match(answer.headers.get('location') ?? '', /^https:\/\/evergrant\.example\/.*code=/);
  });

  it('connects, renews, is broken by a switch, and is diagnosed rightly', async () => {
    const held = await connect();
    assert.equal((await adapter.probe(io, app, held)).verdict, 'alive');

    sandbox.clock.advance(2 * HOUR_MS);
    assert.equal(
      (await adapter.probe(io, app, held)).verdict,
      'dead',
      'an hour is the life of an access token',
    );
    const renewed = await adapter.renew?.(io, app, held);
    assert.ok(renewed?.ok);
    const fresh = heldAfter(held, renewed.value);
    assert.equal((await adapter.probe(io, app, fresh)).verdict, 'alive');

    const { broken } = await sandbox.control('POST', 'snapchat/break', {
      how: 'revoked_by_user',
      identity: held.identity?.id,
    });
    const failed = await adapter.renew?.(io, app, fresh);
    assert.ok(failed && !failed.ok);
    const { cause } = diagnose(snapchat.adapter.checks, failed.answer, fresh.facts, io.now());
    assert.equal(cause, broken.truth);
    assert.equal((await adapter.probe(io, app, fresh)).verdict, 'dead');
  });

  it('leaves the outcome unknown when the answer to a renewal is lost', async () => {
    const held = await connect();
    await sandbox.control('POST', 'snapchat/fault', {
      kind: 'lose_answer',
      times: 1,
      path: '/login/oauth2/access_token',
    });
    const lost = await adapter.renew?.(io, app, held);
    assert.ok(lost && !lost.ok);
    assert.deepEqual(answerOf(lost.answer), { reason: 'connection_lost', sent: true });
    assert.ok((await adapter.renew?.(io, app, held))?.ok);
  });

  it('gets no answer to a token call from a host that is not the platform’s', async () => {
    const answer = await io.send(
      formPost('token', 'https://accounts.snapchat.example/login/oauth2/access_token', {}),
    );
    assert.deepEqual(answerOf(answer), { reason: 'host_refused', sent: false });
  });
});
