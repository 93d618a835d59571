import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { googleAds } from '../../src/platforms/google-ads/index.ts';
import { readFields } from '../../src/platforms/kit/fields.ts';
import { enterKey, failure, flip, type Google, googleBench, method } from './google.support.ts';

const ADS = 'https://www.googleapis.com/auth/adwords';
const service = (bench: Google) => method(bench, 'service_account');

describe('A service account', () => {
  it('signs an assertion for an hour, for Google’s own token endpoint alone', async () => {
    const bench = googleBench(googleAds);
    const keyFile = JSON.parse(bench.google.fields('google-ads', 'service_account').key_file!);
    const held = await enterKey(bench, {
      key_file: JSON.stringify({ ...keyFile, token_uri: 'https://elsewhere.example/token' }),
      subject: 'noah@example.org',
    });
    const sent = bench.sent.find((request) => request.endpoint === 'token')!;
    assert.equal(sent.url, 'https://oauth2.googleapis.com/token');
    const [header, claims] = new URLSearchParams(sent.body)
      .get('assertion')!
      .split('.')
      .slice(0, 2)
      .map(decoded);
    assert.deepEqual(header, { alg: 'RS256', typ: 'JWT', kid: keyFile.private_key_id });
    const seconds = Math.floor(bench.clock.now() / 1000);
    assert.match(String(claims!.jti), /^[0-9a-f]{32}$/);
    assert.deepEqual(
      { ...claims, jti: '' },
      {
        iss: keyFile.client_email,
        sub: 'noah@example.org',
        scope: ADS,
        aud: sent.url,
        iat: seconds,
        exp: seconds + 3600,
        jti: '',
      },
    );
    assert.deepEqual(held.identity?.id, keyFile.client_email);
    assert.deepEqual(held.facts.extra, {
      key_id: keyFile.private_key_id,
      project_id: 'summer-sandbox',
      subject: 'noah@example.org',
    });
  });

  it('is spared when our clock is off: the operator’s fault, and it passes', async () => {
    const bench = googleBench(googleAds);
    const held = await enterKey(bench);
    const skew = flip(bench, 'clock_skew');
    const diagnosis = failure(bench, await service(bench).renew!(bench.io, bench.app, held), held.facts);
    assert.deepEqual(
      [diagnosis.meaning, diagnosis.permanent, diagnosis.who],
      ['app_fault', false, 'operator'],
    );
    skew.mend!({});
    assert.ok((await service(bench).renew!(bench.io, bench.app, held)).ok);
  });

  it('needs a person when its key is gone, and works again with a new key file', async () => {
    const bench = googleBench(googleAds);
    const held = await enterKey(bench);
    flip(bench, 'key_deleted', { identity: held.identity!.id });
    const diagnosis = failure(bench, await service(bench).renew!(bench.io, bench.app, held), held.facts);
    assert.deepEqual([diagnosis.cause, diagnosis.meaning], ['renewal_credential_expired', 'person_needed']);
    const renewed = await enterKey(bench);
    assert.notEqual(renewed.facts.extra.key_id, held.facts.extra.key_id);
  });

  it('is refused with words that repeat nothing of a key file that was cut off', async () => {
    const bench = googleBench(googleAds);
    const keyFile = JSON.parse(bench.google.fields('google-ads', 'service_account').key_file!);
    const { fields } = googleAds.profile.methods.find(({ id }) => id === 'service_account')!;
    const wrong = [
      ['{"type":"service_account","private_key":"-----BEGIN', /not valid JSON/],
      ['-----BEGIN PRIVATE KEY-----', /not valid JSON/],
      [JSON.stringify({ ...keyFile, private_key: keyFile.private_key.slice(0, 400) }), /cut off or altered/],
      [JSON.stringify({ ...keyFile, private_key: undefined }), /lacks “private_key”/],
      [JSON.stringify({ ...keyFile, client_email: undefined }), /lacks “client_email”/],
      [JSON.stringify({ ...keyFile, private_key: 'MIIEvQIBADANBg' }), /not a private key in PEM form/],
      [JSON.stringify({ ...keyFile, type: 'authorized_user' }), /“type” has to be “service_account”/],
      [JSON.stringify({ installed: { client_id: 'x', client_secret: 'y' } }), /file of an OAuth client/],
    ] as const;
    for (const [key_file, sentence] of wrong) {
      const { errors } = readFields(fields, { key_file }, bench.clock.now());
      assert.match(errors.key_file ?? '', sentence);
      assert.doesNotMatch(errors.key_file ?? '', /MII/);
      const outcome = await service(bench).accept!(bench.io, bench.app, { key_file });
      assert.equal(failure(bench, outcome).cause, 'malformed_token');
      assert.doesNotMatch(JSON.stringify(outcome), /MII|\\n/);
    }
    assert.equal(bench.sent.length, 0, 'nothing was sent');
  });

  it('that Google refuses is refused by the name of the field, with what to check', async () => {
    for (const [how, field, sentence] of [
      ['key_disabled', 'key_file', /it, or its service account, is disabled/],
      ['subject_gone', 'subject', /does not know this user/],
      ['key_deleted', 'key_file', /deleted, disabled, has expired/],

      ['service_account_deleted', 'key_file', /does not know the service account/],
      ['delegation_missing', 'subject', /Domain-wide delegation/],
    ] as const) {
      const bench = googleBench(googleAds);
      const entered = {
        ...bench.google.fields('google-ads', 'service_account'),
        subject: 'noah@example.org',
      };
      flip(bench, how);
      const outcome = await service(bench).accept!(bench.io, bench.app, entered);
      assert.ok(!outcome.ok, how);
      assert.match(outcome.refused?.[field] ?? '', sentence, how);
    }
  });

  it('is not called wrong where our clock is off or Google is down', async () => {
    for (const how of ['clock_skew', 'outage']) {
      const bench = googleBench(googleAds);
      const entered = bench.google.fields('google-ads', 'service_account');
      flip(bench, how);
      const outcome = await service(bench).accept!(bench.io, bench.app, entered);
      assert.ok(!outcome.ok && outcome.refused === undefined, how);
    }
  });

  it('keeps no id token as evidence where Google does not know a scope', async () => {
    const bench = googleBench(googleAds);
    const held = await enterKey(bench);
    const facts = { ...held.facts, scopesRequested: [`${ADS}.nothing`] };
    const outcome = await service(bench).renew!(bench.io, bench.app, { ...held, facts });
    assert.equal(failure(bench, outcome, facts).cause, 'request_invalid');
    assert.doesNotMatch(JSON.stringify(outcome), /eyJ/);
  });
});

const decoded = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
