import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiUser, connect, openTestServer, prepare, type TestServer } from './support/server.ts';

let server: TestServer;

before(async () => {
  server = await openTestServer();
});
after(() => server.close());

const ALLOW = { 'x-simulated-consent': 'allow' };

async function overviewOf(user: ApiUser): Promise<string> {
  const browser = server.browser();
  return (await browser.submit('/sign-in', { api_key: user.key })).text;
}

describe('An app that its platform refuses', () => {
  it('is shown as failing from the first refusal of a renewal, and as well after the secret was corrected', async () => {
    const user = await server.user();
    const { app, connectionId } = await connect(server, user, 'snapchat');
    assert.equal((await user.expect(200, 'GET', `/v1/apps/${app.id}`)).json.failing, null);
    assert.match(await overviewOf(user), /The one connection works\./);
    const body = { client_secret: 'wrong-secret' };
    await user.expect(200, 'PATCH', `/v1/apps/${app.id}`, { body });
    await user.expect(200, 'POST', `/v1/connections/${connectionId}/renew`);
    const { failing } = (await user.expect(200, 'GET', `/v1/apps/${app.id}`)).json;
    assert.equal(failing.cause, 'app_misconfigured');
    assert.equal(failing.who, 'operator');
    assert.equal(failing.retry_at, null, 'once is no reason to leave it alone');
    assert.ok(failing.since && failing.explanation && failing.remedy);
    const page = await overviewOf(user);
    assert.match(page, /Apps that their platform refuses/);
    assert.ok(page.includes(app.id) && page.includes(failing.remedy));
    const listed = (await user.expect(200, 'GET', '/v1/apps')).json.data;
    assert.deepEqual(listed[0].failing, failing);

    const { platforms } = await server.test.control('GET');
    const { client_secret } = platforms.find((one: { id: string }) => one.id === 'snapchat').app;
    await user.expect(200, 'PATCH', `/v1/apps/${app.id}`, { body: { client_secret } });
    assert.equal((await user.expect(200, 'GET', `/v1/apps/${app.id}`)).json.failing, null);
    await user.expect(200, 'POST', `/v1/connections/${connectionId}/renew`);
    assert.equal((await user.expect(200, 'GET', `/v1/apps/${app.id}`)).json.failing, null);
  });

  it('is shown as failing when a sign-in found it out, once in the log, and as well after the next that succeeds', async () => {
    const user = await server.user();
    const { app, client } = await prepare(server, user, 'snapchat');
    const { client_secret } = (await server.test.control('GET')).platforms.find(
      (one: { id: string }) => one.id === 'snapchat',
    ).app;
    await user.expect(200, 'PATCH', `/v1/apps/${app.id}`, { body: { client_secret: 'wrong' } });
    const body = { client_id: client.id, app_id: app.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    for (let round = 0; round < 4; round += 1) {
      const landed = await server.browser(ALLOW).visit(`${session.url}/continue`);
      assert.match(landed.text, /data-code="app_failing"/);
    }
    const { failing } = (await user.expect(200, 'GET', `/v1/apps/${app.id}`)).json;
    assert.equal(failing.cause, 'app_misconfigured');
    assert.equal(failing.retry_at, null, 'sign-ins do not hold renewals back');
    const rows = (await user.expect(200, 'GET', `/v1/activity?subject=${app.id}&action=app.failing`)).json;
    assert.equal(rows.data.length, 1);
    await server.test.house.store.updateApp({
      ...(await server.test.house.store.getApp(user.ctx.workspaceId, app.id))!,
      clientSecret: (await resealed(user, app.id, client_secret))!,
    });
    await server.browser(ALLOW).visit(`${session.url}/continue`);
    assert.equal((await user.expect(200, 'GET', `/v1/apps/${app.id}`)).json.failing, null);
  });
});

/** The right secret, put in place behind the API’s back, so that only the sign-in itself can find out. */
async function resealed(user: ApiUser, id: string, secret: string) {
  const app = await server.test.house.store.getApp(user.ctx.workspaceId, id);
  const vault = await server.test.house.vault.forWorkspace(user.ctx.workspaceId);
  return vault.seal({ owner: id, field: 'client_secret', version: app!.secretVersion }, secret);
}
