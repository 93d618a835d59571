import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

/**
 * Its REST search and its sign-in can be led here; what it sends by gRPC (mutations, the list of accessible customers)
 * cannot, because it builds those channels with TLS itself. Loaded without its types: they are a hundred megabytes.
 */
const require = createRequire(import.meta.url);
const { GoogleAdsApi, enums, errors } = require('google-ads-api');
const its = createRequire(require.resolve('google-ads-api'));

const SCOPE = 'https://www.googleapis.com/auth/adwords';
const CLIENTS =
  'SELECT customer_client.id, customer_client.descriptive_name, customer_client.status, customer_client.currency_code FROM customer_client WHERE customer_client.level <= 1';
const [MANAGER, FRAGILE, CANCELED] = ['1112223333', '2223334441', '2223334444'];

let bench: ClientBench;
/** Where the last call went, and with which headers. */
let asked: { url: string; headers: Record<string, unknown> };

before(async () => {
  bench = await clientBench('google-ads');
  its('axios').interceptors.request.use((config: { url: string; headers: Record<string, unknown> }) => {
    asked = { url: config.url, headers: config.headers };
    return { ...config, url: bench.at(config.url) };
  });
  const { OAuth2Client } = its('google-auth-library');
  const refresh = OAuth2Client.prototype.refreshTokenNoCache;
  OAuth2Client.prototype.refreshTokenNoCache = function here(token: string) {
    this.endpoints.oauth2TokenUrl = bench.at('https://oauth2.googleapis.com/token');
    return refresh.call(this, token);
  };
});
after(() => bench.end());

/** Consent and exchange by hand: the library begins with a refresh token. */
async function refreshToken(person = 0): Promise<string> {
  const { app, at, consent, people } = bench;
  const asking = {
    client_id: app.client_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: SCOPE,
    access_type: 'offline',
    prompt: 'consent',
  };
  const back = await consent(`https://accounts.google.com/o/oauth2/v2/auth?${new URLSearchParams(asking)}`, {
    'x-simulated-person': people[person]?.id ?? '',
  });
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    client_id: app.client_id,
    client_secret: app.client_secret,
  });
  const answer = await fetch(at('https://oauth2.googleapis.com/token'), { method: 'POST', body });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

async function customer(id: string, through?: string, refresh_token?: string) {
  const { client_id, client_secret } = bench.app;
  const api = new GoogleAdsApi({ client_id, client_secret, developer_token: 'dev-token' });
  return api.Customer({
    customer_id: id,
    login_customer_id: through,
    refresh_token: refresh_token ?? (await refreshToken()),
  });
}

/** The code of the first error in the library's own failure. */
function codeOf(error: unknown): unknown {
  assert.ok(error instanceof errors.GoogleAdsFailure);
  return JSON.parse(JSON.stringify(error)).errors[0]?.error_code;
}

describe('google-ads-api', () => {
  it('renews by itself and lists a manager’s accounts from a stream', async () => {
    const rows = await (await customer(MANAGER)).query(CLIENTS);
    assert.match(
      asked.url,
      /^https:\/\/googleads\.googleapis\.com\/v\d+\/customers\/\d+\/googleAds:searchStream$/,
    );
    assert.equal(asked.headers['developer-token'], 'dev-token');
    assert.equal(rows.length, 5);
    const fragile = rows.find(
      (row: { customer_client: { id: unknown } }) => String(row.customer_client.id) === FRAGILE,
    );
    assert.deepEqual(
      { ...fragile.customer_client, id: String(fragile.customer_client.id) },
      {
        id: FRAGILE,
        resource_name: `customers/${MANAGER}/customerClients/${FRAGILE}`,
        descriptive_name: 'Summer Shoes DE',
        status: enums.CustomerStatus.ENABLED,
        currency_code: 'EUR',
      },
    );
  });

  it('asks about an account through its manager', async () => {
    const [row] = await (await customer(FRAGILE, MANAGER)).report({
      entity: 'customer',
      attributes: ['customer.id', 'customer.time_zone'],
    });
    assert.equal(asked.headers['login-customer-id'], MANAGER);
    assert.equal(row.customer.time_zone, 'Europe/Berlin');
  });

  it('searches without a stream where the number of rows is wanted', async () => {
    const { response } = await (await customer(MANAGER)).search(CLIENTS);
    assert.match(asked.url, /googleAds:search$/);
    assert.equal(response.length, 5);
  });

  it('fails with its own failure where a person has no access', async () => {
    const error = await failureOf((await customer(FRAGILE)).query(CLIENTS));
    assert.deepEqual(codeOf(error), { authorization_error: 'USER_PERMISSION_DENIED' });
  });

  it('fails with its own failure where an account is cancelled', async () => {
    const error = await failureOf((await customer(CANCELED, MANAGER)).search(CLIENTS));
    assert.deepEqual(codeOf(error), { authorization_error: 'CUSTOMER_NOT_ENABLED' });
  });

  it('fails with its own failure after the token was revoked, as long as it keeps using the same one', async () => {
    const token = await refreshToken(2);
    const held = await customer(MANAGER, undefined, token);
    await held.query(CLIENTS);
    await bench.breakIt('access_revoked', { identity: bench.people[2]?.id ?? '' });
    const error = await failureOf(held.query(CLIENTS));
    assert.deepEqual(codeOf(error), { authentication_error: 'OAUTH_TOKEN_REVOKED' });
  });

  it('says invalid_grant after the person removed the app', async () => {
    const token = await refreshToken(1);
    await bench.breakIt('revoked_by_user', { identity: bench.people[1]?.id ?? '' });
    const error = await failureOf((await customer(MANAGER, undefined, token)).query(CLIENTS));
    assert.equal(error.message, 'invalid_grant');
  });

  it('has nothing to say where the API is switched off: it reads only details of the Ads API’s own kind', async (t) => {
    t.mock.method(console, 'warn', () => undefined);
    await bench.breakIt('api_off');
    const error = await failureOf((await customer(MANAGER)).search(CLIENTS));
    await bench.mendIt('api_off');
    assert.ok(error instanceof errors.GoogleAdsFailure);
    assert.deepEqual(error.errors, []);
  });
});
