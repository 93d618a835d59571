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
