import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import { googleCm360 } from '../../src/platforms/google-cm360/index.ts';
import { call, googleBench, REDIRECT_URI, signIn } from './google.support.ts';

const ADS = 'https://www.googleapis.com/auth/adwords';

describe('The simulated Google', () => {
  it('takes tokens at the addresses that client libraries use', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench);
    const form = {
      grant_type: 'refresh_token',
      refresh_token: held.secrets.refresh_token!,
      client_id: bench.app.clientId,
      client_secret: bench.app.clientSecret,
    };
    for (const address of [
      'https://www.googleapis.com/oauth2/v3/token',
      'https://accounts.google.com/o/oauth2/token',
    ]) {
      assert.equal(call(bench, address, { form }).status, 200, address);
    }
    const credentials = Buffer.from(`${bench.app.clientId}:${bench.app.clientSecret}`).toString('base64');
    const { grant_type, refresh_token } = form;
    const basic = { headers: { authorization: `Basic ${credentials}` }, form: { grant_type, refresh_token } };
    assert.equal(call(bench, 'https://oauth2.googleapis.com/token', basic).status, 200);
  });

  it('tells about tokens by POST with a bearer and by GET, in text, and revokes by query', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench);
    const token = held.secrets.access_token!;
    const address = 'https://oauth2.googleapis.com/tokeninfo';
    const posted = JSON.parse(call(bench, address, { headers: { authorization: `Bearer ${token}` } }).body);
    const got = JSON.parse(call(bench, `${address}?access_token=${token}`, { method: 'GET' }).body);
    assert.deepEqual(posted, got);
    assert.equal(posted.expires_in, '3599');
    assert.equal(posted.email_verified, 'true');
    assert.equal(call(bench, `https://oauth2.googleapis.com/revoke?token=${token}`).status, 200);
    assert.equal(call(bench, `${address}?access_token=${token}`, { method: 'GET' }).status, 400);
  });

  it('ends the oldest of more than a hundred authorizations of one person silently, and nobody else’s', async () => {
    const bench = googleBench(googleAds);
    const [first, other] = [await signIn(bench), await signIn(bench, { person: '104500000000000000002' })];
    const lives = (held: typeof first) => bench.google.lives('google-ads', 'user_login', held.secrets);
    const deed = bench.google.deeds('google-ads').find((one) => one.by === 'person');
    deed?.apply({ identity: first.identity!.id });
    assert.deepEqual([lives(first), lives(other)], [false, true]);
    assert.equal(lives(await signIn(bench)), true, 'a new one works');
  });

  it('takes assertions without typ and kid', () => {
    const bench = googleBench(googleAds);
    const keyFile = JSON.parse(bench.google.fields('google-ads', 'service_account').key_file!);
    const seconds = Math.floor(bench.clock.now() / 1000);
    const claims = {
      iss: keyFile.client_email,
      scope: ADS,
      aud: 'https://oauth2.googleapis.com/token',
      iat: seconds,
      exp: seconds + 3600,
    };
    const mint = (changes: object) => {
      const text = [{ alg: 'RS256' }, { ...claims, ...changes }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('RSA-SHA256', Buffer.from(text), createPrivateKey(keyFile.private_key)).toString(
        'base64url',
      );
      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: `${text}.${signature}`,
      };
      return call(bench, 'https://oauth2.googleapis.com/token', { form });
    };
    assert.deepEqual(Object.keys(JSON.parse(mint({}).body)), ['access_token', 'expires_in', 'token_type']);
    assert.match(mint({ aud: 'https://elsewhere.example/token' }).body, /audience/);
    assert.match(mint({ exp: seconds + 7200 }).body, /short-lived/);
    assert.match(mint({ iss: 'nobody@example.iam.gserviceaccount.com' }).body, /account not found/);
    assert.deepEqual(
      Object.keys(JSON.parse(mint({ scope: 'https://www.googleapis.com/auth/nothing' }).body)),
      ['id_token'],
    );
  });

  it('gives a refresh token only for offline access, and again only where consent is forced', () => {
    const bench = googleBench(googleAds);
    const exchange = (query: Record<string, string>) => {
      const asked = new URLSearchParams({
        client_id: bench.app.clientId,
        redirect_uri: REDIRECT_URI,
        response_type: 'code',
        scope: ADS,
        ...query,
      });
      const page = call(bench, `https://accounts.google.com/o/oauth2/v2/auth?${asked}`, {
        method: 'GET',
        headers: { 'x-simulated-consent': 'allow' },
      });
      const code = new URL(page.headers!.location!).searchParams.get('code')!;
      const client = { client_id: bench.app.clientId, client_secret: bench.app.clientSecret };
      const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...client };
      return 'refresh_token' in JSON.parse(call(bench, 'https://oauth2.googleapis.com/token', { form }).body);
    };
    assert.equal(exchange({}), false);
    assert.equal(exchange({ access_type: 'offline' }), true);
    assert.equal(exchange({ access_type: 'offline' }), false);
    assert.equal(exchange({ access_type: 'offline', prompt: 'consent' }), true);
  });

  it('sends nobody back whom it refuses: the error stays on its own page', () => {
    const bench = googleBench(googleAds);
    const open = (changes: Record<string, string>, person = bench.google.people[0]!.id) => {
      const query = {
        client_id: bench.app.clientId,
        redirect_uri: REDIRECT_URI,
        response_type: 'code',
        scope: ADS,
        ...changes,
      };
      const headers = { 'x-simulated-consent': 'allow', 'x-simulated-person': person };
      return call(bench, `https://accounts.google.com/o/oauth2/v2/auth?${new URLSearchParams(query)}`, {
        method: 'GET',
        headers,
      });
    };
    assert.match(open({ client_id: 'nobody' }).body, /invalid_client/);
    assert.match(open({ redirect_uri: 'http://evergrant.example/' }).body, /redirect_uri_mismatch/);
    bench.google.publish('google-ads', 'testing');
    assert.match(open({}, bench.google.people[3]!.id).body, /403: access_denied/);
    assert.equal(open({}).status, 302);
  });

  it('speaks of too many calls as each of its hosts does', () => {
    const bench = googleBench(googleCm360);
    const status = (host: string, path: string) =>
      bench.google.rateLimited({
        method: 'GET',
        host,
        path,
        query: new URLSearchParams(),
        headers: {},
        body: '',
      }).status;
    assert.equal(status('googleads.googleapis.com', '/v25/customers:listAccessibleCustomers'), 429);
    assert.equal(status('dfareporting.googleapis.com', '/dfareporting/v5/userprofiles'), 403);
    assert.equal(status('displayvideo.googleapis.com', '/v4/partners'), 429);
    assert.equal(status('oauth2.googleapis.com', '/token'), 429);
  });
});
