import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  GRANT_EVENTS,
  GRANT_STATES,
  type GrantEvent,
  type GrantState,
  IS_KEPT,
  nextState,
} from '../src/core/grantState.ts';

/** The table once more, written as it is meant and not as it is coded. */
function expected(state: GrantState, event: GrantEvent): GrantState | undefined {
  if (event === 'disconnected') return 'revoked';
  if (event === 'authorized') return 'active';
  if (event === 'authorized_in_part') return 'degraded';
  if (state === 'revoked') return undefined;
  if (event === 'proven') return 'active';
  if (event === 'limited') return 'degraded';
  if (event === 'death_confirmed') return 'expired';
  if (state === 'expired') return 'expired';
  if (event === 'death_reported') return 'suspect';
  return state === 'suspect' ? 'suspect' : 'failing';
}

const pairs = GRANT_STATES.flatMap((state) => GRANT_EVENTS.map((event) => ({ state, event })));

describe('the states of a grant', () => {
  it('follow the table, and no other transition exists', () => {
    for (const { state, event } of pairs)
      assert.equal(nextState(state, event), expected(state, event), `${state} + ${event}`);
  });

  it('are all reached from active by events, and every transition with them', () => {
    const reached = new Set<GrantState>(['active']);
    for (const state of reached) {
      for (const event of GRANT_EVENTS) {
        const next = nextState(state, event);
        if (next !== undefined) reached.add(next);
      }
    }
    assert.deepEqual([...reached].sort(), [...GRANT_STATES].sort());
  });

  it('have an answer to every event, but for what was disconnected on purpose', () => {
    for (const { state, event } of pairs) {
      const ownWill = ['authorized', 'authorized_in_part', 'disconnected'].includes(event);
      assert.equal(
        nextState(state, event) === undefined,
        state === 'revoked' && !ownWill,
        `${state} + ${event}`,
      );
    }
  });

  it('lead to expired by a confirmed death alone', () => {
    for (const { state, event } of pairs) {
      if (state === 'expired' || nextState(state, event) !== 'expired') continue;
      assert.equal(event, 'death_confirmed');
    }
  });

  it('never lead out of revoked by anything that a platform says, however much of it comes', () => {
    const said = fc.constantFrom<GrantEvent>(
      'proven',
      'limited',
      'passing_failure',
      'death_reported',
      'death_confirmed',
    );
    fc.assert(
      fc.property(fc.array(said), (events) => {
        const end = events.reduce<GrantState>((state, event) => nextState(state, event) ?? state, 'revoked');
        assert.equal(end, 'revoked');
      }),
    );
  });

  it('are mended from anywhere by a person who authorizes again', () => {
    for (const state of GRANT_STATES) assert.equal(nextState(state, 'authorized'), 'active');
  });

  it('are kept by the keeper unless a person is needed or it was disconnected', () => {
    assert.deepEqual(
      GRANT_STATES.filter((state) => IS_KEPT[state]),
      ['active', 'degraded', 'failing', 'suspect'],
    );
  });
});
