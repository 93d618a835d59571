import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOUR_MS } from '../src/core/instant.ts';
import { PLATFORMS } from '../src/platforms/index.ts';
import { CHECKERS } from '../src/simulator/world/checkers/index.ts';
import { runWorld } from '../src/simulator/world/run.ts';
import { storeOf } from '../src/simulator/world/stores.ts';
import { type Planted, WORLD_BEGINS_AT, type World } from '../src/simulator/world/world.ts';
import type { GrantRecord } from '../src/store/records.ts';
import type { ClaimedGrant, GrantOutcome, Store } from '../src/store/store.ts';

/** Faults of our own begin once everybody is connected and has been renewed. */
const FROM = WORLD_BEGINS_AT + 12 * HOUR_MS;

/** Three grants that are seldom renewed, one of which ends after sixty days. */
const WITH_A_DEADLINE = { seed: 'planted 29', grants: 3 };
const WORLDS: Readonly<Record<string, { readonly seed: string; readonly grants: number }>> = {
  L3: WITH_A_DEADLINE,
};

function changedOutcomes(change: (outcome: GrantOutcome) => GrantOutcome): Planted {
  return {
    store: (store: Store) => ({
      ...store,
      applyOutcomes: (outcomes) => store.applyOutcomes(outcomes.map(change)),
    }),
  };
}

function changedClaims(change: (grant: ClaimedGrant, now: number) => ClaimedGrant | null): Planted {
  return {
    store: (store) => ({
      ...store,
      claimDue: async (claim) => {
        const grants = await store.claimDue(claim);
        return grants.map((grant) => change(grant, claim.now)).filter((grant) => grant !== null);
      },
    }),
  };
}

/** Everybody takes back what they have authorized, at every platform. */
function everybodyRevokes(world: World): void {
  world.clock.at(FROM, () => {
    for (const simulator of world.towns.flatMap((town) => town.simulators))
      for (const one of simulator.platforms.flatMap((platform) => simulator.breaks(platform)))
        if (one.truth === 'revoked_by_user') one.apply({});
  });
}

/** Each renewal is remembered, and one of an earlier day comes back. */
function oldSecrets(): (grant: GrantRecord) => GrantRecord {
  const first = new Map<string, GrantRecord['secrets']>();
  return (grant) => {
    const known = first.get(grant.id);
    if (known === undefined) first.set(grant.id, grant.secrets);
    return known === undefined || (grant.lastAttemptAt ?? 0) < FROM ? grant : { ...grant, secrets: known };
  };
}

const isLate = (grant: GrantRecord): boolean => (grant.lastAttemptAt ?? 0) > FROM;

const PLANTED: readonly (readonly [checker: string, fault: string, planted: () => Planted, days?: number])[] =
  [
    [
      'S1',
      'an old refresh token is sent again',
      () => {
        const old = oldSecrets();
        return changedClaims((grant) => ({ ...grant, ...old(grant) }));
      },
      45,
    ],
    [
      'S2',
      'a credential of an earlier day is written over the new one',
      () => {
        const old = oldSecrets();
        return changedOutcomes((outcome) => ({ ...outcome, grant: old(outcome.grant) }));
      },
    ],
    [
      'S3',
      'a grant is declared dead though nothing is wrong',
      () =>
        changedOutcomes((outcome) =>
          isLate(outcome.grant) ? { ...outcome, grant: { ...outcome.grant, state: 'expired' } } : outcome,
        ),
    ],
    [
      'S4',
      'a refresh token is dropped',
      () =>
        changedOutcomes((outcome) => {
          const { refresh_token: _dropped, ...secrets } = outcome.grant.secrets;
          return isLate(outcome.grant) ? { ...outcome, grant: { ...outcome.grant, secrets } } : outcome;
        }),
    ],
    [
      'S5',
      'an answer is logged as it came',
      () => ({
        wire: (wire, log) => ({
          ...wire,
          senderFor: (target) => {
            const send = wire.senderFor(target);
            return async (request) => {
              const answer = await send(request);
              log.info({ answer }, 'An answer');
              return answer;
            };
          },
        }),
      }),
    ],
    [
      'S6',
      'a working token is taken for a dead one',
      () => ({
        store: (store) => ({
          ...store,
          getConnections: async (keys) =>
            (await store.getConnections(keys)).map(({ connection, grant }) => ({
              connection,
              grant: { ...grant, state: 'expired', facts: { ...grant.facts, accessDeadAt: 1 } },
            })),
        }),
      }),
    ],
    [
      'S7',
      'a grant is marked for a fault of its app',
      () =>
        changedOutcomes((outcome) =>
          isLate(outcome.grant)
            ? { ...outcome, grant: { ...outcome.grant, state: 'suspect', cause: 'app_misconfigured' } }
            : outcome,
        ),
    ],
    ['L1', 'nothing is renewed any more', () => changedClaims((grant, now) => (now > FROM ? null : grant))],
    [
      'L2',
      'nobody is told dead',
      () => ({
        ...changedOutcomes((outcome) => ({
          ...outcome,
          grant: { ...outcome.grant, state: 'active', dueAt: outcome.grant.dueAt ?? FROM + 4_000 * HOUR_MS },
        })),
        befalls: everybodyRevokes,
      }),
    ],
    [
      'L3',
      'nobody looks for reminders',
      () => ({ store: (store) => ({ ...store, claimReminders: async () => [] }) }),
      32,
    ],
    [
      'L3',
      'which reminders were sent is forgotten',
      () => changedOutcomes((outcome) => ({ ...outcome, grant: { ...outcome.grant, reminded: [] } })),
      60,
    ],
    [
      'L4',
      'what failed in an outage is forgotten',
      () => changedClaims((grant, now) => (now > FROM ? null : grant)),
    ],
  ];

describe('A fault that was planted on purpose is caught', () => {
  for (const [checker, fault, planted, days = 3] of PLANTED) {
    test(`by ${checker}: ${fault}`, async () => {
      const { violations } = await runWorld({
        ...(WORLDS[checker] ?? { seed: 'planted', grants: 30 }),
        faults: 'none',
        days,
        checkers: CHECKERS.filter((factory) => factory.name.toLowerCase().startsWith(checker.toLowerCase())),
        openStore: storeOf('memory', null),
        planted: planted(),
        stopEarly: true,
      });
      assert.equal(violations[0]?.checker, checker);
    });
  }
});

test('Ten calm days of the real code break no promise', async () => {
  const { violations, world, grants } = await runWorld({
    seed: 'calm',
    faults: 'none',
    days: 10,
    grants: 40,
    checkers: CHECKERS,
    openStore: storeOf('memory', null),
  });
  assert.deepEqual(violations, []);
  assert.equal(grants, 40);
  const lived = new Set((await world.grants()).map(({ grant }) => `${grant.platform} ${grant.method}`));
  const known = PLATFORMS.flatMap(({ profile }) => profile.methods.map(({ id }) => `${profile.id} ${id}`));
  assert.deepEqual([...lived].sort(), known.sort(), 'every method of every platform was lived through');
  assert.ok(world.tally.renewals > 1_000);
});

test('The same seed gives the same run', async () => {
  const live = async () => {
    const { world } = await runWorld({
      seed: 'twice',
      faults: 'many',
      days: 8,
      grants: 20,
      checkers: CHECKERS,
      openStore: storeOf('memory', null),
    });
    return [world.tally, world.violations, world.clock.now()];
  };
  assert.deepEqual(await live(), await live());
});
