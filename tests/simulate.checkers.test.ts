import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, HOUR_MS, toRfc3339 } from '../src/core/instant.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { SeenGrant, SeenWrite } from '../src/simulator/world/checker.ts';
import { l2DeathNoticed } from '../src/simulator/world/checkers/l2DeathNoticed.ts';
import { l3Reminders } from '../src/simulator/world/checkers/l3Reminders.ts';
import { Hindrances } from '../src/simulator/world/hindrances.ts';
import { isWrite } from '../src/simulator/world/storeWeather.ts';
import { memoryStore } from '../src/store/memory/memoryStore.ts';
import { grantWith } from './support/records.ts';

/** Days on which L2 says that a death went unnoticed. The grant dies at once; it is due daily, and renewed on day 20. */
function daysOfComplaints(lastProofOn: (day: number) => number | null): number[] {
  const { profile } = PLATFORMS.find(({ profile }) => profile.methods.some(({ kind }) => kind === 'oauth'))!;
  const complaints: number[] = [];
  let now = DAY_MS;
  const checker = l2DeathNoticed({
    now: () => now,
    hindrances: new Hindrances(),
    inTheWayOf: () => [],
    report: () => complaints.push(now / DAY_MS),
  });
  for (let day = 1; day <= 30; day += 1) {
    now = day * DAY_MS;
    const record = grantWith();
    const facts = { ...record.facts, lastProofAt: lastProofOn(day) };
    const grant = { ...record, state: 'active', dueAt: now + DAY_MS, renewAt: 20 * DAY_MS, facts };
    const seen = { grant, method: profile.methods[0]!, lives: false, simulator: {} };
    checker.onAudit?.([seen as unknown as SeenGrant]);
  }
  return complaints;
}

describe('L2', () => {
  test('wants a death noticed by the next look', () => {
    assert.ok(daysOfComplaints(() => null)[0]! <= 4);
  });

  test('waits for the next renewal where the platform’s own probe still says that the grant lives', () => {
    const first = daysOfComplaints((day) => day * DAY_MS)[0]!;
    assert.ok(first >= 20 && first <= 23, `${first}`);
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
  const checker = l3Reminders({
    now: () => now,
    hindrances: new Hindrances(),
    inTheWayOf: () => [],
    report: (text) => missed.push(text),
  });
  const grantEndingAt = (at: number) => {
    const record = grantWith();
    const hardEnds = [{ kind: 'data_access', at, source: 'test', endsGrant: false }];
    return { ...record, facts: { ...record.facts, consentedAt: 0, renewalExpiresAt: null, hardEnds } };
  };
  const audit = (at: number) =>
    checker.onAudit?.([{ grant: grantEndingAt(at), method } as unknown as SeenGrant]);
  const tell = (at: number, daysBefore: number) => {
    const detail = { kind: 'data_access', at: toRfc3339(at), days_before: daysBefore };
    const activity = [{ action: 'deadline.reminded', detail }];
    checker.onWrite?.({ after: grantEndingAt(at), activity } as unknown as SeenWrite, null);
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
