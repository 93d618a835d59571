import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { valueOr } from '../src/core/fact.ts';
import { toRfc3339, toRfc3339OrNull } from '../src/core/instant.ts';
import { missingScopes, narrowedScopes } from '../src/core/scopes.ts';
import { fact, NOW } from './support/facts.ts';

const scopes = fc.array(fc.constantFrom<string>('read', 'write', 'report', 'manage', 'profile'));

describe('scopes', () => {
  it('that are missing are named in the order in which they are required', () => {
    assert.deepEqual(missingScopes(['write', 'read', 'report'], ['read']), ['write', 'report']);
    assert.deepEqual(missingScopes(['read'], ['read', 'write']), []);
    assert.deepEqual(missingScopes([], []), []);
  });

  it('are missing exactly where they are required and not granted', () => {
    fc.assert(
      fc.property(scopes, scopes, (required, granted) => {
        const missing = missingScopes(required, granted);
        for (const scope of required) assert.equal(missing.includes(scope), !granted.includes(scope));
      }),
    );
  });

  it('are never widened by a renewal', () => {
    fc.assert(
      fc.property(scopes, scopes, (before, answered) => {
        const left = narrowedScopes(before, answered);
        for (const scope of left) assert.ok(before.includes(scope) && answered.includes(scope));
        for (const scope of answered) assert.equal(left.includes(scope), before.includes(scope));
      }),
    );
  });
});

describe('facts and instants', () => {
  it('that nobody published give way to the fallback, and no others do', () => {
    assert.equal(valueOr(fact<number>('unknown'), 300), 300);
    assert.equal(valueOr(fact(0), 300), 0);
    assert.equal(valueOr<boolean>(fact(false), true), false);
  });

  it('leave the process as RFC 3339 in UTC', () => {
    assert.equal(toRfc3339(NOW), '2026-11-22T09:00:00.000Z');
    assert.equal(toRfc3339OrNull(NOW), toRfc3339(NOW));
    assert.equal(toRfc3339OrNull(null), null);
  });
});
