import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import {
  call,
  failure,
  flip,
  type Google,
  googleBench,
  method,
  read,
  received,
  signIn,
} from './google.support.ts';

const MANAGER = '1112223333';
const accountsOf = async (bench: Google, person?: string) => {
  const held = await signIn(bench, { person });
  return { held, outcome: await method(bench, 'user_login').accounts(bench.io, bench.app, held) };
};

describe('Google Ads accounts', () => {
  it('are found below managers and directly, with what a call to them needs', async () => {
    const { outcome } = await accountsOf(googleBench(googleAds));
    assert.ok(outcome.ok);
    assert.deepEqual(
      outcome.value.map(({ id, name, status, currency, permissions }) => [
        id,
        name,
        status,
        currency,
        ...permissions,
      ]),
      [
        [MANAGER, 'Summer Agency', 'active', 'EUR', 'manager'],
        ['2223334441', 'Summer Shoes DE', 'active', 'EUR', `login-customer-id ${MANAGER}`],
        ['2223334442', 'Summer Shoes US', 'active', 'USD', `login-customer-id ${MANAGER}`],
        ['2223334443', 'Customer 222-333-4443', 'disabled', 'GBP', `login-customer-id ${MANAGER}`],
        ['2223334444', 'Old Shop', 'closed', 'EUR', `login-customer-id ${MANAGER}`],
        ['3334445555', 'Winter Skis', 'active', 'CHF'],
      ],
    );
  });

  it('show a cancelled account that is reached directly, though it refuses every query', async () => {
    const bench = googleBench(googleAds);
    flip(bench, 'account_disabled');
    const { outcome } = await accountsOf(bench, bench.google.people[1]!.id);
    assert.ok(outcome.ok);
    const cancelled = outcome.value.find((account) => account.id === '2223334441');
    assert.deepEqual([cancelled?.status, cancelled?.name], ['disabled', 'Customer 222-333-4441']);
  });

  it('fail with the refusal where nothing can be read', async () => {
    const bench = googleBench(googleAds);
    const { held } = await accountsOf(bench);
    flip(bench, 'two_step_demanded');
    const diagnosis = failure(
      bench,
      await method(bench, 'user_login').accounts(bench.io, bench.app, held),
      held.facts,
    );
    assert.equal(diagnosis.cause, 'security_checkpoint');
    assert.match(diagnosis.remedy, /enrols.*then reconnects/);
  });

  it('are asked of the version that the operator set', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench);
    const app = { ...bench.app, settings: { ...bench.app.settings, api_version: 'v26' } };
    assert.ok((await method(bench, 'user_login').accounts(bench.io, app, held)).ok);
    assert.ok(bench.sent.some((request) => request.url.startsWith('https://googleads.googleapis.com/v26/')));
    const odd = { ...bench.app, settings: { api_version: '../v1' } };
    assert.equal(method(bench, 'user_login').baseUrl(odd, held), 'https://googleads.googleapis.com/v25');
  });
});

describe('The simulated Google Ads API', () => {
  const search = (
    bench: Google,
    token: string,
    customer: string,
    query: string,
    headers: Record<string, string> = {},
    verb = 'search',
  ) =>
    call(bench, `https://googleads.googleapis.com/v24/customers/${customer}/googleAds:${verb}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query }),
    });

  it('wants the manager’s id for an account below it', async () => {
    const bench = googleBench(googleAds);
    const token = (await signIn(bench)).secrets.access_token!;
    const query = 'SELECT customer.id, customer.status, metrics.cost_micros FROM customer LIMIT 1';
    const refused = search(bench, token, '2223334442', query);
    const diagnosis = read(bench, received('api', refused));
    assert.equal(diagnosis.cause, 'account_access_removed');
    assert.match(diagnosis.remedy, /login-customer-id/);
    const answered = search(bench, token, '2223334442', query, { 'login-customer-id': MANAGER });
    const { results } = JSON.parse(answered.body);
    const { costMicros } = results[0].metrics;
    assert.match(costMicros, /^[1-9]\d+$/);
    assert.deepEqual(results, [
      {
        customer: { resourceName: 'customers/2223334442', id: '2223334442', status: 'ENABLED' },
        metrics: { costMicros },
      },
    ]);
  });

  it('streams lists, errors too', async () => {
    const bench = googleBench(googleAds);
    const token = (await signIn(bench)).secrets.access_token!;
    const query =
      "SELECT customer_client.id FROM customer_client WHERE customer_client.status = 'ENABLED' AND customer_client.level <= 1";
    const streamed = JSON.parse(search(bench, token, MANAGER, query, {}, 'searchStream').body);
    assert.equal(streamed[0].results.length, 3);
    const refused = search(bench, token, MANAGER, 'SELECT nonsense', {}, 'searchStream');
    assert.ok(Array.isArray(JSON.parse(refused.body)));
    assert.equal(read(bench, received('api', refused)).cause, 'request_invalid');
  });

  it('says in the body how long to wait', async () => {
    const bench = googleBench(googleAds);
    const { held } = await accountsOf(bench);
    flip(bench, 'quota');
    const diagnosis = failure(bench, await method(bench, 'user_login').accounts(bench.io, bench.app, held));
    assert.deepEqual(
      [diagnosis.cause, diagnosis.retryAfterSeconds, diagnosis.permanent],
      ['quota_exceeded', 3600, false],
    );
  });
});
