import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { amazonAds } from '../../src/platforms/amazon-ads/index.ts';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import { asUnits, figuresBetween, figuresOf, total } from '../../src/platforms/kit/figures.ts';
import { linkedin } from '../../src/platforms/linkedin/index.ts';
import { meta } from '../../src/platforms/meta/index.ts';
import { pinterest } from '../../src/platforms/pinterest/index.ts';
import { snapchat } from '../../src/platforms/snapchat/index.ts';
import { tiktok } from '../../src/platforms/tiktok/index.ts';
import { tradeDesk } from '../../src/platforms/trade-desk/index.ts';
import { connected } from '../support/connected.ts';

// The benches' clock stands at 2026-11-22T09:00:00Z.
const [FIRST, LAST] = ['2026-11-09', '2026-11-15'];
const NOW = Date.parse('2026-11-22T09:00:00Z');

const days = (id: string) => figuresBetween(id, FIRST, LAST, NOW);
const daily = (id: string) => days(id).map(asUnits);
const micros = (id: string) => days(id).map((day) => day.spendMicros);
/** A fetch of an address that is its own permission. */
const requestTo = (address: string) => {
  const { host, pathname, searchParams } = new URL(address);
  return { method: 'GET', host, path: pathname, query: searchParams, headers: {}, body: '' };
};
const sum = (id: string) => asUnits(total(days(id)));

describe('the figures of a simulated ad account', () => {
  it('are the same for the same account and day, and others for others', () => {
    assert.deepEqual(figuresOf('a', FIRST), figuresOf('a', FIRST));
    assert.notDeepEqual(figuresOf('a', FIRST), figuresOf('a', LAST));
    assert.notDeepEqual(figuresOf('a', FIRST), figuresOf('b', FIRST));
  });

  it('come for days that were, in whole cents', () => {
    const found = figuresBetween('a', '2026-11-20', '2026-12-31', NOW);
    assert.deepEqual(
      found.map((one) => one.day),
      ['2026-11-20', '2026-11-21', '2026-11-22'],
    );
    assert.ok(found.every((one) => one.spendMicros > 0 && one.spendMicros % 10_000 === 0));
    assert.deepEqual(figuresBetween('a', '2026-12-01', '2026-12-31', NOW), []);
  });
});

describe('spend by day, told alike in days and in sum, again and again', () => {
  it('at Meta Ads', async () => {
    const { call } = await connected(meta);
    const insights = 'https://graph.facebook.com/v26.0/act_100200300400/insights';
    const range = `time_range=${encodeURIComponent(JSON.stringify({ since: FIRST, until: LAST }))}`;
    const whole = await call(`${insights}?${range}`);
    assert.equal(whole.json.data[0].spend, sum('100200300400'));
    const spends: string[] = [];
    let next: string | undefined = `${insights}?${range}&time_increment=1`;
    while (next) {
      const { json } = await call(next);
      spends.push(...json.data.map((row: { spend: string }) => row.spend));
      next = json.paging?.next;
    }
    assert.deepEqual(spends, daily('100200300400'));
    const week = await call(`${insights}?date_preset=last_7d`);
    assert.deepEqual(
      [week.json.data[0].date_start, week.json.data[0].date_stop],
      ['2026-11-15', '2026-11-21'],
    );
    assert.equal((await call(`${insights}?date_preset=never`)).json.error.code, 100);
  });

  it('at LinkedIn Ads', async () => {
    const { call } = await connected(linkedin);
    const ask = (granularity: string, accounts = '512340001') =>
      call(
        `https://api.linkedin.com/rest/adAnalytics?q=analytics&pivot=ACCOUNT&timeGranularity=${granularity}&dateRange=(start:(year:2026,month:11,day:9),end:(year:2026,month:11,day:15))&accounts=List(urn%3Ali%3AsponsoredAccount%3A${accounts})`,
        undefined,
        { 'linkedin-version': '202607' },
      );
    const costs = (answer: { json: { elements: { costInLocalCurrency: string }[] } }) =>
      answer.json.elements.map((element) => element.costInLocalCurrency);
    assert.deepEqual(costs(await ask('ALL')), [sum('512340001')]);
    assert.deepEqual(costs(await ask('DAILY')), daily('512340001'));
    assert.deepEqual(costs(await ask('ALL', '512340005')), [], 'no access and no activity look alike');
  });

  it('at TikTok Ads', async () => {
    const { call } = await connected(tiktok, 'advertiser_token');
    const id = '7300000000000000101';
    const report = (more: string, last = LAST) =>
      call(
        `https://business-api.tiktok.com/open_api/v1.3/report/integrated/get/?advertiser_id=${id}&report_type=BASIC&start_date=${FIRST}&end_date=${last}${more}`,
      );
    const byDay = await report('&dimensions=["stat_time_day"]&page_size=5&page=2');
    assert.deepEqual(
      byDay.json.data.list.map((row: { metrics: { spend: string } }) => row.metrics.spend),
      daily(id).slice(5),
    );
    assert.equal(byDay.json.data.page_info.total_page, 2);
    assert.equal((await report('')).json.data.list[0].metrics.spend, sum(id));
    const tooLong = await report('&dimensions=["stat_time_day"]', '2026-12-31');
    assert.deepEqual([tooLong.status, tooLong.json.code], [200, 40002]);
  });

  it('at Google Ads', async () => {
    const { call } = await connected(googleAds);
    const search = async (fields: string, where: string) => {
      const query = `SELECT ${fields} FROM customer WHERE ${where}`;
      const address = 'https://googleads.googleapis.com/v25/customers/2223334442/googleAds:search';
      const { json } = await call(address, { query }, { 'login-customer-id': '1112223333' });
      return json.results.map((row: { metrics: { costMicros: string } }) => Number(row.metrics.costMicros));
    };
    const between = `segments.date BETWEEN '${FIRST}' AND '${LAST}'`;
    assert.deepEqual(await search('segments.date, metrics.cost_micros', between), micros('2223334442'));
    assert.deepEqual(await search('metrics.cost_micros', between), [total(days('2223334442')).spendMicros]);
    const during = await search('segments.date, metrics.cost_micros', 'segments.date DURING LAST_7_DAYS');
    assert.equal(during.length, 7);
  });

  it('at Snapchat Ads', async () => {
    const { call } = await connected(snapchat);
    const stats = (granularity: string, from = `${FIRST}T00:00:00.000%2B01:00`) =>
      call(
        `https://adsapi.snapchat.com/v1/adaccounts/acc-5a0e-01/stats?granularity=${granularity}&fields=spend&start_time=${from}&end_time=2026-11-16T00:00:00.000%2B01:00`,
      );
    const byDay = (await stats('DAY')).json.timeseries_stats[0].timeseries_stat.timeseries;
    assert.deepEqual(
      byDay.map((step: { stats: { spend: number } }) => step.stats.spend),
      micros('acc-5a0e-01'),
    );
    const whole = (await stats('TOTAL')).json.total_stats[0].total_stat;
    assert.equal(whole.stats.spend, total(days('acc-5a0e-01')).spendMicros);
    assert.equal((await stats('DAY', `${FIRST}T00:00:00.000Z`)).status, 400, 'not at midnight there');
  });

  it('at Pinterest Ads', async () => {
    const { call } = await connected(pinterest);
    const analytics = (granularity: string, first = FIRST) =>
      call(
        `https://api.pinterest.com/v5/ad_accounts/549755885101/analytics?start_date=${first}&end_date=${LAST}&columns=SPEND_IN_MICRO_DOLLAR&granularity=${granularity}`,
      );
    const told = (answer: { json: { SPEND_IN_MICRO_DOLLAR: number }[] }) =>
      answer.json.map((row) => row.SPEND_IN_MICRO_DOLLAR);
    assert.deepEqual(told(await analytics('DAY')), micros('549755885101'));
    assert.deepEqual(told(await analytics('TOTAL')), [total(days('549755885101')).spendMicros]);
    const old = await analytics('TOTAL', '2026-08-01');
    assert.deepEqual([old.status, old.json.code], [400, 1], 'ninety days back, and no further');
  });

  it('at Amazon Ads, as a report that takes its time', async () => {
    const { bench, call } = await connected(amazonAds);
    const profile = { 'amazon-advertising-api-scope': '1111222233334444' };
    const reports = 'https://advertising-api.amazon.com/reporting/reports';
    const configuration = { timeUnit: 'DAILY', format: 'GZIP_JSON' };
    const body = { startDate: FIRST, endDate: LAST, configuration };
    const { reportId } = (await call(reports, body, profile)).json;
    assert.equal((await call(reports, body, profile)).status, 425, 'asked twice while it runs');
    const seen: string[] = [];
    for (const wait of [0, 30_000, 40_000]) {
      bench.clock.advance(wait);
      seen.push((await call(`${reports}/${reportId}`, undefined, profile)).json.status);
    }
    assert.deepEqual(seen, ['PENDING', 'PROCESSING', 'COMPLETED']);
    const { url } = (await call(`${reports}/${reportId}`, undefined, profile)).json;
    const file = await bench.simulator.handle(requestTo(url));
    const json = gunzipSync(Buffer.from(file.body, 'latin1')).toString('utf8');
    const rows = JSON.parse(json) as { cost: number }[];
    assert.deepEqual(
      rows.map((row) => row.cost.toFixed(2)),
      daily('1111222233334444'),
    );
  });

  it('at The Trade Desk, as the file of a scheduled report', async () => {
    const { call } = await connected(tradeDesk, 'api_token');
    const api = 'https://api.thetradedesk.com/v3/myreports/reportexecution/query/advertisers';
    const { json } = await call(api, { AdvertiserIds: ['advsho1'], PageStartIndex: 0, PageSize: 10 });
    assert.equal(json.Result[0].ReportExecutionState, 'Complete');
    const file = await call(json.Result[0].ReportDeliveries[0].DownloadURL);
    const spends = file.text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    assert.equal(spends.length, 30);
    const week = spends.filter(([day]) => day! >= FIRST && day! <= LAST).map((cells) => cells.at(-1));
    assert.deepEqual(week, daily('advsho1'));
    const foreign = await call(api, { AdvertiserIds: ['advcoa4'] });
    assert.equal(foreign.status, 403);
  });
});
