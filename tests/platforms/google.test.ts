import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY_MS, HOUR_MS } from '../../src/core/instant.ts';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import type { Io } from '../../src/platforms/kit/adapter.ts';
import { heldAfter } from '../support/simulated.ts';
import {
  exchangeAfterConsent,
  failure,
  flip,
  type Google,
  googleBench,
  method,
  REDIRECT_URI,
  signIn,
} from './google.support.ts';

const ADS = 'https://www.googleapis.com/auth/adwords';
const user = (bench: Google) => method(bench, 'user_login');

describe('Signing in with Google', () => {
  it('asks for offline access, a fresh consent and PKCE, and names the person on a reconnect', async () => {
    const bench = googleBench(googleAds);
    const identity = { id: '1', kind: 'person', name: null, email: 'ida@example.org' } as const;
    const scopes = [ADS, 'openid', 'email'];
    const input = {
      redirectUri: REDIRECT_URI,
      state: 's',
      codeChallenge: 'c',
      nonce: 'n',
      scopes,
      identity,
      reconnect: true,
    };
    const url = new URL(await user(bench).authorizeUrl!(bench.app, input, bench.io));
    assert.equal(`${url.origin}${url.pathname}`, 'https://accounts.google.com/o/oauth2/v2/auth');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      client_id: bench.app.clientId,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: scopes.join(' '),
      state: 's',
      access_type: 'offline',
      prompt: 'consent',
      nonce: 'n',
      code_challenge: 'c',
      code_challenge_method: 'S256',
      login_hint: 'ida@example.org',
    });
  });

  it('learns who signed in from the id token, by sub', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench, { person: bench.google.people[1]!.id });
    assert.deepEqual(held.identity, {
      id: bench.google.people[1]!.id,
      kind: 'person',
      name: null,
      email: 'noah@example.org',
    });
    assert.deepEqual([...held.facts.scopesGranted].sort(), [ADS, 'email', 'openid'].sort());
  });

  it('refuses an id token with another nonce, and keeps no token as evidence', async () => {
    const bench = googleBench(googleAds);
    const outcome = await exchangeAfterConsent(bench, { nonceOfExchange: 'another' });
    assert.equal(failure(bench, outcome).cause, 'malformed_token');
    assert.doesNotMatch(JSON.stringify(outcome), /ya29|1\/\/0|eyJ/);
  });

  it('refuses an id token that Google did not sign', async () => {
    const bench = googleBench(googleAds);
    const io = answering(bench.io, /\/token$/, (body) =>
      body.replace(/("id_token":"[^"]+)\.[^".]+"/, `$1.${'A'.repeat(342)}"`),
    );
    const outcome = await exchangeAfterConsent({ ...bench, io });
    assert.equal(failure(bench, outcome).cause, 'malformed_token');
  });

  it('asks tokeninfo instead where the signing keys cannot be had', async () => {
    const bench = googleBench(googleAds);
    const io = answering(bench.io, /\/certs$/, () => 'nothing');
    const outcome = await exchangeAfterConsent({ ...bench, io });
    assert.ok(outcome.ok);
    assert.equal(outcome.value.identity?.id, bench.google.people[0]!.id);
  });

  it('tells unticked permissions: not granted, and missing in calls', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench, { scopes: [] });
    assert.ok(!held.facts.scopesGranted.includes(ADS));
    assert.equal(
      failure(bench, await user(bench).accounts(bench.io, bench.app, held)).cause,
      'permission_missing',
    );
  });

  it('reads refusals that do come back', () => {
    const bench = googleBench(googleAds);
    const cause = (error: string) => {
      const result = user(bench).readCallback!(new URLSearchParams({ error }), bench.app);
      return result.kind === 'denied' ? result.cause : undefined;
    };
    assert.equal(cause('access_denied'), 'permission_missing');
    assert.equal(cause('admin_policy_enforced'), 'admin_policy');
    assert.equal(cause('org_internal'), 'admin_policy');
  });
});

describe('A refresh token of Google', () => {
  it('stays the same through a year of renewals', async () => {
    const bench = googleBench(googleAds);
    let held = await signIn(bench);
    const first = held.secrets.refresh_token;
    for (let day = 0; day < 365; day += 1) {
      bench.clock.advance(DAY_MS);
      const outcome = await user(bench).renew!(bench.io, bench.app, held);
      assert.ok(outcome.ok);
      assert.equal(outcome.value.secrets.refresh_token, undefined);
      held = heldAfter(held, outcome.value);
    }
    assert.equal(held.secrets.refresh_token, first);
  });

  it('dies of six idle months, and the idleness is seen', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench);
    bench.clock.advance(190 * DAY_MS);
    const diagnosis = failure(bench, await user(bench).renew!(bench.io, bench.app, held), held.facts);
    assert.equal(diagnosis.cause, 'renewal_credential_expired');
    assert.match(diagnosis.remedy, /six months/);
  });

  it('dies seven days after consent while the app is in Testing', async () => {
    const bench = googleBench(googleAds);
    bench.google.publish('google-ads', 'testing');
    const held = await signIn(bench, { publishing: 'testing' });
    assert.equal(held.facts.renewalExpiresAt, held.facts.consentedAt + 604_799_000);
    bench.clock.advance(7 * DAY_MS - HOUR_MS);
    assert.ok((await user(bench).renew!(bench.io, bench.app, held)).ok);
    bench.clock.advance(HOUR_MS + 60_000);
    const outcome = await user(bench).renew!(bench.io, bench.app, held);
    assert.equal(failure(bench, outcome, held.facts).cause, 'testing_mode_expiry');
  });

  it('loses its limit with a consent that has none', async () => {
    const bench = googleBench(googleAds);
    const outcome = await exchangeAfterConsent(bench);
    assert.ok(outcome.ok);
    assert.equal(outcome.value.renewalExpiresAt, null);
  });

  it('ends without a word when a hundred newer ones live; the access token does not', async () => {
    const bench = googleBench(googleAds);
    const oldest = await signIn(bench);
    for (let count = 0; count < 99; count += 1) await signIn(bench);
    assert.ok((await user(bench).renew!(bench.io, bench.app, oldest)).ok, 'a hundred live side by side');
    await signIn(bench);
    const outcome = await user(bench).renew!(bench.io, bench.app, oldest);
    const facts = { ...oldest.facts, newerGrantsOfIdentity: 100 };
    assert.equal(failure(bench, outcome, facts).cause, 'token_limit_exceeded');
    assert.equal((await user(bench).probe(bench.io, bench.app, oldest)).verdict, 'alive');
  });

  it('is never called lost on the way: Google does not rotate', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench);
    flip(bench, 'revoked_by_user');
    const facts = { ...held.facts, unknownOutcomeAt: bench.clock.now() };
    const diagnosis = failure(bench, await user(bench).renew!(bench.io, bench.app, held), facts);
    assert.equal(diagnosis.cause, 'revoked_by_user');
    assert.ok(!diagnosis.acceptableOthers.includes('rotation_lost'));
  });

  it('takes all of the person’s grants for the client along when it is revoked, and nobody else’s', async () => {
    const bench = googleBench(googleAds);
    const [first, second, other] = [
      await signIn(bench),
      await signIn(bench),
      await signIn(bench, { person: bench.google.people[2]!.id }),
    ];
    assert.ok((await user(bench).revoke!(bench.io, bench.app, first)).ok);
    assert.equal((await user(bench).probe(bench.io, bench.app, second)).verdict, 'dead');
    assert.equal((await user(bench).probe(bench.io, bench.app, other)).verdict, 'alive');
    assert.ok((await user(bench).revoke!(bench.io, bench.app, first)).ok, 'dead already is what was wanted');
  });

  it('is not judged by an access token that ended on time', async () => {
    const bench = googleBench(googleAds);
    const held = await signIn(bench);
    bench.clock.advance(2 * HOUR_MS);
    assert.equal((await user(bench).probe(bench.io, bench.app, held)).verdict, 'unclear');
    assert.ok((await user(bench).renew!(bench.io, bench.app, held)).ok);
  });
});

/** The same edge, but with one kind of answer altered on its way. */
function answering(io: Io, url: RegExp, alter: (body: string) => string): Io {
  return {
    ...io,
    send: async (request) => {
      const answer = await io.send(request);
      return answer.kind === 'answer' && url.test(request.url)
        ? { ...answer, body: alter(answer.body) }
        : answer;
    },
  };
}
