import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CAUSES } from '../src/core/cause.ts';
import { endedByTime } from '../src/core/deadline.ts';
import { diagnose } from '../src/core/diagnosis.ts';
import type { PendingVerdict } from '../src/core/grantFacts.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/core/instant.ts';
import {
  type Attempt,
  decideVerdict,
  type ProbeWord,
  refusesGrant,
  SHORTEST_CONFIRMATION_MS,
} from '../src/core/verdict.ts';
import { anyDiagnosis, cadenceOf, DAY_SECONDS, diagnosisOf, factsWith, NOW } from './support/facts.ts';

const REVOKED = diagnosisOf({ cause: 'revoked_by_user' });
const OUTAGE = diagnosisOf({ cause: 'platform_outage' }, { status: 503 });

function attemptOf(changes: Partial<Attempt> = {}): Attempt {
  const base = { cadence: cadenceOf(), facts: factsWith(), diagnosis: REVOKED, now: NOW + MINUTE_MS };
  return { ...base, probe: 'not_asked', probeCause: null, pending: null, ...changes };
}

function pendingSince(firstSeenAt: number): PendingVerdict {
  return { cause: 'revoked_by_user', firstSeenAt, confirmAt: firstSeenAt + 5 * MINUTE_MS };
}

const anyCadence = fc
  .record({
    mechanism: fc.constantFrom(
      'refresh_token',
      'token_exchange',
      'jwt_bearer',
      'login',
      'none',
      'unknown' as const,
    ),
    renewalClock: fc.constantFrom('none', 'from_consent', 'from_renewal', 'unknown' as const),
    confirmAfterSeconds: fc.oneof(fc.nat(3600), fc.constant('unknown' as const)),
  })
  .map(cadenceOf);

const anyFacts = fc
  .record({
    access: fc.option(fc.integer({ min: -DAY_MS, max: 400 * DAY_MS })),
    renewal: fc.option(fc.integer({ min: -DAY_MS, max: 400 * DAY_MS })),
    renewable: fc.boolean(),
    lost: fc.boolean(),
  })
  .map(({ access, renewal, renewable, lost }) =>
    factsWith({
      accessExpiresAt: access === null ? null : NOW + access,
      renewalExpiresAt: renewal === null ? null : NOW + renewal,
      renewable,
      unknownOutcomeAt: lost ? NOW - HOUR_MS : null,
    }),
  );

describe('one answer alone', () => {
  it('never kills a grant, whatever it says', () => {
    const words = fc.constantFrom<ProbeWord>('alive', 'unclear', 'not_asked');
    fc.assert(
      fc.property(anyCadence, anyFacts, anyDiagnosis, words, (cadence, facts, diagnosis, probe) => {
        fc.pre(endedByTime(cadence, facts, NOW) === null);
        const verdict = decideVerdict(attemptOf({ cadence, facts, diagnosis, probe, now: NOW }));
        assert.notEqual(verdict.kind, 'dead');
      }),
      { numRuns: 5_000 },
    );
  });

  it('is not made two by a probe with an access token that would have ended anyway', () => {
    const ended = factsWith({ accessExpiresAt: NOW });
    for (const probeCause of [null, 'access_token_expired'] as const) {
      assert.equal(decideVerdict(attemptOf({ facts: ended, probe: 'dead', probeCause })).kind, 'suspect');
    }
  });

  it('is not made two by the same answer again a moment later', () => {
    const first = decideVerdict(attemptOf());
    assert.ok(first.kind === 'suspect');
    const hasty = decideVerdict(attemptOf({ pending: first.pending, now: first.pending.confirmAt - 1 }));
    assert.deepEqual(hasty, first, 'the same verdict, awaited at the same moment');
  });

  it('is asked again after the platform’s own wait, five minutes where none is known, a minute at the least', () => {
    const waits = [
      [3600, HOUR_MS],
      ['unknown', 5 * MINUTE_MS],
      [0, SHORTEST_CONFIRMATION_MS],
    ] as const;
    for (const [confirmAfterSeconds, wait] of waits) {
      const verdict = decideVerdict(attemptOf({ cadence: cadenceOf({ confirmAfterSeconds }), now: NOW }));
      const pending = { cause: 'revoked_by_user', firstSeenAt: NOW, confirmAt: NOW + wait };
      assert.deepEqual(verdict, { kind: 'suspect', pending });
    }
  });
});

describe('a death', () => {
  it('is confirmed by the platform’s own probe', () => {
    const verdict = decideVerdict(attemptOf({ probe: 'dead', probeCause: 'password_changed' }));
    assert.deepEqual(verdict, { kind: 'dead', cause: 'password_changed', confirmedBy: 'probe' });
    const silent = decideVerdict(attemptOf({ probe: 'dead' }));
    assert.deepEqual(silent, { kind: 'dead', cause: 'revoked_by_user', confirmedBy: 'probe' });
  });

  it('is confirmed by a probe that says why, although the access token had ended', () => {
    const verdict = decideVerdict(
      attemptOf({
        facts: factsWith({ accessExpiresAt: NOW }),
        probe: 'dead',
        probeCause: 'session_invalidated',
      }),
    );
    assert.deepEqual(verdict, { kind: 'dead', cause: 'session_invalidated', confirmedBy: 'probe' });
  });

  it('is confirmed by a second try that is refused as well', () => {
    const pending = pendingSince(NOW);
    const verdict = decideVerdict(attemptOf({ pending, now: pending.confirmAt }));
    assert.deepEqual(verdict, { kind: 'dead', cause: 'revoked_by_user', confirmedBy: 'second_try' });
  });

  it('is not confirmed by a second try that comes hours late: that is a first refusal again', () => {
    const pending = pendingSince(NOW);
    const late = pending.confirmAt + 6 * HOUR_MS;
    assert.equal(decideVerdict(attemptOf({ pending, now: late })).kind, 'dead');
    const verdict = decideVerdict(attemptOf({ pending, now: late + 1 }));
    assert.equal(verdict.kind, 'suspect');
    assert.equal(verdict.kind === 'suspect' && verdict.pending.firstSeenAt, late + 1);
  });

  it('is confirmed by an end that has passed', () => {
    const cadence = cadenceOf({ renewalClock: 'from_consent' });
    const facts = factsWith({ renewalExpiresAt: NOW });
    const verdict = decideVerdict(attemptOf({ cadence, facts }));
    assert.deepEqual(verdict, {
      kind: 'dead',
      cause: 'renewal_credential_expired',
      confirmedBy: 'end_by_time',
    });
  });

  it('at the end of Testing is told as that, not as a revocation', () => {
    const cadence = cadenceOf({ testingLifetimeSeconds: 7 * DAY_SECONDS });
    const facts = factsWith({ appPublishing: 'testing' });
    const verdict = decideVerdict(attemptOf({ cadence, facts, now: NOW + 7 * DAY_MS }));
    assert.deepEqual(verdict, { kind: 'dead', cause: 'testing_mode_expiry', confirmedBy: 'end_by_time' });
  });

  it('keeps a more telling cause at the end: a changed password is not an end by time', () => {
    const cadence = cadenceOf({ renewalClock: 'from_consent' });
    const diagnosis = diagnosisOf({ cause: 'password_changed' });
    const verdict = decideVerdict(
      attemptOf({ cadence, diagnosis, facts: factsWith({ renewalExpiresAt: NOW }) }),
    );
    assert.ok(verdict.kind === 'dead' && verdict.cause === 'password_changed');
  });

  it('by our own record of a lost rotation outranks the platform’s “revoked”', () => {
    const diagnosis = diagnosisOf({ cause: 'rotation_lost' });
    const probed = decideVerdict(attemptOf({ diagnosis, probe: 'dead', probeCause: 'revoked_by_user' }));
    assert.ok(probed.kind === 'dead' && probed.cause === 'rotation_lost');
    const tried = decideVerdict(attemptOf({ diagnosis, pending: pendingSince(NOW - HOUR_MS) }));
    assert.ok(tried.kind === 'dead' && tried.cause === 'rotation_lost');
    const ended = decideVerdict(
      attemptOf({
        diagnosis,
        cadence: cadenceOf({ renewalClock: 'from_consent' }),
        facts: factsWith({ renewalExpiresAt: NOW }),
      }),
    );
    assert.ok(ended.kind === 'dead' && ended.cause === 'rotation_lost');
  });

  it('of an access token that nothing can renew is the end of its renewal credential', () => {
    const expired = diagnosisOf({ cause: 'access_token_expired' }, { endpoint: 'api', status: 401 });
    for (const cadence of [cadenceOf({ mechanism: 'none' }), cadenceOf({ mechanism: 'token_exchange' })]) {
      const verdict = decideVerdict(
        attemptOf({ cadence, diagnosis: expired, facts: factsWith({ accessExpiresAt: NOW }) }),
      );
      assert.deepEqual(verdict, {
        kind: 'dead',
        cause: 'renewal_credential_expired',
        confirmedBy: 'end_by_time',
      });
    }
    assert.equal(
      decideVerdict(attemptOf({ diagnosis: expired })).kind,
      'passing',
      'a refresh token brings a new one',
    );
  });
});

describe('what passes', () => {
  it('never kills a grant: not after a thousand failures, not after its end while the platform is down', () => {
    const cadence = cadenceOf({ renewalClock: 'from_consent', testingLifetimeSeconds: 7 * DAY_SECONDS });
    const facts = factsWith({ renewalExpiresAt: NOW + DAY_MS, appPublishing: 'testing' });
    const pending = pendingSince(NOW);
    for (let failures = 0; failures < 1_000; failures += 1) {
      const now = NOW + failures * HOUR_MS;
      const verdict = decideVerdict(
        attemptOf({ cadence, facts, diagnosis: OUTAGE, probe: 'unclear', pending, now }),
      );
      assert.deepEqual(verdict, { kind: 'passing', outcomeUnknown: false });
    }
  });

  it('is the same for every passing diagnosis, confirmation pending or not', () => {
    const words = fc.constantFrom<ProbeWord>('alive', 'dead', 'unclear', 'not_asked');
    fc.assert(
      fc.property(
        anyCadence,
        anyFacts,
        anyDiagnosis,
        words,
        fc.boolean(),
        (cadence, facts, diagnosis, probe, waits) => {
          fc.pre(
            ['transient', 'unknown_outcome'].includes(diagnosis.meaning) &&
              !refusesGrant(cadence, facts, diagnosis),
          );
          const pending = waits ? pendingSince(NOW - DAY_MS) : null;
          const verdict = decideVerdict(attemptOf({ cadence, facts, diagnosis, probe, pending }));
          assert.equal(verdict.kind, 'passing');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('remembers that it is not known what came of it', () => {
    const lost = diagnose(
      [],
      { kind: 'no_answer', endpoint: 'token', reason: 'timeout', sent: true },
      undefined,
      NOW,
    );
    assert.deepEqual(decideVerdict(attemptOf({ diagnosis: lost })), {
      kind: 'passing',
      outcomeUnknown: true,
    });
  });
});

describe('the app’s fault', () => {
  it('spares every grant, however often, whatever has ended and whatever awaits confirmation', () => {
    const words = fc.constantFrom<ProbeWord>('alive', 'dead', 'unclear', 'not_asked');
    fc.assert(
      fc.property(anyCadence, anyFacts, anyDiagnosis, words, (cadence, facts, diagnosis, probe) => {
        fc.pre(diagnosis.meaning === 'app_fault');
        const pending = pendingSince(NOW - DAY_MS);
        assert.deepEqual(decideVerdict(attemptOf({ cadence, facts, diagnosis, probe, pending })), {
          kind: 'spare',
        });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the loss of a part', () => {
  it('limits the grant and never kills it', () => {
    for (const [cause, entry] of Object.entries(CAUSES)) {
      if (entry.reach !== 'part_of_grant') continue;
      const diagnosis = diagnosisOf({ cause: cause as keyof typeof CAUSES });
      const verdict = decideVerdict(
        attemptOf({ diagnosis, pending: pendingSince(NOW - DAY_MS), probe: 'dead' }),
      );
      assert.deepEqual(verdict, { kind: 'limited', cause });
    }
  });
});
