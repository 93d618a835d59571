import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PLATFORMS } from '../src/platforms/index.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';

describe('The switches of every simulated platform', () => {
  let sandbox: TestSandbox;
  before(async () => {
    sandbox = await sandboxForTest();
  });
  after(() => sandbox.close());

  for (const { profile } of PLATFORMS) {
    it(`of ${profile.name} know their own app, and refuse an app, a token or an auth method that is not there`, async () => {
      const { id } = profile;
      const { app, breaks } = await sandbox.control('GET', id);
      const { how } = breaks[0];
      const refused = async (verb: string, body: object) =>
        sandbox.control('POST', `${id}/${verb}`, body).then(
          () => 'done',
          (error: Error) => error.message.split(':')[0],
        );
      assert.equal(await refused('break', { how, client_id: 'nope' }), '404 unknown_client');
      assert.equal(await refused('break', { how, access_token: 'nope' }), '404 unknown_token');
      assert.equal(await refused('fields', { method: 'nope' }), '404 unknown_method');
      if (app.client_id !== '')
        assert.equal(await refused('break', { how, client_id: app.client_id }), 'done');
    });
  }
});
