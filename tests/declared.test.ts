import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { PlatformAnswer } from '../src/core/answer.ts';
import {
  declaredHosts,
  declaredPlatform,
  discover,
  readDeclaration,
  usesPlainHttp,
} from '../src/platforms/declared/index.ts';
import {
  BY_HAND,
  causeOf,
  declare,
  ENDPOINTS,
  ISSUER,
  METADATA,
  MINIMAL,
  methodOf,
  network,
  OPTIONS,
  problemsOf,
  silence,
} from './support/declared.ts';

describe('a declaration', () => {
  it('needs little: the rest has safe defaults', () => {
    const declaration = declare(MINIMAL);
    assert.equal(declaration.pkce, true);
    assert.equal(declaration.client_auth, 'client_secret_basic');
    assert.equal(declaration.rotation, 'unknown');
    assert.equal(declaration.declared_on, '2026-11-22');
    assert.deepEqual(readDeclaration(JSON.parse(JSON.stringify(declaration)), OPTIONS), {
      ok: true,
      declaration,
    });
  });

  it('names where calls begin, with no slash at the end', () => {
    for (const ending of ['', '/', '//', '/v1/']) {
      const declaration = declare({ ...MINIMAL, base_url: `${MINIMAL.base_url}${ending}` });
      assert.doesNotMatch(declaration.base_url, /\/$/);
    }
  });

  it('is read as the documents show it', () => {
    const readme = readFileSync(new URL('../src/platforms/declared/README.md', import.meta.url), 'utf8');
    const examples = [...readme.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json!));
    assert.equal(examples.length, 2);
    for (const example of examples) declare(example);
  });

  const bad: readonly [name: string, input: unknown, problem: RegExp][] = [
    ['that is no object', 'https://login.acme.example', /^declaration: /],
    ['without a name', { ...MINIMAL, name: undefined }, /^name: is missing$/],
    [
      'with an id that cannot stand in an address',
      { ...MINIMAL, id: 'Acme Ads!' },
      /^id: must be 2 to 40 lower-case/,
    ],
    ['with an id that is taken', { ...MINIMAL, id: 'taken-one' }, /^id: "taken-one" is taken/],
    ['with a field that nobody knows', { ...MINIMAL, acess_lifetime: 3 }, /acess_lifetime/],
    [
      'without issuer and endpoints',
      { ...MINIMAL, issuer: undefined },
      /^issuer: is missing: give the issuer/,
    ],
    [
      'with both issuer and endpoints',
      { ...BY_HAND, issuer: ISSUER },
      /^endpoints: cannot stand beside issuer/,
    ],
    [
      'without a token endpoint',
      { ...BY_HAND, endpoints: { authorization: ISSUER } },
      /^endpoints.token: is missing$/,
    ],
    [
      'with plain http',
      { ...MINIMAL, issuer: 'http://login.acme.example' },
      /^issuer: must begin with https/,
    ],
    [
      'with plain http to a name that only looks local',
      { ...MINIMAL, base_url: 'http://localhost.evil.example' },
      /^base_url: must begin/,
    ],
    ['with another scheme', { ...MINIMAL, base_url: 'file:///etc/passwd' }, /^base_url: must begin/],
    ['with half an address', { ...MINIMAL, issuer: 'login.acme.example' }, /^issuer: is not a full address/],
    [
      'with a password in an address',
      { ...MINIMAL, issuer: 'https://me:hush@login.acme.example' },
      /^issuer: must not contain a user/,
    ],
    [
      'with a query in the issuer',
      { ...MINIMAL, issuer: `${ISSUER}?tenant=1` },
      /^issuer: must not contain a query/,
    ],
    [
      'with a fragment',
      { ...BY_HAND, endpoints: { ...ENDPOINTS, token: `${ISSUER}/t#x` } },
      /^endpoints.token: must not contain a fragment/,
    ],
    [
      'with two scopes in one',
      { ...MINIMAL, scopes: [{ id: 'read write' }] },
      /^scopes.0.id: must be one scope/,
    ],
    [
      'with a scope twice',
      { ...MINIMAL, scopes: [{ id: 'read' }, { id: 'read' }] },
      /^scopes: names one scope twice/,
    ],
    [
      'that sets the state itself',
      { ...MINIMAL, authorize_params: { state: 'fixed' } },
      /^authorize_params.state: is set by Evergrant/,
    ],
    [
      'that switches PKCE off by the back door',
      { ...MINIMAL, authorize_params: { code_challenge_method: 'plain' } },
      /code_challenge_method: is set/,
    ],
    [
      'that puts the secret into a parameter',
      { ...MINIMAL, token_params: { client_secret: 'hush' } },
      /^token_params.client_secret: is set/,
    ],
    [
      'with a lifetime of no time',
      { ...MINIMAL, access_lifetime_seconds: 0 },
      /^access_lifetime_seconds: must be a whole number/,
    ],
    [
      'with a lifetime whose clock is not told',
      { ...MINIMAL, refresh_lifetime_seconds: 60 },
      /^refresh_clock: is needed beside/,
    ],
    [
      'with an endless lifetime that moves',
      { ...MINIMAL, refresh_lifetime_seconds: 'never', refresh_clock: 'from_consent' },
      /^refresh_clock: contradicts/,
    ],
    [
      'that asks for ID tokens it cannot check',
      { ...BY_HAND, scopes: [{ id: 'openid' }] },
      /^endpoints: needs issuer and jwks/,
    ],
    [
      'whose identity stands nowhere',
      { ...BY_HAND, identity: { id_path: 'id' } },
      /^identity: needs an endpoint/,
    ],
    [
      'with an extra host that is an address',
      { ...MINIMAL, extra_hosts: ['https://x.example'] },
      /^extra_hosts.0: must be a host/,
    ],
  ];
  for (const [name, input, problem] of bad)
    it(`${name} is refused in words`, () => assert.match(problemsOf(input), problem));

  it('has all its mistakes named at once, and none of its values repeated', () => {
    const problems = problemsOf({
      id: 'A',
      issuer: 'http://hush.example',
      base_url: 'https://u:hush@x.example',
      pkce: 'yes',
    });
    for (const field of ['id', 'name', 'issuer', 'base_url', 'pkce'])
      assert.match(problems, new RegExp(`^${field}: `, 'm'));
    assert.ok(!problems.includes('hush'));
  });

  it('has its contradictions named beside fields of the wrong kind, and every mistake of one value', () => {
    const problems = problemsOf({
      id: 'taken-one',
      endpoints: { authorization: 'https://192.168.0.1.localhost/x', token: 3, one: 1, two: 2 },
      base_url: 'http://u:hush@x.example#f',
      scopes: [{ id: 'openid' }, { id: 'openid' }, 3],
      authorize_params: { state: 1 },
      token_params: { code: 'x' },
      refresh_lifetime_seconds: 5,
      accounts: [],
      extra_hosts: ['any.localhost', 3],
      weird: 1,
    });
    assert.deepEqual(
      problems
        .split('\n')
        .map((problem) => problem.split(/[,;("] ?/)[0]!.trim())
        .sort(),
      [
        'accounts: must be an object with url',
        'authorize_params.state: is set by Evergrant itself',
        'authorize_params.state: must be a text',
        'base_url: must begin with https://',
        'base_url: must not contain a fragment',
        'base_url: must not contain a user name or a password',
        'endpoints.authorization: must not be on this machine itself',
        'endpoints.one: is not a field of a declaration',
        'endpoints.token: must be a text',
        'endpoints.two: is not a field of a declaration',
        'endpoints: needs issuer and jwks',
        'extra_hosts.0: must not be on this machine itself',
        'extra_hosts.1: must be a text',
        'id:',
        'name: is missing',
        'refresh_clock: is needed beside refresh_lifetime_seconds:',
        'scopes.2: must be an object with id',
        'scopes: names one scope twice',
        'token_params.code: is set by Evergrant itself',
        'weird: is not a field of a declaration',
      ],
      problems,
    );
    assert.ok(!problems.includes('hush'));
    const both = problemsOf({ ...BY_HAND, issuer: 3, pkce: 'yes', identity: { id_path: '..' } });
    for (const field of ['issuer', 'pkce', 'identity.id_path', 'endpoints', 'identity'])
      assert.match(both, new RegExp(`^${field}: `, 'm'));
  });

  it('may name this machine by http, unless that is not allowed here', () => {
    for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080']) {
      const local = { ...MINIMAL, issuer: `http://${host}`, base_url: `http://${host}/api` };
      assert.equal(usesPlainHttp(declare(local)), true);
      assert.deepEqual(declaredHosts(declare(local)), [host]);
      assert.match(
        problemsOf(local, { ...OPTIONS, localHosts: ['127.0.0.1:1', 'idp.example'] }),
        /issuer: must not be on this machine/,
      );
    }
    for (const host of ['127.0.0.1', 'localhost.', 'any.localhost', '0.0.0.0', '[::ffff:127.0.0.1]']) {
      const hidden = { ...MINIMAL, base_url: `https://${host}` };
      assert.match(
        problemsOf(hidden, { ...OPTIONS, localHosts: ['127.0.0.1:1', 'idp.example'] }),
        /base_url: must not be on this machine/,
      );
    }
  });
});

describe('discovery', () => {
  const OIDC = `${ISSUER}/.well-known/openid-configuration`;
  const RFC8414 = `${ISSUER}/.well-known/oauth-authorization-server`;
  const find = (routes: Parameters<typeof network>[0], changes = {}) => {
    const { io, sent } = network(routes);
    const declaration = declare({ ...MINIMAL, ...changes });
    return discover(io, declaration).then((outcome) => ({ outcome, sent, declaration }));
  };

  it('takes RFC 8414 where OpenID metadata is not found, is a page, or redirects', async () => {
    const redirect: PlatformAnswer = {
      kind: 'no_answer',
      endpoint: 'api',
      reason: 'redirect_refused',
      sent: true,
    };
    for (const first of [{ status: 404 }, { body: '<!doctype html>' }, { status: 302 }, redirect]) {
      const { outcome } = await find({ [OIDC]: first, [RFC8414]: { body: METADATA } });
      assert.ok(outcome.ok);
      assert.equal(outcome.value.token_endpoint, METADATA.token_endpoint);
    }
  });

  it('puts the well-known part where each specification wants it', async () => {
    const { sent } = await find({}, { issuer: `${ISSUER}/tenant` });
    assert.deepEqual(
      sent.map((request) => request.url),
      [
        `${ISSUER}/tenant/.well-known/openid-configuration`,
        `${ISSUER}/.well-known/oauth-authorization-server/tenant`,
      ],
    );
  });

  it('says what is missing where there is no metadata at all', async () => {
    const { outcome, declaration } = await find({});
    const diagnosis = causeOf(declaration, outcome);
    assert.equal(diagnosis.cause, 'app_misconfigured');
    assert.match(diagnosis.words.message ?? '', /declare the endpoints/);
  });

  it('refuses metadata of another issuer, even one slash away', async () => {
    for (const issuer of [`${ISSUER}/`, 'https://login.evil.example', ISSUER.toUpperCase()]) {
      const { outcome, declaration } = await find({ [OIDC]: { body: { ...METADATA, issuer } } });
      const diagnosis = causeOf(declaration, outcome);
      assert.match(diagnosis.words.code ?? '', /issuer_mismatch/);
      assert.equal(diagnosis.meaning, 'app_fault');
    }
  });

  it('refuses endpoints without https, and endpoints on the machine on which it runs', async () => {
    for (const token_endpoint of [
      'http://login.acme.example/token',
      'https://127.0.0.1/token',
      'http://localhost:5432/',
      7,
    ]) {
      const { outcome, declaration } = await find({ [OIDC]: { body: { ...METADATA, token_endpoint } } });
      assert.match(causeOf(declaration, outcome).words.message ?? '', /token_endpoint: /);
    }
    const { token_endpoint: _, ...without } = METADATA;
    const { outcome, declaration } = await find({ [OIDC]: { body: without } });
    assert.match(causeOf(declaration, outcome).words.message ?? '', /token_endpoint: is missing/);
  });

  it('overlooks fields that are null or of no use', async () => {
    const { outcome } = await find({
      [OIDC]: { body: { ...METADATA, revocation_endpoint: null, made_up: [1] } },
    });
    assert.deepEqual(outcome, { ok: true, value: METADATA });
  });

  it('hands a passing failure on as it came, and asks no further', async () => {
    for (const first of [{ status: 503 }, { status: 429 }, silence('api')]) {
      const { outcome, sent, declaration } = await find({ [OIDC]: first });
      assert.equal(causeOf(declaration, outcome).permanent, false);
      assert.equal(sent.length, 1);
    }
  });
});

describe('the profile of a declared server', () => {
  it('has facts that name their source and day, and treats unknown rotation as single use', () => {
    const { profile } = declaredPlatform(declare(BY_HAND));
    const { cadence } = profile.methods[0]!;
    for (const fact of Object.values(cadence)) {
      if (typeof fact !== 'object') continue;
      assert.match(fact.source, /declared by the operator|our choice/);
      assert.equal(fact.checked, '2026-11-22');
    }
    assert.equal(cadence.singleUseRenewal.value, true);
    assert.equal(cadence.accessLifetimeSeconds.value, 'unknown');
    const never = declaredPlatform(declare({ ...BY_HAND, rotation: 'never' })).profile.methods[0]!.cadence;
    assert.equal(never.singleUseRenewal.value, false);
  });

  it('allows the hosts of the declaration and of the metadata, and no others', () => {
    const declaration = declare({ ...MINIMAL, extra_hosts: ['files.acme.example:8443'] });
    const { profile } = declaredPlatform(declaration, {
      ...METADATA,
      token_endpoint: 'https://token.acme.example/t',
    });
    const hosts = ['login.acme.example', 'api.acme.example', 'files.acme.example:8443', 'token.acme.example'];
    assert.deepEqual([...profile.hosts].sort(), hosts.sort());
  });

  it('has no renewal and no revocation where the server has none', () => {
    const method = methodOf(declare({ ...BY_HAND, renewal: 'none' }));
    assert.equal(method.renew, undefined);
    assert.equal(method.revoke, undefined);
  });

  it('cannot be made of an issuer that nobody asked', () => {
    assert.throws(() => declaredPlatform(declare(MINIMAL)), /discover it first/);
  });
});
