import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, clockPage } from '../src/server/pages/clockPage.ts';

const clock: Clock = {
  now: '2027-11-22T09:00:00.000Z',
  state: 'running',
  touched: true,
  fixed_reason: null,
  ahead_seconds: 0,
  next_renewal: null,
  next_deadline: null,
  move: null,
};

/** How it stands, as a reader of the page has it. */
function standing(state: Clock['state'], ahead_seconds: number): string {
  const places = { hasClock: true, platformsUrl: null };
  const page = clockPage({ ...clock, state, ahead_seconds }, { places }).markup;
  return (/<p>(<span class="state.*?)<\/p>/s.exec(page)?.[1] ?? '').replaceAll(/<[^>]+>/g, '');
}

describe('The page of the clock', () => {
  it('says of a clock that stands still how far it is from the real time, not that it is at it', () => {
    assert.equal(standing('running', 0), 'running, at the real time');
    assert.equal(standing('frozen', 0), 'frozen, less than 2 seconds from the real time');
    assert.equal(standing('frozen', -5), 'frozen, 5 seconds behind the real time');
  });

  it('rounds to the nearest: a day that has lost a second is no 23 hours', () => {
    assert.equal(standing('frozen', 86_399), 'frozen, 24 hours ahead of the real time');
    assert.equal(standing('running', 7 * 86_400 - 1), 'running, 7 days ahead of the real time');
  });
});
