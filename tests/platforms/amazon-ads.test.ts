import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import { decideVerdict } from '../../src/core/verdict.ts';
import { endOfConsent } from '../../src/platforms/amazon-ads/adapter.ts';
import { amazonAds } from '../../src/platforms/amazon-ads/index.ts';
import { simulateAmazonAds } from '../../src/platforms/amazon-ads/simulator.ts';
import type { AppConfig, Held } from '../../src/platforms/kit/adapter.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';
import { type Bench, benchFor, consent, factsOf } from '../support/simulated.ts';

const method = amazonAds.profile.methods[0]!;
const adapter = amazonAds.adapter.methods.user_login!;
const REDIRECT_URI = 'https://evergrant.example/oauth/callback/amazon-ads';
const SCOPES = ['advertising::campaign_management', 'profile'];
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = '7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM';
const FIRST_PERSON = 'amzn1.account.AESIDA0SOMMER0000000000001';

const newBench = () => benchFor(amazonAds, [simulateAmazonAds]);
const inRegion = (app: AppConfig, region?: string): AppConfig => ({
  ...app,
  settings: region ? { region } : {},
});

async function exchange(bench: Bench, app: AppConfig, scopes: readonly string[], codeVerifier = VERIFIER) {
  const url = await adapter.authorizeUrl!(
    app,
    {
      redirectUri: REDIRECT_URI,
      state: 's',
      codeChallenge: CHALLENGE,
      nonce: 'n',
      scopes,
      identity: null,
      reconnect: false,
    },
    bench.io,
  );
  const code = (await consent(bench, url)).get('code') ?? '';
  return adapter.exchange!(bench.io, app, {
    code,
    redirectUri: REDIRECT_URI,
    codeVerifier,
    nonce: 'n',
    scopes,
  });
}

async function connect(bench: Bench, app = bench.app, scopes: readonly string[] = SCOPES): Promise<Held> {
  const outcome = await exchange(bench, app, scopes);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const { value } = outcome;
  return {
    secrets: value.secrets,
    identity: value.identity ?? null,
    facts: factsOf(amazonAds, method, value, scopes),
  };
}

/** The bench with some answers replaced, as a platform in trouble would give them. */
function withAnswers(
  bench: Bench,
  answerFor: (request: PlatformRequest) => { status: number; body: string } | undefined,
): Bench {
  const send = async (request: PlatformRequest): Promise<PlatformAnswer> => {
    const answer = answerFor(request);
    if (!answer) return bench.io.send(request);
    return { kind: 'answer', endpoint: request.endpoint, headers: {}, ...answer };
  };
  return { ...bench, io: { ...bench.io, send } };
}

const hostOf = (request: PlatformRequest) => new URL(request.url).host;

describe('Amazon Ads regions', () => {
  const cases = [
    [undefined, 'www.amazon.com', 'api.amazon.com', 'advertising-api.amazon.com'],
    ['EU', 'eu.account.amazon.com', 'api.amazon.co.uk', 'advertising-api-eu.amazon.com'],
    ['FE', 'apac.account.amazon.com', 'api.amazon.co.jp', 'advertising-api-fe.amazon.com'],
  ] as const;
  for (const [region, authorizeHost, tokenHost, apiHost] of cases) {
    it(`signs in, renews and calls in ${region ?? 'North America, where none is chosen'}`, async () => {
      const bench = newBench();
      const app = inRegion(bench.app, region);
      const held = await connect(bench, app);
      const renewed = await adapter.renew!(bench.io, app, held);
      assert.ok(renewed.ok && renewed.value.accessExpiresAt === bench.clock.now() + HOUR_MS);
      assert.equal((await adapter.probe(bench.io, app, held)).verdict, 'alive');
      const url = await adapter.authorizeUrl!(
        app,
        {
          redirectUri: REDIRECT_URI,
          state: 's',
          codeChallenge: CHALLENGE,
          nonce: 'n',
          scopes: SCOPES,
          identity: null,
          reconnect: true,
        },
        bench.io,
      );
      assert.equal(new URL(url).host, authorizeHost);
      assert.deepEqual([...new Set(bench.sent.map(hostOf))].sort(), [tokenHost, apiHost].sort());
      assert.equal(adapter.baseUrl(app, held), `https://${apiHost}`);
    });
  }

  it('lists the accounts of all three regions with status and role', async () => {
    const bench = newBench();
    const accounts = await adapter.accounts(bench.io, bench.app, await connect(bench));
    assert.ok(accounts.ok);
    assert.deepEqual(
      accounts.value.map((account) => [account.id, account.name, account.status, account.permissions.length]),
      [
        ['1111222233334444', 'Summer Shoes (US)', 'active', 2],
        ['1111222233335555', 'Summer Shoes (CA)', 'active', 2],
        ['2222333344445555', 'A1SUMMERSHOES (UK)', 'active', 1],
        ['2222333344446666', 'Winter Coats (DE)', 'limited', 2],
        ['9007199254740991', 'Autumn Tea (JP)', 'disabled', 1],
      ],
    );
  });

  it('leaves out a region that refuses, and fails on one that is down', async () => {
    const bench = newBench();
    const held = await connect(bench);
    const inEurope = (status: number) =>
      withAnswers(bench, (request) =>
        hostOf(request).includes('-eu.') ? { status, body: '{"code":"X"}' } : undefined,
      );
    const refused = await adapter.accounts(inEurope(403).io, bench.app, held);
    assert.ok(refused.ok && refused.value.length === 3);
    assert.equal((await adapter.accounts(inEurope(503).io, bench.app, held)).ok, false);
  });

  it('never rounds a profile id', async () => {
    const bench = newBench();
    const held = await connect(bench);
    const body =
      '[{"profileId":9007199254740993,"countryCode":"US","accountInfo":{"id":"E","type":"vendor"}}]';
    const big = withAnswers(bench, (request) =>
      request.url.includes('/v2/profiles') ? { status: 200, body } : undefined,
    );
    const accounts = await adapter.accounts(big.io, bench.app, held);
    assert.equal(accounts.ok && accounts.value[0]?.id, '9007199254740993');
  });
});

describe('Amazon Ads consents', () => {
  it('end 365 days later from 2026-06-30 on, and older ones by no clock', () => {
    const first = Date.parse('2026-06-30T00:00:00Z');
    assert.equal(endOfConsent(first - 1), null);
    assert.equal(endOfConsent(first), first + 365 * DAY_MS);
  });

  it('are dated by the code exchange, and a renewal does not move their end', async () => {
    const bench = newBench();
    const held = await connect(bench);
    assert.equal(held.facts.renewalExpiresAt, bench.clock.now() + 365 * DAY_MS);
    bench.clock.advance(100 * DAY_MS);
    const renewed = await adapter.renew!(bench.io, bench.app, held);
    assert.ok(renewed.ok && renewed.value.renewalExpiresAt === undefined);
    assert.equal(renewed.value.secrets.refresh_token, held.secrets.refresh_token);
  });

  it('of the new kind are told as ended, not as revoked, when their year is over', async () => {
    const bench = newBench();
    const held = await connect(bench);
    bench.clock.advance(365 * DAY_MS);
    const outcome = await adapter.renew!(bench.io, bench.app, held);
    assert.ok(!outcome.ok);
    const diagnosis = diagnose(amazonAds.adapter.checks, outcome.answer, held.facts, bench.clock.now());
    assert.equal(diagnosis.cause, 'renewal_credential_expired');
  });

  it('of the old kind live on', async () => {
    const bench = newBench();
    bench.clock.advance(-200 * DAY_MS);
    const held = await connect(bench);
    assert.equal(held.facts.renewalExpiresAt, null);
    bench.clock.advance(800 * DAY_MS);
    assert.ok((await adapter.renew!(bench.io, bench.app, held)).ok);
  });

  it('survive a mass false invalid_grant that is over within half an hour', async () => {
    const bench = newBench();
    const held = await connect(bench);
    bench.simulator
      .breaks('amazon-ads')
      .find((one) => one.how === 'false_invalid_grant')!
      .apply({});
    const outcome = await adapter.renew!(bench.io, bench.app, held);
    assert.ok(!outcome.ok);
    const now = bench.clock.now();
    const diagnosis = diagnose(amazonAds.adapter.checks, outcome.answer, held.facts, now);
    const attempt = {
      cadence: method.cadence,
      facts: held.facts,
      diagnosis,
      probe: 'alive',
      probeCause: null,
      pending: null,
      now,
    } as const;
    const verdict = decideVerdict(attempt);
    assert.ok(verdict.kind === 'suspect' && verdict.pending.confirmAt >= now + HOUR_MS / 2);
  });
});

describe('Amazon Ads identity', () => {
  it('is the person, where the profile scope is granted', async () => {
    const held = await connect(newBench());
    assert.deepEqual(
      [held.identity?.id, held.identity?.kind, held.identity?.name],
      [FIRST_PERSON, 'person', 'Ida Sommer'],
    );
  });

  it('is the first advertiser reached in any region, where it was not asked for', async () => {
    const held = await connect(newBench(), undefined, ['advertising::campaign_management']);
    assert.deepEqual([held.identity?.id, held.identity?.kind], ['account:A1SUMMERSHOES', 'account']);
    const elsewhere = newBench();
    const other = await connect(elsewhere, inRegion(elsewhere.app, 'FE'), [
      'advertising::campaign_management',
    ]);
    assert.equal(other.identity?.id, held.identity?.id);
  });

  it('falls back to it where the scope was refused, and says that it was', async () => {
    const bench = newBench();
    const refused = { status: 403, body: '{"error":"insufficient_scope"}' };
    const outcome = await exchange(
      withAnswers(bench, (request) => (request.url.endsWith('/user/profile') ? refused : undefined)),
      bench.app,
      SCOPES,
    );
    assert.ok(outcome.ok);
    assert.equal(outcome.value.identity?.kind, 'account');
    assert.deepEqual(outcome.value.scopesGranted, ['advertising::campaign_management']);
  });

  it('is never guessed while Login with Amazon is down', async () => {
    const bench = newBench();
    const down = withAnswers(bench, (request) =>
      request.url.endsWith('/user/profile') ? { status: 503, body: '' } : undefined,
    );
    assert.equal((await exchange(down, bench.app, SCOPES)).ok, false);
  });
});

describe('Amazon Ads calls', () => {
  it('are refused with another code verifier', async () => {
    const bench = newBench();
    assert.equal((await exchange(bench, bench.app, SCOPES, 'w'.repeat(43))).ok, false);
  });

  it('keep the access token out of an answer that quotes it', async () => {
    const bench = newBench();
    const held = await connect(bench);
    const quoting = withAnswers(bench, (request) => ({
      status: 403,
      body: JSON.stringify({
        message: `Invalid key=value pair in Authorization header: '${request.headers.authorization}'`,
      }),
    }));
    const result = await adapter.probe(quoting.io, bench.app, held);
    assert.equal(result.verdict, 'unclear');
    assert.ok(!JSON.stringify(result).includes(held.secrets.access_token!));
  });

  it('that reach no account at all are told as not provisioned, and the token as alive', async () => {
    const bench = newBench();
    const held = await connect(bench);
    bench.simulator
      .breaks('amazon-ads')
      .find((one) => one.how === 'no_account_left')!
      .apply({ identity: FIRST_PERSON });
    assert.equal((await adapter.probe(bench.io, bench.app, held)).verdict, 'alive');
    const accounts = await adapter.accounts(bench.io, bench.app, held);
    assert.ok(!accounts.ok);
    const diagnosis = diagnose(amazonAds.adapter.checks, accounts.answer, held.facts, bench.clock.now());
    assert.equal(diagnosis.cause, 'not_provisioned');
  });
});
