import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

/** Where a platform signs people in, as a client that keeps to RFC 6749 must be told it. */
interface Place {
  readonly issuer: string;
  readonly authorize: string;
  readonly token: string;
  readonly scope: string;
  readonly clientAuth?: (secret: string) => oidc.ClientAuth;
  readonly more?: Record<string, string>;
}

const SNAPCHAT: Place = {
  issuer: 'https://accounts.snapchat.com',
  authorize: 'https://accounts.snapchat.com/login/oauth2/authorize',
  token: 'https://accounts.snapchat.com/login/oauth2/access_token',
  scope: 'snapchat-marketing-api',
};
const GOOGLE: Place = {
  issuer: 'https://accounts.google.com',
  authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
  scope: 'openid email https://www.googleapis.com/auth/adwords',
  more: { access_type: 'offline', prompt: 'consent' },
};
const AMAZON: Place = {
  issuer: 'https://www.amazon.com',
  authorize: 'https://www.amazon.com/ap/oa',
  token: 'https://api.amazon.com/auth/o2/token',
  scope: 'advertising::campaign_management',
};
const PINTEREST: Place = {
  issuer: 'https://www.pinterest.com',
  authorize: 'https://www.pinterest.com/oauth/',
  token: 'https://api.pinterest.com/v5/oauth/token',
  scope: 'ads:read,user_accounts:read',
  clientAuth: oidc.ClientSecretBasic,
};
const META: Place = {
  issuer: 'https://www.facebook.com',
  authorize: 'https://www.facebook.com/v25.0/dialog/oauth',
  token: 'https://graph.facebook.com/v25.0/oauth/access_token',
  scope: 'ads_read',
};
const LINKEDIN: Place = {
  issuer: 'https://www.linkedin.com',
  authorize: 'https://www.linkedin.com/oauth/v2/authorization',
  token: 'https://www.linkedin.com/oauth/v2/accessToken',
  scope: 'r_ads',
};

let bench: ClientBench;
before(async () => {
  bench = await clientBench('snapchat');
});
after(() => bench.end());

const NOT_CONFORM = 'OAUTH_RESPONSE_IS_NOT_CONFORM';

/** A sign-in up to the code: the client's configuration, and the callback with its checks. */
async function codeAt(place: Place, platform: string) {
  const { app } = await bench.sandbox.control('GET', platform);
  const server = {
    issuer: place.issuer,
    authorization_endpoint: bench.at(place.authorize),
    token_endpoint: bench.at(place.token),
  };
  const authenticate = (place.clientAuth ?? oidc.ClientSecretPost)(app.client_secret);
  const config = new oidc.Configuration(server, app.client_id, {}, authenticate);
  oidc.allowInsecureRequests(config);
  const [expectedState, pkceCodeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: place.scope,
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...place.more,
  });
  return { config, callback: await bench.consent(url.href), checks: { expectedState, pkceCodeVerifier } };
}

async function signIn(place: Place, platform: string) {
  const { config, callback, checks } = await codeAt(place, platform);
  return { config, tokens: await oidc.authorizationCodeGrant(config, callback, checks) };
}

const snapchat = () => signIn(SNAPCHAT, 'snapchat');

describe('openid-client at Snapchat', () => {
  it('exchanges a code, and renews', async () => {
    const { config, tokens } = await snapchat();
    assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ['bearer', 3600, SNAPCHAT.scope]);
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    assert.notEqual(renewed.access_token, tokens.access_token);
    assert.ok(renewed.refresh_token);
  });

  it('calls the API', async () => {
    const { config, tokens } = await snapchat();
    const me = new URL(bench.at('https://adsapi.snapchat.com/v1/me'));
    const answer = await oidc.fetchProtectedResource(config, tokens.access_token, me, 'GET');
    const json = (await answer.json()) as { me: { id: string } };
    assert.ok(bench.people.some(({ id }) => id === json.me.id));
  });

  it('says ResponseBodyError with invalid_grant after the person removed the app', async () => {
    const { config, tokens } = await snapchat();
    await bench.breakIt('revoked_by_user');
    const error = await failureOf(oidc.refreshTokenGrant(config, tokens.refresh_token ?? ''));
    assert.ok(error instanceof oidc.ResponseBodyError);
    assert.deepEqual([error.error, error.status], ['invalid_grant', 400]);
  });

  it('says ResponseBodyError with invalid_client after the secret was rotated', async () => {
    const { config, tokens } = await snapchat();
    await bench.breakIt('secret_rotated');
    const error = await failureOf(oidc.refreshTokenGrant(config, tokens.refresh_token ?? ''));
    await bench.mendIt('secret_rotated');
    assert.deepEqual([error.name, error.error], ['ResponseBodyError', 'invalid_client']);
  });

  it('says AuthorizationResponseError where the person denies', async () => {
    const { config, checks } = await codeAt(SNAPCHAT, 'snapchat');
    const url = oidc.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, state: checks.expectedState });
    const denied = await bench.consent(url.href, { 'x-simulated-consent': 'deny' });
    const error = await failureOf(oidc.authorizationCodeGrant(config, denied, checks));
    assert.deepEqual([error.name, error.error], ['AuthorizationResponseError', 'access_denied']);
  });
});

describe('openid-client at other platforms', () => {
  for (const [platform, place] of [
    ['google-ads', GOOGLE],
    ['amazon-ads', AMAZON],
    ['pinterest', PINTEREST],
  ] as const) {
    it(`exchanges a code and renews at ${platform}`, async () => {
      const { config, tokens } = await signIn(place, platform);
      const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
      assert.notEqual(renewed.access_token, tokens.access_token);
    });
  }

  it('reads the id token of Google', async () => {
    const { tokens } = await signIn(GOOGLE, 'google-ads');
    assert.match(tokens.claims()?.sub ?? '', /^\d{21}$/);
  });

  it('exchanges a code at Meta, where there is nothing to renew with', async () => {
    const { tokens } = await signIn(META, 'meta');
    assert.deepEqual([tokens.token_type, tokens.refresh_token], ['bearer', undefined]);
  });

  it('refuses LinkedIn’s answer, which has no token_type (RFC 6749 5.1 requires it)', async () => {
    const error = await failureOf(signIn(LINKEDIN, 'linkedin'));
    assert.equal(error.code, 'OAUTH_INVALID_RESPONSE');
    assert.match(error.cause.message, /"token_type"/);
  });

  it('cannot read Pinterest’s refusal, which is not of the shape of RFC 6749 5.2', async () => {
    const { config } = await signIn(PINTEREST, 'pinterest');
    const error = await failureOf(oidc.refreshTokenGrant(config, 'pinr.unknown'));
    assert.deepEqual([error.name, error.code, error.cause?.status], ['ClientError', NOT_CONFORM, 401]);
  });

  it('cannot read Meta’s refusal, which is not of that shape either', async () => {
    const { config, callback, checks } = await codeAt(META, 'meta');
    callback.searchParams.set('code', 'unknown');
    const error = await failureOf(oidc.authorizationCodeGrant(config, callback, checks));
    assert.deepEqual([error.name, error.code, error.cause?.status], ['ClientError', NOT_CONFORM, 400]);
  });
});

describe('openid-client’s discovery', () => {
  /** The issuer is the platform's own, whose document is fetched where the sandbox serves it; all else is there already. */
  function discover(issuer: string) {
    const { at, app } = bench;
    return oidc.discovery(new URL(issuer), app.client_id, app.client_secret, oidc.ClientSecretPost(), {
      execute: [oidc.allowInsecureRequests],
      [oidc.customFetch]: (url, init) => fetch(at(url), init as RequestInit),
    });
  }

  it('finds Google’s addresses in the sandbox, signs a person in and checks the id token by its keys', async () => {
    const { sandbox, at } = bench;
    const { app } = await sandbox.control('GET', 'google-ads');
    const issuer = new URL('https://accounts.google.com');
    const config = await oidc.discovery(issuer, app.client_id, app.client_secret, undefined, {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      [oidc.customFetch]: (url, init) => fetch(at(url), init as RequestInit),
    });
    const metadata = config.serverMetadata();
    assert.equal(metadata.issuer, 'https://accounts.google.com');
    assert.equal(metadata.token_endpoint, `${sandbox.url}/oauth2.googleapis.com/token`);
    assert.equal(metadata.jwks_uri, `${sandbox.url}/www.googleapis.com/oauth2/v3/certs`);
    const query = { redirect_uri: CALLBACK, scope: 'openid email', state: 'one' };
    const page = oidc.buildAuthorizationUrl(config, query);
    assert.ok(page.href.startsWith(`${sandbox.url}/accounts.google.com/`));
    const callback = await bench.consent(page.href);
    const tokens = await oidc.authorizationCodeGrant(config, callback, { expectedState: 'one' });
    const sub = tokens.claims()?.sub ?? '';
    assert.match(sub, /^\d{21}$/);
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, sub)).sub, sub);
  });

  it('finds LinkedIn’s addresses in the sandbox', async () => {
    const metadata = (await discover('https://www.linkedin.com/oauth')).serverMetadata();
    assert.equal(metadata.token_endpoint, `${bench.sandbox.url}/www.linkedin.com/oauth/v2/accessToken`);
    assert.deepEqual(await (await fetch(metadata.jwks_uri ?? '')).json(), { keys: [] });
  });
});
