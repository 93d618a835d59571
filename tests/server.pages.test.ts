import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GRANT_STATES, STATE_WORDS } from '../src/core/grantState.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { connect, openTestServer, prepare, type TestServer } from './support/server.ts';

let server: TestServer;

before(async () => {
  server = await openTestServer();
});
after(() => server.close());

const ALLOW = { 'x-simulated-consent': 'allow' };
const DENY = { 'x-simulated-consent': 'deny' };

describe('The page on which a person ends', () => {
  for (const { id: platform, person } of [
    { id: 'meta', person: '102000000000202' },
    { id: 'tiktok', person: null },
  ])
    it(`offers a second chance where no ad account was ticked: ${platform}`, async () => {
      const user = await server.user();
      const { app, client } = await prepare(server, user, platform);
      const body = { client_id: client.id, app_id: app.id };
      const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
      const who: Record<string, string> = person === null ? {} : { 'x-simulated-person': person };
      const none = { ...ALLOW, ...who, 'x-simulated-accounts': 'nope' };
      const landed = await server.browser(none).visit(`${session.url}/continue`);
      const refusing = (text: string) => {
        assert.match(text, /No ad account was reached/);
        assert.match(text, /tick at least one ad account/);
        assert.match(text, /an administrator of the ad account gives you access/);
        assert.doesNotMatch(text, /There is nothing more to do|notice good/);
        return /href="([^"]+)">Choose ad accounts</.exec(text)?.[1] as string;
      };
      const first = refusing(landed.text);
      const { connection_id: id } = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`))
        .json;
      const lacking = (await user.expect(200, 'GET', `/v1/connections/${id}`)).json;
      assert.deepEqual(
        [lacking.state, lacking.cause, lacking.who],
        ['degraded', 'not_provisioned', 'authorizing_user'],
      );
      assert.match(lacking.remedy, /Reconnect and tick at least one ad account.*an administrator/);

      const second = refusing((await server.browser(none).visit(`${first}?continue=1`)).text);
      const all = { ...ALLOW, ...who };
      const mended = await server.browser(all).visit(`${second}?continue=1`);
      assert.match(mended.text, /There is nothing more to do/);
      assert.equal((await user.expect(200, 'GET', `/v1/connections/${id}`)).json.state, 'active');

      const again = { body: { connection_id: id } };
      const anew = (await user.expect(201, 'POST', '/v1/connect-sessions', again)).json;
      const fewer = await server.browser(none).visit(`${anew.url}/continue`);
      assert.match(fewer.text, /These ad accounts, used until now, were not reached/);
      assert.match(fewer.text, />Choose ad accounts</);
      assert.doesNotMatch(fewer.text, /There is nothing more to do|notice good/);
    });

  it('sends nobody back to a platform that does not ask for ad accounts, for some that were lost', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'google-ads');
    const body = { connection_id: connectionId };
    const { url } = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    await server.test.control('POST', 'google-ads/break', { how: 'role_removed' });
    const { text } = await server.browser(ALLOW).visit(`${url}/continue`);
    await server.test.control('POST', 'google-ads/mend', { how: 'role_removed' });
    assert.match(text, /These ad accounts, used until now, were not reached/);
    assert.match(text, /an administrator of the ad account gives you access\./);
    assert.doesNotMatch(text, /Choose ad accounts|go there once more|There is nothing more to do/);
  });

  it('sends nobody back to a platform that does not ask for ad accounts, where none was reached', async () => {
    const user = await server.user();
    const { app, client } = await prepare(server, user, 'google-ads');
    const body = { client_id: client.id, app_id: app.id };
    const { url } = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    await server.test.control('POST', 'google-ads/break', { how: 'no_access_empty' });
    const { text } = await server.browser(ALLOW).visit(`${url}/continue`);
    await server.test.control('POST', 'google-ads/mend', { how: 'no_access_empty' });
    assert.match(text, /No ad account was reached/);
    assert.match(text, /an administrator of the ad account gives you access\./);
    assert.doesNotMatch(text, /Choose ad accounts|go there once more|There is nothing more to do/);
  });

  it('leads on to a sign-in of its own for the permissions that were left out', async () => {
    const user = await server.user();
    const { app, client } = await prepare(server, user, 'meta');
    const body = { client_id: client.id, app_id: app.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const asked = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json.scopes;
    const unticking = server.browser({ ...ALLOW, 'x-simulated-scopes': asked.slice(0, 1).join(' ') });
    const landed = await unticking.visit(`${session.url}/continue`);
    assert.match(landed.text, /Not every permission was allowed/);
    assert.doesNotMatch(landed.text, /There is nothing more to do|Open your link again/);
    const mend = /href="([^"]+)">Allow what is missing</.exec(landed.text)?.[1] as string;
    const { connection_id: id } = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
    assert.equal((await user.expect(200, 'GET', `/v1/connections/${id}`)).json.state, 'degraded');

    const page = await server.browser(ALLOW).visit(mend);
    assert.equal(page.status, 200, 'the link is open');
    const mended = await server.browser(ALLOW).visit(`${mend}?continue=1`);
    assert.match(mended.text, /Meta Ads Manager is reconnected/);
    assert.match(mended.text, /There is nothing more to do/);
    assert.equal((await user.expect(200, 'GET', `/v1/connections/${id}`)).json.state, 'active');
  });
});

describe('A declined consent', () => {
  it('is told as the person’s own decision, with the old connection as it was', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'snapchat');
    const before = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    const body = { connection_id: connectionId };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const page = await server.browser(DENY).visit(`${session.url}/continue`);
    assert.match(page.text, /Access was declined at Snapchat Ads/);
    assert.match(page.text, /the connection is as it was before/);
    assert.doesNotMatch(page.text, /permission_missing<|If this keeps happening/);
    const seen = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json;
    assert.match(seen.detail, /^Access was declined at Snapchat Ads/);
    assert.deepEqual((await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json, before);
  });
});

describe('The way around', () => {
  it('is on the operator’s pages, with what there is here, and not behind links that were sent to somebody', async () => {
    const user = await server.user();
    const { session } = await connect(server, user, 'snapchat');
    for (const address of ['/', '/docs', '/problems/not_found']) {
      const { text } = await server.browser().visit(address);
      const ways = text.slice(text.indexOf('<nav'), text.indexOf('</nav>'));
      const links = [...ways.matchAll(/<a href="([^"]+)"/g)].map(([, target]) => target);
      assert.deepEqual(
        links,
        ['/', '/docs'],
        `${address}: no clock and no simulated platforms outside a sandbox`,
      );
    }
    for (const address of [session.url, '/nothing-here'])
      assert.doesNotMatch((await server.browser({ accept: 'text/html' }).visit(address)).text, /<nav/);
  });
});

describe('Every page', () => {
  it('brings its icon along, so that browsers ask for none', async () => {
    const user = await server.user();
    const { session } = await connect(server, user, 'snapchat');
    for (const address of ['/', '/docs', session.url, '/nothing-here']) {
      const page = await server.browser({ accept: 'text/html' }).visit(address);
      assert.match(page.text, /<link rel="icon" href="data:image\/svg\+xml,/, address);
      assert.match(page.headers.get('content-security-policy') ?? '', /img-src data:/, address);
    }
    const { app, client } = await prepare(server, user, 'snapchat');
    const body = { client_id: client.id, app_id: app.id };
    const next = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const consent = await server.browser().visit(`${next.url}/continue`);
    for (const text of [consent.text, await (await fetch(server.test.sandboxUrl)).text()])
      assert.match(text, /<link rel="icon" href="data:image\/svg\+xml,/);
  });

  it('says where one signs in as people know it', async () => {
    const user = await server.user();
    const { app, client } = await prepare(server, user, 'google-cm360');
    const body = { client_id: client.id, app_id: app.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const page = await server.browser().visit(session.url);
    assert.match(page.text, /You sign in at Google\./);
    assert.doesNotMatch(page.text, /sign in at Campaign Manager/);
    for (const { profile } of PLATFORMS.filter(({ profile }) => profile.methods[0]?.kind === 'oauth'))
      assert.ok(profile.signInName, profile.id);
  });
});

describe('The words for states', () => {
  it('are one table, which the document and the page read', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      components: { schemas: { State: { description: string } } };
    };
    const { description } = document.components.schemas.State;
    for (const state of GRANT_STATES) {
      const { words, meaning } = STATE_WORDS[state];
      assert.ok(description.includes(`${state} (“${words}”): ${meaning}`), state);
    }
  });

  it('say of what is in doubt that it may be lost, and send nobody to mend it', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'linkedin');
    const { grant } = (await server.test.house.store.getConnection(user.ctx.workspaceId, connectionId))!;
    const claim = { now: server.test.clock.now(), owner: 'test', leaseMs: 1000 };
    const { previousOwner: _, ...claimed } = (await server.test.house.store.claimGrant(
      user.ctx.workspaceId,
      grant.id,
      claim,
    ))!;
    const doubted = { ...claimed, state: 'suspect', cause: 'revoked_by_user' } as const;
    await server.test.house.store.applyOutcomes([{ grant: doubted, activity: [] }]);
    const seen = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    assert.match(seen.explanation, /^It may be lost: .* If it is true: The authorization was withdrawn/);
    assert.equal(seen.who, 'nobody');
    assert.match(seen.remedy, /^Nothing to do yet/);
  });
});
