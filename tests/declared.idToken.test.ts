import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  APP,
  causeOf,
  declare,
  ISSUER,
  METADATA,
  MINIMAL,
  methodOf,
  NOW,
  network,
} from './support/declared.ts';

describe('an ID token', () => {
  let keys: { privateKey: CryptoKey; publicKey: CryptoKey };
  let strangers: { privateKey: CryptoKey; publicKey: CryptoKey };
  before(async () => {
    keys = await generateKeyPair('RS256');
    strangers = await generateKeyPair('RS256');
  });

  const claims = (changes = {}) => ({
    ...{
      iss: ISSUER,
      aud: 'client-1',
      sub: 'person-1',
      nonce: 'nonce-1',
      iat: NOW / 1000,
      exp: NOW / 1000 + 300,
    },
    ...changes,
  });
  const sign = (payload: Record<string, unknown>, key = keys.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);

  async function exchange(idToken: string, routes: Parameters<typeof network>[0] = {}) {
    const declaration = declare({ ...MINIMAL, scopes: [{ id: 'openid' }] });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    const { io } = network({
      [METADATA.token_endpoint]: { body: { access_token: 'a', id_token: idToken } },
      [METADATA.jwks_uri]: { body: { keys: [jwk] } },
      ...routes,
    });
    const asked = {
      code: 'c',
      redirectUri: 'https://e.example',
      codeVerifier: 'v',
      nonce: 'nonce-1',
      scopes: ['openid'],
    };
    return { outcome: await methodOf(declaration, METADATA).exchange!(io, APP, asked), declaration };
  }

  it('that is in order tells who it is, by the simulated clock as well', async () => {
    const { outcome } = await exchange(await sign(claims({ name: 'Ida' })));
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.deepEqual(outcome.value.identity, { id: 'person-1', kind: 'person', name: 'Ida', email: null });
  });

  it('is not mixed with what userinfo says of somebody else', async () => {
    const someone = { body: { sub: 'person-2', name: 'Mallory' } };
    const { outcome } = await exchange(await sign(claims()), { [METADATA.userinfo_endpoint]: someone });
    assert.ok(outcome.ok);
    assert.deepEqual(outcome.value.identity, { id: 'person-1', kind: 'person', name: null, email: null });
  });

  const wrong: readonly [string, () => Promise<string>][] = [
    ['for another client', () => sign(claims({ aud: 'client-2' }))],
    [
      'for several clients without saying whom it was made for',
      () => sign(claims({ aud: ['client-1', 'client-2'] })),
    ],
    ['of another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['of another attempt', () => sign(claims({ nonce: 'nonce-2' }))],
    ['without a nonce', () => sign(claims({ nonce: undefined }))],
    ['that has ended', () => sign(claims({ exp: NOW / 1000 - 60 }))],
    ['that has not begun', () => sign(claims({ nbf: NOW / 1000 + 60 }))],
    ['without an end', () => sign(claims({ exp: undefined }))],
    ['signed by somebody else', () => sign(claims(), strangers.privateKey)],
    ['that is not signed', async () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
    [
      'signed with the client secret',
      () =>
        new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('secret-1')),
    ],
    ['that is no token at all', async () => 'not.a.token'],
  ];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const [name, make] of wrong) {
    it(`${name} is refused, without a word of it`, async () => {
      const { outcome, declaration } = await exchange(await make());
      assert.equal(causeOf(declaration, outcome).check, 'declared.id_token');
      assert.ok(!JSON.stringify(outcome).includes('eyJ'));
    });
  }

  it('cannot be judged while the keys cannot be had, which passes', async () => {
    const { outcome, declaration } = await exchange(await sign(claims()), {
      [METADATA.jwks_uri]: { status: 503 },
    });
    assert.equal(causeOf(declaration, outcome).meaning, 'transient');
  });
});
