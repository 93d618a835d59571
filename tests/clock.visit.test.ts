import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createApiKey } from '../src/app/manageApiKeys.ts';
import { createServer } from '../src/server/server.ts';
import { SharedClock } from '../src/simulator/sharedClock.ts';
import { DAY, HOUR, variant, withHouse } from './support/keeping.ts';
import { apiUser } from './support/server.ts';
import { Browser } from './support/serverBrowser.ts';

it('Who moves the clock on its page stays signed in for twelve hours of where it stopped, however far it was to go', () =>
  withHouse(async (test) => {
    const clock = new SharedClock({
      real: test.clock.now,
      sleep: test.house.sleep,
      state: null,
      keep: () => undefined,
      fault: (error) => assert.fail(String(error)),
    });
    const { house, ctx } = variant(test, { clock, now: clock.now });
    const server = createServer(house, {});
    const url = await server.listen({ port: 0, host: '127.0.0.1' });
    try {
      const { key } = await createApiKey(ctx, { name: 'moves', scopes: ['admin'] });
      const browser = new Browser(url, house.publicUrl, {});
      await browser.submit('/sign-in', { api_key: key });
      let release = () => {};
      const stuck = new Promise<void>((resolve) => {
        release = resolve;
      });
      const underWay = house.flights.besides(() => stuck);
      const page = await browser.submit('/clock', { do: 'by', by: '399d' });
      assert.match(page.text, /<progress/);
      clock.stop();
      release();
      await Promise.all([underWay, clock.still()]);
      assert.match((await browser.visit('/clock')).text, /Stopped on the way/);

      await apiUser(url, ctx, key).expect(200, 'POST', '/v1/clock/forward', { body: { by: '11h' } });
      assert.match((await browser.visit('/clock')).text, /Next renewal/);
      clock.begin(clock.now() + 2 * HOUR, {
        settled: async () => undefined,
        isSettled: () => true,
        during: (work) => work(),
      });
      await clock.still();
      assert.match((await browser.visit('/clock')).text, /<input id="api_key"/, 'twelve hours are over');

      await browser.submit('/sign-in', { api_key: key });
      assert.match((await browser.submit('/clock', { do: 'by', by: '30d' })).text, /Moved/);
      assert.match((await browser.visit('/clock')).text, /Next renewal/, 'it is there, and so is the visit');
      await apiUser(url, ctx, key).expect(200, 'POST', '/v1/clock/forward', { body: { by: '13h' } });
      assert.match((await browser.visit('/clock')).text, /<input id="api_key"/);
      assert.ok(clock.now() > test.clock.now() + 30 * DAY);
    } finally {
      await server.close();
    }
  }));
