import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
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
