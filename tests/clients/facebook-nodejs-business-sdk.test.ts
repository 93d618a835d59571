import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { AdAccount, FacebookAdsApi, User } from 'facebook-nodejs-business-sdk';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

const GRAPH = 'https://graph.facebook.com';
const DIALOG = `https://www.facebook.com/${FacebookAdsApi.VERSION}/dialog/oauth`;
const SIXTY_DAYS_SECONDS = 5_184_000;
const ACCOUNT_FIELDS = ['account_id', 'name', 'currency', 'account_status'];

let bench: ClientBench;
before(async () => {
  bench = await clientBench('meta');
  // Read as `FacebookAdsApi.GRAPH` everywhere, so a subclass would not be asked.
  Object.defineProperty(FacebookAdsApi, 'GRAPH', { get: () => bench.at(`${GRAPH}/`).replace(/\/$/, '') });
  // The address of a next page names the real host.
  const its = createRequire(createRequire(import.meta.url).resolve('facebook-nodejs-business-sdk'));
  its('axios').interceptors.request.use((config: { url: string }) => ({
    ...config,
    url: bench.at(config.url),
  }));
});
after(() => bench.end());

/** Without its crash reporter, which would post errors of this process to Meta. */
const sdk = (token: string) => new FacebookAdsApi(token, 'en_US', false);

async function codeFor(person: number): Promise<string> {
  const asking = {
    client_id: bench.app.client_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'ads_read,business_management',
    state: 'some-state',
  };
  const back = await bench.consent(`${DIALOG}?${new URLSearchParams(asking)}`, {
    'x-simulated-person': bench.people[person]?.id ?? '',
  });
  return back.searchParams.get('code') ?? '';
}

/** The token endpoint is a node of the Graph; the library has no method for it, but calls any address. */
function tokenCall(fields: Record<string, string>): Promise<{ access_token: string; expires_in?: number }> {
  const { client_id, client_secret } = bench.app;
  const query = new URLSearchParams({ client_id, client_secret, ...fields });
  return sdk('none').call('GET', `${GRAPH}/${FacebookAdsApi.VERSION}/oauth/access_token?${query}`);
}

async function signIn(person = 0) {
  const short = await tokenCall({ code: await codeFor(person), redirect_uri: CALLBACK });
  return tokenCall({ grant_type: 'fb_exchange_token', fb_exchange_token: short.access_token });
}

async function me(person = 0): Promise<User> {
  return new User('me', {}, undefined, sdk((await signIn(person)).access_token));
}

describe('facebook-nodejs-business-sdk', () => {
  it('exchanges a code for a token of an hour or two, and that for one of sixty days', async () => {
    const short = await tokenCall({ code: await codeFor(0), redirect_uri: CALLBACK });
    assert.ok((short.expires_in ?? 0) <= 7200);
    const long = await tokenCall({ grant_type: 'fb_exchange_token', fb_exchange_token: short.access_token });
    assert.notEqual(long.access_token, short.access_token);
    assert.ok((long.expires_in ?? 0) > SIXTY_DAYS_SECONDS - 300);
  });

  it('says who signed in, and what they allowed', async () => {
    const user = await me();
    const { _data } = await user.get(['id', 'name']);
    assert.deepEqual(_data, { id: bench.people[0]?.id, name: bench.people[0]?.name });
    const permissions = (await user.getPermissions()).map((permission) => permission._data);
    assert.ok(
      permissions.some(({ permission, status }) => permission === 'ads_read' && status === 'granted'),
    );
  });

  it('reads all ad accounts, page by page', async () => {
    const page = await (await me()).getAdAccounts(ACCOUNT_FIELDS, { limit: 2 });
    const found = page.map(({ id }) => id);
    while (page.hasNext()) found.push(...(await page.next()).map(({ id }) => id));
    assert.equal(found.length, 4);
    assert.equal(new Set(found).size, 4);
  });

  it('reads what an ad account spent', async () => {
    const { access_token } = await signIn();
    const account = new AdAccount('act_100200300400', {}, undefined, sdk(access_token));
    const [insight] = await account.getInsights(['spend', 'impressions']);
    assert.match(String(insight?._data.spend), /^\d+\.\d{2}$/);
  });

  it('proves the app’s secret where it is told to', async () => {
    const { access_token } = await signIn();
    const proof = createHmac('sha256', bench.app.client_secret).update(access_token).digest('hex');
    const user = new User('me', {}, undefined, sdk(access_token));
    assert.equal((await user.get(['id'], { appsecret_proof: proof }))._data.id, bench.people[0]?.id);
    const error = await failureOf(user.get(['id'], { appsecret_proof: 'wrong' }));
    assert.equal(error.response.code, 100);
  });

  it('is told about a token by the app', async () => {
    const { access_token } = await signIn();
    const { client_id, client_secret } = bench.app;
    const params = { input_token: access_token };
    const { data } = await sdk(`${client_id}|${client_secret}`).call('GET', ['debug_token'], params);
    assert.deepEqual([data.is_valid, data.app_id, data.scopes.includes('ads_read')], [true, client_id, true]);
  });
});

describe('facebook-nodejs-business-sdk, where a grant breaks', () => {
  /** Its own error, for a fresh grant to which it has happened. */
  async function errorAfter(how: string, person: number) {
    const user = await me(person);
    await bench.breakIt(how, { identity: bench.people[person]?.id ?? '' });
    const error = await failureOf(user.getAdAccounts(ACCOUNT_FIELDS));
    assert.equal(error.name, 'FacebookRequestError');
    const { code, error_subcode, type } = error.response;
    return { status: error.status, code, error_subcode, type };
  }

  it('says 190/458 after the person removed the app', async () => {
    const expected = { status: 400, code: 190, error_subcode: 458, type: 'OAuthException' };
    assert.deepEqual(await errorAfter('revoked_by_user', 0), expected);
  });

  it('says 190/460 after the person changed the password', async () => {
    const { code, error_subcode } = await errorAfter('password_changed', 1);
    assert.deepEqual([code, error_subcode], [190, 460]);
  });

  it('says 200 after the permission was withdrawn', async () => {
    const { status, code } = await errorAfter('permission_withdrawn', 2);
    assert.deepEqual([status, code], [403, 200]);
  });

  it('says 190/463 when the sixty days are over', async () => {
    const user = await me(0);
    bench.sandbox.clock.advance((SIXTY_DAYS_SECONDS + 60) * 1000);
    const error = await failureOf(user.get(['id']));
    assert.deepEqual([error.response.code, error.response.error_subcode], [190, 463]);
  });

  it('passes a limit on with its headers', async () => {
    const user = await me(0);
    await bench.sandbox.control('POST', 'meta/fault', { kind: 'rate_limit', times: 1 });
    const error = await failureOf(user.get(['id']));
    assert.deepEqual([error.status, error.response.code], [400, 4]);
    assert.ok(error.headers['x-app-usage']);
  });
});
