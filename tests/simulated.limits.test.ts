import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CallLimit, CallLimits } from '../src/platforms/kit/callLimits.ts';
import type { SimRequest } from '../src/platforms/kit/simulator.ts';
import { accessToken, ask, type Heard } from './support/asked.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await sandboxForTest();
});
afterEach(() => sandbox.close());

const count = (platform: string) => sandbox.control('POST', `${platform}/do`, { deed: 'limits_counted' });
function limitHeaders({ headers }: Heard): readonly string[] {
  const found: string[] = [];
  headers.forEach((_, name) => {
    if (/limit|usage|retry/.test(name)) found.push(name);
  });
  return found;
}

/** So many calls at once; the last answer. */
async function call(times: number, address: string, headers: Record<string, string> = {}): Promise<Heard> {
  for (let time = 1; time < times; time += 1) await ask(sandbox, address, headers);
  return ask(sandbox, address, headers);
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const GOOGLE = {
  authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
};
const SCOPE = 'https://www.googleapis.com/auth/';

describe('stated limits, once they are counted', () => {
  it('are not counted by themselves, nor any more once that is undone, nor where a platform states none', async () => {
    const address = 'https://business-api.tiktok.com/open_api/v1.3/user/info/';
    const headers = { 'access-token': 'any' };
    assert.equal((await call(30, address, headers)).json.code, 40105);
    await count('tiktok');
    assert.equal((await call(11, address, headers)).json.code, 40100);
    await sandbox.control('POST', 'tiktok/undo', { deed: 'limits_counted' });
    assert.equal((await call(30, address, headers)).json.code, 40105);
    for (const platform of ['linkedin', 'amazon-ads', 'trade-desk'])
      await assert.rejects(count(platform), /404 unknown_deed/);
  });

  it('TikTok Ads: ten a second, six hundred a minute with a pause of five, as HTTP 200 without a header', async () => {
    await count('tiktok');
    const address = 'https://business-api.tiktok.com/open_api/v1.3/user/info/';
    const headers = { 'access-token': 'any' };
    const refused = await call(11, address, headers);
    assert.deepEqual([refused.status, refused.json.code, limitHeaders(refused)], [200, 40100, []]);
    for (let second = 0; second < 59; second += 1) {
      sandbox.clock.advance(1_000);
      assert.equal((await call(10, address, headers)).json.code, 40105);
    }
    sandbox.clock.advance(999);
    assert.equal((await call(1, address, headers)).json.code, 40100, 'the minute is used up');
    sandbox.clock.advance(299_000);
    assert.equal((await call(1, address, headers)).json.code, 40100);
    sandbox.clock.advance(1_000);
    assert.equal((await call(1, address, headers)).json.code, 40105);
  });

  it('Pinterest Ads: by category and person, told with every answer', async () => {
    const pages = {
      authorize: 'https://www.pinterest.com/oauth/',
      token: 'https://api.pinterest.com/v5/oauth/token',
      basic: true,
    };
    const token = await accessToken(sandbox, 'pinterest', pages, 'ads:read,user_accounts:read');
    await count('pinterest');
    const told = ({ headers }: Heard) =>
      ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
    const analytics =
      'https://api.pinterest.com/v5/ad_accounts/549755885101/analytics?start_date=2026-11-09&end_date=2026-11-15&columns=SPEND_IN_MICRO_DOLLAR&granularity=TOTAL';
    assert.deepEqual(told(await call(1, analytics, bearer(token))), ['300', '299', '60']);
    for (const left of [200, 100, 0]) {
      sandbox.clock.advance(1_000);
      const last = await call(left === 200 ? 99 : 100, analytics, bearer(token));
      assert.deepEqual([last.status, told(last)[1]], [200, String(left)]);
    }
    sandbox.clock.advance(7_000);
    const refused = await call(1, analytics, bearer(token));
    assert.deepEqual([refused.status, refused.json.code, ...told(refused)], [429, 8, '300', '0', '50']);
    const other = await call(1, 'https://api.pinterest.com/v5/user_account', bearer(token));
    assert.deepEqual([other.status, ...told(other)], [200, '1000', '999', '60']);
    sandbox.clock.advance(50_000);
    assert.equal((await call(1, analytics, bearer(token))).status, 200);
  });

  it('Snapchat Ads: ten a second of a token, twenty of the app, told on reporting calls alone', async () => {
    const pages = {
      authorize: 'https://accounts.snapchat.com/login/oauth2/authorize',
      token: 'https://accounts.snapchat.com/login/oauth2/access_token',
    };
    const token = () => accessToken(sandbox, 'snapchat', pages, 'snapchat-marketing-api');
    const [one, two, three] = [await token(), await token(), await token()];
    await count('snapchat');
    const me = 'https://adsapi.snapchat.com/v1/me';
    const taken = await call(10, me, bearer(one));
    assert.deepEqual([taken.status, limitHeaders(taken)], [200, []]);
    assert.equal((await call(1, me, bearer(one))).status, 429, 'the token');
    assert.equal((await call(10, me, bearer(two))).status, 200);
    assert.equal((await call(1, me, bearer(three))).status, 429, 'the app');
    sandbox.clock.advance(1_000);
    const stats =
      'https://adsapi.snapchat.com/v1/adaccounts/acc-5a0e-01/stats?granularity=TOTAL&fields=spend&start_time=2026-11-09T00:00:00.000%2B01:00&end_time=2026-11-16T00:00:00.000%2B01:00';
    const { status, headers } = await call(2, stats, bearer(one));
    const told = ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-rate-limit-${name}`));
    assert.deepEqual([status, ...told], [200, '1666', '1664', String(sandbox.clock.now() + 6_000)]);
  });

  it('Meta Ads: of the app by its people, of an ad account by use case, in percent and minutes', async () => {
    const pages = {
      authorize: 'https://www.facebook.com/v26.0/dialog/oauth',
      token: 'https://graph.facebook.com/v26.0/oauth/access_token',
    };
    const token = await accessToken(sandbox, 'meta', pages, 'ads_read');
    await count('meta');
    const usage = ({ headers }: Heard, name: string) => JSON.parse(headers.get(name) ?? 'null');
    const graph = (path: string) => `https://graph.facebook.com/v26.0/${path}`;
    const me = await call(100, graph('me'), bearer(token));
    assert.deepEqual([me.status, usage(me, 'x-app-usage').call_count], [200, 50]);
    const over = await call(101, graph('me'), bearer(token));
    assert.deepEqual([over.status, over.json.error.code], [400, 4]);
    assert.equal(usage(over, 'x-app-usage').call_count, 100);
    const account = 'act_100200300400';
    assert.equal((await call(300, graph(account), bearer(token))).status, 200, 'not counted for the app');
    sandbox.clock.advance(48 * 60_000);
    const throttled = await call(1, graph(account), bearer(token));
    assert.deepEqual([throttled.json.error.code, throttled.json.error.error_subcode], [80004, 2446079]);
    const [use] = usage(throttled, 'x-business-use-case-usage')['100200300400'];
    assert.deepEqual(
      [use.type, use.call_count, use.estimated_time_to_regain_access],
      ['ads_management', 100, 12],
    );
    const insights = await call(60, graph(`${account}/insights?date_preset=last_7d`), bearer(token));
    const [other] = usage(insights, 'x-business-use-case-usage')['100200300400'];
    assert.deepEqual([insights.status, other.type, other.call_count], [200, 'ads_insights', 10]);
    sandbox.clock.advance(12 * 60_000);
    assert.equal((await call(1, graph(account), bearer(token))).status, 200);
  });

  it('Campaign Manager 360: sixty a minute of a user, as a 403 without a header', async () => {
    const token = (person?: string) =>
      accessToken(sandbox, 'google-cm360', GOOGLE, `${SCOPE}dfareporting`, person);
    const [ida, noah] = [await token(), await token('noah@example.org')];
    await count('google-cm360');
    const address = 'https://dfareporting.googleapis.com/dfareporting/v5/userprofiles';
    assert.equal((await call(60, address, bearer(ida))).status, 200);
    const refused = await call(1, address, bearer(ida));
    assert.deepEqual(
      [refused.status, refused.json.error.errors[0].reason, limitHeaders(refused)],
      [403, 'userRateLimitExceeded', []],
    );
    assert.equal((await call(1, address, bearer(noah))).status, 200);
    sandbox.clock.advance(60_000);
    assert.equal((await call(1, address, bearer(ida))).status, 200);
  });

  it('Display & Video 360: three hundred a minute of an advertiser, as a 429 without a header', async () => {
    const token = await accessToken(sandbox, 'google-dv360', GOOGLE, `${SCOPE}display-video`);
    await count('google-dv360');
    const advertiser = (id: string) => `https://displayvideo.googleapis.com/v4/advertisers/${id}`;
    assert.equal((await call(300, advertiser('7101'), bearer(token))).status, 200);
    const refused = await call(1, advertiser('7101'), bearer(token));
    assert.deepEqual(
      [refused.status, refused.json.error.status, limitHeaders(refused)],
      [429, 'RESOURCE_EXHAUSTED', []],
    );
    assert.equal((await call(1, advertiser('7102'), bearer(token))).status, 200);
  });
});

describe('windows in which calls are counted', () => {
  const of = (window: CallLimit['window'], pauseMs?: number): CallLimit => {
    return { most: 3, window, pauseMs, source: '', checked: '' };
  };
  /** Counts by the host that was asked. */
  function counting(limit: CallLimit) {
    const clock = { now: Date.parse('2026-11-22T09:00:00Z') };
    const plan = {
      counts: ({ host }: SimRequest) => [{ limit, whose: host }],
      refuse: () => ({ status: 429, body: '' }),
    };
    const limits = new CallLimits(plan, () => clock.now);
    limits.deed.apply({});
    const ask = (host: string) =>
      limits.pass({ host } as SimRequest, () => ({ status: 200, body: '' })).status;
    return { clock, limits, ask };
  }

  it('are kept while they last, and dropped once they have ended, whoever calls then', () => {
    for (const limit of [of(60_000), of({ midnightIn: 'UTC' })]) {
      const { clock, limits, ask } = counting(limit);
      for (let round = 0; round < 5; round += 1) {
        for (let caller = 0; caller < 100; caller += 1) ask(`caller ${round} ${caller}`);
        assert.equal(limits.windows, 100, 'those of this round');
        clock.now += 86_400_000;
      }
      for (let time = 0; time < 3; time += 1) assert.equal(ask('always'), 200);
      assert.deepEqual([ask('always'), limits.windows], [429, 1]);
    }
  });

  it('are dropped behind one that became a pause too, once that is over', () => {
    const { clock, limits, ask } = counting(of(60_000, 300_000));
    for (let time = 0; time < 4; time += 1) ask('too often');
    for (let caller = 0; caller < 100; caller += 1) ask(`caller ${caller}`);
    clock.now += 299_000;
    assert.deepEqual([ask('too often'), ask('caller 5'), limits.windows], [429, 200, 101]);
    clock.now += 1_000;
    assert.deepEqual([ask('too often'), limits.windows], [200, 2]);
  });
});
