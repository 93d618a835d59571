import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS } from '../src/core/instant.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import type { SeenGrant } from '../src/simulator/world/checker.ts';
import { l2DeathNoticed } from '../src/simulator/world/checkers/l2DeathNoticed.ts';
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
