import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { getToken } from '../src/app/getToken.ts';
import { updateApp } from '../src/app/manageApps.ts';
import { listDeadlines } from '../src/app/readHistory.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { canRenew } from '../src/core/deadline.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { AuthMethod } from '../src/platforms/kit/profile.ts';
import type { TestHouse } from './support/house.ts';
import {
  actionsOf,
  callsOf,
  connected,
  copiesOf,
  DAY,
  forgetCalls,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  statesOf,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const everyMethod = PLATFORMS.flatMap((platform) =>
  platform.profile.methods.map((method) => ({ platform, method })),
);

/** Counts renewals and probes by platform. */
function counted(test: TestHouse) {
  const counts = new Map<string, number>();
  const count = (name: string, labels: Record<string, string>) => {
    const key = `${name} ${labels.platform}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  return { test: variant(test, { meter: { count } }), counts };
}

async function allGrants(test: TestHouse) {
  return test.house.store.listGrants(test.ctx.workspaceId, {}, { limit: 1_000, after: null });
}

/** The id of each state’s grants is in the message: a list of them is worth more than the first. */
async function assertAll(test: TestHouse, state: string): Promise<void> {
  const others = (await allGrants(test)).filter((grant) => grant.state !== state);
  assert.deepEqual(
    others.map(({ platform, method, state: is, cause, evidence }) => ({
      platform,
      method,
      is,
      cause,
      evidence,
    })),
    [],
  );
}

describe('Used or not, every grant is renewed', () => {
  it('for sixty days, whatever the platform and the method: no token ends, and no platform is called more than it takes', () =>
    withHouse(async (base) => {
      const { test, counts } = counted(base);
      const began = test.clock.now();
      for (const { platform, method } of everyMethod) await connected(test, platform.profile.id, method.id);
      while (test.clock.now() < began + 1.5 * DAY) {
        await liveUntil(test, test.clock.now() + 4 * HOUR);
        for (const { platform, method, facts } of await allGrants(test)) {
          if (facts.renewable)
            assert.ok((facts.accessExpiresAt ?? Infinity) > test.clock.now(), `${platform} ${method} ended`);
        }
      }
      for (const { platform, method } of everyMethod) {
        const hourly = method.cadence.accessLifetimeSeconds.value === 3_600 ? 1.5 * 24 * 1.7 : 4;
        const most = hourly * platform.profile.methods.length;
        assert.ok(
          (counts.get(`renewals ${platform.profile.id}`) ?? 0) <= most,
          `${platform.profile.id}: ${counts.get(`renewals ${platform.profile.id}`)} renewals`,
        );
      }
      await liveUntil(test, began + 59 * DAY, 12 * HOUR);
      await assertAll(test, 'active');
      const grants = await allGrants(test);
      const of = (platform: string, method: string) =>
        grants.find((grant) => grant.platform === platform && grant.method === method)!;
      assert.equal(of('tiktok', 'advertiser_token').credentialVersion, 1, 'what does not end is not renewed');
      assert.ok(of('tiktok', 'advertiser_token').facts.lastProofAt! > began + 58 * DAY, 'but looked after');
      for (const method of ['user_login', 'system_user']) {
        assert.ok(
          of('meta', method).facts.accessExpiresAt! > began + 90 * DAY,
          'Meta’s sixty days are extended ahead of their end',
        );
      }
      await liveUntil(test, began + 61 * DAY, 12 * HOUR);
      const ended = (await allGrants(test)).filter((grant) => grant.state !== 'active');
      assert.deepEqual(
        ended.map((grant) => [grant.method, grant.state, grant.cause]),
        [['user_login_without_refresh', 'expired', 'renewal_credential_expired']],
      );
    }));

  it('LinkedIn shows the end of its 365 days from the start, lives until then, and says why it is over', () =>
    withHouse(async (test) => {
      const began = test.clock.now();
      const { grantId } = await connected(test, 'linkedin', 'user_login');
      const [deadline] = await listDeadlines(test.ctx, 366);
      assert.deepEqual(
        [deadline?.grant_id, Date.parse(deadline!.at), deadline?.days_left],
        [grantId, began + 365 * DAY, 365],
      );
      await liveUntil(test, began + 364 * DAY, DAY);
      assert.equal((await grantOf(test, grantId)).state, 'active');
      await liveUntil(test, began + 366 * DAY, HOUR);
      const { state, cause } = await grantOf(test, grantId);
      assert.deepEqual([state, cause], ['expired', 'renewal_credential_expired']);
    }));
});

describe('An app’s budget', () => {
  it('lets so many through in a minute, and holds back everything but what is urgent', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat', undefined, { renewals_per_minute: 5 });
      await copiesOf(test, grantId, 11);
      test.clock.advance(45 * MINUTE);
      await forgetCalls(test, 'snapchat');
      const spent: number[] = [];
      for (let minute = 0; minute < 3; minute += 1) {
        await test.keep();
        spent.push(await callsOf(test, 'snapchat'));
        test.clock.advance(MINUTE);
      }
      assert.deepEqual(spent, [5, 10, 12]);
      test.clock.advance(2 * HOUR);
      await forgetCalls(test, 'snapchat');
      await test.keep();
      assert.equal(await callsOf(test, 'snapchat'), 12, 'what has ended does not wait');
    }));
});

describe('An app that is refused', () => {
  it('is left alone after three, is told of once, harms no grant, and is whole again once it is mended', () =>
    withHouse(async (test) => {
      const { app, grantId } = await connected(test, 'snapchat');
      const secret = (await test.control('GET')).platforms.find(
        (one: { id: string }) => one.id === 'snapchat',
      ).app.client_secret;
      await copiesOf(test, grantId, 11);
      test.clock.advance(41 * MINUTE);
      await test.control('POST', 'snapchat/break', { how: 'secret_rotated' });
      await forgetCalls(test, 'snapchat');
      await test.keep();
      assert.equal(await callsOf(test, 'snapchat'), 3, 'three are enough to know');
      for (let trial = 1; trial <= 3; trial += 1) {
        test.clock.advance(2 * MINUTE);
        await test.keep();
        assert.ok(
          (await callsOf(test, 'snapchat')) <= 3 + 3 * trial,
          'and a few more each time it is tried again',
        );
      }
      assert.deepEqual(new Set(await statesOf(test)), new Set(['active']));
      assert.equal((await actionsOf(test)).filter((action) => action === 'app.failing').length, 1);
      await test.control('POST', 'snapchat/mend', { how: 'secret_rotated' });
      await updateApp(test.ctx, app.id, { clientSecret: secret });
      await test.keep();
      const renewed = (await allGrants(test)).filter((grant) => grant.credentialVersion === 2);
      assert.equal(renewed.length, 12, 'all at the next round');
    }));

  it('is still tried for what is urgent', () =>
    withHouse(async (test) => {
      const { app, grantId, connectionId } = await connected(test, 'snapchat');
      const breaker = {
        failures: 3,
        openUntil: test.clock.now() + DAY,
        since: test.clock.now(),
        cause: 'app_misconfigured',
        check: 'a.check',
      } as const;
      await test.house.store.setBreaker(test.ctx.workspaceId, app.id, breaker);
      test.clock.advance(45 * MINUTE);
      await test.keep();
      assert.equal((await grantOf(test, grantId)).credentialVersion, 1, 'not urgent yet');
      assert.ok(
        (await getToken(test.ctx, { connectionId, minTtlSeconds: 3_600 })).access_token,
        'and a reader gets what works',
      );
      test.clock.advance(8 * MINUTE);
      await test.keep();
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
      assert.ok((await actionsOf(test, app.id)).includes('app.recovered'));
    }));

  it('is not taken for well because a probe went well that needs no app', () =>
    withHouse(async (test) => {
      const { grantId, app } = await connected(test, 'snapchat');
      const copies = await copiesOf(test, grantId, 2);
      await test.control('POST', 'snapchat/break', { how: 'secret_rotated' });
      for (const { grantId: id } of copies) {
        const key = { workspaceId: test.ctx.workspaceId, id };
        assert.equal((await renewGrant(test.house, key, 'renew', 'test')).kind, 'failed');
        assert.equal((await renewGrant(test.house, key, 'probe', 'test')).kind, 'proven');
      }
      await renewGrant(test.house, { workspaceId: test.ctx.workspaceId, id: grantId }, 'renew', 'test');
      const record = await test.house.store.getApp(test.ctx.workspaceId, app.id);
      assert.equal(
        record?.breaker?.cause,
        'app_misconfigured',
        'the third refusal in a row opens its breaker',
      );
    }));
});

describe('A platform in trouble', () => {
  it('that is down for two days kills nobody, is not hammered, and afterwards all are renewed', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      await copiesOf(test, grantId, 11);
      const began = test.clock.now();
      await test.control('POST', 'snapchat/fault', { kind: 'outage' });
      await forgetCalls(test, 'snapchat');
      await liveUntil(test, began + 2 * DAY, 2 * MINUTE);
      assert.ok(
        (await callsOf(test, 'snapchat')) < 12 * 40,
        `${await callsOf(test, 'snapchat')} calls in two days`,
      );
      assert.deepEqual(new Set(await statesOf(test)), new Set(['failing']));
      await test.control('DELETE', 'snapchat/fault');
      await liveUntil(test, began + 2 * DAY + 5 * HOUR, MINUTE);
      await assertAll(test, 'active');
    }));

  it('that hangs does not stop the sweep of the others', () =>
    withHouse(
      async (test) => {
        const hanging = await connected(test, 'snapchat');
        await copiesOf(test, hanging.grantId, 5);
        const well = await connected(test, 'amazon-ads');
        test.clock.advance(45 * MINUTE);
        await test.control('POST', 'snapchat/fault', { kind: 'hang' });
        await test.keeper.tick();
        const settled = test.keeper.settled().then(() => 'settled');
        for (;;) {
          if ((await grantOf(test, well.grantId)).credentialVersion === 2) break;
          const first = await Promise.race([settled, new Promise((resolve) => setImmediate(resolve))]);
          assert.notEqual(first, 'settled', 'the others are done long before');
        }
        assert.equal((await grantOf(test, hanging.grantId)).credentialVersion, 1);
        await settled;
      },
      { timeoutMs: 2_000 },
    ));

  it('one grant whose row is garbage does not stop the sweep, and is not called dead', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      await copiesOf(test, grantId, 5);
      const claim = { now: test.clock.now(), owner: 'test', leaseMs: MINUTE };
      const { previousOwner: _, ...grant } = (await test.house.store.claimGrant(
        test.ctx.workspaceId,
        grantId,
        claim,
      ))!;
      await test.house.store.applyOutcomes([
        {
          grant: { ...grant, secrets: { access_token: 'garbage', refresh_token: '1:v1.x.y' } },
          activity: [],
        },
      ]);
      test.clock.advance(45 * MINUTE);
      await test.keep();
      const versions = (await allGrants(test)).map((one) => one.credentialVersion).sort();
      assert.deepEqual(versions, [1, 2, 2, 2, 2, 2]);
      assert.equal((await grantOf(test, grantId)).state, 'failing');
    }));

  it('a part that is refused for good is not asked for without end', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'snapchat');
      const denied = {
        kind: 'answer',
        endpoint: 'token',
        status: 403,
        headers: {},
        body: '{"error":"access_denied"}',
      } as const;
      const refusing = variant(test, {
        wire: tapped(test.house.wire, (request, pass) => (request.endpoint === 'token' ? denied : pass())),
      });
      test.clock.advance(45 * MINUTE);
      await refusing.keep();
      const { state, cause, failures, dueAt } = await grantOf(test, grantId);
      assert.deepEqual([state, cause, failures], ['degraded', 'permission_missing', 1]);
      assert.ok(dueAt! > test.clock.now());
      await test.keep();
      test.clock.advance(HOUR);
      await test.keep();
      assert.equal((await grantOf(test, grantId)).state, 'active');
    }));
});

interface Fixture {
  readonly endpoint: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
  readonly expect: { readonly cause: string };
}

const OVER = new Set(['revoked_by_user', 'password_changed', 'session_invalidated']);

/** The platform’s own words for a grant that is over, as it says them at this endpoint, or elsewhere where it has none. */
function overWords(platform: string, endpoint: 'token' | 'api'): Fixture {
  const directory = new URL(`../src/platforms/${platform}/fixtures/`, import.meta.url);
  const all: Fixture[] = readdirSync(directory).flatMap((name) =>
    JSON.parse(readFileSync(new URL(name, directory), 'utf8')),
  );
  const over = all.filter((fixture) => OVER.has(fixture.expect.cause));
  return (
    over.find((fixture) => fixture.endpoint === endpoint) ?? over[0] ?? overWords('google-ads', endpoint)
  );
}

/** Answers as if the grant was revoked: when it is renewed, or when it is probed where nothing can be renewed. */
function refusing(test: TestHouse, platform: string, method: AuthMethod, times: { left: number }): TestHouse {
  const probed = method.cadence.mechanism.value === 'none';
  const { status, headers = {}, body } = overWords(platform, probed ? 'api' : 'token');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const wire = tapped(test.house.wire, (request, pass) => {
    const asked = probed
      ? request.endpoint === 'probe' || request.endpoint === 'api'
      : request.endpoint === 'token';
    if (!asked || times.left === 0) return pass();
    times.left -= 1;
    return {
      kind: 'answer',
      endpoint: request.endpoint,
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    };
  });
  return variant(test, { wire });
}

describe('A verdict', () => {
  for (const { platform, method } of everyMethod) {
    const { id } = platform.profile;
    it(`is never reached on one answer: ${id}, ${method.id}`, () =>
      withHouse(async (test) => {
        const { connectionId, grantId } = await connected(test, id, method.id);
        const times = { left: 1 };
        const doubted = refusing(test, id, method, times);
        const before = await getToken(test.ctx, { connectionId, minTtlSeconds: 0 });
        const { outcome, diagnosis } = await renewConnection(doubted.ctx, connectionId);
        assert.deepEqual([outcome, times.left], ['failed', 0]);
        const grant = await grantOf(test, grantId);
        assert.notEqual(grant.state, 'expired', `${diagnosis?.check}`);
        assert.equal(
          (await getToken(test.ctx, { connectionId, minTtlSeconds: 0 })).access_token,
          before.access_token,
        );
        await liveUntil(test, test.clock.now() + 3 * HOUR, MINUTE);
        await assertAll(test, 'active');
        assert.ok(canRenew(method.cadence, grant.facts) || grant.credentialVersion === 1);
      }));
  }

  it('is not reached by a mass of refusals that is over before anyone is asked a second time', () =>
    withHouse(async (test) => {
      const { grantId } = await connected(test, 'amazon-ads');
      await copiesOf(test, grantId, 24);
      test.clock.advance(42 * MINUTE);
      await test.control('POST', 'amazon-ads/break', { how: 'false_invalid_grant' });
      await forgetCalls(test, 'amazon-ads');
      await liveUntil(test, test.clock.now() + 25 * MINUTE, MINUTE);
      assert.ok(!(await statesOf(test)).includes('expired'), 'nobody dies');
      await test.control('POST', 'amazon-ads/mend', { how: 'false_invalid_grant' });
      await liveUntil(test, test.clock.now() + HOUR, MINUTE);
      await assertAll(test, 'active');
    }));
});
