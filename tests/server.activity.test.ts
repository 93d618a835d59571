import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verifyActivity } from '../src/app/readHistory.ts';
import { ACTIONS } from '../src/core/action.ts';
import { toRfc3339 } from '../src/core/instant.ts';
import { type ApiUser, connect, openTestServer, prepare, type TestServer } from './support/server.ts';

interface Row {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subjects: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

let server: TestServer;
let user: ApiUser;
before(async () => {
  server = await openTestServer();
  user = await server.user();
});
after(() => server.close());

/** Oldest first. */
async function rowsOf(subject: string): Promise<readonly Row[]> {
  return (await user.expect(200, 'GET', `/v1/activity?subject=${subject}`)).json.data.reverse();
}

const told = (rows: readonly Row[]) => rows.map(({ actor, action }) => [actor.split(':')[0], action]);

describe('The activity log', () => {
  it('tells of a link who made it, who used it, and what became of it, and never the link', async () => {
    const { session, connectionId, client } = await connect(server, user, 'snapchat');
    const rows = await rowsOf(session.id);
    assert.deepEqual(told(rows), [
      ['api_key', 'connect.link_created'],
      ['account_holder', 'connect.begun'],
      ['account_holder', 'connect.completed'],
    ]);
    assert.ok(rows[0]?.subjects.includes(client.id));
    assert.equal(rows[0]?.detail.platform, 'snapchat');
    assert.ok(rows[2]?.subjects.includes(connectionId));
    for (const { at } of rows) assert.match(at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'UTC');
    const whole = await user.expect(200, 'GET', '/v1/activity?limit=200');
    assert.ok(!whole.text.includes(session.url.split('/').pop()));
  });

  it('tells of values that the platform refused, on the session that they were filled in for, and never the values', async () => {
    const { app, client } = await prepare(server, user, 'trade-desk');
    const body = { client_id: client.id, app_id: app.id };
    const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body })).json;
    const path = new URL(session.url).pathname;
    const page = (await server.browser().visit(path)).text;
    const names = [...page.matchAll(/<(?:input|textarea)[^>]* name="(\w+)"/g)].map(
      ([, name]) => name as string,
    );
    const fields = Object.fromEntries(names.map((name) => [name, 'secret-that-is-wrong']));
    assert.equal((await server.browser().submit(`${path}/fields`, fields)).status, 400);
    const rows = await rowsOf(session.id);
    assert.deepEqual(told(rows), [
      ['api_key', 'connect.link_created'],
      ['account_holder', 'connect.failed'],
    ]);
    const kept = await user.expect(200, 'GET', `/v1/connect-sessions/${session.id}`);
    assert.equal(kept.json.status, 'open');
    assert.doesNotMatch(JSON.stringify(rows) + kept.text, /secret-that-is-wrong/);
  });

  it('tells of a key who made and revoked it, and of each use that was refused', async () => {
    const body = { name: 'short', scopes: ['read'] };
    const made = (await user.expect(201, 'POST', '/v1/api-keys', { body })).json;
    await user.expect(403, 'POST', '/v1/clients', { key: made.key, body: { name: 'x' } });
    await user.expect(204, 'DELETE', `/v1/api-keys/${made.id}`);
    await user.expect(401, 'GET', '/v1/clients', { key: made.key });
    const rows = await rowsOf(made.id);
    assert.deepEqual(
      rows.map(({ action }) => action),
      ['api_key.created', 'api_key.refused', 'api_key.revoked', 'api_key.refused'],
    );
    assert.equal(rows[1]?.actor, `api_key:${made.id}`);
    assert.deepEqual(rows[1]?.detail, { code: 'forbidden', route: 'POST /v1/clients', revoked: false });
    assert.equal(rows[3]?.detail.revoked, true);
    assert.ok(!JSON.stringify(rows).includes(made.key));
  });

  it('is asked for rows of an action that there is, and says which there are where there is none of that name', async () => {
    const refused = await user.expect(400, 'GET', '/v1/activity?action=nope');
    assert.equal(refused.json.code, 'invalid_request');
    assert.equal(refused.json.errors.action, `Choose one of: ${ACTIONS.join(', ')}.`);
    for (const action of ['grant.suspect', 'grant.renewed'])
      await user.expect(200, 'GET', `/v1/activity?action=${action}`);
    const { text } = await server.browser().visit('/docs');
    const from = text.indexOf('id="listActivity"');
    const card = text.slice(from, text.indexOf('</article>', from));
    for (const action of ACTIONS) assert.ok(card.includes(`<code>${action}</code>`), action);
  });

  it('tells of token reads by whom and how many, and its chain holds over all of it', async () => {
    const { connectionId } = await connect(server, user, 'snapchat');
    const readAt = toRfc3339(server.test.clock.now());
    for (let read = 0; read < 3; read += 1)
      await user.expect(200, 'GET', `/v1/connections/${connectionId}/token`);
    await server.test.house.readLog.flush();
    const reads = (await rowsOf(connectionId)).filter(({ action }) => action === 'token.read');
    assert.deepEqual(
      reads.map(({ detail }) => detail),
      [{ count: 3, first_at: readAt, last_at: readAt }],
    );
    assert.match(reads[0]?.actor ?? '', /^api_key:key_/);
    assert.deepEqual(await verifyActivity(user.ctx), { intact: true, first_broken_seq: null });
  });
});
