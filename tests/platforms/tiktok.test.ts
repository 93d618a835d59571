import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { deadlineOf } from '../../src/core/deadline.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import { planRenewal } from '../../src/core/plan.ts';
import type { Held, Io, Issued, MethodAdapter, Outcome } from '../../src/platforms/kit/adapter.ts';
import type { AuthMethod } from '../../src/platforms/kit/profile.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';
import { secondsToMidnightUtc } from '../../src/platforms/tiktok/checks.ts';
import { parseKeepingIds } from '../../src/platforms/tiktok/envelope.ts';
import { tiktok } from '../../src/platforms/tiktok/index.ts';
import { simulateTiktok } from '../../src/platforms/tiktok/simulator.ts';
import { type Bench, benchFor, consent, factsOf, heldAfter } from '../support/simulated.ts';

const REDIRECT = 'https://evergrant.example/oauth/callback/tiktok';
const API = 'https://business-api.tiktok.com/open_api/v1.3';
const NOAH = '7312345678901234562';
const OK = { code: 0, message: 'OK', request_id: 'r1' };

const adapterOf = (id: string): MethodAdapter => tiktok.adapter.methods[id]!;
const methodOf = (id: string): AuthMethod => tiktok.profile.methods.find((method) => method.id === id)!;
const scopesOf = (id: string) =>
  methodOf(id)
    .scopes.filter((scope) => scope.byDefault)
    .map((scope) => scope.id);

function intercepting(bench: Bench, intercept: (request: PlatformRequest) => unknown): Bench {
  const answer = (request: PlatformRequest): PlatformAnswer | undefined => {
    const body = intercept(request);
    if (body === undefined) return undefined;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { kind: 'answer', endpoint: request.endpoint, status: 200, headers: {}, body: text };
  };
  const io: Io = { ...bench.io, send: async (request) => answer(request) ?? bench.io.send(request) };
  return { ...bench, io };
}

async function authorize(
  bench: Bench,
  id: string,
  headers: Record<string, string> = {},
): Promise<Outcome<Issued>> {
  const scopes = scopesOf(id);
  const input = {
    redirectUri: REDIRECT,
    state: 's',
    codeChallenge: null,
    nonce: 'n',
    scopes,
    identity: null,
  };
  const url = await adapterOf(id).authorizeUrl!(bench.app, { ...input, reconnect: false }, bench.io);
  const callback = adapterOf(id).readCallback!(await consent(bench, url, headers), bench.app);
  assert.ok(callback.kind === 'code');
  const exchange = { code: callback.code, redirectUri: REDIRECT, codeVerifier: null, nonce: 'n', scopes };
  return adapterOf(id).exchange!(bench.io, bench.app, exchange);
}

async function connect(bench: Bench, id: string, headers: Record<string, string> = {}): Promise<Held> {
  const outcome = await authorize(bench, id, headers);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const facts = factsOf(tiktok, methodOf(id), outcome.value, scopesOf(id));
  return { secrets: outcome.value.secrets, identity: outcome.value.identity!, facts };
}

const fresh = () => benchFor(tiktok, [simulateTiktok]);
const read = (bench: Bench, held: Held, answer: PlatformAnswer) =>
  diagnose(tiktok.adapter.checks, answer, held.facts, bench.clock.now());
const breakIt = (bench: Bench, how: string, target = {}) =>
  bench.simulator
    .breaks('tiktok')
    .find((one) => one.how === how)!
    .apply(target);

describe('an advertiser token', () => {
  it('is asked for without scopes, and its code is read from either name', async () => {
    const bench = fresh();
    const input = {
      redirectUri: REDIRECT,
      state: 's',
      codeChallenge: null,
      nonce: 'n',
      scopes: ['4'],
      identity: null,
    };
    const url = new URL(
      await adapterOf('advertiser_token').authorizeUrl!(bench.app, { ...input, reconnect: false }, bench.io),
    );
    assert.deepEqual([...url.searchParams.keys()].sort(), ['app_id', 'redirect_uri', 'state']);
    for (const query of ['auth_code=x&code=x&state=s', 'code=x', 'auth_code=x']) {
      const callback = adapterOf('advertiser_token').readCallback!(new URLSearchParams(query), bench.app);
      assert.deepEqual(callback, { kind: 'code', code: 'x', issuer: null });
    }
    assert.equal(
      adapterOf('advertiser_token').readCallback!(new URLSearchParams('state=s'), bench.app).kind,
      'denied',
    );
  });

  it('has no end, no refresh token and no renewal, and works years later', async () => {
    const bench = fresh();
    const held = await connect(bench, 'advertiser_token');
    assert.deepEqual(Object.keys(held.secrets), ['access_token']);
    assert.equal(held.facts.accessExpiresAt, null);
    assert.equal(adapterOf('advertiser_token').renew, undefined);
    const plan = planRenewal(methodOf('advertiser_token').cadence, held.facts, bench.clock.now(), 'grt_1');
    assert.deepEqual([plan.renewAt, plan.deadline], [null, null]);
    bench.clock.advance(1000 * DAY_MS);
    assert.equal((await adapterOf('advertiser_token').probe(bench.io, bench.app, held)).verdict, 'alive');
  });

  it('obeys an expiry and a refresh token, should they ever appear', async () => {
    const bench = fresh();
    const data = {
      access_token: 'a',
      advertiser_ids: [],
      scope: [4],
      expires_in: 86_400,
      refresh_token: 'r',
    };
    const changed = intercepting(bench, ({ url }) =>
      url.includes('access_token')
        ? { ...OK, data }
        : url.includes('user/info')
          ? { ...OK, data: { core_user_id: '1' } }
          : undefined,
    );
    const outcome = await authorize(changed, 'advertiser_token');
    assert.ok(outcome.ok);
    assert.equal(outcome.value.accessExpiresAt, bench.clock.now() + DAY_MS);
    assert.equal(outcome.value.secrets.refresh_token, 'r');
  });

  it('is not taken from an answer that says failure under HTTP 200', async () => {
    const bench = fresh();
    const body = {
      code: 40110,
      message: 'The auth_code is canceled.',
      request_id: 'r',
      data: { access_token: 'a' },
    };
    const outcome = await authorize(
      intercepting(bench, ({ endpoint }) => (endpoint === 'token' ? body : undefined)),
      'advertiser_token',
    );
    assert.equal(outcome.ok, false);
  });

  it('counts a permission that the answer names in part', async () => {
    const held = await connect(fresh(), 'advertiser_token');
    for (const scope of ['1', '4', '10']) assert.ok(held.facts.scopesGranted.includes(scope), scope);
    const narrow = await connect(fresh(), 'advertiser_token', { 'x-simulated-scopes': '4' });
    assert.deepEqual(narrow.facts.scopesGranted, ['4']);
  });

  it('keeps ids that are longer than a number holds, bare or quoted', async () => {
    assert.deepEqual(parseKeepingIds('{"a":7312345678901234561,"b":12.5,"c":3,"d":"x"}'), {
      a: '7312345678901234561',
      b: 12.5,
      c: 3,
      d: 'x',
    });
    assert.equal(parseKeepingIds('404 page not found'), undefined);
    const bare = '{"code":0,"message":"OK","data":{"core_user_id":7312345678901234567,"display_name":"Ida"}}';
    const outcome = await authorize(
      intercepting(fresh(), ({ url }) => (url.includes('user/info') ? bare : undefined)),
      'advertiser_token',
    );
    assert.ok(outcome.ok);
    assert.equal(outcome.value.identity?.id, '7312345678901234567');
  });

  it('does not take a masked address for a mail address', async () => {
    assert.equal((await connect(fresh(), 'advertiser_token')).identity?.email, null);
  });

  it('that lives but reaches no account is not dead: a role was taken away', async () => {
    const bench = fresh();
    const held = await connect(bench, 'advertiser_token');
    const { probe } = adapterOf('advertiser_token');
    const before = await probe(bench.io, bench.app, held);
    assert.ok(before.verdict === 'alive');
    const seen = { ...held, facts: { ...held.facts, extra: before.facts?.extra ?? {} } };
    breakIt(bench, 'account_access_removed');
    const result = await probe(bench.io, bench.app, held);
    assert.ok(result.verdict === 'unclear');
    const lost = read(bench, seen, result.answer);
    assert.deepEqual([lost.cause, lost.reach], ['account_access_removed', 'part_of_grant']);
    const never = read(bench, held, result.answer);
    assert.deepEqual([never.cause, never.reach], ['not_provisioned', 'part_of_grant']);
  });

  it('lists its accounts with status and currency, and without them where details are refused', async () => {
    const bench = fresh();
    const held = await connect(bench, 'advertiser_token');
    const full = await adapterOf('advertiser_token').accounts(bench.io, bench.app, held);
    assert.ok(full.ok);
    assert.deepEqual(
      full.value.map((account) => account.status),
      ['active', 'active', 'limited', 'closed'],
    );
    assert.deepEqual(new Set(full.value.map((account) => account.currency)).size, 4);
    breakIt(bench, 'permission_withdrawn');
    const bare = await adapterOf('advertiser_token').accounts(bench.io, bench.app, held);
    assert.ok(bare.ok && bare.value.every((account) => account.status === 'unknown' && account.name !== ''));
  });

  it('asks for the details of many accounts in batches, and says when a limit stops it', async () => {
    const bench = fresh();
    const held = await connect(bench, 'advertiser_token');
    const list = Array.from({ length: 120 }, (_, index) => ({
      advertiser_id: `73${index}`,
      advertiser_name: `A${index}`,
    }));
    let calls = 0;
    const many = intercepting(bench, ({ url }) => {
      if (url.includes('advertiser/get')) return { ...OK, data: { list } };
      calls += 1;
      return calls <= 3 ? { ...OK, data: { list: [] } } : { code: 40100, message: 'QPS limit', data: {} };
    });
    const first = await adapterOf('advertiser_token').accounts(many.io, bench.app, held);
    assert.ok(first.ok && first.value.length === 120 && calls === 3);
    const limited = await adapterOf('advertiser_token').accounts(many.io, bench.app, held);
    assert.ok(!limited.ok && read(bench, held, limited.answer).cause === 'rate_limited');
  });

  it('can be given for a chosen account alone', async () => {
    const bench = fresh();
    const one = { 'x-simulated-accounts': '7300000000000000102', 'x-simulated-person': NOAH };
    const held = await connect(bench, 'advertiser_token', one);
    assert.equal(held.identity?.id, NOAH);
    const found = await adapterOf('advertiser_token').accounts(bench.io, bench.app, held);
    assert.ok(found.ok);
    assert.deepEqual(
      found.value.map((account) => account.id),
      ['7300000000000000102'],
    );
  });

  it('of one person breaks without touching that of another', async () => {
    const bench = fresh();
    const ida = await connect(bench, 'advertiser_token');
    const noah = await connect(bench, 'advertiser_token', { 'x-simulated-person': NOAH });
    breakIt(bench, 'revoked_by_user', { identity: NOAH });
    assert.equal((await adapterOf('advertiser_token').probe(bench.io, bench.app, ida)).verdict, 'alive');
    assert.equal((await adapterOf('advertiser_token').probe(bench.io, bench.app, noah)).verdict, 'dead');
  });

  it('that is already gone counts as revoked', async () => {
    const bench = fresh();
    const held = await connect(bench, 'advertiser_token');
    const revoke = () => adapterOf('advertiser_token').revoke!(bench.io, bench.app, held);
    assert.deepEqual([(await revoke()).ok, (await revoke()).ok], [true, true]);
  });

  it('travels in Access-Token, and every address ends with a slash', async () => {
    const bench = fresh();
    const held = await connect(bench, 'advertiser_token');
    await adapterOf('advertiser_token').accounts(bench.io, bench.app, held);
    assert.deepEqual(Object.keys(adapterOf('advertiser_token').callHeaders(bench.app, held)), [
      'access-token',
    ]);
    for (const { url, headers } of bench.sent) {
      assert.match(new URL(url).pathname, /\/$/);
      assert.ok(!('authorization' in headers));
    }
    const answer = await bench.io.send({
      endpoint: 'api',
      method: 'GET',
      url: `${API}/user/info`,
      headers: {},
    });
    assert.ok(answer.kind === 'answer' && answer.status === 404);
  });
});

describe('an account token', () => {
  const method = adapterOf('account_token');

  it('is renewed each day for a year, and then only a person helps', async () => {
    const bench = fresh();
    let held = await connect(bench, 'account_token');
    const end = held.facts.renewalExpiresAt;
    assert.equal(end, bench.clock.now() + 365 * DAY_MS);
    assert.equal(deadlineOf(methodOf('account_token').cadence, held.facts)?.at, end);
    for (let day = 0; day < 364; day += 1) {
      bench.clock.advance(DAY_MS);
      const outcome = await method.renew!(bench.io, bench.app, held);
      assert.ok(outcome.ok);
      held = heldAfter(held, outcome.value);
      assert.equal(held.facts.renewalExpiresAt, end, 'the end does not move');
    }
    bench.clock.advance(DAY_MS);
    const over = await method.renew!(bench.io, bench.app, held);
    assert.ok(!over.ok);
    assert.equal(read(bench, held, over.answer).cause, 'renewal_credential_expired');
  });

  it('past its day is not dead: it is renewed', async () => {
    const bench = fresh();
    const held = await connect(bench, 'account_token');
    bench.clock.advance(25 * HOUR_MS);
    const result = await method.probe(bench.io, bench.app, held);
    assert.ok(result.verdict === 'unclear');
    assert.equal(read(bench, held, result.answer).cause, 'access_token_expired');
    assert.ok((await method.renew!(bench.io, bench.app, held)).ok);
  });

  it('whose renewal was never answered is lost, not revoked', async () => {
    const bench = fresh();
    const held = await connect(bench, 'account_token');
    assert.ok((await method.renew!(bench.io, bench.app, held)).ok, 'its answer never arrives');
    const lost = { ...held, facts: { ...held.facts, unknownOutcomeAt: bench.clock.now() } };
    const again = await method.renew!(bench.io, bench.app, lost);
    assert.ok(!again.ok);
    assert.equal(read(bench, lost, again.answer).cause, 'rotation_lost');
  });

  it('reads the older field names, and a year where the answer is silent', async () => {
    const bench = fresh();
    const open_id = '-000IdaSommerQm1aVt8c4Xr0001';
    const older = {
      access_token: 'a',
      expires: 3600,
      creator_id: open_id,
      refresh_token: 'r',
      refresh_expires: 7200,
    };
    const silent = { access_token: 'a', open_id, refresh_token: 'r' };
    const given = async (data: unknown) => {
      const outcome = await authorize(
        intercepting(bench, ({ endpoint }) => (endpoint === 'token' ? { ...OK, data } : undefined)),
        'account_token',
      );
      assert.ok(outcome.ok);
      assert.equal(outcome.value.identity?.id, open_id);
      return [
        outcome.value.accessExpiresAt,
        outcome.value.renewalExpiresAt,
        outcome.value.accessExpiryAssumed,
      ];
    };
    const now = bench.clock.now();
    assert.deepEqual(await given(older), [now + HOUR_MS, now + 2 * HOUR_MS, false]);
    assert.deepEqual(await given(silent), [now + DAY_MS, now + 365 * DAY_MS, true]);
  });

  it('uses the client key of the app’s settings where one is given', async () => {
    const bench = fresh();
    const input = {
      redirectUri: REDIRECT,
      state: 's',
      codeChallenge: null,
      nonce: 'n',
      scopes: ['a', 'b'],
      identity: null,
    };
    const keyOf = async (settings: Record<string, unknown>) =>
      new URL(
        await method.authorizeUrl!({ ...bench.app, settings }, { ...input, reconnect: false }, bench.io),
      ).searchParams;
    assert.equal((await keyOf({})).get('client_key'), bench.app.clientId);
    assert.equal((await keyOf({ client_key: 'k' })).get('client_key'), 'k');
    assert.equal((await keyOf({})).get('scope'), 'a,b');
  });
});

describe('limits', () => {
  it('of the day end at midnight UTC, whatever the hour', () => {
    assert.equal(secondsToMidnightUtc(Date.parse('2026-11-22T23:59:59.500Z')), 1);
    assert.equal(secondsToMidnightUtc(Date.parse('2026-11-22T00:00:00Z')), 86_400);
  });

  it('never harm a grant, not even where they meet the probe', async () => {
    for (const how of ['rate_limited', 'daily_quota', 'maintenance']) {
      const bench = fresh();
      const held = await connect(bench, 'advertiser_token');
      breakIt(bench, how);
      const result = await adapterOf('advertiser_token').probe(bench.io, bench.app, held);
      assert.ok(result.verdict === 'unclear', how);
      assert.equal(read(bench, held, result.answer).meaning, 'transient', how);
    }
  });
});
