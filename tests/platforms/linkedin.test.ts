import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnose } from '../../src/core/diagnosis.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/instant.ts';
import { readStandardCallback } from '../../src/platforms/kit/oauth.ts';
import { linkedin } from '../../src/platforms/linkedin/index.ts';
import { type Bench, consent } from '../support/simulated.ts';
import {
  applied,
  bench,
  codeFor,
  connect,
  exchange,
  login,
  REDIRECT_URI,
  read,
  renew,
  SCOPES,
  YEAR_MS,
} from './linkedin.support.ts';

/** The bench with one answer of the token endpoint rewritten on its way. */
function rewriting(b: Bench, change: (fields: Record<string, unknown>) => Record<string, unknown>): Bench {
  const send: Bench['io']['send'] = async (request) => {
    const answer = await b.io.send(request);
    if (request.endpoint !== 'token' || answer.kind !== 'answer' || answer.status !== 200) return answer;
    return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) };
  };
  return { ...b, io: { ...b.io, send } };
}

describe('LinkedIn: the year of the refresh token', () => {
  it('counts down from the consent, and no renewal extends it', async () => {
    const b = bench();
    let held = await connect(b);
    const end = held.facts.renewalExpiresAt;
    assert.equal(end, b.clock.now() + YEAR_MS);
    for (let day = 0; day < 350; day += 50) {
      b.clock.advance(50 * DAY_MS);
      held = await renew(b, held);
      assert.equal(held.facts.renewalExpiresAt, end);
    }
  });

  it('caps the access token at what is left of it', async () => {
    const b = bench();
    const held = await connect(b);
    b.clock.advance(360 * DAY_MS);
    const late = await renew(b, held);
    assert.equal(late.facts.accessExpiresAt, late.facts.renewalExpiresAt);
    assert.equal(late.facts.accessExpiresAt! - b.clock.now(), 5 * DAY_MS);
  });

  it('ends for good after 365 days, and our own clock says so though the answer does not', async () => {
    const b = bench();
    const held = await connect(b);
    b.clock.advance(YEAR_MS);
    const outcome = await login.renew!(b.io, b.app, held);
    assert.ok(!outcome.ok);
    assert.equal(read(b, held, outcome.answer).cause, 'renewal_credential_expired');
  });

  it('is read in minutes where LinkedIn tells minutes', async () => {
    const b = bench();
    const held = await connect(rewriting(b, (fields) => ({ ...fields, refresh_token_expires_in: 525_600 })));
    assert.equal(held.facts.renewalExpiresAt, b.clock.now() + YEAR_MS);
  });

  it('is read in seconds near its end, where the same number is what is left', async () => {
    const b = bench();
    const held = await connect(b);
    b.clock.advance(YEAR_MS - 525_600_000);
    const late = await renew(b, held);
    assert.equal(late.facts.renewalExpiresAt, held.facts.renewalExpiresAt);
  });

  it('is assumed from the documents where an answer does not tell it', async () => {
    const b = bench();
    const held = await connect(rewriting(b, ({ refresh_token_expires_in: _, ...rest }) => rest));
    assert.equal(held.facts.renewalExpiresAt, b.clock.now() + YEAR_MS);
  });

  it('is found again by introspection, from the moment of the authorization', async () => {
    const b = bench();
    const held = await connect(b);
    b.clock.advance(100 * DAY_MS);
    const renewed = await renew(b, { ...held, facts: { ...held.facts, renewalExpiresAt: null } });
    const forgotten = { ...renewed, facts: { ...renewed.facts, renewalExpiresAt: null } };
    const result = await login.probe(b.io, b.app, forgotten);
    assert.ok(result.verdict === 'alive');
    assert.equal(result.facts?.renewalExpiresAt, held.facts.renewalExpiresAt);
  });

  it('is never put off by introspection', async () => {
    const b = bench();
    const held = await connect(b);
    const sooner = b.clock.now() + 10 * DAY_MS;
    const result = await login.probe(b.io, b.app, {
      ...held,
      facts: { ...held.facts, renewalExpiresAt: sooner },
    });
    assert.ok(result.verdict === 'alive');
    assert.equal(result.facts?.renewalExpiresAt, sooner);
  });
});

describe('LinkedIn: apps without programmatic refresh', () => {
  it('get no refresh token, and both methods cope with that', async () => {
    for (const method of ['user_login', 'user_login_without_refresh']) {
      const b = bench('without refresh');
      const held = await connect(b, method);
      assert.deepEqual(Object.keys(held.secrets), ['access_token']);
      assert.equal(held.facts.renewalExpiresAt, null);
      assert.equal(held.facts.accessExpiresAt, b.clock.now() + 60 * DAY_MS);
    }
  });

  it('need the person after 60 days: the ended token is no passing matter there', async () => {
    const b = bench('without refresh');
    const held = await connect(b, 'user_login_without_refresh');
    b.clock.advance(60 * DAY_MS);
    const result = await linkedin.adapter.methods.user_login_without_refresh!.probe(b.io, b.app, held);
    assert.ok(result.verdict === 'dead');
    const diagnosis = read(b, held, result.answer);
    assert.deepEqual(
      [diagnosis.cause, diagnosis.meaning, diagnosis.who],
      ['access_token_expired', 'person_needed', 'authorizing_user'],
    );
  });

  it('keep no refresh token even if the app gets one', async () => {
    const held = await connect(bench(), 'user_login_without_refresh');
    assert.equal(held.secrets.refresh_token, undefined);
    assert.equal(held.facts.renewalExpiresAt, null);
  });
});

describe('LinkedIn: answers that mislead', () => {
  it('waits a false “revoked” of a fresh token out, and introspection clears it', async () => {
    const b = bench();
    const held = await connect(b);
    applied(b, 'false_revocation');
    const refused = await login.accounts(b.io, b.app, held);
    assert.ok(!refused.ok);
    const diagnosis = read(b, held, refused.answer);
    assert.deepEqual([diagnosis.meaning, diagnosis.retryAfterSeconds], ['transient', 30]);
    assert.equal((await login.probe(b.io, b.app, held)).verdict, 'alive');
    b.clock.advance(30_000);
    assert.ok((await login.accounts(b.io, b.app, held)).ok);
  });

  it('takes “revoked” for what it says once the token is five minutes old', async () => {
    const b = bench();
    const held = await connect(b);
    b.clock.advance(5 * MINUTE_MS);
    applied(b, 'revoked_by_user');
    const refused = await login.accounts(b.io, b.app, held);
    assert.ok(!refused.ok);
    assert.equal(read(b, held, refused.answer).cause, 'revoked_by_user');
  });

  it('fails an exchange whose fresh token is refused as something to try again, not as a revocation', async () => {
    const b = bench();
    applied(b, 'false_revocation');
    const outcome = await exchange(b, login, await codeFor(b, login));
    assert.ok(!outcome.ok);
    assert.equal(
      diagnose(linkedin.adapter.checks, outcome.answer, undefined, b.clock.now()).meaning,
      'transient',
    );
  });

  it('lets a renewal heal what a consent with other scopes broke', async () => {
    const b = bench();
    const held = await connect(b);
    await connect(b, 'user_login', ['r_ads', 'r_ads_reporting']);
    const refused = await login.accounts(b.io, b.app, held);
    assert.ok(!refused.ok);
    assert.equal(read(b, held, refused.answer).meaning, 'transient');
    assert.ok((await login.accounts(b.io, b.app, await renew(b, held))).ok);
  });

  it('leaves the tokens of a member alone who consents again with the same scopes', async () => {
    const b = bench();
    const held = await connect(b);
    await connect(b);
    assert.ok((await login.accounts(b.io, b.app, held)).ok);
  });

  it('takes a retired version for the operator’s matter; a newer one in the app’s settings heals it', async () => {
    const b = bench();
    const held = await connect(b);
    applied(b, 'version_sunset');
    const refused = await login.accounts(b.io, b.app, held);
    assert.ok(!refused.ok);
    const diagnosis = read(b, held, refused.answer);
    assert.deepEqual(
      [diagnosis.cause, diagnosis.meaning, diagnosis.who],
      ['request_invalid', 'app_fault', 'operator'],
    );
    assert.equal((await login.probe(b.io, b.app, held)).verdict, 'alive');
    const app = { ...b.app, settings: { api_version: '202611' } };
    assert.equal(login.callHeaders(app, held)['linkedin-version'], '202611');
    assert.ok((await login.accounts(b.io, app, held)).ok);
  });

  it('sees a restricted member though the token is alive, and keeps renewing', async () => {
    const b = bench();
    const held = await connect(b);
    const restricted = applied(b, 'member_restricted');
    const result = await login.probe(b.io, b.app, held);
    assert.ok(result.verdict === 'unclear');
    const diagnosis = read(b, held, result.answer);
    assert.deepEqual([diagnosis.cause, diagnosis.reach], ['security_checkpoint', 'part_of_grant']);
    restricted.mend!({});
    assert.equal((await login.probe(b.io, b.app, held)).verdict, 'alive');
  });

  it('does not doubt a grant because the probe’s small call met a limit', async () => {
    const b = bench();
    const held = await connect(b);
    applied(b, 'quota_exceeded');
    assert.equal((await login.probe(b.io, b.app, held)).verdict, 'alive');
  });
});

describe('LinkedIn: who and what', () => {
  it('learns the member by OpenID, by the profile, or by a role on an ad account', async () => {
    const ids = [];
    for (const scopes of [['r_ads', 'openid', 'profile', 'email'], ['r_ads', 'r_basicprofile'], ['r_ads']]) {
      ids.push((await connect(bench(), 'user_login', scopes)).identity);
    }
    assert.equal(new Set(ids.map((identity) => identity?.id)).size, 1);
    assert.deepEqual(
      ids.map((identity) => identity?.name),
      ['Merle Brandt', 'Merle Brandt', null],
    );
    assert.equal(ids[0]?.email, 'merle@example.org');
  });

  it('lists every account over several pages, with role and state', async () => {
    const b = bench();
    const held = await connect(b);
    const accounts = await login.accounts(b.io, b.app, held);
    assert.ok(accounts.ok);
    assert.deepEqual(
      accounts.value.map(({ id, status, currency, permissions }) => [id, status, currency, ...permissions]),
      [
        ['512340001', 'active', 'EUR', 'ACCOUNT_MANAGER'],
        ['512340002', 'active', 'USD', 'ACCOUNT_MANAGER'],
        ['512340003', 'limited', 'GBP', 'CAMPAIGN_MANAGER'],
        ['512340004', 'closed', 'GBP', 'VIEWER'],
      ],
    );
    assert.ok(b.sent.filter((request) => request.url.includes('/adAccounts?')).length > 1);
  });

  it('reads scopes that are separated by comma, and needs no token_type', async () => {
    const held = await connect(bench());
    assert.deepEqual(held.facts.scopesGranted, SCOPES);
  });

  it('reads a member who cancels as a permission that is missing', async () => {
    const b = bench();
    const input = {
      redirectUri: REDIRECT_URI,
      state: 's',
      codeChallenge: null,
      nonce: 'n',
      scopes: SCOPES,
      identity: null,
      reconnect: false,
    };
    const query = await consent(b, await login.authorizeUrl!(b.app, input, b.io), {
      'x-simulated-consent': 'deny',
    });
    const callback = readStandardCallback(query);
    assert.deepEqual(
      [callback.kind, callback.kind === 'denied' && callback.cause],
      ['denied', 'permission_missing'],
    );
  });

  it('sends no PKCE and no secret in an address', async () => {
    const b = bench();
    await connect(b);
    for (const request of b.sent)
      assert.ok(!/code_challenge|secret|access_token=/.test(request.url), request.url);
  });
});
