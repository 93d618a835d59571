import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bootstrap } from '../src/app/bootstrap.ts';
import { TRUST_MS } from '../src/app/briefly.ts';
import type { House } from '../src/app/context.ts';
import { SHORTEST_GAP_MS } from '../src/app/rest.ts';
import type { Config } from '../src/config.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { readKeyFile } from '../src/vault/keyFile.ts';
import { keyringFromText } from '../src/vault/keyring.ts';
import { rotateKeyFile, rotateMasterKey } from '../src/vault/rotate.ts';
import { freshPostgresUrl } from './support/database.ts';
import { connectSimulated, Fleet, type Made, simulatedApp } from './support/fleet.ts';
import { KEY, type Service } from './support/service.ts';
import { until } from './support/until.ts';

/** A simulated platform whose refresh tokens stay the same, with access tokens of an hour. */
const STEADY = 'snapchat';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const A_LEASE_MS = 2 * MINUTE_MS;

describe('several services on one database', () => {
  let fleet: Fleet;
  let nodes: Service[];
  let clientId: string;
  let people: readonly string[];
  const keyFile: Partial<Config> = { masterKey: null };

  before(async () => {
    fleet = await Fleet.open();
    nodes = await Promise.all([1, 2, 3].map(() => fleet.node(keyFile)));
    clientId = (await nodes[0]!.expect(201, 'POST', '/v1/clients', { name: 'Summer Shoes' })).id;
    const simulator = fleet.sandbox.simulators.find((one) => one.platforms.includes(STEADY));
    people = simulator!.people.map(({ id }) => id);
  });

  after(() => fleet?.close());

  const any = (index: number): Service => nodes[index % nodes.length]!;

  async function connect(person?: string, appId?: string): Promise<Made> {
    const app_id = appId ?? (await simulatedApp(fleet, any(0), STEADY));
    return connectSimulated(any(0), { client_id: clientId, app_id }, person);
  }

  const tokenPath = ({ connectionId }: Made, minTtl = 0) =>
    `/v1/connections/${connectionId}/token?min_ttl=${minTtl}`;

  it('that start at the same moment on an empty database make one workspace with one key', async () => {
    assert.deepEqual(await fleet.sql('select count(*)::int as count from workspaces'), [{ count: 1 }]);
    assert.deepEqual(await fleet.sql('select count(*)::int as count from api_keys'), [{ count: 1 }]);
    for (const node of nodes) assert.equal((await node.expect(200, 'GET', '/v1/clients')).data.length, 1);
  });

  it('cannot overtake each other in making the first workspace', async () => {
    const store = await openStore({ databaseUrl: await freshPostgresUrl() });
    try {
      const house = { store, now: () => Date.now(), randomBytes } as unknown as House;
      const made = await Promise.all(Array.from({ length: 8 }, () => bootstrap(house, KEY, 'Agency')));
      assert.equal(made.filter(({ fresh }) => fresh).length, 1);
      assert.equal((await store.listWorkspaces()).length, 1);
      assert.equal((await store.listApiKeys(made[0]!.ctx.workspaceId)).length, 1);
    } finally {
      await store.close();
    }
  });

  it('answer 300 reads of an ended token with one call to the platform', async () => {
    const made = await connect();
    const { access_token: before } = await any(0).expect(200, 'GET', tokenPath(made));
    const seenBefore = fleet.gate.renewals.length;
    const hold = fleet.gate.hold('before');
    await fleet.advance(HOUR_MS + MINUTE_MS);
    const reads = Array.from({ length: 300 }, (_, index) =>
      any(index).expect(200, 'GET', tokenPath(made, 300)),
    );
    await hold.arrived;
    await new Promise((resolve) => setTimeout(resolve, 300));
    hold.release();
    const tokens = new Set((await Promise.all(reads)).map(({ access_token }) => access_token));
    assert.equal(tokens.size, 1, 'all got the same');
    assert.ok(!tokens.has(before), 'a new one');
    assert.equal(fleet.gate.renewals.length - seenBefore, 1);
    assert.equal((await any(0).expect(200, 'GET', `/v1/grants/${made.grantId}`)).credential_version, 2);
    await any(0).expect(200, 'POST', `/v1/connections/${made.connectionId}/disconnect`);
  });

  it('take over what a killed one held, once its lease is over and not sooner', async () => {
    const grants: Made[] = [];
    for (let app = 0; app < 3; app += 1) {
      const appId = await simulatedApp(fleet, any(0), STEADY);
      for (const person of people) grants.push(await connect(person, appId));
    }
    const seenBefore = fleet.gate.renewals.length;
    const hold = fleet.gate.hold('before', grants.length);
    await fleet.advance(HOUR_MS - 5 * MINUTE_MS);
    await hold.arrived;
    const owners = 'select lease_owner from grants where lease_owner is not null and id = any($1)';
    const ids = grants.map(({ grantId }) => grantId);
    const held = (await fleet.sql(owners, [ids])).map(({ lease_owner }) => String(lease_owner));
    assert.equal(held.length, grants.length, 'each is held by one');
    const victim = nodes.find((node) => held.some((owner) => owner.includes(`-${node.child.process.pid}-`)));
    assert.ok(victim);
    const lost = held.filter((owner) => owner.includes(`-${victim.child.process.pid}-`)).length;
    await victim.kill();
    nodes = nodes.filter((node) => node !== victim);
    hold.release();
    const renewed = 'select count(*)::int as count from grants where id = any($1) and credential_version = 2';
    const renewedNow = async () => (await fleet.sql(renewed, [ids]))[0]!.count;
    await until('the others end what they began', async () => (await renewedNow()) === grants.length - lost);
    for (const made of grants) await any(0).expect(200, 'GET', tokenPath(made));
    assert.equal(await renewedNow(), grants.length - lost, 'the dead one’s lease is respected');
    await fleet.advance(A_LEASE_MS + 1_000);
    await until('the dead one’s grants are renewed', async () => (await renewedNow()) === grants.length);
    assert.equal(
      fleet.gate.renewals.length - seenBefore,
      grants.length + lost,
      'none was sent twice but those that were broken off',
    );
    nodes.push(await fleet.node(keyFile));
  });

  it('hand out no token of what was disconnected at another a moment before', async () => {
    const made = await connect();
    for (const node of nodes) await node.expect(200, 'GET', tokenPath(made));
    await any(0).expect(200, 'POST', `/v1/connections/${made.connectionId}/disconnect`);
    await any(0).expect(409, 'GET', tokenPath(made));
    await fleet.advance(TRUST_MS);
    for (const node of nodes) {
      const refused = await node.expect(409, 'GET', tokenPath(made));
      assert.match(refused.type, /connection_disconnected/);
    }
  });

  describe('while the master key is changed', () => {
    let store: Store;
    let made: Made;
    const path = () => join(fleet.dataDir, 'master.key');

    before(async () => {
      store = await openStore({ databaseUrl: fleet.databaseUrl, poolSize: 2 });
      made = await connect();
    });

    after(() => store?.close());

    /** Reads, connects and renews on all nodes until the work is done; every answer has to be good. */
    async function meanwhile(work: () => Promise<unknown>): Promise<void> {
      let done = false;
      const outcomes = new Set<string>();
      const read = async (node: Service) => {
        while (!done) {
          await node.expect(200, 'GET', tokenPath(made));
          const { outcome } = await node.expect(200, 'POST', `/v1/connections/${made.connectionId}/renew`);
          outcomes.add(outcome);
        }
      };
      await fleet.advance(SHORTEST_GAP_MS);
      const readers = nodes.map(read);
      await until('they read', async () => fleet.gate.renewals.length > 0);
      await work().finally(() => {
        done = true;
      });
      await Promise.all(readers);
      assert.ok(outcomes.delete('renewed'), 'it was renewed meanwhile');
      outcomes.delete('held'); // the same grant again within the gap between two looks
      assert.deepEqual([...outcomes], []);
      const another = await connect(people[1]);
      for (const node of nodes) await node.expect(200, 'GET', tokenPath(another));
    }

    it('in the key file, all work on, and the old key opens nothing afterwards', async () => {
      const old = readFileSync(path(), 'utf8').trim();
      await meanwhile(() => rotateKeyFile({ store, path: path(), randomBytes }));
      assert.equal(readKeyFile(path()).length, 1);
      await assert.rejects(
        fleet.node({ masterKey: old }),
        /master key does not fit this database.*Nothing was changed/,
      );
      nodes.push(await fleet.node(keyFile));
      await nodes.at(-1)!.expect(200, 'GET', tokenPath(made));
      await nodes.pop()!.stop();
    });

    it('in the environment, all work on with both, and the new one alone is enough afterwards', async () => {
      const old = readFileSync(path(), 'utf8').trim();
      const fresh = randomBytes(32).toString('base64');
      const both = { masterKey: `${fresh},${old}` };
      await Promise.all(nodes.map((node) => node.stop()));
      nodes = await Promise.all([1, 2].map(() => fleet.node(both)));
      const keyring = keyringFromText(both.masterKey);
      await meanwhile(() => rotateMasterKey({ store, from: keyring, to: keyring.current(), randomBytes }));
      await assert.rejects(fleet.node({ masterKey: old }), /master key does not fit this database/);
      nodes.push(await fleet.node({ masterKey: fresh }));
      await nodes.at(-1)!.expect(200, 'GET', tokenPath(made));
    });
  });

  it('end cleanly when they are told to', async () => {
    const endings = await Promise.all(nodes.map((node) => node.stop()));
    assert.deepEqual(
      endings.map(({ code }) => code),
      nodes.map(() => 0),
    );
  });
});
