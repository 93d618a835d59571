import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import {
  AmazonAdvertising,
  HttpClient,
  OAuthClient,
  OperationProvider,
  PortfolioOperation,
  ProfileOperation,
  ThrottlingError,
  UnauthorizedError,
} from '@scaleleap/amazon-advertising-api-sdk';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

/** A package of the library's own, with the facts of Amazon's marketplaces. */
const its = createRequire(createRequire(import.meta.url).resolve('@scaleleap/amazon-advertising-api-sdk'));
const { amazonMarketplaces } = its('@scaleleap/amazon-marketplaces');

let bench: ClientBench;
before(async () => {
  bench = await clientBench('amazon-ads');
});
after(() => bench.end());

function oauthClient(): OAuthClient {
  const options = {
    clientId: bench.app.client_id,
    clientSecret: bench.app.client_secret,
    redirectUri: CALLBACK,
    accessTokenUri: bench.at('https://api.amazon.com/auth/o2/token'),
    authorizationUri: bench.at('https://www.amazon.com/ap/oa'),
    scopes: ['advertising::campaign_management', 'profile'],
  };
  return new OAuthClient(options, amazonMarketplaces.US);
}

async function signIn(person = 0) {
  const client = oauthClient();
  const back = await bench.consent(client.getUri({ state: 'some-state' }), {
    'x-simulated-person': bench.people[person]?.id ?? '',
  });
  return client.getToken(back.href, { state: 'some-state' });
}

function httpClient(accessToken: string, host = 'advertising-api.amazon.com', scope = 0): HttpClient {
  const uri = bench.at(`https://${host}/`).replace(/\/$/, '');
  return new HttpClient(uri, { accessToken, clientId: bench.app.client_id, scope });
}

const profiles = (accessToken: string, host?: string) =>
  new OperationProvider(httpClient(accessToken, host)).create(ProfileOperation).listProfiles();

const portfolios = (accessToken: string, profile: number) =>
  new PortfolioOperation(httpClient(accessToken, undefined, profile)).listPortfolios();

describe('@scaleleap/amazon-advertising-api-sdk', () => {
  it('exchanges a code', async () => {
    const token = await signIn();
    assert.match(token.accessToken, /^Atza\|/);
    assert.match(token.refreshToken, /^Atzr\|/);
    assert.deepEqual([token.tokenType, token.data.expires_in], ['bearer', 3600]);
  });

  it('renews with the same refresh token', async () => {
    const { accessToken, refreshToken } = await signIn();
    const renewed = await oauthClient().createToken('', refreshToken).refresh();
    assert.notEqual(renewed.accessToken, accessToken);
    assert.equal(renewed.refreshToken, refreshToken);
  });

  it('lists the profiles of each region that one may change, and takes them for what they should be', async () => {
    const { accessToken } = await signIn();
    const us = await profiles(accessToken);
    const eu = await profiles(accessToken, 'advertising-api-eu.amazon.com');
    assert.deepEqual([...us, ...eu].map(({ countryCode }) => countryCode).sort(), ['CA', 'DE', 'US']);
  });

  it('calls for one profile', async () => {
    const { accessToken } = await signIn();
    const [profile] = await profiles(accessToken);
    assert.deepEqual(await portfolios(accessToken, profile?.profileId ?? 0), []);
  });

  it('offers all operations at once', () => {
    assert.ok(
      new AmazonAdvertising(amazonMarketplaces.US, { accessToken: 'x', clientId: 'y', scope: 1 }).profile,
    );
  });
});

describe('@scaleleap/amazon-advertising-api-sdk, where a grant breaks', () => {
  it('passes invalid_grant on as its transport’s error after the person removed the app', async () => {
    const { refreshToken } = await signIn(1);
    await bench.breakIt('revoked_by_user', { identity: bench.people[1]?.id ?? '' });
    const error = await failureOf(oauthClient().createToken('', refreshToken).refresh());
    assert.deepEqual(
      [error.name, error.response.status, error.response.data.error],
      ['AxiosError', 400, 'invalid_grant'],
    );
  });

  it('says UnauthorizedError for a dead access token', async () => {
    const { accessToken } = await signIn();
    await bench.breakIt('access_token_lost', { identity: bench.people[0]?.id ?? '' });
    const error = await failureOf(profiles(accessToken));
    assert.ok(error instanceof UnauthorizedError);
    assert.deepEqual([error.code, typeof error.requestId], ['UNAUTHORIZED', 'string']);
  });

  it('says UnauthorizedError as well for a lost role: only the words differ', async () => {
    const { accessToken } = await signIn(2);
    const [profile] = await profiles(accessToken, 'advertising-api-fe.amazon.com');
    const target = { identity: bench.people[2]?.id ?? '' };
    await bench.breakIt('no_account_left', target);
    const operation = new PortfolioOperation(
      httpClient(accessToken, 'advertising-api-fe.amazon.com', profile?.profileId),
    );
    const error = await failureOf(operation.listPortfolios());
    await bench.mendIt('no_account_left', target);
    assert.ok(error instanceof UnauthorizedError);
    assert.match(error.message, /Not authorized to access scope/);
  });

  it('says ThrottlingError with the time to wait', async () => {
    const { accessToken } = await signIn();
    await bench.breakIt('rate_limited');
    const error = await failureOf(profiles(accessToken));
    await bench.mendIt('rate_limited');
    assert.ok(error instanceof ThrottlingError);
    assert.equal(error.retryAfter, 7);
  });
});
