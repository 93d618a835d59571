import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import { declarePlatform } from '../src/app/declarePlatform.ts';
import { Problem } from '../src/app/errors.ts';
import { getToken } from '../src/app/getToken.ts';
import { createApp, updateApp } from '../src/app/manageApps.ts';
import { createClient } from '../src/app/manageClients.ts';
import { getConnection } from '../src/app/manageConnections.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { renewGrant } from '../src/app/renewGrant.ts';
import { type StartConnectInput, startConnect } from '../src/app/startConnect.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { freshPostgresUrl } from './support/database.ts';
import { Gate } from './support/gate.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';
import { CLIENT, type RunningProvider, startOidcProvider } from './support/oidcProvider.ts';
import { callWith } from './support/signIn.ts';

const SCOPES = ['openid', 'offline_access', 'profile', 'reports'];
const MINUTE_MS = 60_000;

const refusal = async (work: Promise<unknown>): Promise<Problem> => {
  const problem = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(problem instanceof Problem, `it is refused: ${problem}`);
  return problem;
};

describe('a declared platform in the whole product, against a certified OpenID provider', () => {
  let store: Store;
  let gate: Gate;
  let provider: RunningProvider;
  let test: TestHouse;
  let people = 0;

  before(async () => {
    store = await openStore({ databaseUrl: await freshPostgresUrl() });
    gate = await Gate.open();
    provider = await startOidcProvider(
      { redirect_uris: ['http://127.0.0.1:7070/oauth/callback/declared'], application_type: 'native' },
      { gate },
    );
    test = await openTestHouse(store, { privateHosts: ['127.0.0.1'] });
    test.clock.advance(Date.now() - test.clock.now());
    await declarePlatform(test.ctx, declaration());
  });

  after(async () => {
    await test?.close();
    await provider?.close();
    await gate?.close();
    await store?.close();
  });

  beforeEach(() => {
    people += 1;
    gate.renewals.length = 0;
  });

  function declaration(changes: Record<string, unknown> = {}) {
    const scopes = SCOPES.map((id) => ({ id }));
    const { issuer } = provider;
    return {
      id: 'declared',
      name: 'Acme Ads',
      issuer,
      base_url: `${issuer}/api`,
      scopes,
      rotation: 'always',
      ...changes,
    };
  }

  const registered = { platform: 'declared', environment: 'live', clientId: CLIENT.id } as const;
  const app = (clientSecret: string = CLIENT.secret) => createApp(test.ctx, { ...registered, clientSecret });

  /** A person opens the link, signs in at the provider and allows everything, over HTTP; and comes back. */
  async function walk(input: StartConnectInput, login = `person-${people}`) {
    const session = await startConnect(test.ctx, input);
    const begun = await beginAuthorization(
      test.house,
      session.url.slice(session.url.lastIndexOf('/') + 1),
      null,
    );
    const query = await provider.authorize(begun.url, login);
    return completeConnect(test.house, {
      platformId: 'declared',
      query,
      browserSecret: begun.browserSecret,
      keptState: null,
    });
  }

  async function connect() {
    const { id: appId } = await app();
    const { id: clientId } = await createClient(test.ctx, { name: 'Summer Shoes' });
    const made = await walk({ clientId, appId });
    return {
      appId,
      connectionId: made.connection.id,
      grantId: made.grant.id,
      key: { workspaceId: test.ctx.workspaceId, id: made.grant.id },
    };
  }

  const read = (connectionId: string, minTtlSeconds = 0) =>
    getToken(test.ctx, { connectionId, minTtlSeconds });
  const works = async (token: string): Promise<boolean> =>
    (await callWith(token, `${provider.issuer}/me`)).ok;

  it('is connected by a person, and its token works', async () => {
    const { connectionId } = await connect();
    const seen = await getConnection(test.ctx, connectionId);
    assert.deepEqual(
      [seen.state, seen.identity?.id, seen.identity?.name],
      ['active', `person-${people}`, 'Ida Sommer'],
    );
    assert.deepEqual(seen.missing_scopes, []);
    const token = await read(connectionId);
    assert.equal(token.base_url, `${provider.issuer}/api`);
    assert.deepEqual(token.headers, { authorization: `Bearer ${token.access_token}` });
    assert.ok(await works(token.access_token));
  });

  it('is renewed 50 times in a row; every refresh token is sent once', async () => {
    const { connectionId, key } = await connect();
    for (let round = 1; round <= 50; round += 1) {
      const { kind, grant } = await renewGrant(test.house, key, 'renew', 'test');
      assert.deepEqual([kind, grant.state, grant.credentialVersion], ['renewed', 'active', round + 1]);
    }
    assert.equal(new Set(gate.renewals.map(({ refreshToken }) => refreshToken)).size, 50);
    assert.equal(gate.renewals.length, 50);
    assert.ok(await works((await read(connectionId)).access_token));
  });

  it('shares one renewal among all who ask at the same time', async () => {
    const { connectionId, key } = await connect();
    const all = await Promise.all(Array.from({ length: 100 }, () => read(connectionId, 24 * 3600)));
    assert.equal(new Set(all.map((token) => token.access_token)).size, 1);
    await Promise.all([test.house, test.sibling()].map((house) => renewGrant(house, key, 'renew', 'test')));
    const sent = gate.renewals.length;
    const late = await renewGrant(test.house, { ...key, credentialVersion: 1 }, 'renew', 'test');
    assert.equal(late.kind, 'renewed', 'who saw the first credential only is answered by the newer one');
    assert.equal(gate.renewals.length, sent);
    assert.equal(gate.renewals.length, new Set(gate.renewals.map(({ refreshToken }) => refreshToken)).size);
    assert.ok(await works((await read(connectionId)).access_token));
  });

  it('that a person withdrew is expired with cause and remedy, and reconnects with the same ids', async () => {
    const { connectionId, grantId } = await connect();
    await renewConnection(test.ctx, connectionId);
    await provider.withdraw(await currentRefreshToken(grantId));
    const problem = await refusal(renewConnection(test.ctx, connectionId));
    assert.equal(problem.code, 'reauthorization_required');
    const lost = await getConnection(test.ctx, connectionId);
    assert.deepEqual([lost.state, lost.cause, lost.who], ['expired', 'revoked_by_user', 'authorizing_user']);
    assert.ok(lost.remedy && lost.explanation && lost.reconnect_url && lost.evidence?.confirmed_by);
    assert.equal((await refusal(read(connectionId))).code, 'reauthorization_required');

    const again = await walk({ connectionId });
    assert.deepEqual(
      [again.connection.id, again.grant.id, again.grant.state],
      [connectionId, grantId, 'active'],
    );
    assert.ok(await works((await read(connectionId)).access_token));
    const page = { limit: 5, after: null };
    const [outage] = await store.listOutages(test.ctx.workspaceId, { connectionId }, page);
    assert.ok(outage?.endedAt, 'the outage is over');
  });

  /** The refresh token that the vault holds. */
  async function currentRefreshToken(grantId: string): Promise<string> {
    const grant = await store.getGrant(test.ctx.workspaceId, grantId);
    const [version = '', sealed = ''] = (grant?.secrets.refresh_token ?? '').split(/:(.*)/);
    const vault = await test.house.vault.forWorkspace(test.ctx.workspaceId);
    return vault.open({ owner: grantId, field: 'refresh_token', version: Number(version) }, sealed);
  }

  it('refuses another person on reconnect, and changes nothing', async () => {
    const { connectionId } = await connect();
    const problem = await refusal(walk({ connectionId }, 'somebody-else'));
    assert.equal(problem.code, 'identity_mismatch');
    assert.ok(await works((await read(connectionId)).access_token));
  });

  it('takes a wrong client secret for the app’s fault, and never lets the grant pay for it', async () => {
    const { appId, connectionId, grantId } = await connect();
    await updateApp(test.ctx, appId, { clientSecret: 'another-secret-of-more-than-thirty-two-letters' });
    for (let round = 0; round < 4; round += 1) {
      const { outcome, diagnosis } = await renewConnection(test.ctx, connectionId);
      if (outcome !== 'held')
        assert.deepEqual(
          [diagnosis?.cause, diagnosis?.reach, diagnosis?.who],
          ['app_misconfigured', 'app', 'operator'],
        );
      test.clock.advance(MINUTE_MS / 2);
    }
    const held = await getConnection(test.ctx, connectionId);
    assert.deepEqual([held.state, held.cause], ['active', null]);
    assert.ok((await store.getApp(test.ctx.workspaceId, appId))?.breaker, 'the app is known to be failing');
    assert.ok(await works((await read(connectionId)).access_token));

    await updateApp(test.ctx, appId, { clientSecret: CLIENT.secret });
    assert.equal((await renewConnection(test.ctx, connectionId)).outcome, 'renewed');
    assert.equal((await store.getGrant(test.ctx.workspaceId, grantId))?.credentialVersion, 2);
  });

  it('does not connect with a wrong client secret, and says whose fault it is', async () => {
    const { id: appId } = await app('another-secret-of-more-than-thirty-two-letters');
    const { id: clientId } = await createClient(test.ctx, { name: 'Summer Shoes' });
    const problem = await refusal(walk({ clientId, appId }));
    assert.deepEqual([problem.code, problem.extensions.cause], ['app_failing', 'app_misconfigured']);
    assert.ok(!problem.message.includes('another-secret'));
  });

  it('is kept by the keeper without anybody asking', async () => {
    const { grantId } = await connect();
    test.clock.advance(45 * MINUTE_MS);
    await test.keep();
    const grant = await store.getGrant(test.ctx.workspaceId, grantId);
    assert.deepEqual([grant?.credentialVersion, grant?.state], [2, 'active']);
    test.clock.advance(-45 * MINUTE_MS);
  });

  it('is refused when it is declared wrongly, with every mistake named', async () => {
    const wrong = declaration({
      id: 'Acme Ads',
      issuer: 'http://login.acme.example?tenant=1',
      base_url: 'acme',
      scopes: [{ id: 'two scopes' }],
      rotation: 'sometimes',
      access_lifetime_seconds: -1,
      token_params: { client_secret: 'canary' },
      colour: 'red',
    });
    const problem = await refusal(declarePlatform(test.ctx, wrong));
    assert.equal(problem.code, 'invalid_request');
    const fields = [
      'id',
      'issuer',
      'base_url',
      'scopes.0.id',
      'rotation',
      'access_lifetime_seconds',
      'token_params.client_secret',
    ];
    const errors = problem.extensions.errors as Readonly<Record<string, string>>;
    for (const field of fields) assert.ok(errors[field], `${field} in ${Object.keys(errors).join()}`);
    assert.match(
      errors.issuer!,
      /must begin with https.*; must not contain a query/,
      'both mistakes of one field',
    );
    assert.match(problem.message, /colour/);
    assert.doesNotMatch(JSON.stringify([problem.message, errors]), /canary/);
  });

  it('is refused when its id is taken, or its issuer is not the one that answers', async () => {
    assert.match(
      (await refusal(declarePlatform(test.ctx, declaration({ id: 'snapchat' })))).message,
      /taken/,
    );
    const other = declaration({ id: 'other', issuer: `${provider.issuer}/` });
    assert.match(
      (await refusal(declarePlatform(test.ctx, other))).message,
      /issuer: its metadata could not be read.*another issuer/,
    );
    const silent = declaration({ id: 'other', issuer: 'http://127.0.0.1:9' });
    assert.match(
      (await refusal(declarePlatform(test.ctx, silent))).message,
      /issuer: its metadata could not be read/,
    );
    assert.equal(await test.house.registry.find(test.ctx.workspaceId, 'other'), null, 'nothing is kept');
  });

  it('has no app in the sandbox, which does not simulate it', async () => {
    const before = (await test.house.store.listApps(test.ctx.workspaceId, { limit: 100, after: null }))
      .length;
    const problem = await refusal(
      createApp(test.ctx, { ...registered, environment: 'sandbox', clientSecret: CLIENT.secret }),
    );
    assert.match(problem.message, /sandbox simulates only .*environment “live”/s);
    const after = await test.house.store.listApps(test.ctx.workspaceId, { limit: 100, after: null });
    assert.equal(after.length, before);
  });
});
