import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { connectSimulated, connectThrough, Fleet, type Made, simulatedApp } from './support/fleet.ts';
import { Gate } from './support/gate.ts';
import { CLIENT, type RunningProvider, startOidcProvider } from './support/oidcProvider.ts';
import { KEY, rowOf, type Service, startMain } from './support/service.ts';
import { callWith, signInAtProvider } from './support/signIn.ts';
import { seededRandom } from './support/simulated.ts';
import { until } from './support/until.ts';

/** A simulated platform whose refresh tokens stay the same. */
const STEADY = 'snapchat';
const MINUTE_MS = 60_000;
/** Longer than a lease: what a killed process held can be claimed again. */
const A_LEASE_MS = 2.5 * MINUTE_MS;
const SCOPES = ['openid', 'offline_access', 'profile', 'reports'];

describe('a service that is killed in the middle of a renewal', () => {
  let fleet: Fleet;
  let gate: Gate;
  let provider: RunningProvider;
  let node: Service;
  let clientId: string;
  let declaredAppId: string;

  before(async () => {
    fleet = await Fleet.open();
    gate = await Gate.open();
    provider = await startOidcProvider({}, { gate, idTokenSeconds: 30 * 24 * 3600 });
    node = await fleet.node();
    const { issuer } = provider;
    const scopes = SCOPES.map((id) => ({ id }));
    const declaration = {
      id: 'declared',
      name: 'Acme Ads',
      issuer,
      base_url: `${issuer}/api`,
      scopes,
      rotation: 'always',
    };
    await node.expect(201, 'POST', '/v1/platforms', declaration);
    const app = {
      platform: 'declared',
      environment: 'live',
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
    };
    declaredAppId = (await node.expect(201, 'POST', '/v1/apps', app)).id;
    clientId = (await node.expect(201, 'POST', '/v1/clients', { name: 'Summer Shoes' })).id;
  });

  after(async () => {
    await fleet?.close();
    await provider?.close();
    await gate?.close();
  });

  const connect = (
    login: string,
    target: object = { client_id: clientId, app_id: declaredAppId },
  ): Promise<Made> => connectThrough(node, target, (url) => signInAtProvider(node, provider, url, login));

  const tokenOf = async ({ connectionId }: Made, minTtl = 0): Promise<string> =>
    (await node.expect(200, 'GET', `/v1/connections/${connectionId}/token?min_ttl=${minTtl}`)).access_token;

  const grantOf = ({ grantId }: Made) => node.expect(200, 'GET', `/v1/grants/${grantId}`);

  const worksAtPlatform = async (token: string): Promise<boolean> =>
    (await callWith(token, `${provider.issuer}/me`)).ok;

  /** Kills the service while a renewal stands at the gate, and starts it again. Returns the refresh token that was sent. */
  async function killAt(where: 'before' | 'after', at: Gate, { connectionId }: Made): Promise<string> {
    const hold = at.hold(where);
    const asked = node.call('POST', `/v1/connections/${connectionId}/renew`).catch(() => null);
    await hold.arrived;
    await node.kill();
    hold.release();
    assert.equal(await asked, null, 'the caller heard nothing');
    node = await fleet.node();
    return at.renewals.at(-1)!.refreshToken;
  }

  /** The lease runs out, people ask for tokens and renewals, and most of the token's life goes by. */
  async function liveOn(made: Made, token: string): Promise<void> {
    assert.equal(await tokenOf(made), token, 'while the dead process’s lease stands');
    await fleet.advance(A_LEASE_MS);
    const { outcome } = await node.expect(200, 'POST', `/v1/connections/${made.connectionId}/renew`);
    assert.notEqual(outcome, 'renewed');
    for (const minutes of [17, 15, 15]) {
      assert.equal(await tokenOf(made), token);
      assert.equal(await tokenOf(made, 3600), token, 'also to who would like a fresher one');
      await fleet.advance(minutes * MINUTE_MS);
    }
    assert.equal(await tokenOf(made), token);
    assert.ok(await worksAtPlatform(token));
  }

  it('before the platform got the call: the token works on, and the renewal is made up for', async () => {
    const made = await connect('anna');
    const token = await tokenOf(made);
    const refreshToken = await killAt('before', gate, made);
    await liveOn(made, token);
    assert.equal(gate.presented(refreshToken), 0, 'not sent blindly while the access token works');
    await fleet.advance(2 * MINUTE_MS);
    await until('it is renewed', async () => (await grantOf(made)).credential_version === 2);
    assert.equal(gate.presented(refreshToken), 1);
    assert.equal((await grantOf(made)).state, 'active');
    assert.ok(await worksAtPlatform(await tokenOf(made)));
  });

  it('after the platform rotated: the old token works on, is not risked, and the loss is called what it is', async () => {
    const made = await connect('bert');
    const token = await tokenOf(made);
    const refreshToken = await killAt('after', gate, made);
    await liveOn(made, token);
    assert.equal(gate.presented(refreshToken), 1, 'not sent again while the access token works');
    await fleet.advance(2 * MINUTE_MS);
    await until('it is known to be lost', async () => (await grantOf(made)).state === 'expired');
    const seen = await node.expect(200, 'GET', `/v1/connections/${made.connectionId}`);
    assert.equal(seen.cause, 'rotation_lost');
    assert.ok(seen.remedy && seen.reconnect_url && seen.evidence.confirmed_by);
    assert.equal(gate.presented(refreshToken), 2, 'it was tried once, in the last part of the token’s life');
    const refused = await node.expect(409, 'GET', `/v1/connections/${made.connectionId}/token`);
    assert.equal(refused.cause, 'rotation_lost');
    const causes = await fleet.sql(
      "select detail->>'cause' as cause from activity where $1 = any(subjects)",
      [made.grantId],
    );
    assert.ok(!causes.some(({ cause }) => cause === 'revoked_by_user'), 'never the person’s doing');

    assert.deepEqual(
      await connect('bert', { connection_id: made.connectionId }),
      made,
      'the same connection and grant',
    );
    assert.equal((await grantOf(made)).state, 'active');
    assert.ok(await worksAtPlatform(await tokenOf(made)));
  });

  it('after the write, before the caller heard of it: the new credential is there, and nothing is repeated', async () => {
    const made = await connect('cleo');
    const token = await tokenOf(made);
    const locker = new pg.Client({ connectionString: fleet.databaseUrl });
    await locker.connect();
    const hold = gate.hold('after');
    const asked = node.call('POST', `/v1/connections/${made.connectionId}/renew`).catch(() => null);
    await hold.arrived;
    // The answer to the caller shows the connection, which cannot be read now; the outcome can be written.
    await locker.query('begin');
    await locker.query('lock table connections in access exclusive mode');
    hold.release();
    const written = 'select 1 from grants where id = $1 and credential_version = 2';
    await until('it is written', async () => (await locker.query(written, [made.grantId])).rowCount === 1);
    await node.kill();
    await locker.end();
    assert.equal(await asked, null, 'the caller heard nothing');
    node = await fleet.node();

    const refreshToken = gate.renewals.at(-1)!.refreshToken;
    const fresh = await tokenOf(made);
    assert.notEqual(fresh, token);
    assert.ok(await worksAtPlatform(fresh));
    await fleet.advance(11_000); // A request within ten seconds of the last look is not passed on to the platform.
    assert.equal(
      (await node.expect(200, 'POST', `/v1/connections/${made.connectionId}/renew`)).outcome,
      'renewed',
    );
    assert.equal(gate.presented(refreshToken), 1);
    assert.equal((await grantOf(made)).credential_version, 3);
  });

  it('heals by itself where refresh tokens are not single use', async () => {
    const appId = await simulatedApp(fleet, node, STEADY);
    const made = await connectSimulated(node, { client_id: clientId, app_id: appId });
    const token = await tokenOf(made);
    await killAt('after', fleet.gate, made);
    assert.equal(await tokenOf(made), token);
    await fleet.advance(A_LEASE_MS);
    assert.equal(
      (await node.expect(200, 'POST', `/v1/connections/${made.connectionId}/renew`)).outcome,
      'renewed',
    );
    const { state, credential_version } = await grantOf(made);
    assert.deepEqual({ state, credential_version }, { state: 'active', credential_version: 2 });
  });
});

describe('the embedded database under kill -9', () => {
  const KILLS = 10;
  const SEED = 'killed while it writes';
  const folder = mkdtempSync(join(tmpdir(), 'evergrant-crash-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = (): Promise<Service> =>
    startMain({
      PORT: '0',
      EVERGRANT_DATA_DIR: folder,
      EVERGRANT_SANDBOX: 'on',
      EVERGRANT_SANDBOX_PORT: '0',
      EVERGRANT_BOOTSTRAP_API_KEY: KEY,
    });

  it(`loses nothing acknowledged in ${KILLS} kills (seed: ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const acknowledged: Acknowledged = {
      count: 0,
      connections: new Map<string, string>(),
      versions: new Map<string, number>(),
    };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const node = await start();
      await verify(node, acknowledged);
      const people = await workers(node, acknowledged);
      const working = Promise.all(people.map((begin) => begin()));
      const enough = acknowledged.count + 2 + Math.floor(random() * 9);
      await until('it works', async () => acknowledged.count >= enough, 30_000);
      await new Promise((resolve) => setTimeout(resolve, random() * 50));
      await node.kill();
      await working;
    }
    const node = await start();
    await verify(node, acknowledged);
    await verifyTokens(node, acknowledged);
    assert.ok(
      acknowledged.connections.size >= KILLS,
      `${acknowledged.connections.size} connections were made`,
    );
    assert.ok(
      [...acknowledged.versions.values()].some((version) => version > 1),
      'there were renewals among it',
    );
    await node.stop();
  });
});

interface Acknowledged {
  count: number;
  /** The grant of each connection. */
  readonly connections: Map<string, string>;
  /** The newest version of each grant that somebody was told of. */
  readonly versions: Map<string, number>;
}

/** Three people who connect and renew, each one thing after another, until the service is gone. */
async function workers(
  node: Service,
  acknowledged: Acknowledged,
): Promise<readonly (() => Promise<unknown>)[]> {
  const known = await (await fetch(`${rowOf(node.child.stdout, 'Simulated platforms')}/_control`)).json();
  const { app: credentials, people } = known.platforms.find((one: { id: string }) => one.id === STEADY);
  const body = { platform: STEADY, environment: 'sandbox', ...credentials };
  const app = await node.expect(201, 'POST', '/v1/apps', body);
  const client = await node.expect(201, 'POST', '/v1/clients', { name: 'Alpine Shoes' });
  const target = { client_id: client.id, app_id: app.id };
  return people.map(
    ({ id }: { id: string }) =>
      () =>
        workAs(node, target, id, acknowledged).catch(() => undefined),
  );
}

async function workAs(
  node: Service,
  target: object,
  person: string,
  acknowledged: Acknowledged,
): Promise<never> {
  const { connections, versions } = acknowledged;
  for (;;) {
    const { connectionId, grantId } = await connectSimulated(node, target, person);
    connections.set(connectionId, grantId);
    acknowledged.count += 1;
    versions.set(grantId, (await node.expect(200, 'GET', `/v1/grants/${grantId}`)).credential_version);
    const { outcome } = await node.expect(200, 'POST', `/v1/connections/${connectionId}/renew`);
    // Of the same person, looked at within the last ten seconds: then the platform is not asked.
    if (outcome === 'held') continue;
    assert.equal(outcome, 'renewed');
    versions.set(grantId, (versions.get(grantId) ?? 0) + 1);
    acknowledged.count += 1;
  }
}

async function verify(node: Service, { connections, versions }: Acknowledged): Promise<void> {
  for (const [connectionId, grantId] of connections) {
    const seen = await node.expect(200, 'GET', `/v1/connections/${connectionId}`);
    assert.deepEqual([seen.grant_id, seen.state], [grantId, 'active']);
  }
  for (const [grantId, version] of versions) {
    const { credential_version: found } = await node.expect(200, 'GET', `/v1/grants/${grantId}`);
    assert.ok(found >= version, `${grantId}: version ${version} was acknowledged, ${found} is there`);
  }
}

/** The tokens are there, and the platform takes them. */
async function verifyTokens(node: Service, { connections }: Acknowledged): Promise<void> {
  const sandboxUrl = rowOf(node.child.stdout, 'Simulated platforms');
  for (const connectionId of connections.keys()) {
    const token = await node.expect(200, 'GET', `/v1/connections/${connectionId}/token?min_ttl=0`);
    const answer = await callWith(token.access_token, `${sandboxUrl}/adsapi.snapchat.com/v1/me`);
    assert.equal(answer.status, 200, 'the platform knows the token');
  }
}
