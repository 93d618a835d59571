import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import { planRenewal } from '../../src/core/plan.ts';
import type { Held, Io, MethodAdapter } from '../../src/platforms/kit/adapter.ts';
import type { AuthMethod } from '../../src/platforms/kit/profile.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';
import type { SimRequest } from '../../src/platforms/kit/simulator.ts';
import { meta } from '../../src/platforms/meta/index.ts';
import { SimulatedMeta, simulateMeta } from '../../src/platforms/meta/simulator.ts';
import { type Bench, benchFor, consent, factsOf, heldAfter } from '../support/simulated.ts';

const REDIRECT = 'https://evergrant.example/oauth/callback/meta';
const TERSE = '102000000000202';
const ENDLESS_BOT = '100000000000902';
const userLogin = meta.adapter.methods.user_login!;
const systemUser = meta.adapter.methods.system_user!;
const methodOf = (id: string): AuthMethod => meta.profile.methods.find((method) => method.id === id)!;
const scopes = methodOf('user_login')
  .scopes.filter((scope) => scope.byDefault)
  .map((scope) => scope.id);

interface Options {
  readonly settings?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly reconnect?: boolean;
  /** Stands between the adapter and the platform; undefined lets a request pass. */
  readonly intercept?: (request: PlatformRequest) => PlatformAnswer | undefined;
}

function benchWith(options: Options = {}): Bench {
  const bench = benchFor(meta, [simulateMeta]);
  const io: Io = {
    ...bench.io,
    send: async (request) => options.intercept?.(request) ?? bench.io.send(request),
  };
  return { ...bench, io, app: { ...bench.app, settings: options.settings ?? {} } };
}

async function dialogUrl(bench: Bench, reconnect = false): Promise<string> {
  const input = {
    redirectUri: REDIRECT,
    state: 's-1',
    codeChallenge: null,
    nonce: 'n',
    scopes,
    identity: null,
    reconnect,
  };
  return userLogin.authorizeUrl!(bench.app, input, bench.io);
}

async function signIn(bench: Bench, options: Options = {}): Promise<Held> {
  const query = await consent(bench, await dialogUrl(bench, options.reconnect), options.headers);
  const input = { code: query.get('code')!, redirectUri: REDIRECT, codeVerifier: null, nonce: 'n', scopes };
  return heldFrom(await userLogin.exchange!(bench.io, bench.app, input), 'user_login');
}

async function paste(bench: Bench, person?: string): Promise<Held> {
  const fields = bench.simulator.fields('meta', 'system_user', person);
  return heldFrom(await systemUser.accept!(bench.io, bench.app, fields), 'system_user');
}

function heldFrom(outcome: Awaited<ReturnType<NonNullable<MethodAdapter['accept']>>>, method: string): Held {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const { value } = outcome;
  return {
    secrets: value.secrets,
    identity: value.identity!,
    facts: factsOf(meta, methodOf(method), value, scopes),
  };
}

async function renewed(bench: Bench, held: Held): Promise<Held> {
  const outcome = await userLogin.renew!(bench.io, bench.app, held);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return heldAfter(held, outcome.value);
}

const read = (bench: Bench, answer: PlatformAnswer, held?: Held) =>
  diagnose(meta.adapter.checks, answer, held?.facts, bench.clock.now());

async function flip(bench: Bench, how: string, held?: Held): Promise<void> {
  const one = bench.simulator.breaks('meta').find((candidate) => candidate.how === how);
  assert.ok(one, how);
  one.apply({ identity: held?.identity?.id });
}

function answered(request: PlatformRequest, status: number, body: unknown): PlatformAnswer {
  return { kind: 'answer', endpoint: request.endpoint, status, headers: {}, body: JSON.stringify(body) };
}

const outage = (request: PlatformRequest): PlatformAnswer =>
  answered(request, 500, {
    error: { code: 2, message: 'An unexpected error has occurred.', type: 'OAuthException' },
  });

const isExchange = (request: PlatformRequest): boolean =>
  request.body?.includes('fb_exchange_token') ?? false;
const daysLeft = (bench: Bench, held: Held): number =>
  ((held.facts.accessExpiresAt ?? 0) - bench.clock.now()) / DAY_MS;

describe('a sign-in with Facebook', () => {
  it('is exchanged for a token of 60 days at once, without the parameter of system users', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    assert.ok(Math.abs(daysLeft(bench, held) - 60) < 0.1, `${daysLeft(bench, held)}`);
    const exchange = bench.sent.find(isExchange);
    assert.ok(exchange && !exchange.body?.includes('set_token_expires_in_60_days'));
    assert.deepEqual(held.identity, {
      id: '10200000000000101',
      kind: 'person',
      name: 'Lena Marsh',
      email: null,
    });
  });

  it('keeps the short token where the exchange fails, instead of losing the consent', async () => {
    const bench = benchWith({ intercept: (request) => (isExchange(request) ? outage(request) : undefined) });
    const held = await signIn(bench);
    assert.ok(daysLeft(bench, held) * DAY_MS <= 2 * HOUR_MS && daysLeft(bench, held) > 0);
    assert.equal((await userLogin.probe(bench.io, bench.app, held)).verdict, 'alive');
  });

  it('knows its end from debug_token where the answer does not tell it', async () => {
    const bench = benchWith();
    const held = await signIn(bench, { headers: { 'x-simulated-person': TERSE } });
    assert.ok(Math.abs(daysLeft(bench, held) - 60) < 0.1);
    assert.equal(held.facts.accessExpiryAssumed, false);
    assert.equal(held.identity?.id, TERSE);
  });

  it('assumes 60 days, and says so, where nobody tells the end', async () => {
    const silent = (request: PlatformRequest) =>
      request.url.includes('/debug_token') ? outage(request) : undefined;
    const bench = benchWith({ intercept: silent });
    const held = await signIn(bench, { headers: { 'x-simulated-person': TERSE } });
    assert.equal(held.facts.accessExpiryAssumed, true);
    assert.ok(Math.abs(daysLeft(bench, held) - 60) < 0.1);
  });

  it('takes the id from /me where debug_token sends one too large for a number', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    const body = '{"data":{"is_valid":true,"type":"USER","expires_at":0,"user_id":10215241773831025}}';
    const report = (request: PlatformRequest): PlatformAnswer | undefined =>
      request.url.includes('/debug_token')
        ? { kind: 'answer', endpoint: 'probe', status: 200, headers: {}, body }
        : undefined;
    const io = {
      ...bench.io,
      send: async (request: PlatformRequest) => report(request) ?? bench.io.send(request),
    };
    const outcome = await systemUser.accept!(io, bench.app, { access_token: held.secrets.access_token! });
    assert.ok(outcome.ok && outcome.value.identity?.id === '10200000000000101');
  });

  it('may get the same token back when it is extended twice on one day', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    assert.equal((await renewed(bench, held)).secrets.access_token, held.secrets.access_token);
    bench.clock.advance(2 * DAY_MS);
    const later = await renewed(bench, held);
    assert.notEqual(later.secrets.access_token, held.secrets.access_token);
    assert.ok(daysLeft(bench, later) > 59.9);
  });

  it('cannot be extended once it has ended, and the person is told to sign in', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    bench.clock.advance(61 * DAY_MS);
    const outcome = await userLogin.renew!(bench.io, bench.app, held);
    assert.ok(!outcome.ok);
    const diagnosis = read(bench, outcome.answer, held);
    assert.equal(diagnosis.cause, 'renewal_credential_expired');
    assert.equal(diagnosis.who, 'authorizing_user');
  });
});

describe('the clock of data access', () => {
  it('is a hard end that no renewal puts off, and does not end the grant', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    const [end] = held.facts.hardEnds;
    assert.ok(end && end.kind === 'data_access' && !end.endsGrant);
    assert.ok(Math.abs((end.at - bench.clock.now()) / DAY_MS - 90) < 0.1);
    bench.clock.advance(40 * DAY_MS);
    const later = await renewed(bench, held);
    assert.deepEqual(later.facts.hardEnds, held.facts.hardEnds);
  });

  it('stops the data while the token stays valid, and only the dialog starts it anew', async () => {
    const bench = benchWith();
    let held = await signIn(bench);
    bench.clock.advance(50 * DAY_MS);
    held = await renewed(bench, held);
    bench.clock.advance(45 * DAY_MS);
    assert.equal((await userLogin.probe(bench.io, bench.app, held)).verdict, 'alive');
    const accounts = await userLogin.accounts(bench.io, bench.app, held);
    assert.ok(!accounts.ok);
    assert.match(read(bench, accounts.answer, held).remedy, /passes Facebook’s dialog again/);
    const again = await signIn(bench, { reconnect: true });
    assert.ok((await userLogin.accounts(bench.io, bench.app, again)).ok);
  });

  it('is left out where Meta sets none', async () => {
    const bench = benchWith();
    const held = await signIn(bench, { headers: { 'x-simulated-person': '102000000000303' } });
    assert.deepEqual(held.facts.hardEnds, []);
  });
});

describe('permissions', () => {
  it('that were unticked are missing from what was granted, and are offered again the next time the person comes', async () => {
    const bench = benchWith();
    const held = await signIn(bench, {
      headers: { 'x-simulated-scopes': 'business_management pages_show_list' },
    });
    assert.ok(!held.facts.scopesGranted.includes('ads_read'));
    const elsewhere = await signIn(bench);
    assert.ok(elsewhere.facts.scopesGranted.includes('ads_read'), 'connecting for another client');
    assert.match(await dialogUrl(bench), /auth_type=rerequest/);
  });

  it('that were unticked are offered again on a reconnect', async () => {
    const bench = benchWith();
    await signIn(bench, { headers: { 'x-simulated-scopes': 'business_management pages_show_list' } });
    const again = await signIn(bench, { reconnect: true });
    assert.ok(again.facts.scopesGranted.includes('ads_read'));
  });

  it('of a Login for Business configuration are granted whole, so a new connection asks for nothing again', async () => {
    const bench = benchWith({ settings: { config_id: '880000000000001' } });
    assert.doesNotMatch(await dialogUrl(bench), /auth_type/);
    assert.match(await dialogUrl(bench, true), /auth_type=rerequest/);
  });

  it('that were withdrawn show at the next probe, and turn the verdict on a 200', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    await flip(bench, 'permission_withdrawn', held);
    const probe = await userLogin.probe(bench.io, bench.app, held);
    assert.ok(probe.verdict === 'alive' && probe.facts?.scopesGranted);
    assert.ok(!probe.facts.scopesGranted.includes('ads_read'));
    const known = { ...held, facts: { ...held.facts, scopesGranted: probe.facts.scopesGranted } };
    const accounts = await userLogin.accounts(bench.io, bench.app, known);
    assert.ok(!accounts.ok);
    assert.equal(read(bench, accounts.answer, known).cause, 'permission_missing');
  });
});

describe('Login for Business', () => {
  it('replaces the scopes by a configuration, all or nothing', async () => {
    const bench = benchWith({ settings: { config_id: '501000000000001' } });
    const query = new URL(await dialogUrl(bench)).searchParams;
    assert.equal(query.get('config_id'), '501000000000001');
    assert.equal(query.get('scope'), null);
    const held = await signIn(bench, { headers: { 'x-simulated-scopes': 'ads_read' } });
    assert.deepEqual([...held.facts.scopesGranted].sort(), [
      'ads_read',
      'business_management',
      'public_profile',
    ]);
  });

  it('may bring an integration system user, whose endless token is never traded for one that ends', async () => {
    const bench = benchWith({ settings: { config_id: '501000000000002' } });
    const held = await signIn(bench);
    assert.equal(held.identity?.kind, 'system_user');
    assert.equal(held.facts.accessExpiresAt, null);
    const later = await renewed(bench, held);
    assert.equal(later.secrets.access_token, held.secrets.access_token);
    assert.equal(bench.sent.filter(isExchange).length, 0);
    assert.ok((await userLogin.revoke!(bench.io, bench.app, held)).ok);
    assert.equal((await userLogin.probe(bench.io, bench.app, held)).verdict, 'dead');
  });
});

describe('a system user', () => {
  it('with a token of 60 days gets a new one by the parameter for it, while the old one lives on to its end', async () => {
    const bench = benchWith();
    const held = await paste(bench);
    assert.equal(held.identity?.kind, 'system_user');
    assert.deepEqual(held.facts.hardEnds, []);
    bench.clock.advance(40 * DAY_MS);
    const later = await renewed(bench, held);
    assert.notEqual(later.secrets.access_token, held.secrets.access_token);
    assert.ok(bench.sent.some((request) => request.body?.includes('set_token_expires_in_60_days=true')));
    assert.equal((await systemUser.probe(bench.io, bench.app, held)).verdict, 'alive');
    bench.clock.advance(21 * DAY_MS);
    assert.equal((await systemUser.probe(bench.io, bench.app, held)).verdict, 'dead');
    assert.equal((await systemUser.probe(bench.io, bench.app, later)).verdict, 'alive');
  });

  it('with a token without an end is looked up, never exchanged', async () => {
    const bench = benchWith();
    const held = await paste(bench, ENDLESS_BOT);
    assert.equal(held.facts.accessExpiresAt, null);
    assert.equal(
      planRenewal(methodOf('system_user').cadence, held.facts, bench.clock.now(), 'g').renewAt,
      null,
    );
    bench.clock.advance(400 * DAY_MS);
    assert.equal((await renewed(bench, held)).facts.accessExpiresAt, null);
    assert.equal(bench.sent.filter(isExchange).length, 0);
  });

  it('lives for years when it is renewed as planned', async () => {
    const bench = benchWith();
    let held = await paste(bench);
    const end = bench.clock.now() + 1000 * DAY_MS;
    while (bench.clock.now() < end) {
      const plan = planRenewal(methodOf('system_user').cadence, held.facts, bench.clock.now(), 'g');
      assert.ok(plan.renewAt !== null && plan.renewAt > bench.clock.now() && plan.deadline === null);
      bench.clock.advance(plan.renewAt - bench.clock.now());
      held = await renewed(bench, held);
    }
    assert.equal((await systemUser.probe(bench.io, bench.app, held)).verdict, 'alive');
  });

  it('whose token ended needs a new one from an administrator, not a sign-in', async () => {
    const bench = benchWith();
    const held = await paste(bench);
    await flip(bench, 'token_expired', held);
    const probe = await systemUser.probe(bench.io, bench.app, held);
    assert.ok(probe.verdict === 'dead');
    const diagnosis = read(bench, probe.answer, held);
    assert.equal(diagnosis.who, 'account_admin');
    assert.match(diagnosis.remedy, /new token for the system user/);
  });

  it('is not accepted with a token that is none, and the refusal says so', async () => {
    const bench = benchWith();
    const outcome = await systemUser.accept!(bench.io, bench.app, { access_token: 'EAABnotatoken' });
    assert.ok(!outcome.ok);
    assert.equal(read(bench, outcome.answer).cause, 'malformed_token');
    assert.match(outcome.refused?.access_token ?? '', /Meta refuses this token.*copied whole/);
  });

  it('is not accepted with the token of a person, whose data access ends', async () => {
    const bench = benchWith();
    const { access_token } = (await signIn(bench)).secrets;
    const outcome = await systemUser.accept!(bench.io, bench.app, { access_token: access_token! });
    assert.ok(!outcome.ok);
    assert.match(outcome.refused?.access_token ?? '', /token of a person/);
  });
});

describe('debug_token', () => {
  it('tells why a token died, and in which words', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    await flip(bench, 'password_changed', held);
    const probe = await userLogin.probe(bench.io, bench.app, held);
    assert.ok(probe.verdict === 'dead');
    const diagnosis = read(bench, probe.answer, held);
    assert.equal(diagnosis.cause, 'password_changed');
    assert.equal(diagnosis.words.code, '190/460');
  });

  it('refused because of the app’s secret says nothing about the grant', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    await flip(bench, 'secret_rotated');
    const probe = await userLogin.probe(bench.io, bench.app, held);
    assert.ok(probe.verdict === 'unclear');
    const diagnosis = read(bench, probe.answer, held);
    assert.equal(diagnosis.cause, 'app_misconfigured');
    assert.equal(diagnosis.meaning, 'app_fault');
  });

  it('finds a token alive again that a checkpoint had stopped, without a new consent', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    const checkpoint = bench.simulator.breaks('meta').find((one) => one.how === 'security_checkpoint')!;
    checkpoint.apply({ identity: held.identity!.id });
    assert.equal((await userLogin.probe(bench.io, bench.app, held)).verdict, 'dead');
    checkpoint.mend!({ identity: held.identity!.id });
    assert.equal((await userLogin.probe(bench.io, bench.app, held)).verdict, 'alive');
  });
});

describe('secrets', () => {
  it('stay out of addresses, but for the token that debug_token takes no other way', async () => {
    const bench = benchWith();
    const held = await renewed(bench, await signIn(bench));
    await userLogin.probe(bench.io, bench.app, held);
    await userLogin.accounts(bench.io, bench.app, held);
    for (const { url } of bench.sent) {
      assert.ok(!url.includes(bench.app.clientSecret), url);
      assert.ok(url.includes('/debug_token') || !url.includes('EAAB'), url);
    }
  });

  it('are proven on every call, with a new proof for every token', async () => {
    const bench = benchWith();
    assert.ok(bench.simulator instanceof SimulatedMeta);
    bench.simulator.requireAppSecret(true);
    const held = await signIn(bench);
    bench.clock.advance(2 * DAY_MS);
    const later = await renewed(bench, held);
    assert.ok((await userLogin.accounts(bench.io, bench.app, later)).ok);
    const proofs = bench.sent.map((request) => new URL(request.url).searchParams.get('appsecret_proof'));
    assert.ok(new Set(proofs.filter((proof) => proof !== null)).size >= 2);
  });

  it('that are wrong are refused by the proof, and the grant is not blamed', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    const wrong = { ...bench.app, clientSecret: 'another-secret' };
    const accounts = await userLogin.accounts(bench.io, wrong, held);
    assert.ok(!accounts.ok);
    assert.equal(read(bench, accounts.answer, held).cause, 'app_misconfigured');
  });
});

describe('the account list', () => {
  it('follows every page and reads every status', async () => {
    const bench = benchWith();
    const accounts = await userLogin.accounts(bench.io, bench.app, await signIn(bench));
    assert.ok(accounts.ok);
    assert.deepEqual(
      accounts.value.map((account) => [account.id, account.status, account.currency, account.timezone]),
      [
        ['act_100200300400', 'active', 'EUR', 'Europe/Berlin'],
        ['act_100200300401', 'active', 'USD', 'America/New_York'],
        ['act_100200300402', 'limited', 'GBP', null],
        ['act_100200300403', 'closed', 'PLN', 'Europe/Warsaw'],
      ],
    );
  });

  it('asks for less where Meta finds it too much', async () => {
    const limits: number[] = [];
    const message = "Please reduce the amount of data you're asking for, then retry your request";
    const bench = benchWith({
      intercept: (request) => {
        if (!request.url.includes('/me/adaccounts')) return undefined;
        const limit = Number(new URL(request.url).searchParams.get('limit'));
        limits.push(limit);
        return limit > 50
          ? answered(request, 500, { error: { code: 1, message, type: 'OAuthException' } })
          : undefined;
      },
    });
    assert.ok((await userLogin.accounts(bench.io, bench.app, await signIn(bench))).ok);
    assert.deepEqual(limits.slice(0, 3), [200, 100, 50]);
  });

  it('ends at a list that never ends', async () => {
    let pages = 0;
    const bench = benchWith({
      intercept: (request) => {
        if (!request.url.includes('/me/adaccounts')) return undefined;
        pages += 1;
        const paging = { cursors: { after: `c${pages}` }, next: 'https://elsewhere.example/' };
        return answered(request, 200, { data: [{ id: `act_${pages}` }], paging });
      },
    });
    const accounts = await userLogin.accounts(bench.io, bench.app, await signIn(bench));
    assert.ok(accounts.ok && accounts.value.length === 100);
  });

  it('that is limited says how long to wait, and is no dead token', async () => {
    const bench = benchWith();
    const held = await signIn(bench);
    await flip(bench, 'account_limit', held);
    const accounts = await userLogin.accounts(bench.io, bench.app, held);
    assert.ok(!accounts.ok);
    const diagnosis = read(bench, accounts.answer, held);
    assert.equal(diagnosis.cause, 'rate_limited');
    assert.equal(diagnosis.retryAfterSeconds, 420);
  });
});

describe('the dialog', () => {
  it('carries the version of the app’s settings, and ignores one that is none', async () => {
    const set = benchWith({ settings: { graph_version: 'v27.0' } });
    assert.match(await dialogUrl(set), /^https:\/\/www\.facebook\.com\/v27\.0\/dialog\/oauth\?/);
    assert.equal(userLogin.baseUrl(set.app, await signIn(set)), 'https://graph.facebook.com/v27.0');
    const broken = benchWith({ settings: { graph_version: '../../evil', config_id: ' ' } });
    assert.match(await dialogUrl(broken), /facebook\.com\/v26\.0\/dialog/);
  });

  it('that was refused is read as a missing permission; one with a fault of the app as the app’s', async () => {
    const bench = benchWith();
    const query = await consent(bench, await dialogUrl(bench), { 'x-simulated-consent': 'deny' });
    assert.equal(query.get('state'), 's-1');
    const denied = userLogin.readCallback!(query, bench.app);
    assert.ok(denied.kind === 'denied' && denied.cause === 'permission_missing');
    const faulty = userLogin.readCallback!(new URLSearchParams('error_code=191&error_message=no'), bench.app);
    assert.ok(faulty.kind === 'denied' && faulty.cause === 'app_misconfigured');
  });
});

describe('the simulated token endpoint', () => {
  it('takes GET with a query, POST with a form, and JSON, under any version', async () => {
    const { simulator } = benchFor(meta, [simulateMeta]);
    const { clientId, clientSecret } = simulator.app('meta');
    const fields = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
    const form = new URLSearchParams(fields);
    const ask = (path: string, method: string, query: URLSearchParams, body: string) => {
      const request: SimRequest = { method, host: 'graph.facebook.com', path, query, headers: {}, body };
      return simulator.handle(request);
    };
    const empty = new URLSearchParams();
    const answers = await Promise.all([
      ask('/v24.0/oauth/access_token', 'GET', form, ''),
      ask('/v3.2/oauth/access_token', 'POST', empty, form.toString()),
      ask('/oauth/access_token', 'POST', empty, JSON.stringify(fields)),
    ]);
    for (const answer of answers) assert.match(answer.body, /"token_type":"bearer"/);
  });
});
