import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Declaration } from '../src/platforms/declared/index.ts';
import {
  APP,
  BY_HAND,
  causeOf,
  declare,
  ENDPOINTS,
  formOf,
  HOUR_MS,
  heldWith,
  ISSUER,
  METADATA,
  MINIMAL,
  methodOf,
  NOW,
  network,
  type Scripted,
  silence,
} from './support/declared.ts';
import { heldAfter } from './support/simulated.ts';

describe('the way to a declared server and back', () => {
  const input = {
    redirectUri: 'https://evergrant.example/cb',
    state: 'state-1',
    codeChallenge: 'challenge',
    nonce: 'nonce-1',
    scopes: ['read', 'write'],
    identity: null,
    reconnect: false,
  };
  const { io } = network({});
  const address = async (declaration: Declaration, changes = {}) =>
    new URL(await methodOf(declaration).authorizeUrl!(APP, { ...input, ...changes }, io));

  it('carries PKCE, the state, the declared scopes and the operator’s own parameters', async () => {
    const endpoints = { ...ENDPOINTS, authorization: `${ISSUER}/authorize?tenant=7` };
    const url = await address(
      declare({ ...BY_HAND, endpoints, scope_separator: ',', authorize_params: { audience: 'ads' } }),
    );
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      tenant: '7',
      audience: 'ads',
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'https://evergrant.example/cb',
      scope: 'read,write',
      state: 'state-1',
      code_challenge: 'challenge',
      code_challenge_method: 'S256',
    });
  });

  it('asks for consent with offline_access, and for the same person on a reconnect', async () => {
    const identity = { id: '1', kind: 'person', name: null, email: 'ida@example.org' };
    const scopes = ['openid', 'offline_access'];
    const url = await address(declare(BY_HAND), { scopes, identity, reconnect: true });
    assert.equal(url.searchParams.get('prompt'), 'consent');
    assert.equal(url.searchParams.get('nonce'), 'nonce-1');
    assert.equal(url.searchParams.get('login_hint'), 'ida@example.org');
  });

  it('takes a code only from the declared issuer', () => {
    const strict = { ...METADATA, authorization_response_iss_parameter_supported: true };
    const read = (query: string, discovered: typeof METADATA = strict) =>
      methodOf(declare(MINIMAL), discovered).readCallback!(new URLSearchParams(query), APP);
    const iss = encodeURIComponent(ISSUER);
    assert.deepEqual(read(`code=c&state=s&iss=${iss}`), { kind: 'code', code: 'c', issuer: ISSUER });
    assert.equal(read('code=c&state=s', METADATA).kind, 'code');
    for (const query of [
      'code=c&state=s',
      'code=c&iss=https://evil.example',
      `code=c&iss=${iss}/`,
      'error=access_denied&iss=https://evil.example',
    ]) {
      const callback = read(query);
      assert.ok(callback.kind === 'denied' && callback.error === 'issuer_mismatch', query);
    }
    const denied = read(`error=access_denied&error_description=No&iss=${iss}`);
    assert.ok(
      denied.kind === 'denied' && denied.error === 'access_denied' && denied.cause === 'permission_missing',
    );
  });

  it('does not stumble over iss where no issuer is declared', () => {
    const read = methodOf(declare(BY_HAND)).readCallback!(
      new URLSearchParams('code=c&iss=https://any.example'),
      APP,
    );
    assert.equal(read.kind, 'code');
  });
});

describe('a token answer', () => {
  const exchange = async (body: unknown, changes: Record<string, unknown> = {}) => {
    const declaration = declare({ ...BY_HAND, ...changes });
    const { io, sent } = network({ [ENDPOINTS.token]: { body } });
    const asked = {
      code: 'code-1',
      redirectUri: 'https://e.example',
      codeVerifier: 'verifier',
      nonce: 'n',
      scopes: ['read'],
    };
    return { outcome: await methodOf(declaration).exchange!(io, APP, asked), sent, declaration };
  };
  const issuedBy = async (body: unknown, changes = {}) => {
    const { outcome } = await exchange(body, changes);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return outcome.value;
  };
  const renew = async (body: unknown, changes: Record<string, unknown> = {}, held = heldWith()) => {
    const { io, sent } = network({ [ENDPOINTS.token]: { body } });
    const outcome = await methodOf(declare({ ...BY_HAND, ...changes })).renew!(io, APP, held);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return { issued: outcome.value, after: heldAfter(held, outcome.value), sent };
  };

  it('is taken without a token type, and with one in any case', async () => {
    for (const token_type of [undefined, 'bearer', 'Bearer', 'BEARER']) {
      assert.deepEqual((await issuedBy({ access_token: 'a', token_type })).secrets, { access_token: 'a' });
    }
  });

  it('of a type that cannot be used is refused at first, unless it is declared to be one', async () => {
    const body = { access_token: 'hush', token_type: 'mac', refresh_token: 'hush' };
    const { outcome, declaration } = await exchange(body);
    assert.equal(causeOf(declaration, outcome).check, 'declared.token_type');
    assert.ok(!JSON.stringify(outcome).includes('hush'));
    assert.equal(
      (await issuedBy({ access_token: 'a', token_type: 'bot' }, { token_types: ['Bot'] })).secrets
        .access_token,
      'a',
    );
  });

  it('is never refused for a detail when it renews: the old refresh token may be spent', async () => {
    const { after } = await renew({
      access_token: 'a2',
      refresh_token: 'r2',
      token_type: 'mac',
      id_token: 'broken',
      expires_in: {},
    });
    assert.deepEqual(after.secrets, { access_token: 'a2', refresh_token: 'r2' });
  });

  it('without a refresh token keeps the old one', async () => {
    const { after } = await renew({ access_token: 'a2' });
    assert.deepEqual(after.secrets, { access_token: 'a2', refresh_token: 'refresh-1' });
  });

  it('may tell the lifetime as text, or not at all: then it is assumed', async () => {
    const text = await issuedBy({ access_token: 'a', refresh_token: 'r', expires_in: '120' });
    assert.deepEqual([text.accessExpiresAt, text.accessExpiryAssumed], [NOW + 120_000, false]);
    for (const expires_in of [undefined, null, '', 0, -1, 'soon']) {
      const silent = await issuedBy({ access_token: 'a', refresh_token: 'r', expires_in });
      assert.deepEqual([silent.accessExpiresAt, silent.accessExpiryAssumed], [NOW + HOUR_MS, true]);
    }
    const declared = await issuedBy(
      { access_token: 'a', refresh_token: 'r' },
      { access_lifetime_seconds: 60 },
    );
    assert.deepEqual([declared.accessExpiresAt, declared.accessExpiryAssumed], [NOW + 60_000, true]);
    const endless = await issuedBy({ access_token: 'a' });
    assert.deepEqual([endless.accessExpiresAt, endless.accessExpiryAssumed], [null, false]);
  });

  it('may tell scopes as a list, with commas, or not at all', async () => {
    assert.deepEqual((await issuedBy({ access_token: 'a', scope: ['x', 'y'] })).scopesGranted, ['x', 'y']);
    assert.deepEqual((await issuedBy({ access_token: 'a', scope: 'x,y' })).scopesGranted, ['x', 'y']);
    for (const scope of [undefined, null, '']) {
      assert.equal((await issuedBy({ access_token: 'a', scope })).scopesGranted, undefined);
    }
  });

  it('never widens the scopes when it renews', async () => {
    const { issued, sent } = await renew({ access_token: 'a', scope: 'write admin' });
    assert.deepEqual(issued.scopesGranted, ['write']);
    assert.equal(formOf(sent[0]).has('scope'), false);
  });

  it('keeps an end of the refresh token only where the declaration says how it moves', async () => {
    const body = { access_token: 'a', refresh_token: 'r2', refresh_expires_in: 600 };
    assert.equal((await issuedBy(body)).renewalExpiresAt, null);
    assert.equal((await renew(body)).issued.renewalExpiresAt, undefined);
    assert.equal((await issuedBy(body, { refresh_clock: 'from_renewal' })).renewalExpiresAt, NOW + 600_000);
    assert.equal(
      (await issuedBy({ ...body, refresh_expires_in: 0 }, { refresh_clock: 'from_renewal' }))
        .renewalExpiresAt,
      null,
    );
  });

  it('restarts the declared clock with each renewal, or leaves it alone', async () => {
    const body = { access_token: 'a', refresh_token: 'r2' };
    const rolling = { refresh_lifetime_seconds: 600, refresh_clock: 'from_renewal' };
    const fixed = { ...rolling, refresh_clock: 'from_consent' };
    assert.equal((await renew(body, rolling)).issued.renewalExpiresAt, NOW + 600_000);
    assert.equal((await issuedBy(body, fixed)).renewalExpiresAt, NOW + 600_000);
    assert.equal((await renew(body, fixed)).issued.renewalExpiresAt, undefined);
    assert.equal((await renew(body, { refresh_clock: 'from_renewal' })).issued.renewalExpiresAt, null);
  });

  it('may name the person itself', async () => {
    const identity = { endpoint: 'token_answer', id_path: 'owner.id', name_path: 'owner.name' };
    const issued = await issuedBy({ access_token: 'a', owner: { id: 7, name: 'Ida' } }, { identity });
    assert.deepEqual(issued.identity, { id: '7', kind: 'person', name: 'Ida', email: null });
    const { outcome, declaration } = await exchange({ access_token: 'a' }, { identity });
    assert.equal(causeOf(declaration, outcome).check, 'declared.identity');
  });

  it('is asked for with the declared parameters and the client’s proof, and nothing of it in the address', async () => {
    const { sent } = await exchange({ access_token: 'a' }, { token_params: { audience: 'ads' } });
    const form = formOf(sent[0]);
    assert.equal(sent[0]!.url, ENDPOINTS.token);
    assert.equal(form.get('grant_type'), 'authorization_code');
    assert.equal(form.get('code_verifier'), 'verifier');
    assert.equal(form.get('audience'), 'ads');
    assert.equal(sent[0]!.headers.authorization, `Basic ${btoa('client-1:secret-1')}`);
    const posted = await exchange({ access_token: 'a' }, { client_auth: 'client_secret_post' });
    assert.equal(formOf(posted.sent[0]).get('client_secret'), 'secret-1');
    const open = await exchange({ access_token: 'a' }, { client_auth: 'none' });
    assert.equal(formOf(open.sent[0]).get('client_id'), 'client-1');
    assert.equal(open.sent[0]!.headers.authorization, undefined);
  });
});

describe('a renewal that fails', () => {
  const renew = async (
    answer: Scripted,
    changes: Record<string, unknown> = {},
    held = heldWith(),
    app = APP,
  ) => {
    const declaration = declare({ ...BY_HAND, ...changes });
    const { io, sent } = network({ [ENDPOINTS.token]: answer });
    const outcome = await methodOf(declaration).renew!(io, app, held);
    return { outcome, sent, diagnosis: causeOf(declaration, outcome, held.facts) };
  };
  const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

  it('in silence stays a silence, with what is known about it', async () => {
    const { outcome, diagnosis } = await renew(silence('token'));
    assert.deepEqual(outcome, { ok: false, answer: silence('token') });
    assert.equal(diagnosis.meaning, 'unknown_outcome');
    assert.equal((await renew(silence('token', false))).diagnosis.meaning, 'transient');
  });

  it('with an answer is handed on as it came, whatever its shape', async () => {
    const cases: [Scripted, string][] = [
      [
        { status: 401, headers: { 'www-authenticate': 'Basic' }, body: { error: 'invalid_client' } },
        'app_misconfigured',
      ],
      [{ status: 503, body: 'busy' }, 'platform_outage'],
      [{ status: 999, body: '' }, 'platform_outage'],
      [{ status: 204, body: '' }, 'platform_outage'],
      [{ status: 429, body: { error: 'invalid_grant' } }, 'rate_limited'],
      [{ status: 400, body: { error: 'interaction_required' } }, 'session_invalidated'],
      [{ status: 200, body: { error: 'invalid_grant' } }, 'revoked_by_user'],
    ];
    for (const [answer, cause] of cases) assert.equal((await renew(answer)).diagnosis.cause, cause);
  });

  it('after an unknown outcome means a lost rotation, unless refresh tokens never rotate', async () => {
    const held = heldWith({ unknownOutcomeAt: NOW - 1 });
    for (const rotation of ['always', 'unknown']) {
      assert.equal((await renew(invalidGrant, { rotation }, held)).diagnosis.cause, 'rotation_lost');
    }
    assert.equal((await renew(invalidGrant, { rotation: 'never' }, held)).diagnosis.cause, 'revoked_by_user');
    const ended = heldWith({ renewalExpiresAt: NOW - 1 });
    assert.equal((await renew(invalidGrant, {}, ended)).diagnosis.cause, 'renewal_credential_expired');
  });

  it('for want of a refresh token says so, and sends nothing', async () => {
    const { sent, diagnosis } = await renew(invalidGrant, {}, heldWith({}, { refresh_token: '' }));
    assert.equal(sent.length, 0);
    assert.equal(diagnosis.cause, 'renewal_credential_expired');
    assert.match(diagnosis.remedy, /offline_access/);
  });

  it('for a client key or secret that cannot be used is the operator’s, and quotes nothing of it', async () => {
    for (const clientSecret of ['hush', '{"kty":"EC","d":"hush"}', '{"kty":"EC","alg":"ES256","d":"hush"}']) {
      const { sent, outcome, diagnosis } = await renew(
        invalidGrant,
        { client_auth: 'private_key_jwt' },
        heldWith(),
        { ...APP, clientSecret },
      );
      assert.equal(sent.length, 0);
      assert.equal(diagnosis.cause, 'app_misconfigured');
      assert.ok(!JSON.stringify(outcome).includes('hush'));
    }
    const bare = await renew(invalidGrant, { client_auth: 'client_secret_post' }, heldWith(), {
      ...APP,
      clientSecret: '',
    });
    assert.equal(bare.diagnosis.cause, 'app_misconfigured');
  });
});
