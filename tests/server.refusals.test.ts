import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { PROBLEMS } from '../src/app/errors.ts';
import { unusableProfile } from '../src/app/unusableProfile.ts';
import { Declaration } from '../src/platforms/declared/index.ts';
import { connect, openTestServer, prepare, type TestServer } from './support/server.ts';

let server: TestServer;

before(async () => {
  server = await openTestServer();
});
after(() => server.close());

describe('What needs the platform on a connection that is broken', () => {
  it('answers as the token does, never as if it would pass', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'snapchat');
    await server.test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
    const at = `/v1/connections/${connectionId}`;
    const first = await user.call('POST', `${at}/refresh`);
    assert.notEqual(first.status, 503, first.text);
    for (let round = 0; round < 4; round += 1) {
      await user.call('POST', `${at}/renew`);
      server.test.clock.advance(2 * 3_600_000);
    }
    const body = { account_ids: ['any'] };
    for (const answer of [
      await user.call('POST', `${at}/refresh`),
      await user.call('PATCH', at, { body }),
      await user.call('GET', `${at}/accounts`),
    ]) {
      assert.equal(answer.json.code, 'reauthorization_required', answer.text);
      assert.equal(answer.status, 409);
      assert.ok(answer.json.cause && answer.json.remedy && answer.json.since && answer.json.reconnect_url);
    }
  });

  it('answers for one that was disconnected that it was', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'snapchat');
    await user.expect(200, 'POST', `/v1/connections/${connectionId}/disconnect`);
    const refused = await user.expect(409, 'POST', `/v1/connections/${connectionId}/refresh`);
    assert.equal(refused.json.code, 'connection_disconnected');
  });
});

describe('What is settled already', () => {
  it('by a connection that is reconnected, and is asked for otherwise, is refused and named', async () => {
    const user = await server.user();
    const { connectionId, client, app } = await connect(server, user, 'google-ads');
    const other = await prepare(server, user, 'snapchat');
    const start = (status: number, wishes: object) => {
      const body = { connection_id: connectionId, ...wishes };
      return user.expect(status, 'POST', '/v1/connect-sessions', { body });
    };
    const wishes = { client_id: other.client.id, platform: 'snapchat', app_id: other.app.id, name: 'Other' };
    const refused = await start(400, { ...wishes, method: 'zz' });
    assert.equal(refused.json.code, 'invalid_request');
    assert.deepEqual(Object.keys(refused.json.errors).sort(), [
      'app_id',
      'client_id',
      'method',
      'name',
      'platform',
    ]);
    assert.match(refused.json.errors.client_id, new RegExp(`“${client.id}”. Leave it out`));
    for (const [member, wish] of Object.entries({ ...wishes, platform: 'nope' }))
      assert.deepEqual(Object.keys((await start(400, { [member]: wish })).json.errors), [member]);
    await start(201, { client_id: client.id, platform: 'google_ads', app_id: app.id });
    await start(201, { scopes: [], return_url: 'https://agency.example/done' });
  });
});

describe('What is settled by an authorized profile', () => {
  it('and is asked for otherwise, is refused and named', async () => {
    const user = await server.user();
    const { connectionId, client, app } = await connect(server, user, 'snapchat');
    const { grant_id } = (await user.expect(200, 'GET', `/v1/connections/${connectionId}`)).json;
    const create = (status: number, wishes: object) => {
      const body = { client_id: client.id, grant_id, ...wishes };
      return user.expect(status, 'POST', '/v1/connections', { body });
    };
    const refused = await create(400, { platform: 'meta', app_id: 'app_nope', method: 'system_user' });
    assert.deepEqual(Object.keys(refused.json.errors).sort(), ['app_id', 'method', 'platform']);
    assert.match(refused.json.errors.platform, /grant_id settles it, as “snapchat”/);
    const made = await create(201, { platform: 'snapchat', app_id: app.id, name: 'Second' });
    assert.deepEqual([made.json.grant_id, made.json.name], [grant_id, 'Second']);
  });
});

describe('A profile that does not work, chosen for another client', () => {
  it('answers with what is known of it: doubt passes, a loss needs a person and its link mends it', async () => {
    const user = await server.user();
    const { connectionId, client } = await connect(server, user, 'snapchat');
    const at = `/v1/connections/${connectionId}`;
    const { grant_id } = (await user.expect(200, 'GET', at)).json;
    const body = { client_id: client.id, grant_id };
    const create = (status: number) => user.expect(status, 'POST', '/v1/connections', { body });
    server.test.clock.advance(60_000);
    await server.test.control('POST', 'snapchat/break', { how: 'platform_down' });
    const outage = (await create(503)).json;
    assert.deepEqual([outage.code, outage.cause], ['temporarily_unavailable', 'platform_outage']);
    await server.test.control('POST', 'snapchat/mend', { how: 'platform_down' });
    server.test.clock.advance(60_000);
    await server.test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
    const grant = (await server.test.house.store.getGrant(user.ctx.workspaceId, grant_id))!;
    const inDoubt = { ...grant, state: 'suspect', cause: 'revoked_by_user' } as const;
    const doubted = await unusableProfile(user.ctx, inDoubt, null);
    assert.deepEqual(
      [doubted.code, doubted.extensions.remedy],
      ['temporarily_unavailable', 'Nothing to do yet: Evergrant asks the platform again by itself.'],
    );
    const refused = { ...grant, state: 'failing', cause: 'app_disabled' } as const;
    assert.equal((await unusableProfile(user.ctx, refused, null)).code, 'app_failing');
    for (let round = 0; round < 4; round += 1) {
      server.test.clock.advance(2 * 3_600_000);
      await user.call('POST', `${at}/renew`);
    }
    const lost = (await create(409)).json;
    assert.deepEqual([lost.code, lost.cause], ['reauthorization_required', 'revoked_by_user']);
    assert.ok(lost.since && lost.who && lost.remedy);
    const trip = `${lost.reconnect_url}?continue=1`;
    assert.equal((await server.browser({ 'x-simulated-consent': 'allow' }).visit(trip)).status, 200);
    const made = (await create(201)).json;
    for (const id of [made.id, connectionId])
      await user.expect(200, 'POST', `/v1/connections/${id}/disconnect`);
    const ended = (await create(409)).json;
    assert.deepEqual([ended.code, ended.state], ['reauthorization_required', 'revoked']);
    assert.match(ended.detail, /ended with the last connection/);
  });
});

describe('A choice of no ad account', () => {
  it('is refused with what to do instead, and the accounts stay as they were chosen', async () => {
    const user = await server.user();
    const { connectionId } = await connect(server, user, 'snapchat');
    const at = `/v1/connections/${connectionId}`;
    const before = (await user.expect(200, 'GET', at)).json.accounts;
    assert.ok(before.length > 0);
    const refused = await user.expect(400, 'PATCH', at, { body: { account_ids: [], name: 'Other' } });
    assert.match(refused.json.errors.account_ids, /To use none, disconnect .*leave this out/);
    const { accounts, name } = (await user.expect(200, 'GET', at)).json;
    assert.deepEqual(accounts, before);
    assert.notEqual(name, 'Other');
    const one = [before[0].id];
    await user.expect(200, 'PATCH', at, { body: { account_ids: one } });
    const after = (await user.expect(200, 'POST', `${at}/refresh`)).json.accounts;
    assert.deepEqual(
      after.map(({ id }: { id: string }) => id),
      one,
    );
  });
});

describe('A list', () => {
  it('names a cursor or a platform that it does not know, instead of being empty', async () => {
    const user = await server.user();
    for (const list of ['connections', 'grants', 'apps', 'clients', 'outages']) {
      const refused = await user.expect(400, 'GET', `/v1/${list}?cursor=con_nobody`);
      assert.equal(refused.json.code, 'invalid_request');
      assert.match(refused.json.errors.cursor, /stands for no row/);
    }
    const refused = await user.expect(400, 'GET', '/v1/connections?platform=nobody');
    assert.equal(refused.json.code, 'unknown_platform');
    assert.match(refused.json.errors.platform, /no platform “nobody”/);
    await user.expect(200, 'GET', '/v1/connections?platform=google_ads');
  });
});

describe('A disconnect that would end more than was asked for', () => {
  it('names the other connections, and is done once it is confirmed', async () => {
    const user = await server.user();
    const first = await connect(server, user, 'google-ads');
    const { json: app } = await user.expect(200, 'GET', `/v1/apps/${first.app.id}`);
    const known = await server.test.control('GET');
    const { client_secret } = known.platforms.find((one: { id: string }) => one.id === 'google-ads').app;
    const body = {
      platform: 'google-ads',
      environment: 'sandbox',
      client_id: app.client_id,
      client_secret,
      settings: app.settings,
    };
    const twin = (await user.expect(201, 'POST', '/v1/apps', { body })).json;
    const asked = { client_id: first.client.id, app_id: twin.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body: asked })).json;
    await server.browser({ 'x-simulated-consent': 'allow' }).visit(`${session.url}/continue`);
    const other = (await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`)).json.connection_id;
    const at = `/v1/connections/${first.connectionId}`;
    const refused = await user.expect(409, 'POST', `${at}/disconnect`);
    assert.equal(refused.json.code, 'confirmation_required');
    assert.deepEqual(
      refused.json.connections.map(({ id }: { id: string }) => id),
      [other],
    );
    assert.match(refused.json.detail, /Google withdraws everything/);
    assert.equal((await user.expect(200, 'GET', at)).json.state, 'active', 'nothing was done');
    const done = await user.expect(200, 'POST', `${at}/disconnect`, { body: { confirm: true } });
    assert.equal(done.json.at_platform, 'revoked');
    await user.expect(200, 'POST', `/v1/connections/${other}/disconnect`);
  });
});

describe('Problem documents', () => {
  it('begin with the members that all have, in one order', async () => {
    const user = await server.user();
    const own = ['type', 'title', 'status', 'detail', 'code'];
    for (const answer of [
      await user.call('GET', '/v1/connections/con_nobody'),
      await user.call('GET', '/v1/connections', { key: null }),
      await user.call('POST', '/v1/clients', { body: { nonsense: 1 } }),
      await user.call('GET', '/v1/nothing'),
    ])
      assert.deepEqual(Object.keys(answer.json).slice(0, 5), own);
  });

  it('have only codes that the document lists', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } };
    };
    assert.deepEqual(document.components.schemas.Problem.properties.code.enum, Object.keys(PROBLEMS));
  });
});

describe('A declared platform over HTTP', () => {
  const text = readFileSync(new URL('../docs/declared-platforms.md', import.meta.url), 'utf8');
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '');

  it('is declared as the document shows, and taken back once no app rests on it', async () => {
    const user = await server.user();
    const made = (await user.expect(201, 'POST', '/v1/platforms', { body: example })).json;
    assert.equal(made.declared, true);
    const body = { platform: example.id, client_id: 'c', client_secret: 's' };
    const app = (await user.expect(201, 'POST', '/v1/apps', { body })).json;
    const kept = await user.expect(409, 'DELETE', `/v1/platforms/${example.id}`);
    assert.match(kept.json.detail, /Apps rest on harbour-ads/);
    await user.expect(204, 'DELETE', `/v1/apps/${app.id}`);
    await user.expect(204, 'DELETE', `/v1/platforms/${example.id}`);
    await user.expect(404, 'GET', `/v1/platforms/${example.id}`);
    await user.expect(404, 'DELETE', '/v1/platforms/snapchat');
  });

  it('is refused with every mistake by its field, in words of ours', async () => {
    const user = await server.user();
    const wrong = {
      ...example,
      name: 7,
      rotation: 'sometimes',
      nonsense: 1,
      scopes: 'all',
      base_url: undefined,
    };
    const { json } = await user.expect(400, 'POST', '/v1/platforms', { body: wrong });
    assert.deepEqual(json.errors, {
      name: 'must be a text',
      scopes: 'must be a list',
      rotation: 'must be one of: always, never, unknown',
      base_url: 'is missing',
      nonsense: 'is not a field of a declaration',
    });
    assert.doesNotMatch(json.detail, /Invalid|expected|received|Unrecognized/);
  });

  it('has a schema with every field that can be declared', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      components: { schemas: { DeclarePlatform: { properties: object; required: string[] } } };
    };
    const { properties, required } = document.components.schemas.DeclarePlatform;
    const real = z.toJSONSchema(Declaration, { io: 'input', unrepresentable: 'any' });
    assert.deepEqual(Object.keys(properties), Object.keys(real.properties ?? {}));
    assert.deepEqual(
      required,
      (real.required ?? []).filter((name) => name !== 'declared_on'),
      'the day of today stands for one that is absent',
    );
  });
});
