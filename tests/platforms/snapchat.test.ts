import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnose } from '../../src/core/diagnosis.ts';
import { HOUR_MS } from '../../src/core/instant.ts';
import type { Held, MethodAdapter } from '../../src/platforms/kit/adapter.ts';
import { readStandardCallback } from '../../src/platforms/kit/oauth.ts';
import type { SimRequest } from '../../src/platforms/kit/simulator.ts';
import { snapchat } from '../../src/platforms/snapchat/index.ts';
import { simulateSnapchat } from '../../src/platforms/snapchat/simulator.ts';
import { type Bench, benchFor, consent, factsOf } from '../support/simulated.ts';

const REDIRECT_URI = 'https://evergrant.example/oauth/callback/snapchat';
const SCOPES = ['snapchat-marketing-api'];
const login = snapchat.adapter.methods.user_login as MethodAdapter;
const [NOAH, LUCIE] = ['5a0e9c1e-0002-4000-8000-000000000002', '5a0e9c1e-0003-4000-8000-000000000003'];

const bench = (): Bench => benchFor(snapchat, [simulateSnapchat]);

async function connect(b: Bench, person?: string): Promise<Held> {
  const input = {
    redirectUri: REDIRECT_URI,
    state: 's',
    codeChallenge: null,
    nonce: 'n',
    scopes: SCOPES,
    identity: null,
    reconnect: false,
  };
  const url = await login.authorizeUrl!(b.app, input, b.io);
  const callback = readStandardCallback(
    await consent(b, url, person ? { 'x-simulated-person': person } : {}),
  );
  assert.ok(callback.kind === 'code');
  const { code } = callback;
  const issued = await login.exchange!(b.io, b.app, {
    code,
    redirectUri: REDIRECT_URI,
    codeVerifier: null,
    nonce: 'n',
    scopes: SCOPES,
  });
  assert.ok(issued.ok, JSON.stringify(issued));
  const facts = factsOf(snapchat, snapchat.profile.methods[0]!, issued.value, SCOPES);
  return { secrets: issued.value.secrets, identity: issued.value.identity!, facts };
}

function applied(b: Bench, how: string): void {
  b.simulator
    .breaks('snapchat')
    .find((one) => one.how === how)!
    .apply({});
}

/** The bench with the answers for a path replaced by a body under HTTP 200. */
function answering(b: Bench, path: string, body: unknown): Bench {
  const send: Bench['io']['send'] = (request) =>
    new URL(request.url).pathname === path
      ? Promise.resolve({
          kind: 'answer',
          endpoint: request.endpoint,
          status: 200,
          headers: {},
          body: JSON.stringify(body),
        })
      : b.io.send(request);
  return { ...b, io: { ...b.io, send } };
}

async function idsOf(b: Bench, held: Held): Promise<readonly string[]> {
  const accounts = await login.accounts(b.io, b.app, held);
  assert.ok(accounts.ok, JSON.stringify(accounts));
  return accounts.value.map((account) => account.id);
}

async function refusal(b: Bench, held: Held) {
  const accounts = await login.accounts(b.io, b.app, held);
  assert.ok(!accounts.ok, 'the account list fails');
  return diagnose(snapchat.adapter.checks, accounts.answer, held.facts, b.clock.now());
}

describe('Snapchat: the account list', () => {
  it('covers every organization of the person, over pages, and each person sees their own', async () => {
    const b = bench();
    const all = ['acc-5a0e-01', 'acc-5a0e-02', 'acc-5a0e-03', 'acc-5a0e-04', 'acc-5a0e-05'];
    assert.deepEqual(await idsOf(b, await connect(b)), all);
    assert.deepEqual(await idsOf(b, await connect(b, NOAH)), all.slice(0, 2));
    assert.deepEqual(await idsOf(b, await connect(b, LUCIE)), all);
  });

  it('sends the token to the Ads API alone, though pages link to another host', async () => {
    const b = bench();
    await idsOf(b, await connect(b));
    const pages = b.sent.filter((request) => request.url.includes('cursor='));
    assert.equal(pages.length, 1);
    for (const request of b.sent) assert.match(request.url, /^https:\/\/(accounts|adsapi)\.snapchat\.com\//);
  });

  it('leaves out an organization that is out of reach, and keeps the others', async () => {
    const b = bench();
    const held = await connect(b);
    const organizations = [
      {
        sub_request_status: 'ERROR',
        sub_request_error_reason: 'Error code: E3002, message: Caller does not have permission : [x]',
      },
      {
        sub_request_status: 'SUCCESS',
        organization: { id: 'o', ad_accounts: [{ id: 'a-1', name: 'Kept', status: 'ACTIVE' }] },
      },
    ];
    assert.deepEqual(
      await idsOf(answering(b, '/v1/me/organizations', { request_status: 'SUCCESS', organizations }), held),
      ['a-1'],
    );
  });

  it('fails rather than lose accounts when one item fails for a passing reason', async () => {
    const b = bench();
    const held = await connect(b);
    const organizations = [
      { sub_request_status: 'ERROR', sub_request_error_reason: 'Backend timed out' },
      {
        sub_request_status: 'SUCCESS',
        organization: { id: 'o', ad_accounts: [{ id: 'a-1', name: 'Kept', status: 'ACTIVE' }] },
      },
    ];
    const diagnosis = await refusal(
      answering(b, '/v1/me/organizations', { request_status: 'SUCCESS', organizations }),
      held,
    );
    assert.equal(diagnosis.meaning, 'transient');
  });

  it('reads an error under HTTP 200 as the error that it is', async () => {
    const b = bench();
    const held = await connect(b);
    applied(b, 'organization_access_removed');
    assert.equal((await refusal(b, held)).cause, 'account_access_removed');
  });
});

describe('Snapchat: limits and endings', () => {
  it('waits until the end of the window that the header tells in milliseconds', async () => {
    const b = bench();
    const request = {
      host: 'adsapi.snapchat.com',
      path: '/v1/adaccounts/acc-5a0e-01/stats',
      method: 'GET',
    } as SimRequest;
    const { status, headers = {}, body } = b.simulator.rateLimited(request);
    const answer = { kind: 'answer', endpoint: 'api', status, headers, body } as const;
    const diagnosis = diagnose(snapchat.adapter.checks, answer, undefined, b.clock.now());
    assert.deepEqual([diagnosis.cause, diagnosis.retryAfterSeconds], ['rate_limited', 5]);
  });

  it('tells no wait where the platform tells none', async () => {
    const b = bench();
    const held = await connect(b);
    applied(b, 'rate_limited');
    const diagnosis = await refusal(b, held);
    assert.deepEqual([diagnosis.cause, diagnosis.retryAfterSeconds], ['rate_limited', null]);
  });

  it('keeps the refresh token through renewals, also side by side', async () => {
    const b = bench();
    const held = await connect(b);
    b.clock.advance(HOUR_MS);
    assert.equal((await refusal(b, held)).cause, 'access_token_expired');
    const renewals = await Promise.all([1, 2, 3].map(() => login.renew!(b.io, b.app, held)));
    const tokens = renewals.map((renewal) => {
      assert.ok(renewal.ok);
      assert.equal(renewal.value.secrets.refresh_token, held.secrets.refresh_token);
      return renewal.value.secrets.access_token;
    });
    assert.equal(new Set(tokens).size, 3);
  });

  it('revokes with the refresh token, and the grant is over', async () => {
    const b = bench();
    const held = await connect(b);
    assert.ok((await login.revoke!(b.io, b.app, held)).ok);
    const renewal = await login.renew!(b.io, b.app, held);
    assert.ok(!renewal.ok);
    const diagnosis = diagnose(snapchat.adapter.checks, renewal.answer, held.facts, b.clock.now());
    assert.equal(diagnosis.cause, 'revoked_by_user');
  });
});

describe('Simulated Snapchat', () => {
  it('has an older front door that takes HTTP Basic and leaves the refresh token out of renewals', async () => {
    const b = bench();
    const held = await connect(b);
    const client = Buffer.from(`${b.app.clientId}:${b.app.clientSecret}`).toString('base64');
    const answer = await b.simulator.handle({
      method: 'POST',
      host: 'accounts.snapchat.com',
      path: '/accounts/oauth2/token',
      query: new URLSearchParams(),
      headers: { authorization: `Basic ${client}` },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: held.secrets.refresh_token!,
      }).toString(),
    });
    assert.equal(answer.status, 200);
    const told = JSON.parse(answer.body);
    assert.deepEqual([typeof told.access_token, told.refresh_token], ['string', undefined]);
  });
});
