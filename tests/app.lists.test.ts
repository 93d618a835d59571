import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { disconnect } from '../src/app/disconnect.ts';
import { getToken } from '../src/app/getToken.ts';
import {
  getConnection,
  getGrant,
  listConnections,
  listGrants,
  refreshConnection,
} from '../src/app/manageConnections.ts';
import { overview } from '../src/app/overview.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { fillExampleWorkspace } from '../src/simulator/exampleWorkspace.ts';
import { openSpool } from '../src/store/spool.ts';
import type { Store } from '../src/store/store.ts';
import { connectOne, type TestHouse } from './support/house.ts';
import {
  connected,
  failing,
  grantOf,
  HOUR,
  liveUntil,
  MINUTE,
  SECOND,
  tapped,
  variant,
  withHouse,
} from './support/keeping.ts';

const ALL = { limit: 1_000, after: null };

/** Reconnect links are sealed anew each time: what can be compared is whether there is one. */
function comparable<Shown extends { readonly reconnect_url: string | null }>(shown: Shown) {
  return { ...shown, reconnect_url: shown.reconnect_url !== null };
}

/** List, look at one, overview, grant and refused token tell one story of each connection at this moment. */
async function agree(test: TestHouse) {
  const { ctx } = test;
  const listed = await listConnections(ctx, {}, ALL);
  const shown = (await overview(ctx)).clients.flatMap(({ connections }) => connections);
  const grants = await listGrants(ctx, {}, ALL);
  assert.equal(shown.length, listed.length);
  for (const row of listed) {
    const { deadlines, ...single } = await getConnection(ctx, row.id);
    assert.deepEqual(comparable(row), comparable(single));
    const inOverview = shown.find(({ id }) => id === row.id)!;
    assert.deepEqual(comparable(inOverview), comparable(single));
    if (row.deadline_at !== null)
      assert.equal(row.deadline_at, deadlines.map(({ at }) => at).sort()[0], 'the first of its deadlines');
    if (row.held && row.next_renewal_at)
      assert.ok(row.next_renewal_at >= row.held.until, 'no renewal before it is let go');
    const { connection_ids: _, ...grant } = await getGrant(ctx, row.grant_id);
    assert.deepEqual(
      grants.find(({ id }) => id === row.grant_id),
      grant,
    );
    if (row.state === 'revoked') continue;
    assert.deepEqual([grant.next_renewal_at, grant.held], [row.next_renewal_at, row.held]);
    if (row.state === 'expired') await refusesAlike(test, row);
  }
  return new Map(listed.map((row) => [row.id, row]));
}

/** Whoever asks for the token of a broken connection is told what the list tells. */
async function refusesAlike(test: TestHouse, row: Awaited<ReturnType<typeof listConnections>>[number]) {
  const { state, cause, since, who, remedy } = row;
  await assert.rejects(
    getToken(test.ctx, { connectionId: row.id, minTtlSeconds: 0 }),
    ({ code, message, extensions }) => {
      assert.equal(code, 'reauthorization_required');
      assert.equal(message, `${row.explanation} ${remedy}`);
      const { state: s, cause: c, since: at, who: w, remedy: r } = extensions;
      assert.deepEqual([s, c, at, w, r], [state, cause, since, who, remedy]);
      return true;
    },
  );
}

/** A database that goes away, and a folder for what cannot be written meanwhile. */
async function withOutage(
  work: (test: TestHouse, away: (during: () => Promise<unknown>) => Promise<void>) => Promise<void>,
) {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-lists-'));
  try {
    await withHouse(async (base) => {
      let isAway = false;
      const spool = openSpool(directory);
      const store = failing(base.house.store, () => isAway);
      await work({ ...variant(base, { store, spool }), spool }, async (during) => {
        isAway = true;
        await during().finally(() => {
          isAway = false;
        });
      });
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A connection whose single-use refresh token may be spent: the platform's answer was lost. */
async function doubtful(test: TestHouse) {
  const made = await connected(test, 'pinterest');
  const silent = tapped(test.house.wire, ({ endpoint }) => ({
    kind: 'no_answer',
    endpoint,
    reason: 'timeout',
    sent: true,
  }));
  await renewConnection(variant(test, { wire: silent }).ctx, made.connectionId);
  return made;
}

/** The app is left alone from now on for so long. */
function leaveAlone(test: TestHouse, appId: string, forMs: number): Promise<void> {
  const since = test.clock.now();
  const breaker = {
    failures: 3,
    openUntil: since + forMs,
    since,
    cause: 'app_disabled',
    check: 'x',
  } as const;
  return test.house.store.setBreaker(test.ctx.workspaceId, appId, breaker);
}

describe('A row of a list', () => {
  it('tells of its connection what the look at that one tells, whatever befell it, at every moment', () =>
    withOutage(async (test, whileAway) => {
      const healthy = await connected(test, 'linkedin');
      const alone = await connected(test, 'google-ads');
      const doubt = await doubtful(test);
      const both = await connected(test, 'google-dv360');
      const spooled = await connected(test, 'tiktok', 'account_token');
      const expired = await connected(test, 'snapchat');
      const lacking = await connected(test, 'amazon-ads');
      const over = await connected(test, 'meta');
      await test.control('POST', 'snapchat/break', { how: 'revoked_by_user' });
      await liveUntil(test, test.clock.now() + HOUR);
      await test.control('POST', 'amazon-ads/break', { how: 'no_account_left' });
      await refreshConnection(test.ctx, lacking.connectionId);
      await disconnect(test.ctx, over.connectionId, { confirm: true });
      await whileAway(() => renewConnection(test.ctx, spooled.connectionId));
      await whileAway(() => renewConnection(test.ctx, both.connectionId));
      for (const { app } of [alone, doubt, both]) await leaveAlone(test, app.id, 50 * MINUTE);

      const heldIn = async () => {
        const rows = await agree(test);
        const reasonOf = ({ connectionId }: typeof healthy) => rows.get(connectionId)?.held?.reason ?? null;
        return [healthy, alone, doubt, both, spooled, expired, lacking, over].map(reasonOf);
      };
      const spent = 'refresh_token_may_be_spent';
      const disk = 'awaits_database';
      assert.deepEqual(await heldIn(), [null, 'app_left_alone', spent, disk, disk, null, null, null]);
      const states = [...(await agree(test)).values()].map(({ state }) => state).sort();
      assert.deepEqual(states, [...Array(4).fill('active'), 'degraded', 'expired', 'failing', 'revoked']);
      for (const stepMs of [SECOND, 20 * MINUTE, 30 * MINUTE, 4 * HOUR]) {
        test.clock.advance(stepMs);
        await agree(test);
      }
    }));

  it('shows no renewal before the app is asked again', () =>
    withHouse(async (test) => {
      const { app, connectionId } = await connected(test, 'linkedin');
      const { renewAt } = await grantOf(test, (await getConnection(test.ctx, connectionId)).grant_id);
      test.clock.advance(renewAt! - test.clock.now());
      await leaveAlone(test, app.id, 10 * MINUTE);
      const until = new Date(renewAt! + 10 * MINUTE).toISOString();
      const [row] = await listConnections(test.ctx, {}, ALL);
      const [grant] = await listGrants(test.ctx, {}, ALL);
      for (const shown of [row!, grant!]) {
        assert.equal(shown.next_renewal_at, until);
        assert.deepEqual(shown.held, { reason: 'app_left_alone', until });
      }
    }));

  it('shows a renewal when it becomes urgent, although the app is left alone', () =>
    withHouse(async (test) => {
      const { app, grantId } = await connected(test, 'snapchat');
      const { urgentAt, renewAt } = await grantOf(test, grantId);
      test.clock.advance(renewAt! - test.clock.now());
      await leaveAlone(test, app.id, HOUR);
      const urgent = new Date(urgentAt!).toISOString();
      const [row] = await listConnections(test.ctx, {}, ALL);
      assert.deepEqual([row!.next_renewal_at, row!.held?.until], [urgent, urgent]);
      assert.equal(await test.house.store.nextDueAt(), urgentAt, 'the keeper wakes then');
      test.clock.advance(urgentAt! - test.clock.now());
      const [freed] = await listConnections(test.ctx, {}, ALL);
      assert.equal(freed!.held, null);
      await test.keep();
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2);
    }));

  it('shows a renewal that failed as coming when it is tried again, not as long past', () =>
    withHouse(async (test) => {
      const { connectionId, grantId } = await connected(test, 'snapchat');
      const { renewAt } = await grantOf(test, grantId);
      test.clock.advance(renewAt! - test.clock.now());
      const wire = tapped(test.house.wire, ({ endpoint }) => {
        return { kind: 'answer', endpoint, status: 503, headers: {}, body: '' };
      });
      await variant(test, { wire }).keep();
      const { dueAt, failures } = await grantOf(test, grantId);
      assert.ok(failures > 0 && dueAt! > test.clock.now());
      const again = new Date(dueAt!).toISOString();
      const [row] = await listConnections(test.ctx, {}, ALL);
      const [grant] = await listGrants(test.ctx, {}, ALL);
      const { next_renewal_at } = await getConnection(test.ctx, connectionId);
      assert.deepEqual(
        [row!.next_renewal_at, grant!.next_renewal_at, next_renewal_at],
        [again, again, again],
      );
      test.clock.advance(dueAt! - test.clock.now());
      await test.keep();
      assert.equal((await grantOf(test, grantId)).credentialVersion, 2, 'and then it comes');
    }));

  it('is made with one look-up of apps for the whole page', () =>
    withHouse(async (test) => {
      for (const platform of ['linkedin', 'snapchat', 'google-ads']) {
        const { app } = await connected(test, platform);
        await connectOne(test, { appId: app.id });
      }
      const trips: string[] = [];
      const counted = Object.entries(test.house.store).map(([name, ask]) => [
        name,
        (...args: never[]) => {
          trips.push(name);
          return (ask as (...given: never[]) => unknown)(...args);
        },
      ]);
      const store: Store = Object.fromEntries(counted);
      const { house } = test;
      const ctx = { ...test.ctx, house: { ...house, store } };
      assert.equal((await listConnections(ctx, {}, ALL)).length, 6);
      assert.deepEqual(trips, ['listConnections', 'getApps']);
    }));
});

describe('The example workspace of the sandbox', () => {
  it('is told alike by list, look at one, overview and refused token, hours long', () =>
    withHouse(async (test) => {
      const browse = async (url: string, headers: Readonly<Record<string, string>>) => {
        const { headers: answered } = await fetch(url, { redirect: 'manual', headers });
        return { location: answered.get('location') };
      };
      const { ctx, simulators } = test;
      await fillExampleWorkspace({ ctx, platforms: PLATFORMS, simulators, browse });
      const rows = [...(await agree(test)).values()];
      const states = new Set(rows.map(({ state }) => state));
      assert.ok(rows.length >= PLATFORMS.length && states.size >= 3, [...states].join());
      for (const hours of [1, 3]) {
        await liveUntil(test, test.clock.now() + hours * HOUR);
        await agree(test);
      }
    }));
});
