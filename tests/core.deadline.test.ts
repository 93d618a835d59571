import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canRenew, deadlineOf, deadlinesOf, endedByTime } from '../src/core/deadline.ts';
import type { HardEnd } from '../src/core/grantFacts.ts';
import { DAY_MS, HOUR_MS } from '../src/core/instant.ts';
import { cadenceOf, DAY_SECONDS, factsWith, NOW } from './support/facts.ts';

const counting = cadenceOf({ renewalClock: 'from_consent', renewalLifetimeSeconds: 365 * DAY_SECONDS });
const rolling = cadenceOf({ renewalClock: 'from_renewal', renewalLifetimeSeconds: 60 * DAY_SECONDS });
const exchanged = cadenceOf({ mechanism: 'token_exchange', renewalClock: 'from_renewal' });
const byHand = cadenceOf({ mechanism: 'none' });
const testing = cadenceOf({ testingLifetimeSeconds: 7 * DAY_SECONDS });

const pasted: HardEnd = {
  kind: 'api_token',
  at: NOW + 90 * DAY_MS,
  source: 'entered by hand',
  endsGrant: true,
};
const dataAccess: HardEnd = {
  kind: 'data_access',
  at: NOW + 80 * DAY_MS,
  source: 'the platform said',
  endsGrant: false,
};

describe('a deadline', () => {
  it('is the end of a refresh token that no renewal puts off', () => {
    const end = deadlineOf(counting, factsWith({ renewalExpiresAt: NOW + 365 * DAY_MS }));
    assert.deepEqual([end?.kind, end?.at, end?.endsGrant], ['renewal_credential', NOW + 365 * DAY_MS, true]);
    assert.equal(end?.source, counting.renewalLifetimeSeconds.source);
  });

  it('is none where every renewal restarts the clock', () => {
    assert.equal(deadlineOf(rolling, factsWith({ renewalExpiresAt: NOW + 60 * DAY_MS })), null);
    assert.equal(deadlineOf(exchanged, factsWith({ accessExpiresAt: NOW + 60 * DAY_MS })), null);
  });

  it('is the end of the access token where nothing can renew it', () => {
    const ends = { accessExpiresAt: NOW + 60 * DAY_MS };
    assert.equal(deadlineOf(byHand, factsWith(ends))?.kind, 'access_token');
    assert.equal(deadlineOf(rolling, factsWith({ ...ends, renewable: false }))?.kind, 'access_token');
    assert.equal(deadlineOf(byHand, factsWith({ accessExpiresAt: null })), null);
  });

  it('is seven days after the consent while the app is in Testing, whatever was renewed since', () => {
    const facts = factsWith({ appPublishing: 'testing', consentedAt: NOW, issuedAt: NOW + 6 * DAY_MS });
    assert.deepEqual(
      [deadlineOf(testing, facts)?.kind, deadlineOf(testing, facts)?.at],
      ['testing_mode', NOW + 7 * DAY_MS],
    );
    for (const appPublishing of ['production', 'unknown'] as const) {
      assert.equal(deadlineOf(testing, { ...facts, appPublishing }), null);
    }
    assert.equal(deadlineOf(cadenceOf(), facts), null, 'platforms without such a rule');
  });

  it('is an end date that a person entered, or that the platform told', () => {
    assert.deepEqual(deadlineOf(cadenceOf(), factsWith({ hardEnds: [pasted] })), pasted);
    assert.deepEqual(deadlineOf(rolling, factsWith({ hardEnds: [dataAccess] })), dataAccess);
  });

  it('is the soonest of them, and the others follow in order', () => {
    const facts = factsWith({ hardEnds: [pasted, dataAccess], renewalExpiresAt: NOW + 85 * DAY_MS });
    const kinds = deadlinesOf(counting, facts).map((end) => end.kind);
    assert.deepEqual(kinds, ['data_access', 'renewal_credential', 'api_token']);
    assert.equal(deadlineOf(counting, facts)?.kind, 'data_access');
  });

  it('does not depend on when it is asked, and does not reorder what it was given', () => {
    const moments = fc.array(fc.integer({ min: NOW - 400 * DAY_MS, max: NOW + 400 * DAY_MS }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(moments, (all) => {
        const hardEnds = Object.freeze(all.map((at) => ({ ...pasted, at })));
        const sorted = deadlinesOf(cadenceOf(), factsWith({ hardEnds })).map((end) => end.at);
        assert.deepEqual(
          sorted,
          [...all].sort((a, b) => a - b),
        );
      }),
    );
  });
});

describe('the end by time', () => {
  it('has come at the moment of the deadline, and not before', () => {
    const facts = factsWith({ renewalExpiresAt: NOW + DAY_MS });
    assert.equal(endedByTime(counting, facts, NOW + DAY_MS - 1), null);
    assert.equal(endedByTime(counting, facts, NOW + DAY_MS)?.kind, 'renewal_credential');
  });

  it('is not the end of a part: data access takes the reports, not the grant', () => {
    const facts = factsWith({ hardEnds: [dataAccess], accessExpiresAt: null });
    assert.equal(endedByTime(rolling, facts, NOW + 200 * DAY_MS), null);
  });

  it('sees past the end of a part to the end of the whole', () => {
    const facts = factsWith({ hardEnds: [dataAccess, pasted] });
    assert.equal(endedByTime(cadenceOf(), facts, NOW + 100 * DAY_MS)?.kind, 'api_token');
  });

  it('has come where renewals would have put it off, but none did in time', () => {
    const missed = factsWith({ renewalExpiresAt: NOW + HOUR_MS });
    assert.equal(endedByTime(rolling, missed, NOW + HOUR_MS)?.kind, 'renewal_credential');
    const exchange = factsWith({ accessExpiresAt: NOW + HOUR_MS });
    assert.equal(endedByTime(exchanged, exchange, NOW + HOUR_MS)?.kind, 'access_token');
  });

  it('is not the end of an access token that a refresh token can replace', () => {
    assert.equal(endedByTime(cadenceOf(), factsWith({ accessExpiresAt: NOW }), NOW + 400 * DAY_MS), null);
  });
});

describe('a renewable grant', () => {
  it('holds something to renew with, and its method has a known way', () => {
    assert.equal(canRenew(cadenceOf(), factsWith()), true);
    assert.equal(canRenew(cadenceOf(), factsWith({ renewable: false })), false);
    assert.equal(canRenew(byHand, factsWith()), false);
    assert.equal(canRenew(cadenceOf({ mechanism: 'unknown' }), factsWith()), false);
  });
});
