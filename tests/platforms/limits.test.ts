import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/instant.ts';
import { amazonAds } from '../../src/platforms/amazon-ads/index.ts';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import type { Platform } from '../../src/platforms/kit/platform.ts';
import { linkedin } from '../../src/platforms/linkedin/index.ts';
import { meta } from '../../src/platforms/meta/index.ts';
import { pinterest } from '../../src/platforms/pinterest/index.ts';
import { snapchat } from '../../src/platforms/snapchat/index.ts';
import { tiktok } from '../../src/platforms/tiktok/index.ts';
import { tradeDesk } from '../../src/platforms/trade-desk/index.ts';
import { connected, consentAgain } from '../support/connected.ts';
import { heldAfter } from '../support/simulated.ts';

/** A grant whose clock is moved, with what its renewals and probes then say. */
async function life(platform: Platform, methodId?: string) {
  const one = await connected(platform, methodId);
  const { bench, adapter } = one;
  let { held } = one;
  return {
    bench,
    secrets: () => held.secrets,
    wait: (milliseconds: number) => bench.clock.advance(milliseconds),
    probe: async () => (await adapter.probe(bench.io, bench.app, held)).verdict,
    renew: async () => {
      const outcome = await adapter.renew!(bench.io, bench.app, held);
      if (outcome.ok) held = heldAfter(held, outcome.value);
      return outcome;
    },
    renewWith: async (secrets: Readonly<Record<string, string>>) =>
      (await adapter.renew!(bench.io, bench.app, { ...held, secrets: { ...held.secrets, ...secrets } })).ok,
  };
}

describe('access tokens end when the documents say, and not before', () => {
  const LIVES: readonly (readonly [Platform, string | undefined, number])[] = [
    [googleAds, 'user_login', HOUR_MS],
    [googleAds, 'service_account', HOUR_MS],
    [snapchat, undefined, HOUR_MS],
    [amazonAds, undefined, HOUR_MS],
    [tiktok, 'account_token', DAY_MS],
    [tradeDesk, 'login_exchange', DAY_MS],
    [pinterest, undefined, 30 * DAY_MS],
    [linkedin, undefined, 60 * DAY_MS],
    [meta, 'user_login', 60 * DAY_MS],
  ];
  for (const [platform, method, lifeMs] of LIVES) {
    it(`${platform.profile.name}${method ? ` (${method})` : ''}: ${lifeMs / HOUR_MS} h`, async () => {
      const grant = await life(platform, method);
      grant.wait(lifeMs - 5 * MINUTE_MS);
      assert.equal(await grant.probe(), 'alive');
      grant.wait(5 * MINUTE_MS + 1_000);
      assert.notEqual(await grant.probe(), 'alive');
    });
  }

  it('TikTok Ads (advertiser_token): never', async () => {
    const grant = await life(tiktok, 'advertiser_token');
    grant.wait(5_000 * DAY_MS);
    assert.equal(await grant.probe(), 'alive');
  });
});

describe('refresh tokens', () => {
  it('LinkedIn’s year counts down from the consent, whatever is renewed', async () => {
    const grant = await life(linkedin);
    for (let day = 0; day < 360; day += 40) {
      assert.ok((await grant.renew()).ok, `day ${day}`);
      grant.wait(40 * DAY_MS);
    }
    grant.wait(4 * DAY_MS);
    const last = await grant.renew();
    assert.ok(last.ok);
    const left = (last.value.accessExpiresAt ?? 0) - grant.bench.clock.now();
    assert.ok(left <= DAY_MS, 'the access token ends with the year');
    grant.wait(DAY_MS + 1_000);
    assert.equal((await grant.renew()).ok, false);
  });

  it('TikTok’s year counts down too, with a new refresh token each time', async () => {
    const grant = await life(tiktok, 'account_token');
    const first = grant.secrets().refresh_token;
    grant.wait(364 * DAY_MS);
    assert.ok((await grant.renew()).ok);
    assert.notEqual(grant.secrets().refresh_token, first);
    grant.wait(DAY_MS + 1_000);
    assert.equal((await grant.renew()).ok, false);
  });

  it('Pinterest’s sixty days start again at each renewal, for years, and end without one', async () => {
    const grant = await life(pinterest);
    for (let round = 0; round < 15; round += 1) {
      grant.wait(59 * DAY_MS);
      assert.ok((await grant.renew()).ok, `round ${round}`);
    }
    grant.wait(60 * DAY_MS);
    assert.equal((await grant.renew()).ok, false);
  });

  it('Google’s hundred and first refresh token ends the first without a word', async () => {
    const first = await life(googleAds, 'user_login');
    const { bench } = first;
    const adapter = googleAds.adapter.methods.user_login!;
    const again = () => consentAgain(bench, googleAds, 'user_login');
    for (let count = 1; count < 100; count += 1) await again();
    assert.ok((await first.renew()).ok, 'a hundred live side by side');
    const newest = await again();
    assert.equal((await first.renew()).ok, false);
    assert.ok((await adapter.renew!(bench.io, bench.app, newest)).ok);
  });

  it('Google’s live seven days in Testing, and die after six months without use', async () => {
    const testing = await life(googleAds, 'user_login');
    testing.bench.simulator.deeds!('google-ads')
      .find((deed) => deed.deed === 'put_in_testing')!
      .apply({});
    const held = await consentAgain(testing.bench, googleAds, 'user_login');
    const { renew } = googleAds.adapter.methods.user_login!;
    testing.wait(7 * DAY_MS - MINUTE_MS);
    assert.ok((await renew!(testing.bench.io, testing.bench.app, held)).ok);
    testing.wait(2 * MINUTE_MS);
    assert.equal((await renew!(testing.bench.io, testing.bench.app, held)).ok, false);
    testing.wait(190 * DAY_MS);
    assert.equal((await testing.renew()).ok, false, 'six months without use');
  });

  it('Amazon’s end 365 days after a consent of the new kind', async () => {
    const grant = await life(amazonAds);
    grant.wait(365 * DAY_MS - HOUR_MS);
    assert.ok((await grant.renew()).ok);
    grant.wait(2 * HOUR_MS);
    assert.equal((await grant.renew()).ok, false);
  });

  it('Snapchat’s stay good for years', async () => {
    const grant = await life(snapchat);
    const first = grant.secrets().refresh_token;
    grant.wait(1_000 * DAY_MS);
    assert.ok((await grant.renew()).ok);
    assert.equal(grant.secrets().refresh_token, first);
  });

  it('Meta’s data access ends after ninety days, though the token was extended and is valid', async () => {
    const { bench, adapter, held } = await connected(meta, 'user_login');
    bench.clock.advance(50 * DAY_MS);
    const extended = await adapter.renew!(bench.io, bench.app, held);
    assert.ok(extended.ok);
    const longer = heldAfter(held, extended.value);
    const again = await adapter.renew!(bench.io, bench.app, longer);
    assert.deepEqual(again.ok && again.value.secrets, extended.value.secrets, 'once a day at most');
    bench.clock.advance(39 * DAY_MS);
    assert.ok((await adapter.accounts(bench.io, bench.app, longer)).ok);
    bench.clock.advance(2 * DAY_MS);
    const refused = await adapter.accounts(bench.io, bench.app, longer);
    assert.ok(!refused.ok && refused.answer.kind === 'answer');
    assert.equal(JSON.parse(refused.answer.body).error.error_subcode, 493);
  });

  it('Meta’s tokens are extended while they live, and not after', async () => {
    const grant = await life(meta, 'user_login');
    for (const _ of [1, 2]) {
      grant.wait(40 * DAY_MS);
      assert.ok((await grant.renew()).ok);
    }
    assert.equal(await grant.probe(), 'alive');
    grant.wait(61 * DAY_MS);
    assert.equal((await grant.renew()).ok, false);
  });
});

describe('what becomes of a used refresh token where the documents leave it open', () => {
  const ROTATING: readonly (readonly [Platform, string | undefined])[] = [
    [pinterest, undefined],
    [tiktok, 'account_token'],
  ];
  for (const [platform, method] of ROTATING) {
    const { id, name } = platform.profile;
    const rotated = async (rotation: string) => {
      const grant = await life(platform, method);
      const deed = grant.bench.simulator.deeds!(id).find((one) => one.deed === `rotation_${rotation}`);
      deed!.apply({});
      const old = { refresh_token: grant.secrets().refresh_token! };
      assert.ok((await grant.renew()).ok);
      return { grant, old };
    };

    it(`${name}: it dies at once, when nothing else is chosen`, async () => {
      const { grant, old } = await rotated('always');
      assert.equal(await grant.renewWith(old), false);
      assert.ok((await grant.renew()).ok);
    });

    it(`${name}: it stays`, async () => {
      const { grant, old } = await rotated('none');
      assert.equal(grant.secrets().refresh_token, old.refresh_token);
      assert.ok(await grant.renewWith(old));
    });

    it(`${name}: it lives until the new one is used`, async () => {
      const { grant, old } = await rotated('grace');
      const second = { ...grant.secrets() };
      assert.ok((await grant.renew()).ok, 'the new one is used');
      assert.equal(await grant.renewWith(old), false);
      assert.ok(await grant.renewWith(second), 'its answer could have been lost');
    });

    it(`${name}: shown again, it ends the whole authorization`, async () => {
      const { grant, old } = await rotated('family');
      assert.equal(await grant.renewWith(old), false);
      assert.equal((await grant.renew()).ok, false);
    });
  }
});

describe('what only one platform does', () => {
  it('LinkedIn: a version that has ended is 426, whatever the token', async () => {
    const { call } = await connected(linkedin);
    const address = 'https://api.linkedin.com/rest/adAccounts?q=search';
    const asked = async (version: string) =>
      (await call(address, undefined, { 'linkedin-version': version })).status;
    assert.deepEqual([await asked('202511'), await asked('202607')], [426, 200]);
  });

  it('TikTok: errors are HTTP 200 with a code', async () => {
    const { call } = await connected(tiktok, 'advertiser_token');
    const answer = await call('https://business-api.tiktok.com/open_api/v1.3/user/info/', undefined, {
      'access-token': 'wrong',
    });
    assert.deepEqual([answer.status, answer.json.code, answer.json.data], [200, 40105, {}]);
  });

  it('Pinterest: code 2 is a dead token under 401, and a missing ad account under 404', async () => {
    const { call } = await connected(pinterest);
    const address = 'https://api.pinterest.com/v5/ad_accounts/1';
    const missing = await call(address);
    const dead = await call(address, undefined, { authorization: 'Bearer wrong' });
    assert.deepEqual([missing.status, missing.json.code], [404, 2]);
    assert.deepEqual([dead.status, dead.json.code], [401, 2]);
  });

  it('Amazon: a profile is known in its own region alone', async () => {
    const { call } = await connected(amazonAds);
    const profiles = async (host: string) =>
      ((await call(`https://${host}/v2/profiles?accessLevel=view`)).json as { countryCode: string }[]).map(
        (profile) => profile.countryCode,
      );
    assert.deepEqual(await profiles('advertising-api.amazon.com'), ['US', 'CA']);
    assert.deepEqual(await profiles('advertising-api-eu.amazon.com'), ['UK', 'DE']);
    assert.deepEqual(await profiles('advertising-api-fe.amazon.com'), ['JP']);
  });

  it('The Trade Desk: no content is 240, and errors may be bare strings', async () => {
    const { bench, call } = await connected(tradeDesk, 'api_token');
    const empty = await call('https://api.thetradedesk.com/v3/trackingtag/query/advertiser', {
      AdvertiserId: 'advsho1',
    });
    assert.deepEqual([empty.status, empty.text], [240, '']);
    const login = { Login: 'nobody', Password: 'x' };
    const refused = await call('https://api.thetradedesk.com/v3/authentication', login);
    assert.deepEqual([refused.status, typeof refused.json], [401, 'string']);
    assert.equal(typeof JSON.parse(bench.simulator.rateLimited(REQUEST).body), 'string');
  });

  it('Meta: terms that nobody accepted close the custom audiences alone', async () => {
    const { bench, call } = await connected(meta, 'user_login');
    const audiences = 'https://graph.facebook.com/v26.0/act_100200300400/customaudiences';
    const account = 'https://graph.facebook.com/v26.0/act_100200300400?fields=tos_accepted';
    const deed = bench.simulator.deeds!('meta').find((one) => one.deed === 'leave_terms_unaccepted')!;
    deed.apply({});
    assert.equal((await call(audiences)).json.error.error_subcode, 1870034);
    assert.deepEqual((await call(account)).json.tos_accepted, {});
    deed.undo!({});
    assert.equal((await call(audiences)).status, 200);
    assert.deepEqual((await call(account)).json.tos_accepted, { web_custom_audience_tos: 1 });
  });
});

const REQUEST = { method: 'GET', host: '', path: '/', query: new URLSearchParams(), headers: {}, body: '' };

describe('too many calls', () => {
  const LIMITS: readonly (readonly [Platform, string, string, number, readonly string[]])[] = [
    [meta, 'graph.facebook.com', '/v26.0/me', 400, ['x-app-usage']],
    [linkedin, 'api.linkedin.com', '/rest/adAccounts', 429, []],
    [tiktok, 'business-api.tiktok.com', '/open_api/v1.3/user/info/', 200, []],
    [snapchat, 'adsapi.snapchat.com', '/v1/me', 429, []],
    [snapchat, 'adsapi.snapchat.com', '/v1/adaccounts/a/stats', 429, ['x-rate-limit-reset']],
    [pinterest, 'api.pinterest.com', '/v5/ad_accounts', 429, ['x-ratelimit-reset']],
    [amazonAds, 'advertising-api.amazon.com', '/v2/profiles', 429, ['retry-after']],
    [amazonAds, 'api.amazon.com', '/auth/o2/token', 429, []],
    [tradeDesk, 'api.thetradedesk.com', '/v3/partner/query', 429, ['retry-after']],
    [googleAds, 'googleads.googleapis.com', '/v25/customers/1/googleAds:search', 429, []],
    [googleAds, 'dfareporting.googleapis.com', '/dfareporting/v5/userprofiles', 403, []],
  ];
  for (const [platform, host, path, status, told] of LIMITS) {
    it(`are refused at ${host}${path} as it does it: ${status}, ${told.join(', ') || 'no header'}`, async () => {
      const { bench } = await connected(platform);
      const answer = bench.simulator.rateLimited({ ...REQUEST, host, path });
      assert.equal(answer.status, status);
      const limits = Object.keys(answer.headers ?? {}).filter((name) => /limit|usage|retry/.test(name));
      for (const name of told) assert.ok(limits.includes(name), limits.join());
      if (told.length === 0) assert.deepEqual(limits, []);
    });
  }
});
