import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { AuthClient, RestliClient } from 'linkedin-api-client';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

const VERSION = '202610';
const SCOPES = ['r_ads', 'r_ads_reporting', 'r_basicprofile'];

let bench: ClientBench;
let auth: AuthClient;
let rest: RestliClient;

before(async () => {
  bench = await clientBench('linkedin');
  const { client_id: clientId, client_secret: clientSecret } = bench.app;
  auth = new AuthClient({ clientId, clientSecret, redirectUrl: CALLBACK });
  rest = new RestliClient();
  // It has no option for its addresses: the one client asks axios itself, the other an instance of its own.
  const its = createRequire(createRequire(import.meta.url).resolve('linkedin-api-client'));
  for (const { interceptors } of [its('axios'), rest.axiosInstance])
    interceptors.request.use((config: { url?: string }) => ({ ...config, url: bench.at(config.url ?? '') }));
});
after(() => bench.end());

async function signIn(person = 0) {
  const url = auth.generateMemberAuthorizationUrl(SCOPES, 'some-state');
  const back = await bench.consent(url, { 'x-simulated-person': bench.people[person]?.id ?? '' });
  assert.equal(back.searchParams.get('state'), 'some-state');
  return auth.exchangeAuthCodeForAccessToken(back.searchParams.get('code') ?? '');
}

const accounts = (accessToken: string, queryParams: Record<string, unknown> = {}) =>
  rest.finder({
    resourcePath: '/adAccounts',
    finderName: 'search',
    queryParams: { search: { status: { values: ['ACTIVE', 'CANCELED', 'DRAFT'] } }, ...queryParams },
    versionString: VERSION,
    accessToken,
  });

interface Page {
  readonly elements: readonly { readonly id: number }[];
  readonly metadata: { readonly nextPageToken?: string };
}

/** What LinkedIn said, from the library's error. */
// biome-ignore lint/suspicious/noExplicitAny: axios's error, read for what is expected.
const saidIn = ({ response }: any) => [
  response.status,
  response.data.error ?? response.data.serviceErrorCode ?? response.data.code,
];

describe('linkedin-api-client', () => {
  it('exchanges a code, and renews with the same refresh token', async () => {
    const first = await signIn();
    assert.ok(first.refresh_token_expires_in && first.refresh_token_expires_in > 31_000_000);
    const second = await auth.exchangeRefreshTokenForAccessToken(first.refresh_token ?? '');
    assert.notEqual(second.access_token, first.access_token);
    assert.equal(second.refresh_token, first.refresh_token);
  });

  it('introspects a token', async () => {
    const { access_token } = await signIn();
    const { data } = (await auth.introspectAccessToken(access_token)) as unknown as { data: object };
    assert.deepEqual(
      { ...data, created_at: 0, expires_at: 0, authorized_at: 0 },
      {
        active: true,
        status: 'active',
        scope: SCOPES.join(','),
        client_id: bench.app.client_id,
        created_at: 0,
        expires_at: 0,
        authorized_at: 0,
        auth_type: '3L',
      },
    );
  });

  it('says who signed in', async () => {
    const { access_token } = await signIn();
    const { data } = await rest.get({ resourcePath: '/me', accessToken: access_token });
    assert.equal(data.id, bench.people[0]?.id);
  });

  it('finds the ad accounts page by page, and reads one', async () => {
    const { access_token } = await signIn();
    const first = (await accounts(access_token)).data as unknown as Page;
    const { nextPageToken } = first.metadata;
    const second = (await accounts(access_token, { pageToken: nextPageToken })).data as unknown as Page;
    assert.deepEqual([first.elements.length + second.elements.length, second.metadata], [4, {}]);
    const id = first.elements[0]?.id;
    const one = await rest.get({
      resourcePath: '/adAccounts/{id}',
      pathKeys: { id },
      versionString: VERSION,
      accessToken: access_token,
    });
    assert.deepEqual([one.data.id, one.data.currency], [id, 'EUR']);
  });

  it('is understood where a long query makes it send the search as a POST', async () => {
    const { access_token } = await signIn();
    const { data, request } = await accounts(access_token, { padding: 'x'.repeat(4_000) });
    assert.equal(request.method, 'POST');
    assert.ok(data.elements.length > 0);
  });
});

describe('linkedin-api-client, where a grant breaks', () => {
  it('says that the token was revoked after the member removed the app, and refuses to renew', async () => {
    const { access_token, refresh_token } = await signIn(1);
    await bench.breakIt('revoked_by_user', { identity: bench.people[1]?.id ?? '' });
    assert.deepEqual(saidIn(await failureOf(accounts(access_token))), [401, 65601]);
    const renewal = await failureOf(auth.exchangeRefreshTokenForAccessToken(refresh_token ?? ''));
    assert.deepEqual(saidIn(renewal), [400, 'invalid_request']);
  });

  it('says 100 where the scope is missing', async () => {
    const { access_token } = await signIn(2);
    await bench.breakIt('permission_missing', { identity: bench.people[2]?.id ?? '' });
    assert.deepEqual(saidIn(await failureOf(accounts(access_token))), [403, 100]);
  });

  it('says that the client is wrong after its secret was rotated', async () => {
    const { refresh_token } = await signIn();
    await bench.breakIt('secret_rotated');
    const error = await failureOf(auth.exchangeRefreshTokenForAccessToken(refresh_token ?? ''));
    await bench.mendIt('secret_rotated');
    assert.deepEqual(saidIn(error), [401, 'invalid_client']);
  });

  it('says 426 where the API version is retired', async () => {
    const { access_token } = await signIn();
    const call = { resourcePath: '/adAccounts', finderName: 'search', versionString: '202401' };
    const error = await failureOf(rest.finder({ ...call, accessToken: access_token }));
    assert.deepEqual(saidIn(error), [426, 'NONEXISTENT_VERSION']);
  });
});
