import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlatformRequest } from '../src/platforms/kit/request.ts';
import {
  API,
  APP,
  BY_HAND,
  causeOf,
  declare,
  ENDPOINTS,
  formOf,
  heldWith,
  ISSUER,
  methodOf,
  NOW,
  network,
} from './support/declared.ts';

describe('the probe of a declared server', () => {
  const INTROSPECT = `${ISSUER}/introspect`;
  const ME = `${ISSUER}/me`;
  const introspecting = { ...BY_HAND, endpoints: { ...ENDPOINTS, introspection: INTROSPECT } };
  const probe = async (
    input: Record<string, unknown>,
    routes: Parameters<typeof network>[0],
    held = heldWith(),
  ) => {
    const declaration = declare(input);
    const { io } = network(routes);
    const result = await methodOf(declaration).probe(io, APP, held);
    const cause =
      result.verdict === 'alive'
        ? undefined
        : causeOf(declaration, { ok: false, answer: result.answer }, held.facts).cause;
    return { ...result, cause };
  };
  /** Says of each token whether it is active. */
  const knows = (active: Record<string, unknown>) => ({
    [INTROSPECT]: (request: PlatformRequest) => ({
      body: { active: active[formOf(request).get('token') ?? ''] ?? false },
    }),
  });

  it('believes an introspection that calls the refresh token active, and remembers it', async () => {
    const seen = await probe(introspecting, knows({ 'refresh-1': true }));
    assert.ok(seen.verdict === 'alive');
    assert.deepEqual(seen.facts, { extra: { refresh_token_introspected: true } });
  });

  it('does not mistake a server that introspects access tokens only for a death', async () => {
    assert.equal((await probe(introspecting, knows({ 'access-1': true }))).verdict, 'unclear');
    const ended = heldWith({ accessExpiresAt: NOW - 1 });
    assert.equal((await probe(introspecting, knows({}), ended)).verdict, 'unclear');
  });

  it('believes a death where the server vouched before, or calls all tokens dead', async () => {
    const vouched = heldWith({ extra: { refresh_token_introspected: true }, accessExpiresAt: NOW - 1 });
    const seen = await probe(introspecting, knows({}), vouched);
    assert.deepEqual([seen.verdict, seen.cause], ['dead', 'revoked_by_user']);
    assert.equal((await probe(introspecting, knows({}))).verdict, 'dead');
    assert.equal(
      (await probe(introspecting, knows({}), heldWith({}, { refresh_token: '' }))).verdict,
      'dead',
    );
  });

  it('takes the end of the refresh token from introspection where its clock is declared', async () => {
    const routes = { [INTROSPECT]: { body: { active: true, exp: NOW / 1000 + 60 } } };
    const seen = await probe({ ...introspecting, refresh_clock: 'from_consent' }, routes);
    assert.ok(seen.verdict === 'alive');
    assert.equal(seen.facts?.renewalExpiresAt, NOW + 60_000);
  });

  it('turns to userinfo where clients may not introspect', async () => {
    const both = { ...BY_HAND, endpoints: { ...ENDPOINTS, introspection: INTROSPECT, userinfo: ME } };
    const refused = { [INTROSPECT]: { status: 403, body: { error: 'unauthorized_client' } } };
    assert.equal((await probe(both, { ...refused, [ME]: { body: { sub: '1' } } })).verdict, 'alive');
    assert.equal((await probe(both, { ...refused, [ME]: { status: 401 } })).verdict, 'dead');
    assert.equal((await probe(introspecting, refused)).verdict, 'unclear');
  });

  it('reads 401 from userinfo by our own clock, and an outage as nothing', async () => {
    const input = { ...BY_HAND, endpoints: { ...ENDPOINTS, userinfo: ME } };
    const dead = await probe(input, { [ME]: { status: 401, body: { error: 'invalid_token' } } });
    assert.deepEqual([dead.verdict, dead.cause], ['dead', 'access_token_expired']);
    const ended = heldWith({ accessExpiresAt: NOW - 1 });
    assert.equal((await probe(input, { [ME]: { status: 401 } }, ended)).verdict, 'unclear');
    assert.equal((await probe(input, { [ME]: { status: 503 } })).verdict, 'unclear');
  });

  it('says that it cannot tell where nothing can be asked', async () => {
    const seen = await probe(BY_HAND, {});
    assert.deepEqual([seen.verdict, seen.cause], ['unclear', 'unknown']);
  });
});

describe('revoking at a declared server', () => {
  const REVOKE = `${ISSUER}/revoke`;
  const declaration = declare({ ...BY_HAND, endpoints: { ...ENDPOINTS, revocation: REVOKE } });
  const revoke = async (answer: Parameters<typeof network>[0][string]) => {
    const { io, sent } = network({ [REVOKE]: answer });
    return { outcome: await methodOf(declaration).revoke!(io, APP, heldWith()), sent };
  };

  it('ends the refresh token first, then the access token', async () => {
    const { outcome, sent } = await revoke({ status: 200 });
    assert.deepEqual(outcome, { ok: true, value: null });
    assert.deepEqual(
      sent.map((request) => formOf(request).get('token')),
      ['refresh-1', 'access-1'],
    );
  });

  it('is to be tried again when the server is busy (RFC 7009 2.2.1)', async () => {
    const { outcome, sent } = await revoke({ status: 503, headers: { 'retry-after': '30' } });
    const diagnosis = causeOf(declaration, outcome);
    assert.deepEqual([diagnosis.meaning, diagnosis.retryAfterSeconds, sent.length], ['transient', 30, 1]);
  });

  it('has succeeded when the refresh token is gone, whatever is said of the access token', async () => {
    const { outcome } = await revoke((request) => ({
      status: formOf(request).get('token') === 'refresh-1' ? 200 : 400,
    }));
    assert.equal(outcome.ok, true);
  });
});

describe('the accounts of a declared server', () => {
  const URL = `${API}/accounts`;
  const accounts = { url: URL, list_path: 'data.items', name_path: 'title', next_path: 'next' };
  const list = async (
    routes: Parameters<typeof network>[0],
    input: Record<string, unknown> = { ...BY_HAND, accounts },
  ) => {
    const { io, sent } = network(routes);
    const outcome = await methodOf(declare(input)).accounts(io, APP, heldWith());
    return { ids: outcome.ok ? outcome.value.map((account) => account.id) : undefined, outcome, sent };
  };
  const page = (ids: readonly unknown[], next?: string) => ({
    body: { data: { items: ids.map((id) => ({ id })) }, next },
  });

  it('come in pages, with numbers as text and without entries that have no id', async () => {
    const { ids } = await list({
      [URL]: page([1, null, 'b'], '/accounts?page=2'),
      [`${URL}?page=2`]: page(['c']),
    });
    assert.deepEqual(ids, ['1', 'b', 'c']);
  });

  it('are not fetched from another host, nor for ever', async () => {
    const away = await list({ [URL]: page(['a'], 'https://evil.example/accounts') });
    assert.deepEqual([away.ids, away.sent.length], [['a'], 1]);
    const endless = await list({ [URL]: page(['a'], URL) });
    assert.equal(endless.sent.length, 50);
  });

  it('are none where none are declared, and a failure where the server fails', async () => {
    assert.deepEqual((await list({}, BY_HAND)).ids, []);
    assert.equal((await list({ [URL]: { status: 500 } })).outcome.ok, false);
  });
});
