import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALL_CAUSES, CAUSES, type CauseEntry, isCause } from '../src/core/cause.ts';

const entries = Object.entries(CAUSES) as [keyof typeof CAUSES, CauseEntry][];

/** What no retry heals, as the design names it. Whoever moves a cause across has to say so here. */
const PERMANENT = [
  'renewal_credential_expired',
  'revoked_by_user',
  'password_changed',
  'security_checkpoint',
  'session_invalidated',
  'permission_missing',
  'account_access_removed',
  'account_disabled',
  'app_disabled',
  'app_misconfigured',
  'policy_violation',
  'admin_policy',
  'testing_mode_expiry',
  'token_limit_exceeded',
  'malformed_token',
  'not_provisioned',
  'rotation_lost',
  'request_invalid',
];
const PASSING = ['access_token_expired', 'rate_limited', 'quota_exceeded', 'platform_outage', 'unknown'];

describe('the vocabulary of causes', () => {
  it('knows these causes and no others, each either permanent or passing', () => {
    const permanent = entries.filter(([, entry]) => entry.permanent).map(([cause]) => cause);
    const passing = entries.filter(([, entry]) => !entry.permanent).map(([cause]) => cause);
    assert.deepEqual(permanent, PERMANENT);
    assert.deepEqual(passing, PASSING);
    assert.equal(ALL_CAUSES.length, PERMANENT.length + PASSING.length);
  });

  it('says of each in a person’s words what it means and what to do', () => {
    for (const [cause, { meaning, remedy }] of entries) {
      for (const text of [meaning, remedy]) {
        assert.match(text, /^[A-Z].{19,}\.$/, `${cause}: ${text}`);
        assert.doesNotMatch(text, /_|\bundefined\b|OAuthException|invalid_/, `${cause}: ${text}`);
      }
    }
  });

  it('names somebody who acts where somebody has to, and nobody who is to be bothered where it passes', () => {
    for (const [cause, { permanent, who }] of entries) {
      const bothers = who !== 'nobody' && who !== 'platform';
      assert.equal(bothers, permanent, cause);
    }
  });

  it('sends nobody to reconnect for what passes, or for what is not the authorization’s fault', () => {
    for (const [cause, { permanent, reach, remedy }] of entries) {
      if (permanent && reach !== 'app' && reach !== 'call') continue;
      assert.doesNotMatch(remedy, /(^|[;.] )(then )?reconnect/i, cause);
    }
  });

  it('takes a word for a cause only if it is one', () => {
    for (const cause of ALL_CAUSES) assert.ok(isCause(cause));
    for (const word of ['', 'revoked', 'toString', '__proto__', 'constructor'])
      assert.ok(!isCause(word), word);
  });
});
