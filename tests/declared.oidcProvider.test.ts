import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Diagnosis, diagnose } from '../src/core/diagnosis.ts';
import {
  type Declaration,
  type Discovered,
  declaredPlatform,
  discover,
  readDeclaration,
} from '../src/platforms/declared/index.ts';
import type { AppConfig, Held, MethodAdapter, Outcome } from '../src/platforms/kit/adapter.ts';
import type { Platform } from '../src/platforms/kit/platform.ts';
import { CLIENT, REDIRECT_URI, type RunningProvider, startOidcProvider } from './support/oidcProvider.ts';
import { realIo } from './support/realHttp.ts';
import { factsOf, heldAfter } from './support/simulated.ts';

const SCOPES = ['openid', 'offline_access', 'profile', 'reports'];
const VERIFIER = 'a-verifier-of-at-least-forty-three-characters-0123456789';
const NONCE = 'nonce-of-this-attempt';

const app = (changes: Partial<AppConfig> = {}): AppConfig => ({
  id: 'app_test',
  platform: 'acme',
  environment: 'live',
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  settings: {},
  ...changes,
});

function declare(issuer: string, changes: Record<string, unknown> = {}): Declaration {
  const scopes = SCOPES.map((id) => ({ id }));
  const input = {
    id: 'acme',
    name: 'Acme Ads',
    issuer,
    base_url: `${issuer}/api`,
    scopes,
    rotation: 'always',
    ...changes,
  };
  const reading = readDeclaration(input, { takenIds: [], today: '2026-11-22', localHosts: ['127.0.0.1'] });
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.declaration;
}

/** A declared platform at a running server, with the steps of a connection. */
class Connection {
  readonly io = realIo();
  readonly platform: Platform;
  readonly method: MethodAdapter;
  readonly provider: RunningProvider;
  readonly app: AppConfig;

  constructor(
    provider: RunningProvider,
    declaration: Declaration,
    discovered?: Discovered,
    credentials = app(),
  ) {
    this.provider = provider;
    this.platform = declaredPlatform(declaration, discovered);
    this.method = this.platform.adapter.methods.user_login!;
    this.app = credentials;
  }

  async code(): Promise<string> {
    const codeChallenge = createHash('sha256').update(VERIFIER).digest('base64url');
    const input = {
      redirectUri: REDIRECT_URI,
      state: 'state-1',
      codeChallenge,
      nonce: NONCE,
      scopes: SCOPES,
    };
    const url = await this.method.authorizeUrl!(
      this.app,
      { ...input, identity: null, reconnect: false },
      this.io,
    );
    const query = await this.provider.authorize(url);
    assert.equal(query.get('state'), 'state-1');
    const callback = this.method.readCallback!(query, this.app);
    assert.ok(callback.kind === 'code', JSON.stringify(callback));
    assert.equal(callback.issuer, this.provider.issuer);
    return callback.code;
  }

  async exchange(nonce = NONCE) {
    const code = await this.code();
    const input = { code, redirectUri: REDIRECT_URI, codeVerifier: VERIFIER, nonce, scopes: SCOPES };
    return this.method.exchange!(this.io, this.app, input);
  }

  async connect(): Promise<Held> {
    const outcome = await this.exchange();
    assert.ok(outcome.ok, JSON.stringify(outcome));
    const facts = factsOf(this.platform, this.platform.profile.methods[0]!, outcome.value, SCOPES);
    return { secrets: outcome.value.secrets, identity: outcome.value.identity ?? null, facts };
  }

  async renewed(held: Held): Promise<Held> {
    const outcome = await this.method.renew!(this.io, this.app, held);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return heldAfter(held, outcome.value);
  }

  read(outcome: Outcome<unknown>, held?: Held): Diagnosis {
    assert.ok(!outcome.ok, 'it fails');
    return diagnose(this.platform.adapter.checks, outcome.answer, held?.facts, this.io.now());
  }
}

describe('a declared OpenID provider', () => {
  let provider: RunningProvider;
  let discovered: Discovered;
  const connection = (credentials?: AppConfig) =>
    new Connection(provider, declare(provider.issuer), discovered, credentials);

  before(async () => {
    provider = await startOidcProvider();
    const found = await discover(realIo(), declare(provider.issuer));
    assert.ok(found.ok, JSON.stringify(found));
    discovered = found.value;
  });
  after(() => provider.close());

  it('is discovered, and nothing is kept that is not plain JSON', () => {
    assert.equal(discovered.issuer, provider.issuer);
    assert.deepEqual(JSON.parse(JSON.stringify(discovered)), discovered);
    assert.deepEqual(connection().platform.profile.hosts, [new URL(provider.issuer).host]);
  });

  it('is connected: the person, the scopes and the lifetime are known, and the probe agrees', async () => {
    const connected = connection();
    const held = await connected.connect();
    assert.deepEqual(held.identity, { id: 'ida', kind: 'person', name: 'Ida Sommer', email: null });
    assert.deepEqual([...held.facts.scopesGranted].sort(), [...SCOPES].sort());
    assert.equal(held.facts.accessExpiryAssumed, false);
    assert.ok(held.secrets.refresh_token);
    const seen = await connected.method.probe(connected.io, connected.app, held);
    assert.equal(seen.verdict, 'alive');
  });

  it('sends secrets in headers and bodies only', async () => {
    const connected = connection();
    const held = await connected.renewed(await connected.connect());
    for (const { url } of connected.io.sent) {
      assert.ok(
        ![CLIENT.secret, VERIFIER, ...Object.values(held.secrets)].some((secret) => url.includes(secret)),
      );
    }
  });

  it('renews 50 times in a row, with a new refresh token each time', async () => {
    const connected = connection();
    let held = await connected.connect();
    const seen = new Set([held.secrets.refresh_token]);
    for (let round = 0; round < 50; round += 1) {
      held = await connected.renewed(held);
      seen.add(held.secrets.refresh_token);
    }
    assert.equal(seen.size, 51);
    assert.deepEqual([...held.facts.scopesGranted].sort(), [...SCOPES].sort());
    assert.equal((await connected.method.probe(connected.io, connected.app, held)).verdict, 'alive');
  });

  it('ends the whole family when a refresh token is used twice, and our own record says why', async () => {
    const connected = connection();
    const first = await connected.connect();
    const second = await connected.renewed(first);
    const reused = await connected.method.renew!(connected.io, connected.app, first);
    assert.equal(connected.read(reused, first).cause, 'revoked_by_user');
    const after = await connected.method.renew!(connected.io, connected.app, second);
    assert.equal(connected.read(after, second).cause, 'revoked_by_user');
    const unsure = { ...second, facts: { ...second.facts, unknownOutcomeAt: connected.io.now() } };
    const diagnosis = connected.read(after, unsure);
    assert.equal(diagnosis.cause, 'rotation_lost');
    assert.equal(diagnosis.meaning, 'person_needed');
    const seen = await connected.method.probe(connected.io, connected.app, unsure);
    assert.ok(seen.verdict === 'dead');
    assert.equal(connected.read({ ok: false, answer: seen.answer }, unsure).cause, 'rotation_lost');
  });

  it('shows in the probe that a person withdrew the grant', async () => {
    const connected = connection();
    const held = await connected.connect();
    await provider.withdraw(held.secrets.refresh_token!);
    const seen = await connected.method.probe(connected.io, connected.app, held);
    assert.ok(seen.verdict === 'dead', JSON.stringify(seen));
    assert.equal(connected.read({ ok: false, answer: seen.answer }, held).cause, 'revoked_by_user');
  });

  it('revokes, and revoking what is gone is a success too', async () => {
    const connected = connection();
    const held = await connected.connect();
    assert.deepEqual(await connected.method.revoke!(connected.io, connected.app, held), {
      ok: true,
      value: null,
    });
    assert.equal((await connected.method.probe(connected.io, connected.app, held)).verdict, 'dead');
    const renewal = await connected.method.renew!(connected.io, connected.app, held);
    assert.equal(connected.read(renewal, held).meaning, 'person_needed');
    assert.deepEqual(await connected.method.revoke!(connected.io, connected.app, held), {
      ok: true,
      value: null,
    });
  });

  it('tells a wrong client secret for what it is, and no grant suffers', async () => {
    const held = await connection().connect();
    const wrong = connection(app({ clientSecret: 'another-secret' }));
    const diagnosis = wrong.read(await wrong.method.renew!(wrong.io, wrong.app, held), held);
    assert.equal(diagnosis.cause, 'app_misconfigured');
    assert.equal(diagnosis.meaning, 'app_fault');
    assert.notEqual((await wrong.method.probe(wrong.io, wrong.app, held)).verdict, 'dead');
    await connection().renewed(held);
  });

  it('refuses an ID token that was made for another attempt, and says so without the tokens', async () => {
    const connected = connection();
    const outcome = await connected.exchange('nonce-of-another-attempt');
    const diagnosis = connected.read(outcome);
    assert.equal(diagnosis.check, 'declared.id_token');
    assert.match(diagnosis.words.message ?? '', /nonce/);
    assert.ok(!JSON.stringify(outcome).includes('access_token'));
  });

  it('refuses an ID token whose time is over by our clock', async () => {
    const connected = connection();
    const late = { ...connected.io, now: () => Date.now() + 2 * 3600_000 };
    const input = {
      code: await connected.code(),
      redirectUri: REDIRECT_URI,
      codeVerifier: VERIFIER,
      nonce: NONCE,
      scopes: SCOPES,
    };
    const diagnosis = connected.read(await connected.method.exchange!(late, connected.app, input));
    assert.match(diagnosis.words.message ?? '', /expired/);
  });

  it('refuses an ID token for another client or of another issuer', async () => {
    const elsewhere = new Connection(provider, declare(provider.issuer), {
      ...discovered,
      issuer: `${provider.issuer}/other`,
    });
    const code = await connection().code();
    const input = { code, redirectUri: REDIRECT_URI, codeVerifier: VERIFIER, nonce: NONCE, scopes: SCOPES };
    const outcome = await elsewhere.method.exchange!(elsewhere.io, elsewhere.app, input);
    assert.match(elsewhere.read(outcome).words.message ?? '', /"iss"/);
  });

  it('takes a code once', async () => {
    const connected = connection();
    const input = {
      code: await connected.code(),
      redirectUri: REDIRECT_URI,
      codeVerifier: VERIFIER,
      nonce: NONCE,
      scopes: SCOPES,
    };
    assert.equal((await connected.method.exchange!(connected.io, connected.app, input)).ok, true);
    assert.equal((await connected.method.exchange!(connected.io, connected.app, input)).ok, false);
  });

  it('works with endpoints declared by hand as well', async () => {
    const {
      authorization_endpoint: authorization,
      token_endpoint: token,
      userinfo_endpoint: userinfo,
    } = discovered;
    const declaration = declare(provider.issuer, {
      issuer: undefined,
      endpoints: { authorization, token, userinfo },
    });
    const connected = new Connection(provider, declaration);
    const held = await connected.connect();
    assert.equal(held.identity?.id, 'ida');
    assert.equal((await connected.method.probe(connected.io, connected.app, held)).verdict, 'alive');
    await provider.withdraw(held.secrets.refresh_token!);
    assert.equal((await connected.method.probe(connected.io, connected.app, held)).verdict, 'dead');
    assert.equal(connected.method.revoke, undefined);
  });
});

describe('the ways in which a client proves itself', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { alg: 'ES256', kid: 'client-key' };
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), ...key, use: 'sig' };
  const privateJwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...key });
  const withKey = { client_secret: undefined, jwks: { keys: [publicJwk] } };
  const cases = [
    { method: 'client_secret_post', client: {}, secret: CLIENT.secret },
    { method: 'private_key_jwt', client: withKey, secret: privateJwk },
    { method: 'none', client: { client_secret: undefined }, secret: '' },
  ];
  for (const { method, client, secret } of cases) {
    it(`connects and renews with ${method}`, async () => {
      const provider = await startOidcProvider({ ...client, token_endpoint_auth_method: method });
      try {
        const declaration = declare(provider.issuer, { client_auth: method });
        const found = await discover(realIo(), declaration);
        assert.ok(found.ok);
        const connected = new Connection(provider, declaration, found.value, app({ clientSecret: secret }));
        const held = await connected.renewed(await connected.connect());
        assert.equal((await connected.method.probe(connected.io, connected.app, held)).verdict, 'alive');
      } finally {
        await provider.close();
      }
    });
  }
});
