import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CodeChallengeMethod, JWT, OAuth2Client } from 'google-auth-library';
import { CALLBACK, type ClientBench, clientBench, failureOf } from '../support/realClient.ts';

const ADS_SCOPE = 'https://www.googleapis.com/auth/adwords';
const CUSTOMERS = 'https://googleads.googleapis.com/v25/customers:listAccessibleCustomers';
const PARTNERS = 'https://displayvideo.googleapis.com/v4/partners';
const DISPLAY_VIDEO = 'https://www.googleapis.com/auth/display-video';

let bench: ClientBench;
before(async () => {
  bench = await clientBench('google-ads');
});
after(() => bench.end());

function oauthClient(): OAuth2Client {
  const { at, app } = bench;
  return new OAuth2Client({
    clientId: app.client_id,
    clientSecret: app.client_secret,
    redirectUri: CALLBACK,
    endpoints: {
      oauth2AuthBaseUrl: at('https://accounts.google.com/o/oauth2/v2/auth'),
      oauth2TokenUrl: at('https://oauth2.googleapis.com/token'),
      tokenInfoUrl: at('https://oauth2.googleapis.com/tokeninfo'),
      oauth2RevokeUrl: at('https://oauth2.googleapis.com/revoke'),
      oauth2FederatedSignonPemCertsUrl: at('https://www.googleapis.com/oauth2/v1/certs'),
      oauth2FederatedSignonJwkCertsUrl: at('https://www.googleapis.com/oauth2/v3/certs'),
    },
  });
}

async function codeFor(client: OAuth2Client, person = 0) {
  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const url = client.generateAuthUrl({
    access_type: 'offline',
    prompt: 'consent',
    scope: ['openid', 'email', ADS_SCOPE],
    code_challenge: codeChallenge,
    code_challenge_method: CodeChallengeMethod.S256,
  });
  const back = await bench.consent(url, { 'x-simulated-person': bench.people[person]?.id ?? '' });
  return { code: back.searchParams.get('code') ?? '', codeVerifier };
}

async function signIn(person = 0) {
  const client = oauthClient();
  const { tokens } = await client.getToken(await codeFor(client, person));
  client.setCredentials(tokens);
  return { client, tokens };
}

/** A client that has nothing but the refresh token, as after a restart. */
function withRefreshToken(refresh_token: string | null | undefined): OAuth2Client {
  const client = oauthClient();
  client.setCredentials({ refresh_token });
  return client;
}

describe('google-auth-library, a person’s sign-in', () => {
  it('exchanges a code with PKCE', async () => {
    const { tokens } = await signIn();
    assert.match(tokens.access_token ?? '', /^ya29\./);
    assert.match(tokens.refresh_token ?? '', /^1\/\//);
    assert.equal(tokens.token_type, 'Bearer');
    assert.ok((tokens.expiry_date ?? 0) > Date.now() + 3_500_000);
    assert.match(tokens.scope ?? '', /adwords/);
  });

  it('is refused with another verifier', async () => {
    const client = oauthClient();
    const { code } = await codeFor(client);
    const { codeVerifier } = await client.generateCodeVerifierAsync();
    const error = await failureOf(client.getToken({ code, codeVerifier }));
    assert.deepEqual([error.status, error.message], [400, 'invalid_grant']);
  });

  it('verifies the id token by the published keys', async () => {
    const { client, tokens } = await signIn();
    const ticket = await client.verifyIdToken({
      idToken: tokens.id_token ?? '',
      audience: bench.app.client_id,
    });
    assert.deepEqual(
      [ticket.getUserId(), ticket.getPayload()?.email],
      [bench.people[0]?.id, bench.people[0]?.email],
    );
  });

  it('reads about a token', async () => {
    const { client, tokens } = await signIn();
    const info = await client.getTokenInfo(tokens.access_token ?? '');
    assert.deepEqual([info.aud, info.sub], [bench.app.client_id, bench.people[0]?.id]);
    assert.ok(info.scopes.includes(ADS_SCOPE));
  });

  it('renews, and keeps the refresh token because none comes anew', async () => {
    const { tokens } = await signIn();
    const client = withRefreshToken(tokens.refresh_token);
    const { token } = await client.getAccessToken();
    assert.notEqual(token, tokens.access_token);
    assert.equal(client.credentials.refresh_token, tokens.refresh_token);
  });

  it('calls an API', async () => {
    const { client } = await signIn();
    const { data } = await client.request<{ resourceNames: string[] }>({ url: bench.at(CUSTOMERS) });
    assert.match(data.resourceNames[0] ?? '', /^customers\/\d+$/);
  });

  it('tries again where the token endpoint is down for a moment', async () => {
    const { tokens } = await signIn();
    await bench.sandbox.control('DELETE', 'google-ads/calls');
    await bench.sandbox.control('POST', 'google-ads/fault', { kind: 'outage', times: 2, path: '/token' });
    const { token } = await withRefreshToken(tokens.refresh_token).getAccessToken();
    const { by_path } = await bench.sandbox.control('GET', 'google-ads/calls');
    assert.deepEqual([typeof token, by_path['/token']], ['string', 3]);
  });
});

describe('google-auth-library, where a person’s grant breaks', () => {
  it('says invalid_grant after the person removed the app', async () => {
    const { tokens } = await signIn();
    await bench.breakIt('revoked_by_user', { identity: bench.people[0]?.id ?? '' });
    const error = await failureOf(withRefreshToken(tokens.refresh_token).getAccessToken());
    assert.deepEqual([error.message, error.status], ['invalid_grant', 400]);
    assert.equal(error.response.data.error_description, 'Token has been expired or revoked.');
  });

  it('says invalid_rapt where the organization wants a new sign-in', async () => {
    const { tokens } = await signIn(1);
    const target = { identity: bench.people[1]?.id ?? '' };
    await bench.breakIt('session_length', target);
    const error = await failureOf(withRefreshToken(tokens.refresh_token).getAccessToken());
    await bench.mendIt('session_length', target);
    assert.equal(JSON.parse(error.message).error_subtype, 'invalid_rapt');
  });

  it('says invalid_client after the secret was rotated', async () => {
    const { tokens } = await signIn();
    await bench.breakIt('secret_rotated');
    const error = await failureOf(withRefreshToken(tokens.refresh_token).getAccessToken());
    await bench.mendIt('secret_rotated');
    assert.deepEqual([error.message, error.status], ['invalid_client', 401]);
  });

  it('renews and asks again where a token is refused, and passes on a refusal that is about something else', async () => {
    const { client, tokens } = await signIn();
    client.setCredentials({ access_token: 'ya29.unknown', refresh_token: tokens.refresh_token });
    const { status } = await client.request({ url: bench.at(CUSTOMERS) });
    await bench.breakIt('api_off');
    const error = await failureOf(client.request({ url: bench.at(CUSTOMERS) }));
    await bench.mendIt('api_off');
    assert.deepEqual([status, error.status], [200, 403]);
    assert.match(JSON.stringify(error.response.data), /SERVICE_DISABLED/);
  });

  it('revokes, and then can no longer renew', async () => {
    const { client, tokens } = await signIn(2);
    assert.equal((await client.revokeToken(tokens.refresh_token ?? '')).status, 200);
    const error = await failureOf(withRefreshToken(tokens.refresh_token).getAccessToken());
    assert.equal(error.message, 'invalid_grant');
  });
});

describe('google-auth-library, a service account', () => {
  /** Its token address and audience are fixed, whatever the key file says: only the transport can lead it elsewhere. */
  async function serviceAccount(): Promise<JWT> {
    const { key_file } = await bench.sandbox.control('POST', 'google-dv360/fields', {
      method: 'service_account',
    });
    const { client_email, private_key, private_key_id } = JSON.parse(key_file);
    return new JWT({
      email: client_email,
      key: private_key,
      keyId: private_key_id,
      scopes: [DISPLAY_VIDEO],
      transporterOptions: {
        fetchImplementation: (input: string | URL | Request, init?: RequestInit) =>
          fetch(bench.at(input instanceof Request ? input.url : String(input)), init),
      },
    });
  }

  it('gets a token for a signed assertion and calls an API', async () => {
    const client = await serviceAccount();
    const { access_token } = await client.authorize();
    assert.match(access_token ?? '', /^ya29\./);
    const { data } = await client.request<{ partners: unknown[] }>({ url: PARTNERS });
    assert.ok(data.partners.length > 0);
  });

  it('is refused after its key was deleted', async () => {
    const client = await serviceAccount();
    await bench.sandbox.control('POST', 'google-dv360/break', { how: 'key_deleted' });
    const error = await failureOf(client.authorize());
    assert.equal(error.message, 'invalid_grant: Invalid JWT Signature.');
  });
});
