import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/core/instant.ts';
import { estimateLoss } from '../src/core/outage.ts';
import { factsWith, NOW } from './support/facts.ts';

describe('the start of an outage', () => {
  it('is the end of the access token where the renewal was refused: until then it works', () => {
    const facts = factsWith({ accessExpiresAt: NOW + HOUR_MS, lastProofAt: NOW });
    assert.deepEqual(estimateLoss(facts, NOW + 50 * MINUTE_MS), {
      startedAt: NOW + HOUR_MS,
      evidence: 'end_by_time',
    });
    assert.deepEqual(estimateLoss(facts, NOW + DAY_MS), {
      startedAt: NOW + HOUR_MS,
      evidence: 'end_by_time',
    });
  });

  it('is the last proof of life where the platform refused an access token that should live', () => {
    const refused = {
      accessExpiresAt: NOW + 60 * DAY_MS,
      lastProofAt: NOW + DAY_MS,
      accessDeadAt: NOW + 2 * DAY_MS,
    };
    assert.deepEqual(estimateLoss(factsWith(refused), NOW + 2 * DAY_MS), {
      startedAt: NOW + DAY_MS,
      evidence: 'last_proof',
    });
  });

  it('is the end of the access token where the refusal came after it', () => {
    const late = factsWith({ accessExpiresAt: NOW + HOUR_MS, lastProofAt: NOW, accessDeadAt: NOW + DAY_MS });
    assert.deepEqual(estimateLoss(late, NOW + DAY_MS), { startedAt: NOW + HOUR_MS, evidence: 'end_by_time' });
  });

  it('is the last proof for a token without end, and now where nothing was ever proven', () => {
    const endless = factsWith({ accessExpiresAt: null, lastProofAt: NOW });
    assert.deepEqual(estimateLoss(endless, NOW + DAY_MS), { startedAt: NOW, evidence: 'last_proof' });
    const never = factsWith({ accessExpiresAt: null, lastProofAt: null });
    assert.deepEqual(estimateLoss(never, NOW + DAY_MS), { startedAt: NOW + DAY_MS, evidence: 'noticed' });
  });
});
