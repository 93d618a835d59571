import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MINUTE_MS } from '../../src/core/instant.ts';
import type { SimRequest } from '../../src/platforms/kit/simulator.ts';
import type { Bench } from '../support/simulated.ts';
import { bench, codeFor, connect, login, REDIRECT_URI, read } from './linkedin.support.ts';

describe('Simulated LinkedIn', () => {
  const ask = (b: Bench, request: Partial<SimRequest>) =>
    b.simulator.handle({
      method: 'GET',
      host: 'api.linkedin.com',
      path: '/',
      query: new URLSearchParams(),
      headers: {},
      body: '',
      ...request,
    });

  it('tells the four faults of a code apart', async () => {
    const b = bench();
    const code = await codeFor(b, login);
    const form = {
      grant_type: 'authorization_code',
      client_id: b.app.clientId,
      client_secret: b.app.clientSecret,
      redirect_uri: REDIRECT_URI,
    };
    const post = async (fields: Record<string, string>) => {
      const body = new URLSearchParams({ ...form, ...fields }).toString();
      const answer = await ask(b, {
        method: 'POST',
        host: 'www.linkedin.com',
        path: '/oauth/v2/accessToken',
        body,
      });
      return [answer.status, JSON.parse(answer.body).error];
    };
    assert.deepEqual(await post({}), [400, 'invalid_request']);
    assert.deepEqual(await post({ code: 'never given' }), [401, 'invalid_request']);
    assert.deepEqual(await post({ code, client_secret: 'wrong' }), [401, 'invalid_client']);
    b.clock.advance(30 * MINUTE_MS);
    assert.deepEqual(await post({ code }), [400, 'invalid_redirect_uri']);
  });

  it('answers a query that was tunnelled through a POST', async () => {
    const b = bench();
    const held = await connect(b);
    const headers = { ...login.callHeaders(b.app, held), 'x-http-method-override': 'GET' };
    const answer = await ask(b, { method: 'POST', path: '/rest/adAccounts', headers, body: 'q=search' });
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.body).elements.length, 3);
  });

  it('gives no number in reports for accounts without access, and no error either', async () => {
    const b = bench();
    const headers = login.callHeaders(b.app, await connect(b));
    const accounts = 'List(urn:li:sponsoredAccount:512340001,urn:li:sponsoredAccount:512340005)';
    const dateRange = '(start:(year:2026,month:11,day:1))';
    const answer = await ask(b, {
      path: '/rest/adAnalytics',
      query: new URLSearchParams({ q: 'analytics', accounts, dateRange }),
      headers,
    });
    const { elements } = JSON.parse(answer.body);
    assert.deepEqual(
      elements.map((element: { pivotValues: string[] }) => element.pivotValues),
      [['urn:li:sponsoredAccount:512340001']],
    );
    assert.equal(typeof elements[0].costInLocalCurrency, 'string');
  });

  it('shows its own page, and sends nobody back, for a scope that it does not know', async () => {
    const b = bench();
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: b.app.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'r_ads offline_access',
    });
    const answer = await ask(b, { host: 'www.linkedin.com', path: '/oauth/v2/authorization', query });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers?.location, undefined);
  });

  it('knows no tokens of another app at introspection', async () => {
    const b = bench();
    const held = await connect(b);
    const other = {
      ...b.app,
      clientId: 'linkedin-sandbox-app-60d',
      clientSecret: 'linkedin-sandbox-secret-60d',
    };
    const result = await login.probe(b.io, other, held);
    assert.ok(result.verdict === 'unclear');
    assert.equal(read(b, held, result.answer).cause, 'malformed_token');
  });

  it('answers introspection 400 for a client id that it does not know, 401 for a wrong secret alone', async () => {
    const b = bench();
    const held = await connect(b);
    const asked = async (app: typeof b.app) => {
      const result = await login.probe(b.io, app, held);
      assert.ok(result.verdict === 'unclear' && result.answer.kind === 'answer');
      return [result.answer.status, read(b, held, result.answer).cause];
    };
    assert.deepEqual(await asked({ ...b.app, clientId: 'nobody' }), [400, 'app_misconfigured']);
    assert.deepEqual(await asked({ ...b.app, clientSecret: 'wrong' }), [401, 'app_misconfigured']);
  });
});
