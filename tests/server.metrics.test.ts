import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createHouse } from '../src/app/house.ts';
import { createServer } from '../src/server/server.ts';
import { openTestServer } from './support/server.ts';

const metrics = async () => 'evergrant_platform_calls_total{host="login.acme.example"} 1\n';
const TOKEN = 'a-token-of-the-scraper';

describe('Metrics', async () => {
  const server = await openTestServer(() => ({ metrics }));
  after(() => server.close());
  const ask = async (headers: Record<string, string>) =>
    (await fetch(`${server.url}/metrics`, { headers })).status;

  it('are for this machine alone where no token is set, and not through a proxy', async () => {
    assert.equal(await ask({}), 200);
    assert.equal(await ask({ 'x-forwarded-for': '203.0.113.9' }), 401);
    assert.equal(await ask({ via: '1.1 proxy' }), 401);
    const user = await server.user();
    const asked = { 'x-forwarded-for': '203.0.113.9', authorization: `Bearer ${user.key}` };
    assert.equal(await ask(asked), 401, 'a workspace’s key does not open what counts over all workspaces');
  });

  it('are for nobody without a token where the service has a public name: what comes from here may be a proxy', async () => {
    const parts = { ...server.test.house, spool: server.test.spool, publicUrl: 'https://grants.example' };
    const known = createServer(createHouse(parts), { metrics });
    const guarded = createServer(createHouse(parts), { metrics, metricsToken: TOKEN });
    try {
      for (const host of ['grants.example', '127.0.0.1', 'localhost:7070'])
        assert.equal((await known.inject({ url: '/metrics', headers: { host } })).statusCode, 401, host);
      for (const [authorization, status] of [
        [`Bearer ${TOKEN}`, 200],
        [`bearer ${TOKEN}`, 200],
        [`Bearer ${TOKEN}x`, 401],
        ['Bearer ', 401],
        ['', 401],
      ] as const) {
        const answer = await guarded.inject({ url: '/metrics', headers: { authorization } });
        assert.equal(answer.statusCode, status, authorization);
        assert.equal(answer.body.includes('acme'), status === 200);
        if (status === 401) assert.equal(answer.headers['www-authenticate'], 'Bearer');
      }
    } finally {
      await known.close();
      await guarded.close();
    }
  });
});
