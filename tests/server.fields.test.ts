import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PLATFORMS } from '../src/platforms/index.ts';
import { type ApiUser, openTestServer, prepare, type TestServer } from './support/server.ts';

let server: TestServer;
let user: ApiUser;

before(async () => {
  server = await openTestServer();
  user = await server.user();
});
after(() => server.close());

type Given = Record<string, string>;

/** A value of the right form that the platform has never seen, for the field that carries the credential. */
const WRONG: Readonly<Record<string, (given: Given) => Given>> = {
  token: () => ({ token: 'A'.repeat(64) }),
  access_token: () => ({ access_token: `EAAB${'x'.repeat(60)}` }),
  password: () => ({ password: 'not the password' }),
  key_file: ({ key_file }) => ({ key_file: withOtherKey(key_file!) }),
};

function withOtherKey(keyFile: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return JSON.stringify({ ...JSON.parse(keyFile), private_key });
}

const METHODS = PLATFORMS.flatMap(({ profile }) =>
  profile.methods.filter(({ kind }) => kind === 'fields').map((method) => ({ profile, method })),
);

for (const { profile, method } of METHODS) {
  describe(`${profile.name}, ${method.name}, filled in`, () => {
    const fill = async () => {
      const { app, client } = await prepare(server, user, profile.id);
      const given: Given = await server.test.control('POST', `${profile.id}/fields`, { method: method.id });
      return { target: { client_id: client.id, app_id: app.id, method: method.id }, given };
    };
    const stored = async () => (await user.expect(200, 'GET', '/v1/grants?limit=200')).json.data.length;
    const credential = method.fields.find(({ id }) => id in WRONG)!.id;

    it('with a credential that the platform refuses: the answer names the field and who refused it', async () => {
      const { target, given } = await fill();
      const before = await stored();
      const fields = { ...given, ...WRONG[credential]!(given) };
      const refused = (await user.expect(400, 'POST', '/v1/connections', { body: { ...target, fields } }))
        .json;
      assert.equal(refused.code, 'invalid_fields');
      const sentence = refused.errors[credential];
      const company = { meta: 'Meta', 'trade-desk': 'The Trade Desk' }[profile.id] ?? 'Google';
      const all = Object.values(refused.errors).join(' ');
      assert.ok(all.includes(`${company} refuses`), all);
      assert.match(sentence, /[Cc]heck|[Cc]reate a new key/);
      assert.doesNotMatch(
        JSON.stringify(refused),
        /[Nn]othing to do|password changed|changed their password/,
      );
      for (const value of Object.values(fields)) assert.ok(!JSON.stringify(refused).includes(value));
      assert.equal(await stored(), before, 'nothing is stored');
    });

    it('while the platform is down, limits calls or talks nonsense: later, and nothing is stored', async () => {
      const { target, given } = await fill();
      const before = await stored();
      for (const kind of ['outage', 'rate_limit', 'html', 'drop_before']) {
        await server.test.control('POST', `${profile.id}/fault`, { kind });
        const body = { ...target, fields: given };
        const later = (await user.expect(503, 'POST', '/v1/connections', { body })).json;
        await server.test.control('DELETE', `${profile.id}/fault`);
        assert.deepEqual([later.code, later.errors], ['temporarily_unavailable', undefined], kind);
        assert.match(later.detail, /nothing was stored/);
      }
      assert.equal(await stored(), before);
      await user.expect(201, 'POST', '/v1/connections', { body: { ...target, fields: given } });
    });

    it('with blanks around what was pasted: they are none of it', async () => {
      const { target, given } = await fill();
      const padded = Object.entries(given).map(([id, value]) => [id, `\n  ${value}\t \n`]);
      const body = { ...target, fields: Object.fromEntries(padded) };
      await user.expect(201, 'POST', '/v1/connections', { body });
    });

    it('on the page: the form stays, with the sentence at the field', async () => {
      const { target, given } = await fill();
      const session = (await user.expect(201, 'POST', '/v1/connect-sessions', { body: target })).json;
      const page = await server
        .browser()
        .submit(`${session.url}/fields`, { ...given, ...WRONG[credential]!(given) });
      assert.equal(page.status, 400);
      assert.match(page.text, /class="wrong"[^>]*>[^<]*(refuses|Check)/);
      await server.test.control('POST', `${profile.id}/fault`, { kind: 'outage' });
      const later = await server.browser().submit(`${session.url}/fields`, given);
      await server.test.control('DELETE', `${profile.id}/fault`);
      assert.equal(later.status, 503);
      assert.match(later.text, /<form.*could not be asked just now|could not be asked just now[\s\S]*<form/);
      const made = await server.browser().submit(`${session.url}/fields`, given);
      assert.match(made.text, /is connected/);
    });
  });
}

describe('Fields with several mistakes', () => {
  it('are refused with every mistake at once, by the names that the person sees', async () => {
    const { app, client } = await prepare(server, user, 'trade-desk');
    const target = { client_id: client.id, app_id: app.id, method: 'api_token' };
    const fields = { expires_on: '2027-02-31', nonsense: 'x' };
    const refused = (await user.expect(400, 'POST', '/v1/connections', { body: { ...target, fields } })).json;
    assert.deepEqual(Object.keys(refused.errors), ['token', 'expires_on', 'nonsense']);
    assert.match(refused.detail, /API token, End date of the token, nonsense/);
  });
});
