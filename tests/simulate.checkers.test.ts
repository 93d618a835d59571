import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, HOUR_MS, MINUTE_MS, toRfc3339 } from '../src/core/instant.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { formPost } from '../src/platforms/kit/request.ts';
import type { SeenGrant, SeenWrite, Sight } from '../src/simulator/world/checker.ts';
import { l2DeathNoticed } from '../src/simulator/world/checkers/l2DeathNoticed.ts';
import { l3Reminders } from '../src/simulator/world/checkers/l3Reminders.ts';
import { s1SingleUse } from '../src/simulator/world/checkers/s1SingleUse.ts';
import { Hindrances } from '../src/simulator/world/hindrances.ts';
import { Life } from '../src/simulator/world/life.ts';
import { Network, NO_CALL_FAULTS } from '../src/simulator/world/network.ts';
import { isWrite } from '../src/simulator/world/storeWeather.ts';
import { Strikes } from '../src/simulator/world/strikes.ts';
import type { Town } from '../src/simulator/world/town.ts';
import { Truths } from '../src/simulator/world/truths.ts';
import { VirtualClock } from '../src/simulator/world/virtualClock.ts';
import { WORLD_BEGINS_AT } from '../src/simulator/world/world.ts';
import { memoryStore } from '../src/store/memory/memoryStore.ts';
import { grantWith } from './support/records.ts';

/** What a checker may see, where nothing stands in the way. */
function sightAt(now: () => number, report: (text: string) => void): Sight {
  return {
    now,
    hindrances: new Hindrances(),
    outages: new Hindrances(),
    truths: new Truths(),
    inTheWayOf: () => [],
    inTheWayOfLooks: () => [],
    report,
    judged: () => {},
  };
}

interface DeadGrant {
  /** Whether the platform still takes the access token; default false. */
  readonly takes?: boolean;
  readonly renewOn?: (day: number) => number;
  readonly refusedOn?: number;
  /** From this day on, for ten days, the platform says of everybody something else. */
  readonly hiddenFrom?: number;
}

/** The first day on which L2 says that a death went unnoticed. The grant dies on day 1; it is due daily, to be renewed on day 20. */
function firstComplaint({ takes = false, renewOn = () => 20, refusedOn, hiddenFrom }: DeadGrant): number {
  const { profile } = PLATFORMS.find(({ profile }) => profile.methods.some(({ kind }) => kind === 'oauth'))!;
  const complaints: number[] = [];
  let now = DAY_MS;
  const sight = sightAt(
    () => now,
    () => complaints.push(now / DAY_MS),
  );
  const checker = l2DeathNoticed({ ...sight, inTheWayOfLooks: () => ['veil'] });
  if (hiddenFrom !== undefined) sight.hindrances.add('veil', hiddenFrom * DAY_MS, (hiddenFrom + 10) * DAY_MS);
  for (let day = 1; day <= 40; day += 0.125) {
    now = day * DAY_MS;
    const grant = { ...grantWith(), state: 'active', dueAt: now + DAY_MS, renewAt: renewOn(day) * DAY_MS };
    const seen = { grant, method: profile.methods[0]!, lives: false, takes, simulator: {} };
    if (day === refusedOn) checker.onRefusal?.(seen as unknown as SeenGrant);
    checker.onAudit?.([seen as unknown as SeenGrant], []);
  }
  return complaints[0]!;
}

const soonAfter = (day: number, at: number): void => assert.ok(at > day && at < day + 1, `${at}`);

describe('L2', () => {
  test('wants a death noticed by the next look', () => {
    soonAfter(2, firstComplaint({}));
  });

  test('waits for the next renewal where the platform still takes the access token: no look can show the death', () => {
    soonAfter(20, firstComplaint({ takes: true }));
  });

  test('waits no longer than for the renewal that was due when the grant died, whatever was planned since', () => {
    soonAfter(20, firstComplaint({ takes: true, renewOn: (day) => day + 19 }));
  });

  test('wants a death noticed at once that a program has met with', () => {
    soonAfter(5, firstComplaint({ takes: true, refusedOn: 5 }));
  });

  test('waits while the platform says something else of everybody', () => {
    soonAfter(12, firstComplaint({ hiddenFrom: 1 }));
  });
});

/** What S1 says where a refresh token is sent twice; the process is killed, or not, while the first answer is on its way. */
async function sentTwice(killed: boolean): Promise<string[]> {
  const complaints: string[] = [];
  const clock = new VirtualClock(WORLD_BEGINS_AT, () => new Promise((resolve) => setImmediate(resolve)));
  const checker = s1SingleUse(sightAt(clock.now, (text) => complaints.push(text)));
  const host = 'platform.example';
  const simulator = {
    handle: () => ({ status: 200, body: JSON.stringify({ access_token: 'a', refresh_token: 'another' }) }),
  };
  const town = { name: 'town', simulatorAt: () => simulator } as unknown as Town;
  const network = new Network({
    clock,
    random: () => 0.5,
    towns: new Map([[host, town]]),
    faults: NO_CALL_FAULTS,
    tell: () => {},
    seen: (call) => checker.onCall?.(call),
    kill: () => {},
    pause: () => {},
    strikes: new Strikes(),
  });
  const request = formPost('token', `https://${host}/token`, { refresh_token: 'single-use' });
  const send = (life: Life): void => {
    const target = { hosts: [host], environment: 'sandbox', declaredInsecureLoopback: false } as const;
    void network.wireOf('node', life).senderFor(target)(request);
  };
  const first = new Life(clock);
  send(first);
  if (killed) clock.at(clock.now() + 1, () => first.end());
  await clock.runUntil(clock.now() + MINUTE_MS);
  send(new Life(clock));
  await clock.runUntil(clock.now() + MINUTE_MS);
  return complaints;
}

describe('S1', () => {
  test('minds a refresh token that is sent again after its answer has arrived', async () => {
    assert.match((await sentTwice(false)).join(), /again after it was spent/);
  });

  test('counts an answer as lost that a kill cut off on its way', async () => {
    assert.deepEqual(await sentTwice(true), []);
  });
});

test('A look at the store never loses its answer, and a write of any name may', () => {
  const writes = Object.keys(memoryStore()).filter(isWrite);
  assert.ok(
    ['applyOutcomes', 'claimDue', 'hastenSpared', 'revokeApiKey', 'sweep'].every((name) =>
      writes.includes(name),
    ),
  );
  // A reader would be refused for what no database does: an answer lost after a commit that was none.
  assert.ok(!writes.some((name) => /^(get|list|find)/.test(name) || name === 'connectionStamps'));
});

/** What L3 misses of a deadline that was told 30 days before, and stands so many hours off an hour later. */
function missedWhereItMoves(hoursOff: number, toldAgain: readonly number[] = []): string[] {
  const method = PLATFORMS.flatMap(({ profile }) => profile.methods).find(({ kind }) => kind === 'oauth')!;
  const missed: string[] = [];
  let now = 100 * DAY_MS;
  const checker = l3Reminders(
    sightAt(
      () => now,
      (text) => missed.push(text),
    ),
  );
  const grantEndingAt = (at: number) => {
    const record = grantWith();
    const hardEnds = [{ kind: 'data_access', at, source: 'test', endsGrant: false }];
    return { ...record, facts: { ...record.facts, consentedAt: 0, renewalExpiresAt: null, hardEnds } };
  };
  const audit = (at: number) =>
    checker.onAudit?.([{ grant: grantEndingAt(at), method } as unknown as SeenGrant], []);
  const tell = (at: number, daysBefore: number) => {
    const detail = { kind: 'data_access', at: toRfc3339(at), days_before: daysBefore };
    const activity = [{ action: 'deadline.reminded', detail }];
    checker.onWrite?.({ after: grantEndingAt(at), activity } as unknown as SeenWrite);
  };
  audit(now + 30 * DAY_MS);
  tell(now + 30 * DAY_MS, 30);
  now += HOUR_MS;
  const end = now + hoursOff * HOUR_MS;
  audit(end);
  for (const daysBefore of toldAgain) tell(end, daysBefore);
  for (let hour = 0; hour < 3; hour += 1) {
    now += HOUR_MS;
    audit(end);
  }
  return missed;
}

describe('L3', () => {
  test('wants a reminder of a deadline that came nearer than the last one said, and no more than that', () => {
    assert.match(missedWhereItMoves(20).join(), /was not told 1 days before/);
    assert.match(missedWhereItMoves(6 * 24).join(), /was not told 7 days before/);
    assert.deepEqual(missedWhereItMoves(20, [1]), []);
    assert.deepEqual(missedWhereItMoves(29 * 24), [], 'told an hour ago that it is thirty days off');
  });
});
