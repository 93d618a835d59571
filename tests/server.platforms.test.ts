import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PLATFORMS } from '../src/platforms/index.ts';
import { escapeHtml } from '../src/server/html.ts';
import { type ApiUser, openTestServer, prepare, type TestServer } from './support/server.ts';

let server: TestServer;
let user: ApiUser;

before(async () => {
  server = await openTestServer();
  user = await server.user();
});
after(() => server.close());

/** Connects by a method as a person does: at the platform’s consent page, or by the form. */
async function connectBy(
  platform: string,
  method: { readonly id: string; readonly kind: string },
): Promise<string> {
  const { app, client } = await prepare(server, user, platform);
  const body = { client_id: client.id, app_id: app.id, method: method.id };
  const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
  const browser = server.browser({ 'x-simulated-consent': 'allow' });
  const page = await browser.visit(session.url);
  assert.equal(page.status, 200);
  const landed =
    method.kind === 'oauth'
      ? await browser.visit(`${session.url}/continue`)
      : await browser.submit(
          `${session.url}/fields`,
          await server.test.control('POST', `${platform}/fields`, { method: method.id }),
        );
  assert.match(landed.text, /is connected/, landed.text.slice(-900));
  return (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json.connection_id;
}

for (const { profile } of PLATFORMS) {
  describe(`${profile.name} over HTTP`, () => {
    it('is described with the source and day of every fact', async () => {
      const seen = (await user.expect(200, 'GET', `/v1/platforms/${profile.id}`)).json;
      assert.equal(seen.methods.length, profile.methods.length);
      for (const [index, method] of profile.methods.entries()) {
        const { cadence } = seen.methods[index];
        assert.equal(cadence.access_lifetime_seconds.value, method.cadence.accessLifetimeSeconds.value);
        assert.equal(cadence.access_lifetime_seconds.source, method.cadence.accessLifetimeSeconds.source);
        assert.deepEqual(
          cadence.renewal_lifetime_seconds.conflicting.map((fact: { value: unknown }) => fact.value),
          (method.cadence.renewalLifetimeSeconds.conflicting ?? []).map((fact) => fact.value),
        );
      }
    });

    for (const method of profile.methods) {
      it(`is connected by ${method.id}, and every answer about it is whole`, async () => {
        const id = await connectBy(profile.id, method);
        const connection = (await user.expect(200, 'GET', `/v1/connections/${id}`)).json;
        assert.ok(connection.accounts.length > 0);
        const token = (await user.expect(200, 'GET', `/v1/connections/${id}/token`)).json;
        assert.ok(token.access_token && Object.keys(token.headers).length > 0);
        await user.expect(200, 'GET', `/v1/connections/${id}/accounts`);
        await user.expect(200, 'POST', `/v1/connections/${id}/refresh`);
        await user.expect(200, 'POST', `/v1/connections/${id}/renew`);
        await user.expect(200, 'GET', `/v1/grants/${connection.grant_id}`);
        const body = { status: 503, body: 'upstream' };
        const told = (await user.expect(200, 'POST', `/v1/connections/${id}/failures`, { body })).json;
        assert.equal(told.diagnosis.permanent, false);
      });
    }
  });
}

describe('All platforms together', () => {
  it('fill the lists, the deadlines and the page', async () => {
    await user.expect(200, 'GET', '/v1/apps?limit=200');
    await user.expect(200, 'GET', '/v1/deadlines?within_days=3650');
    const connections = (await user.expect(200, 'GET', '/v1/connections?limit=200')).json.data;
    const page = await server.browser().submit('/sign-in', { api_key: user.key });
    for (const { name } of connections) assert.ok(page.text.includes(escapeHtml(name)));
  });
});
