import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { deadlineOf } from '../../src/core/deadline.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS } from '../../src/core/instant.ts';
import { planRenewal } from '../../src/core/plan.ts';
import type { Held, Io, Issued, MethodAdapter, Outcome } from '../../src/platforms/kit/adapter.ts';
import type { AuthMethod } from '../../src/platforms/kit/profile.ts';
import { basic, formPost, get, type PlatformRequest } from '../../src/platforms/kit/request.ts';
import { pinterest } from '../../src/platforms/pinterest/index.ts';
import { simulatePinterest } from '../../src/platforms/pinterest/simulator.ts';
import { type Bench, benchFor, consent, factsOf, heldAfter } from '../support/simulated.ts';

const REDIRECT = 'https://evergrant.example/oauth/callback/pinterest';
const API = 'https://api.pinterest.com/v5';
const NOAH = '734000000000000102';
const adapter = pinterest.adapter.methods.user_login as MethodAdapter;
const method = pinterest.profile.methods[0] as AuthMethod;
const SCOPES = ['ads:read', 'user_accounts:read'];

const fresh = () => benchFor(pinterest, [simulatePinterest]);

function authorizeUrl(bench: Bench, scopes: readonly string[]): Promise<string> | string {
  const input = {
    redirectUri: REDIRECT,
    state: 's',
    codeChallenge: null,
    nonce: 'n',
    scopes,
    identity: null,
  };
  return adapter.authorizeUrl?.(bench.app, { ...input, reconnect: false }, bench.io) ?? '';
}

async function signIn(
  bench: Bench,
  scopes: readonly string[] = SCOPES,
  headers: Record<string, string> = {},
): Promise<Held> {
  const query = await consent(bench, await authorizeUrl(bench, scopes), headers);
  const input = {
    code: query.get('code') ?? '',
    redirectUri: REDIRECT,
    codeVerifier: null,
    nonce: 'n',
    scopes,
  };
  const outcome = await adapter.exchange?.(bench.io, bench.app, input);
  assert.ok(outcome?.ok, JSON.stringify(outcome));
  const { value } = outcome;
  return {
    secrets: value.secrets,
    identity: value.identity ?? null,
    facts: factsOf(pinterest, method, value, scopes),
  };
}

async function renew(bench: Bench, held: Held): Promise<Outcome<Issued>> {
  const outcome = await adapter.renew?.(bench.io, bench.app, held);
  assert.ok(outcome);
  return outcome;
}

const read = (bench: Bench, held: Held, answer: PlatformAnswer) =>
  diagnose(pinterest.adapter.checks, answer, held.facts, bench.clock.now());

async function causeOfRenewal(bench: Bench, held: Held) {
  const outcome = await renew(bench, held);
  assert.ok(!outcome.ok);
  return read(bench, held, outcome.answer).cause;
}

function switchOf(bench: Bench, how: string) {
  const found = bench.simulator.breaks('pinterest').find((one) => one.how === how);
  assert.ok(found, how);
  return found;
}

/** Stands between the adapter and the platform; undefined lets a request pass. */
function intercepting(bench: Bench, intercept: (request: PlatformRequest) => unknown): Bench {
  const send: Io['send'] = async (request) => {
    const body = intercept(request);
    if (body === undefined) return bench.io.send(request);
    return {
      kind: 'answer',
      endpoint: request.endpoint,
      status: 200,
      headers: {},
      body: JSON.stringify(body),
    };
  };
  return { ...bench, io: { ...bench.io, send } };
}

describe('signing in with Pinterest', () => {
  it('separates scopes by commas, sends no PKCE, and asks for a refresh that goes on', async () => {
    const bench = fresh();
    const url = new URL(await authorizeUrl(bench, SCOPES));
    assert.equal(url.searchParams.get('scope'), 'ads:read,user_accounts:read');
    assert.equal(url.searchParams.get('code_challenge'), null);
    await signIn(bench);
    const sent = bench.sent.find((request) => request.endpoint === 'token');
    const form = new URLSearchParams(sent?.body);
    assert.equal(form.get('continuous_refresh'), 'true');
    assert.equal(form.get('client_secret'), null);
    assert.match(sent?.headers.authorization ?? '', /^Basic /);
  });

  it('learns every scope that was ever approved, and misses none of those asked for', async () => {
    const bench = fresh();
    await signIn(bench, [...SCOPES, 'catalogs:read']);
    const held = await signIn(bench);
    assert.ok(held.facts.scopesGranted.includes('catalogs:read'));
    assert.ok(SCOPES.every((scope) => held.facts.scopesGranted.includes(scope)));
  });

  it('tells two people apart, and one breaks without the other', async () => {
    const bench = fresh();
    const ida = await signIn(bench);
    const noah = await signIn(bench, SCOPES, { 'x-simulated-person': NOAH });
    assert.equal(noah.identity?.id, NOAH);
    switchOf(bench, 'revoked_by_user').apply({ identity: NOAH });
    assert.ok((await renew(bench, ida)).ok);
    assert.equal(await causeOfRenewal(bench, noah), 'revoked_by_user');
  });
});

describe('renewing at Pinterest', () => {
  it('goes on for years, each renewal with a new refresh token and sixty new days', async () => {
    const bench = fresh();
    let held = await signIn(bench);
    for (let round = 0; round < 40; round += 1) {
      const { renewAt } = planRenewal(method.cadence, held.facts, bench.clock.now(), 'grt_1');
      assert.ok(renewAt !== null && renewAt - bench.clock.now() <= 20 * DAY_MS, 'at least every twenty days');
      bench.clock.advance(renewAt - bench.clock.now());
      const outcome = await renew(bench, held);
      assert.ok(outcome.ok);
      assert.notEqual(outcome.value.secrets.refresh_token, held.secrets.refresh_token);
      held = heldAfter(held, outcome.value);
      assert.equal(held.facts.renewalExpiresAt, bench.clock.now() + 60 * DAY_MS);
    }
    assert.equal(deadlineOf(method.cadence, held.facts), null, 'nobody is needed');
  });

  it('that nobody did for sixty days is an expiry, not a revocation', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    bench.clock.advance(61 * DAY_MS);
    assert.equal(await causeOfRenewal(bench, held), 'renewal_credential_expired');
  });

  it('with a spent refresh token is a lost rotation where an answer is known to be missing', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    assert.ok((await renew(bench, held)).ok, 'its answer never arrives');
    const lost = { ...held, facts: { ...held.facts, unknownOutcomeAt: bench.clock.now() } };
    assert.equal(await causeOfRenewal(bench, lost), 'rotation_lost');
  });

  it('without a new refresh token keeps the old one, and its end becomes a deadline', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    const answer = { access_token: 'a', token_type: 'bearer', expires_in: 2_592_000, scope: 'ads:read' };
    const outcome = await renew(
      intercepting(bench, () => answer),
      held,
    );
    assert.ok(outcome.ok);
    const after = heldAfter(held, outcome.value);
    assert.equal(after.secrets.refresh_token, held.secrets.refresh_token);
    assert.equal(deadlineOf(method.cadence, after.facts)?.at, held.facts.renewalExpiresAt);
    const healed = await renew(bench, after);
    assert.ok(healed.ok);
    assert.equal(
      deadlineOf(method.cadence, heldAfter(after, healed.value).facts),
      null,
      'a new one lifts it',
    );
  });

  it('reads the end from either field, and assumes sixty days where the answer is silent', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    const now = bench.clock.now();
    const endGiven = async (more: Record<string, unknown>) => {
      const outcome = await renew(
        intercepting(bench, () => ({ access_token: 'a', refresh_token: 'r', ...more })),
        held,
      );
      return outcome.ok ? outcome.value.renewalExpiresAt : undefined;
    };
    const inTenDays = now + 10 * DAY_MS;
    assert.equal(
      await endGiven({ refresh_token_expires_in: 864_000, refresh_token_expires_at: 1 }),
      inTenDays,
    );
    assert.equal(await endGiven({ refresh_token_expires_at: inTenDays / 1000 }), inTenDays);
    assert.equal(await endGiven({}), now + 60 * DAY_MS);
  });

  it('with a rotated secret blames the app, and works again once the secret is put back', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    const rotated = switchOf(bench, 'secret_rotated');
    rotated.apply({});
    const outcome = await renew(bench, held);
    assert.ok(!outcome.ok);
    const diagnosis = read(bench, held, outcome.answer);
    assert.deepEqual([diagnosis.cause, diagnosis.meaning], ['app_misconfigured', 'app_fault']);
    rotated.mend?.({});
    assert.ok((await renew(bench, held)).ok, 'the refresh token was not spent');
  });
});

describe('calls to Pinterest', () => {
  it('follow every page of ad accounts, and end where a bookmark never does', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    const all = await adapter.accounts(bench.io, bench.app, held);
    assert.ok(all.ok);
    assert.equal(all.value.length, 4);
    assert.deepEqual(
      new Set(all.value.map((account) => account.currency)),
      new Set(['EUR', 'USD', 'GBP', 'JPY']),
    );
    assert.ok(all.value.every((account) => account.permissions.length > 0));
    let page = 0;
    const endless = intercepting(bench, () => {
      page += 1;
      return { items: [{ id: `5${page}`, name: 'A' }], bookmark: `b${page}` };
    });
    assert.ok((await adapter.accounts(endless.io, bench.app, held)).ok);
    assert.ok(page <= 40);
  });

  it('probe an ad account where the account itself may not be asked', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    const narrow = { ...held, facts: { ...held.facts, scopesGranted: ['ads:read'] } };
    assert.equal((await adapter.probe(bench.io, bench.app, narrow)).verdict, 'alive');
    assert.match(bench.sent.at(-1)?.url ?? '', /\/ad_accounts\?page_size=1$/);
  });

  it('do not take every 401 for a dead token', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    switchOf(bench, 'app_without_access').apply({});
    const result = await adapter.probe(bench.io, bench.app, held);
    assert.ok(result.verdict === 'unclear');
    assert.equal(read(bench, held, result.answer).cause, 'app_disabled');
    switchOf(bench, 'app_without_access').mend?.({});
    switchOf(bench, 'revoked_by_user').apply({});
    assert.equal((await adapter.probe(bench.io, bench.app, held)).verdict, 'dead');
  });

  it('to an account without a role, or without the account, are told apart from a dead token', async () => {
    const bench = fresh();
    const held = await signIn(bench, SCOPES, { 'x-simulated-person': NOAH });
    const causeOf = async (path: string) => {
      const headers = adapter.callHeaders(bench.app, held);
      const answer = await bench.io.send(get('api', `${API}${path}`, {}, headers));
      return read(bench, held, answer).cause;
    };
    assert.equal(await causeOf('/ad_accounts/549755885103'), 'account_access_removed');
    assert.equal(await causeOf('/ad_accounts/1'), 'account_access_removed');
    assert.equal(await causeOf('/catalogs'), 'permission_missing');
  });

  it('wait as long as the limit says: a minute, or the rest of the day', async () => {
    for (const [how, cause, seconds] of [
      ['rate_limited', 'rate_limited', 34],
      ['daily_quota', 'quota_exceeded', 67_150],
    ] as const) {
      const bench = fresh();
      const held = await signIn(bench);
      switchOf(bench, how).apply({});
      const outcome = await renew(bench, held);
      assert.ok(!outcome.ok);
      const diagnosis = read(bench, held, outcome.answer);
      assert.deepEqual(
        [diagnosis.cause, diagnosis.retryAfterSeconds, diagnosis.meaning],
        [cause, seconds, 'transient'],
      );
    }
  });

  it('to revoke are refused for a person’s token, and say what the person can do', async () => {
    const bench = fresh();
    const held = await signIn(bench);
    const outcome = await adapter.revoke?.(bench.io, bench.app, held);
    assert.ok(outcome && !outcome.ok);
    assert.match(read(bench, held, outcome.answer).remedy, /removes the app/);
  });
});

describe('the simulated Pinterest', () => {
  it('takes what the official clients send: a slash at the end, the old switch, both names of the app id', async () => {
    const bench = fresh();
    const url = new URL(await authorizeUrl(bench, SCOPES));
    url.searchParams.set('consumer_id', bench.app.clientId);
    url.searchParams.set('refreshable', 'true');
    const code = (await consent(bench, url.href)).get('code') ?? '';
    const client = basic(bench.app.clientId, bench.app.clientSecret);
    const first = formPost(
      'token',
      `${API}/oauth/token/`,
      { grant_type: 'authorization_code', code, redirect_uri: REDIRECT },
      client,
    );
    const issued = await bench.io.send(first);
    assert.ok(issued.kind === 'answer' && issued.status === 200);
    const { refresh_token } = JSON.parse(issued.body);
    const fields = { grant_type: 'refresh_token', refresh_token, scope: 'ads:read', refresh_on: 'true' };
    const again = await bench.io.send(formPost('token', `${API}/oauth/token`, fields, client));
    assert.ok(again.kind === 'answer' && again.status === 200);
  });
});
