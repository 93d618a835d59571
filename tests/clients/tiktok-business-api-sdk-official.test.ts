import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AccountManagementApi, ApiClient, AuthenticationApi } from 'tiktok-business-api-sdk-official';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

let bench: ClientBench;
let client: ApiClient;
before(async () => {
  bench = await clientBench('tiktok');
  client = new ApiClient();
  client.basePath = bench.at('https://business-api.tiktok.com/').replace(/\/$/, '');
});
after(() => bench.end());

// biome-ignore lint/suspicious/noExplicitAny: the platform's JSON.
type Json = any;

/** By its callback: what its methods return is a request that would be sent a second time if one awaited it. */
function called(send: (done: (error: Error | null, data: Json) => void) => unknown): Promise<Json> {
  return new Promise((resolve, reject) => {
    send((error, data) => (error ? reject(error) : resolve(data)));
  });
}

async function codeFor(person: number): Promise<string> {
  const query = new URLSearchParams({
    app_id: bench.app.client_id,
    redirect_uri: CALLBACK,
    state: 'some-state',
  });
  const back = await bench.consent(`https://business-api.tiktok.com/portal/auth?${query}`, {
    'x-simulated-person': bench.people[person]?.id ?? '',
  });
  return back.searchParams.get('auth_code') ?? '';
}

function exchange(auth_code: string): Promise<Json> {
  const { client_id, client_secret } = bench.app;
  const body = { app_id: client_id, secret: client_secret, auth_code };
  return called((done) => new AuthenticationApi(client).oauth2AccessToken({ body }, done));
}

async function signIn(person = 0): Promise<string> {
  return (await exchange(await codeFor(person))).data.access_token;
}

function advertisers(token: string): Promise<Json> {
  const { client_id, client_secret } = bench.app;
  return called((done) =>
    new AuthenticationApi(client).oauth2AdvertiserGet(client_id, client_secret, token, done),
  );
}

const info = (token: string, ids: readonly string[]): Promise<Json> =>
  called((done) => new AccountManagementApi(client).advertiserInfo(ids, token, {}, done));

/** The platform's code stands in the text of the library's error only. */
const codeOf = (error: Error) => Number(/code: (\d+)/.exec(error.message)?.[1]);

describe('tiktok-business-api-sdk-official', () => {
  it('exchanges a code for a token without an end', async () => {
    const { data } = await exchange(await codeFor(0));
    assert.equal(typeof data.access_token, 'string');
    assert.deepEqual(
      [data.advertiser_ids.length, data.expires_in, data.refresh_token],
      [4, undefined, undefined],
    );
  });

  it('lists the advertisers, and what is known about two of them', async () => {
    const token = await signIn();
    const { data } = await advertisers(token);
    const ids = data.list.map((one: Json) => one.advertiser_id);
    const known = await info(token, ids.slice(0, 2));
    assert.deepEqual(
      known.data.list.map((one: Json) => [one.advertiser_id, one.currency]),
      [
        [ids[0], 'EUR'],
        [ids[1], 'USD'],
      ],
    );
  });

  it('says 40110 for a code that was used', async () => {
    const code = await codeFor(0);
    await exchange(code);
    assert.equal(codeOf(await failureOf(exchange(code))), 40110);
  });

  it('says 40105 after the advertiser cancelled the authorization', async () => {
    const token = await signIn(1);
    await bench.breakIt('revoked_by_user', { identity: bench.people[1]?.id ?? '' });
    const error = await failureOf(advertisers(token));
    assert.equal(codeOf(error), 40105);
    assert.match(error.message, /^request_id:\w+ message: Access token is incorrect or has been revoked/);
  });

  it('says 40001 after a permission was withdrawn', async () => {
    const token = await signIn(2);
    await bench.breakIt('permission_withdrawn', { identity: bench.people[2]?.id ?? '' });
    const { data } = await advertisers(token);
    const error = await failureOf(info(token, [data.list[0].advertiser_id]));
    assert.equal(codeOf(error), 40001);
  });

  it('says 40100 where calls come too fast', async () => {
    const token = await signIn();
    await bench.sandbox.control('POST', 'tiktok/fault', { kind: 'rate_limit', times: 1 });
    assert.equal(codeOf(await failureOf(advertisers(token))), 40100);
  });
});
