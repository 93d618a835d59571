import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt, importPKCS8, SignJWT } from 'jose';
import { accessToken, ask } from './support/asked.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';
import { until } from './support/until.ts';

const API = 'https://risc.googleapis.com/v1beta/stream';
const AUDIENCE = 'https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService';
const PUSH = 'https://schemas.openid.net/secevent/risc/delivery-method/push';
const EVENTS = 'https://schemas.openid.net/secevent';
const REVOKED = `${EVENTS}/oauth/event-type/tokens-revoked`;
const VERIFICATION = `${EVENTS}/risc/event-type/verification`;
const PAGES = {
  authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
};

let sandbox: TestSandbox;
let server: Server;
/** As it would be registered in life; a sandbox reaches it without TLS. */
let endpoint: string;
const received: string[] = [];

before(async () => {
  sandbox = await sandboxForTest();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push(body);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}/risc`;
  await accessToken(sandbox, 'google-ads', PAGES, 'openid email https://www.googleapis.com/auth/adwords');
});
after(async () => {
  server.close();
  await sandbox.close();
});
beforeEach(() => {
  received.length = 0;
});

/** A token that a service account signed itself, as the documents say. */
async function signed(name = 'reports', audience = AUDIENCE): Promise<Record<string, string>> {
  const person = `${name}@summer-sandbox.iam.gserviceaccount.com`;
  const given = await sandbox.control('POST', 'google-ads/fields', { method: 'service_account', person });
  const { private_key: pem, private_key_id: kid } = JSON.parse(given.key_file);
  const seconds = Math.floor(sandbox.clock.now() / 1000);
  const jwt = await new SignJWT({
    iss: person,
    sub: person,
    aud: audience,
    iat: seconds,
    exp: seconds + 3600,
  })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(await importPKCS8(pem, 'RS256'));
  return { authorization: `Bearer ${jwt}` };
}

const configuration = (url: string, events = [REVOKED, VERIFICATION]) => ({
  delivery: { delivery_method: PUSH, url },
  events_requested: events,
});
const said = async (path: string, headers: Record<string, string>, body?: object) => {
  const { status, json } = await ask(sandbox, `${API}${path}`, headers, body);
  return `${status} ${json.error?.message ?? JSON.stringify(json)}`;
};

describe('the stream of security events that a project registers at Google', () => {
  it('is not there at first, and says so', async () => {
    const headers = await signed();
    assert.equal(await said('', headers), '404 Project has no RISC configuration.');
    assert.equal(
      await said('/status:update', headers, { status: 'disabled' }),
      '404 Project has no existing RISC configuration, cannot update status.',
    );
  });

  it('is registered by a service account’s own token, and read back', async () => {
    const headers = await signed();
    assert.equal(await said(':update', headers, configuration(endpoint)), '200 {}');
    assert.deepEqual((await ask(sandbox, API, headers)).json, configuration(endpoint));
    assert.equal(await said('/status', headers), '200 {"status":"enabled"}');
  });

  it('carries a verification with the text that was asked for', async () => {
    assert.equal(await said(':verify', await signed(), { state: 'are you there' }), '200 {}');
    await until('the verification', async () => received.length === 1);
    const claims = decodeJwt(received[0]!);
    assert.equal(claims.iss, 'https://accounts.google.com/');
    assert.deepEqual(claims.events, { [VERIFICATION]: { state: 'are you there' } });
  });

  it('carries what the person does, where that event was asked for, until it is stopped', async () => {
    const revoke = async () =>
      (await sandbox.control('POST', 'google-ads/break', { how: 'revoked_by_user' })).pushed;
    assert.deepEqual((await revoke())[0].deliveries, [{ status: 202, answer: '' }]);
    assert.deepEqual(Object.keys(decodeJwt(received[0]!).events as object), [REVOKED]);
    const headers = await signed();
    await said('/status:update', headers, { status: 'disabled' });
    assert.equal(await revoke(), undefined);
    await said(':verify', headers, { state: 'x' });
    await said('/status:update', headers, { status: 'enabled' });
    await said(':update', headers, configuration(endpoint, [VERIFICATION]));
    assert.equal(await revoke(), undefined, 'not asked for');
    await said(':update', headers, configuration(endpoint));
    const { signals } = await sandbox.control('GET', 'google-cm360');
    const to = Object.fromEntries(
      signals.map((one: { signal: string; goes_to: string }) => [one.signal, one.goes_to]),
    );
    assert.equal(to.tokens_revoked, endpoint.replace('https:', 'http:'));
    assert.equal(to.sessions_revoked, null);
    assert.equal(received.length, 1);
  });

  it('takes an access token with the scope of the call, of a service account with the role', async () => {
    const { authorization } = await signed('sync', PAGES.token);
    assert.match(
      await said('', { authorization: authorization! }),
      /^401 Unauthorized\.$/,
      'another audience',
    );
    const token = async (scope: string, name = 'sync') => {
      const person = `${name}@summer-sandbox.iam.gserviceaccount.com`;
      const given = await sandbox.control('POST', 'google-ads/fields', { method: 'service_account', person });
      const { private_key: pem, private_key_id: kid } = JSON.parse(given.key_file);
      const seconds = Math.floor(sandbox.clock.now() / 1000);
      const claims = { iss: person, scope, aud: PAGES.token, iat: seconds, exp: seconds + 3600 };
      const assertion = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(await importPKCS8(pem, 'RS256'));
      const body = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      });
      const answer = await fetch(`${sandbox.url}/oauth2.googleapis.com/token`, { method: 'POST', body });
      const { access_token } = (await answer.json()) as { access_token: string };
      return { authorization: `Bearer ${access_token}` };
    };
    const readonly = await token('https://www.googleapis.com/auth/risc.configuration.readonly');
    assert.match(await said('', readonly), /^200 /);
    assert.match(await said(':update', readonly, configuration(endpoint)), /^403 .*insufficient/);
    const person = await accessToken(sandbox, 'google-ads', PAGES, 'https://www.googleapis.com/auth/adwords');
    assert.match(
      await said('', { authorization: `Bearer ${person}` }),
      /^403 .*only be called by a service account/,
    );
    assert.match(await said('', await signed('audit')), /^403 Service account needs permission/);
    assert.match(await said('', {}), /^401 Unauthorized\.$/);
  });

  it('refuses in the documented words what it cannot be', async () => {
    const headers = await signed();
    const update = (body: object) => said(':update', headers, body);
    assert.equal(
      await update({ events_requested: [] }),
      '400 Stream configuration must contain delivery field.',
    );
    assert.equal(
      await update(configuration('http://127.0.0.1/risc')),
      '403 The delivery endpoint must be an HTTPS URL.',
    );
    assert.equal(
      await update(configuration('https://example.org/risc')),
      "403 The delivery endpoint does not belong to any of your project's domains.",
    );
    assert.equal(await said('/status:update', headers, { status: 'paused' }), '403 Invalid status.');
  });

  it('gives way to the receiver that a test sets by the control API', async () => {
    await sandbox.control('POST', 'google-ads/receiver', { to: 'http://127.0.0.1:1/' });
    const { pushed } = await sandbox.control('POST', 'google-ads/break', { how: 'revoked_by_user' });
    assert.deepEqual(pushed[0].deliveries[0], { status: null, answer: null });
    await sandbox.control('DELETE', 'google-ads/receiver');
  });
});
