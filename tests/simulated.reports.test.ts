import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { asUnits, figuresBetween } from '../src/platforms/kit/figures.ts';
import { accessToken, ask, type Heard } from './support/asked.ts';
import { sandboxForTest, type TestSandbox } from './support/sandbox.ts';

const [FIRST, LAST] = ['2026-11-09', '2026-11-15'];

let sandbox: TestSandbox;
before(async () => {
  sandbox = await sandboxForTest();
});
after(() => sandbox.close());

/** The spend of these days, as the figures of an account tell it. */
const spends = (account: string) =>
  figuresBetween(account, FIRST, LAST, sandbox.clock.now()).map((day) => asUnits(day));

describe('a report of Amazon Ads', () => {
  const API = 'https://advertising-api.amazon.com/reporting/reports';
  const PROFILE = '1111222233334444';
  const configuration = {
    adProduct: 'SPONSORED_PRODUCTS',
    groupBy: ['campaign'],
    columns: ['date', 'cost', 'clicks'],
    reportTypeId: 'spCampaigns',
    timeUnit: 'DAILY',
    format: 'GZIP_JSON',
  };
  let headers: Record<string, string>;

  before(async () => {
    const pages = {
      authorize: 'https://www.amazon.com/ap/oa',
      token: 'https://api.amazon.com/auth/o2/token',
    };
    const token = await accessToken(sandbox, 'amazon-ads', pages, 'advertising::campaign_management');
    const { app } = await sandbox.control('GET', 'amazon-ads');
    headers = {
      authorization: `Bearer ${token}`,
      'amazon-advertising-api-clientid': app.client_id,
      'amazon-advertising-api-scope': PROFILE,
    };
  });

  async function completed(): Promise<Heard> {
    const body = { name: 'Week', startDate: FIRST, endDate: LAST, configuration };
    const { json } = await ask(sandbox, API, headers, body);
    sandbox.clock.advance(60_000);
    return ask(sandbox, `${API}/${json.reportId}`, headers);
  }

  it('is told in the documented shape, with what is not known yet as null', async () => {
    const { json } = await ask(sandbox, API, headers, { startDate: FIRST, endDate: LAST, configuration });
    const open = [json.fileSize, json.generatedAt, json.url, json.urlExpiresAt, json.failureReason];
    assert.deepEqual(open, [null, null, null, null, null]);
    assert.deepEqual([json.status, json.configuration], ['PENDING', configuration]);
    sandbox.clock.advance(60_000);
  });

  it('is a gzip file at an address of the storage, the same again, with the columns that were asked for', async () => {
    const { json } = await completed();
    assert.match(json.url, /^https:\/\/offline-report-storage-[^/]+\.amazonaws\.com\/.+\.json\.gz\?/);
    const file = await ask(sandbox, json.url);
    assert.deepEqual([file.bytes[0], file.bytes[1]], [0x1f, 0x8b], 'gzip');
    assert.equal(file.headers.get('content-encoding'), null, 'clients have to decompress it themselves');
    assert.equal(file.bytes.length, json.fileSize);
    const rows = JSON.parse(gunzipSync(file.bytes).toString('utf8'));
    assert.deepEqual(Object.keys(rows[0]), ['date', 'cost', 'clicks']);
    assert.deepEqual(
      rows.map((row: { cost: number }) => row.cost.toFixed(2)),
      spends(PROFILE),
    );
    const again = await ask(sandbox, (await completed()).json.url);
    assert.deepEqual(again.bytes, file.bytes);
  });

  it('is fetched by its address alone: no token beside it, not another signature, not after an hour', async () => {
    const { url } = (await completed()).json;
    const refused = async (address: string, more: Record<string, string> = {}) => {
      const { status, text } = await ask(sandbox, address, more);
      return `${status} ${/<Code>(\w+)/.exec(text)?.[1]} ${/<Message>(.*)<\/Message/.exec(text)?.[1]}`;
    };
    assert.match(
      await refused(url, { authorization: headers.authorization! }),
      /^400 InvalidArgument Only one auth/,
    );
    assert.match(
      await refused(url.replace(/Signature=\w{4}/, 'Signature=0000')),
      /^403 SignatureDoesNotMatch/,
    );
    assert.match(await refused(url.split('?')[0]!), /^403 AccessDenied Access Denied/);
    sandbox.clock.advance(3_600_000);
    assert.match(await refused(url), /^403 AccessDenied Request has expired/);
    sandbox.clock.advance(-3_600_000);
  });

  it('covers 31 days at most, 95 days back at most, in the one format', async () => {
    const asked = async (startDate: string, endDate: string, format = 'GZIP_JSON') =>
      (await ask(sandbox, API, headers, { startDate, endDate, configuration: { ...configuration, format } }))
        .status;
    assert.deepEqual(
      [await asked('2026-10-01', '2026-10-31'), await asked('2026-10-01', '2026-11-01')],
      [200, 400],
    );
    assert.deepEqual(
      [await asked('2026-08-19', '2026-08-20'), await asked('2026-08-18', '2026-08-20')],
      [200, 400],
    );
    assert.equal(await asked(FIRST, LAST, 'CSV'), 400);
  });
});

const GOOGLE = {
  authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
};
const SCOPE = 'https://www.googleapis.com/auth/';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a report of Campaign Manager 360', () => {
  const API = 'https://dfareporting.googleapis.com/dfareporting/v5';
  const [PROFILE, NETWORK] = ['9000', '5001'];
  const REPORTS = `${API}/userprofiles/${PROFILE}/reports`;
  const dateRange = { startDate: FIRST, endDate: LAST };
  const criteria = {
    dateRange,
    dimensions: [{ name: 'dfa:date' }, { name: 'dfa:advertiserId' }],
    metricNames: ['dfa:impressions', 'dfa:clicks', 'dfa:mediaCost'],
  };
  const definition = { name: 'Spend by day', type: 'STANDARD', criteria };
  let headers: Record<string, string>;

  const signedIn = async (scopes: string, person?: string) =>
    bearer(await accessToken(sandbox, 'google-cm360', GOOGLE, scopes, person));

  before(async () => {
    headers = await signedIn(`${SCOPE}dfareporting ${SCOPE}dfatrafficking`);
  });

  async function run(body: object = definition, query = '') {
    const report = (await ask(sandbox, REPORTS, headers, body)).json;
    const file = (await ask(sandbox, `${REPORTS}/${report.id}/run${query}`, headers, {})).json;
    return { report, file, address: `${REPORTS}/${report.id}/files/${file.id}` };
  }

  /** The rows between the headings and the line of totals. */
  function rowsOf(text: string): readonly (readonly string[])[] {
    const lines = text.trim().split('\n');
    const start = lines.indexOf('Report Fields') + 2;
    const end = lines.findIndex((line) => line.startsWith('Grand Total:'));
    return lines.slice(start, end).map((line) => line.split(','));
  }

  it('is defined, run, polled until it is there, and fetched with the token: the same figures each time', async () => {
    const { report, file, address } = await run();
    assert.deepEqual(
      [report.kind, report.ownerProfileId, report.accountId, report.criteria],
      ['dfareporting#report', PROFILE, NETWORK, criteria],
    );
    assert.equal((await ask(sandbox, `${address}?alt=media`, headers)).status, 404, 'not ready');
    const seen = [file.status];
    for (const wait of [30_000, 30_000]) {
      sandbox.clock.advance(wait);
      seen.push((await ask(sandbox, address, headers)).json.status);
    }
    assert.deepEqual(seen, ['QUEUED', 'PROCESSING', 'REPORT_AVAILABLE']);
    const { urls, dateRange: days } = (await ask(sandbox, address, headers)).json;
    assert.deepEqual([days.startDate, days.endDate], [FIRST, LAST]);
    const fetched = await ask(sandbox, urls.apiUrl, headers);
    assert.equal(fetched.headers.get('content-type'), 'text/csv');
    assert.deepEqual(
      rowsOf(fetched.text).map((row) => row.at(-1)),
      spends(NETWORK),
    );
    assert.deepEqual(rowsOf(fetched.text)[0]!.slice(0, 2), [FIRST, '500101']);
    assert.equal((await ask(sandbox, urls.apiUrl)).status, 401, 'the address alone is no permission');
    const again = await run(definition, '?synchronous=true');
    assert.equal(again.file.status, 'REPORT_AVAILABLE');
    assert.equal((await ask(sandbox, again.file.urls.apiUrl, headers)).text, fetched.text);
  });

  it('tells the sum of its days where no date is asked for, and nothing where a filter leaves nothing', async () => {
    const whole = { ...criteria, dimensions: [{ name: 'dfa:advertiser' }], metricNames: ['dfa:mediaCost'] };
    const text = async (filters: object[]) => {
      const { file } = await run(
        { ...definition, criteria: { ...whole, dimensionFilters: filters } },
        '?synchronous=true',
      );
      return (await ask(sandbox, file.urls.apiUrl, headers)).text;
    };
    const filter = (id: string) => ({ dimensionName: 'dfa:advertiser', id });
    const sum = spends(NETWORK)
      .reduce((all, one) => all + Number(one), 0)
      .toFixed(2);
    assert.deepEqual(rowsOf(await text([filter('500101')])), [['Advertiser of 5001', sum]]);
    assert.match(await text([filter('1')]), /Report Fields\nNo data returned by the reporting service\.\n$/);
  });

  it('means its relative days by the moment of the run', async () => {
    const body = {
      ...definition,
      criteria: { ...criteria, dateRange: { relativeDateRange: 'PREVIOUS_WEEK' } },
    };
    const { file } = await run(body);
    assert.deepEqual([file.dateRange.startDate, file.dateRange.endDate], ['2026-11-15', '2026-11-21']);
  });

  it('is listed, replaced and deleted with its files, by its own profile alone', async () => {
    const { report, address } = await run();
    const named = { ...definition, name: 'Renamed' };
    const own = `${REPORTS}/${report.id}`;
    assert.equal((await ask(sandbox, own, headers, named, 'PUT')).json.id, report.id);
    assert.equal((await ask(sandbox, own, headers)).json.name, 'Renamed');
    const { items, nextPageToken } = (await ask(sandbox, `${REPORTS}?maxResults=1`, headers)).json;
    assert.deepEqual([items.length, nextPageToken], [1, '1']);
    const files = await ask(sandbox, `${API}/userprofiles/${PROFILE}/files`, headers);
    assert.equal(files.json.items[0].reportId, report.id, 'the newest first');
    const other = await signedIn(`${SCOPE}dfareporting`, 'noah@example.org');
    const foreign = address.replace(`/userprofiles/${PROFILE}`, '');
    assert.deepEqual(
      [(await ask(sandbox, foreign, headers)).status, (await ask(sandbox, foreign, other)).status],
      [200, 404],
    );
    assert.equal((await ask(sandbox, own, headers, undefined, 'DELETE')).status, 204);
    assert.equal((await ask(sandbox, address, headers)).status, 404);
  });

  it('wants the scope of reports, the role, and a definition that is one', async () => {
    const narrow = await signedIn(`${SCOPE}dfatrafficking`);
    const refused = (await ask(sandbox, REPORTS, narrow)).json.error;
    assert.deepEqual([refused.code, refused.errors[0].reason], [403, 'insufficientPermissions']);
    const wrong = await ask(sandbox, REPORTS, headers, {
      ...definition,
      criteria: { ...criteria, metricNames: ['dfa:magic'] },
    });
    assert.deepEqual([wrong.status, wrong.json.error.errors[0].reason], [400, 'invalidParameter']);
    await sandbox.control('POST', 'google-cm360/break', { how: 'role_removed' });
    assert.equal((await ask(sandbox, REPORTS, headers)).json.error.message, 'Forbidden');
    await sandbox.control('POST', 'google-cm360/mend', { how: 'role_removed' });
  });
});

describe('a report of Display & Video 360', () => {
  const QUERIES = 'https://doubleclickbidmanager.googleapis.com/v2/queries';
  const range = {
    range: 'CUSTOM_DATES',
    customStartDate: { year: 2026, month: 11, day: 9 },
    customEndDate: { year: 2026, month: 11, day: 15 },
  };
  const query = {
    metadata: { title: 'Spend by day', dataRange: range, format: 'CSV' },
    params: {
      type: 'STANDARD',
      groupBys: ['FILTER_DATE', 'FILTER_ADVERTISER', 'FILTER_ADVERTISER_CURRENCY'],
      metrics: ['METRIC_IMPRESSIONS', 'METRIC_REVENUE_ADVERTISER'],
      filters: [{ type: 'FILTER_ADVERTISER', value: '7101' }],
    },
    schedule: { frequency: 'ONE_TIME' },
  };
  let headers: Record<string, string>;
  before(async () => {
    headers = bearer(await accessToken(sandbox, 'google-dv360', GOOGLE, `${SCOPE}doubleclickbidmanager`));
  });

  async function fileOf(params: object, more: object = {}) {
    const { queryId } = (
      await ask(sandbox, QUERIES, headers, { ...query, params: { ...query.params, ...params } })
    ).json;
    const { json } = await ask(sandbox, `${QUERIES}/${queryId}:run?synchronous=true`, headers, more);
    const lines = (await ask(sandbox, json.metadata.googleCloudStoragePath)).text.split('\n');
    return { json, lines: lines.map((line) => line.split(',')) };
  }

  it('is a query that is made, run and polled, and a file at an address that needs no token', async () => {
    const made = (await ask(sandbox, QUERIES, headers, query)).json;
    assert.deepEqual(made, { ...query, queryId: made.queryId });
    const ran = (await ask(sandbox, `${QUERIES}/${made.queryId}:run`, headers, {})).json;
    const address = `${QUERIES}/${made.queryId}/reports/${ran.key.reportId}`;
    const seen = [ran.metadata];
    for (const wait of [30_000, 30_000]) {
      sandbox.clock.advance(wait);
      seen.push((await ask(sandbox, address, headers)).json.metadata);
    }
    assert.deepEqual(
      seen.map(({ status, googleCloudStoragePath: path }) => [status.state, typeof path]),
      [
        ['QUEUED', 'undefined'],
        ['RUNNING', 'undefined'],
        ['DONE', 'string'],
      ],
    );
    const { googleCloudStoragePath: path, status, reportDataStartDate } = seen[2];
    assert.deepEqual(reportDataStartDate, { year: 2026, month: 11, day: 9 });
    assert.equal(Date.parse(status.finishTime), sandbox.clock.now());
    assert.match(path, /^https:\/\/storage\.googleapis\.com\//);
    const lines = (await ask(sandbox, path)).text.split('\n').map((line) => line.split(','));
    assert.deepEqual(lines[0], [
      'Date',
      'Advertiser ID',
      'Advertiser Currency',
      'Impressions',
      'Revenue (Adv Currency)',
    ]);
    assert.deepEqual(lines[1]!.slice(0, 3), ['2026/11/09', '7101', 'EUR']);
    assert.deepEqual(
      lines.slice(1, 8).map((line) => line.at(-1)),
      spends('7101'),
    );
    assert.deepEqual([lines[8]![0], lines[9]], ['', ['']], 'a line of totals, then an empty one');
    const { reports } = (
      await ask(sandbox, `${QUERIES}/${made.queryId}/reports?orderBy=key.reportId%20desc`, headers)
    ).json;
    assert.deepEqual(reports[0].key, ran.key);
    assert.equal(
      (await ask(sandbox, path)).text,
      lines.map((line) => line.join(',')).join('\n'),
      'the same again',
    );
  });

  it('adds up what it does not group by, and keeps to the partner that is asked for', async () => {
    const partner = [{ type: 'FILTER_PARTNER', value: '11' }];
    const { lines } = await fileOf({ groupBys: ['FILTER_DATE'], filters: partner });
    const all = ['7101', '7102', '7103'].map(spends);
    const added = all[0]!.map((_, day) => all.reduce((sum, one) => sum + Number(one[day]), 0).toFixed(2));
    assert.deepEqual(
      lines.slice(1, 8).map((line) => line.at(-1)),
      added,
    );
    const none = await fileOf({ filters: [...partner, { type: 'FILTER_ADVERTISER', value: '7201' }] });
    assert.deepEqual(none.lines[0], ['No data returned by the reporting service.']);
  });

  it('takes the data range of the run before that of the query', async () => {
    const { json } = await fileOf({}, { dataRange: { range: 'LAST_7_DAYS' } });
    const { reportDataStartDate: first, reportDataEndDate: last } = json.metadata;
    assert.deepEqual([first.day, last.day], [15, 21]);
  });

  it('is seen by nobody else, shrinks with a lost role, and refuses what is no query', async () => {
    const { queryId } = (await ask(sandbox, QUERIES, headers, query)).json;
    const other = bearer(
      await accessToken(sandbox, 'google-dv360', GOOGLE, `${SCOPE}doubleclickbidmanager`, 'noah@example.org'),
    );
    assert.deepEqual((await ask(sandbox, QUERIES, other)).json, {});
    assert.equal((await ask(sandbox, `${QUERIES}/${queryId}`, other)).status, 404);
    await sandbox.control('POST', 'google-dv360/break', { how: 'role_removed' });
    assert.deepEqual((await fileOf({})).lines[0], ['No data returned by the reporting service.']);
    await sandbox.control('POST', 'google-dv360/mend', { how: 'role_removed' });
    const wrong = await ask(sandbox, QUERIES, headers, { ...query, params: { type: 'GRP' } });
    assert.deepEqual([wrong.status, wrong.json.error.status], [400, 'INVALID_ARGUMENT']);
    assert.deepEqual((await ask(sandbox, `${QUERIES}/${queryId}`, headers, undefined, 'DELETE')).json, {});
    assert.equal((await ask(sandbox, `${QUERIES}/${queryId}`, headers)).status, 404);
  });
});
