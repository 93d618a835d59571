import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';

interface Received {
  readonly contentType: string;
  readonly body: string;
}

let sandbox: TestSandbox;
let server: Server;
let receiver: string;
const received: Received[] = [];

before(async () => {
  sandbox = await sandboxForTest();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ contentType: request.headers['content-type'] ?? '', body });
      response.writeHead(202).end('taken');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`;
});
after(async () => {
  server.close();
  await sandbox.close();
});
beforeEach(() => {
  received.length = 0;
});

/** A person at a consent page, and the code exchanged for tokens. */
async function signIn(page: string, token: string, fields: Record<string, string>) {
  const headers = { 'x-simulated-consent': 'allow' };
  const consented = await fetch(`${sandbox.url}/${page}`, { headers, redirect: 'manual' });
  const code = new URL(consented.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const body = new URLSearchParams({ ...fields, code, redirect_uri: 'https://app.example/back' });
  const answer = await fetch(`${sandbox.url}/${token}`, { method: 'POST', body });
  return (await answer.json()) as { access_token: string; refresh_token: string; id_token: string };
}

describe('security event tokens', () => {
  const EVENTS = 'https://schemas.openid.net/secevent';
  let clientId: string;
  let refreshToken: string;
  let sub: string;

  before(async () => {
    const { app, people } = await sandbox.control('GET', 'google-ads');
    clientId = app.client_id;
    sub = people[0].id;
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: 'https://app.example/back',
      response_type: 'code',
      access_type: 'offline',
      prompt: 'consent',
      scope: 'openid email https://www.googleapis.com/auth/adwords',
    });
    const tokens = await signIn(
      `accounts.google.com/o/oauth2/v2/auth?${query}`,
      'oauth2.googleapis.com/token',
      { grant_type: 'authorization_code', client_id: clientId, client_secret: app.client_secret },
    );
    refreshToken = tokens.refresh_token;
  });

  async function verified(body: string) {
    const keys = createRemoteJWKSet(new URL(`${sandbox.url}/www.googleapis.com/oauth2/v3/certs`));
    const { payload } = await jwtVerify(body, keys, {
      issuer: 'https://accounts.google.com/',
      audience: clientId,
    });
    // biome-ignore lint/suspicious/noExplicitAny: events differ.
    return payload as { jti: string; iat: number; exp?: number; events: Record<string, any> };
  }

  it('are signed by the keys that the documents name, for the client, without an end', async () => {
    const configuration = await fetch(`${sandbox.url}/accounts.google.com/.well-known/risc-configuration`);
    const { jwks_uri } = (await configuration.json()) as { jwks_uri: string };
    assert.equal(jwks_uri, 'https://www.googleapis.com/oauth2/v3/certs');
    const { deliveries } = await sandbox.control('POST', 'google-ads/signal', {
      signal: 'sessions_revoked',
      to: receiver,
    });
    assert.deepEqual(deliveries, [{ status: 202, answer: 'taken' }]);
    assert.equal(received[0]?.contentType, 'application/secevent+jwt');
    assert.equal(decodeProtectedHeader(received[0]!.body).alg, 'RS256');
    const token = await verified(received[0]!.body);
    assert.deepEqual([token.iat, token.exp], [Math.floor(sandbox.clock.now() / 1000), undefined]);
    assert.deepEqual(token.events[`${EVENTS}/risc/event-type/sessions-revoked`].subject, {
      subject_type: 'iss-sub',
      iss: 'https://accounts.google.com/',
      sub,
    });
  });

  it('name a revoked refresh token by the hash of its hash, never by itself', async () => {
    await sandbox.control('POST', 'google-ads/signal', { signal: 'token_revoked', to: receiver });
    const { subject } = (await verified(received[0]!.body)).events[
      `${EVENTS}/oauth/event-type/token-revoked`
    ];
    const once = createHash('sha512').update(refreshToken).digest();
    assert.equal(subject.token, createHash('sha512').update(once).digest('base64'));
    assert.ok(!received[0]!.body.includes(refreshToken));
  });

  it('go out by themselves when the person removes the app, once a receiver is set', async () => {
    await sandbox.control('POST', 'google-ads/receiver', { to: receiver });
    const { pushed } = await sandbox.control('POST', 'google-ads/break', { how: 'revoked_by_user' });
    assert.deepEqual(pushed, [{ signal: 'tokens_revoked', deliveries: [{ status: 202, answer: 'taken' }] }]);
    const { events } = await verified(received[0]!.body);
    assert.deepEqual(Object.keys(events), [`${EVENTS}/oauth/event-type/tokens-revoked`]);
    await sandbox.control('DELETE', 'google-ads/receiver');
    const again = await sandbox.control('POST', 'google-ads/break', { how: 'revoked_by_user' });
    assert.equal(again.pushed, undefined);
  });

  it('go to this machine only, and to a receiver that is there', async () => {
    const send = (to?: string) =>
      sandbox.control('POST', 'google-ads/signal', { signal: 'verification', to });
    for (const elsewhere of ['http://example.org/', 'https://127.0.0.1/', 'file:///etc/passwd', 'x'])
      await assert.rejects(send(elsewhere), /400 bad_receiver/);
    await assert.rejects(send(), /400 no_receiver/);
    await assert.rejects(
      sandbox.control('POST', 'google-ads/signal', { signal: 'x', to: receiver }),
      /404 unknown_signal/,
    );
    const { deliveries } = await send('http://127.0.0.1:1/');
    assert.deepEqual(deliveries, [{ status: null, answer: null }]);
  });
});

describe('deauthorize and data-deletion callbacks', () => {
  let app: { client_id: string; client_secret: string };
  let person: string;

  before(async () => {
    const described = await sandbox.control('GET', 'meta');
    app = described.app;
    person = described.people[0].id;
    const query = new URLSearchParams({
      client_id: app.client_id,
      redirect_uri: 'https://app.example/back',
      scope: 'ads_read',
    });
    await signIn(
      `www.facebook.com/v26.0/dialog/oauth?${query}`,
      'graph.facebook.com/v26.0/oauth/access_token',
      {
        client_id: app.client_id,
        client_secret: app.client_secret,
      },
    );
  });

  function opened({ contentType, body }: Received) {
    assert.equal(contentType, 'application/x-www-form-urlencoded');
    const [signature = '', payload = ''] = (new URLSearchParams(body).get('signed_request') ?? '').split('.');
    const expected = createHmac('sha256', app.client_secret).update(payload).digest('base64url');
    assert.equal(signature, expected);
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  }

  it('come when the person removes the app, signed with the app’s secret', async () => {
    await sandbox.control('POST', 'meta/receiver', { to: receiver });
    await sandbox.control('POST', 'meta/break', { how: 'revoked_by_user', identity: person });
    assert.deepEqual(opened(received[0]!), {
      algorithm: 'HMAC-SHA256',
      issued_at: Math.floor(sandbox.clock.now() / 1000),
      user_id: person,
    });
    await sandbox.control('POST', 'meta/break', { how: 'password_changed', identity: person });
    assert.equal(received.length, 1, 'nothing is pushed for a changed password');
  });

  it('come when the person asks for deletion, with an end', async () => {
    await sandbox.control('POST', 'meta/signal', { signal: 'data_deletion', to: receiver });
    const claims = opened(received[0]!);
    assert.equal(claims.expires, claims.issued_at + 3_600);
  });
});
