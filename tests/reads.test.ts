import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { briefly, TRUST_MS } from '../src/app/briefly.ts';
import { Changes } from '../src/app/changes.ts';
import type { Context, House } from '../src/app/context.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { getToken } from '../src/app/getToken.ts';
import { createApiKey, revokeApiKey } from '../src/app/manageApiKeys.ts';
import { notingWrites } from '../src/app/notingWrites.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { createServer } from '../src/server/server.ts';
import type { Store } from '../src/store/store.ts';
import type { TestHouse } from './support/house.ts';
import { connected, contextIn, variant, withHouse } from './support/keeping.ts';

describe('what is remembered briefly', () => {
  const scene = () => {
    const world = { now: 1_000_000, trips: 0, exists: true, meanwhile: () => {} };
    const changes = new Changes();
    const look = briefly(
      async (key: string) => {
        world.trips += 1;
        const trip = world.trips;
        await Promise.resolve();
        world.meanwhile();
        return world.exists ? { key, trip } : undefined;
      },
      { idOf: (key) => key, partsOf: ({ key }) => [key, 'grant'], changes, now: () => world.now },
    );
    return { world, changes, trip: async (key = 'a') => (await look(key))?.trip };
  };

  it('is taken from memory within the bound, and never after it', async () => {
    const { world, trip } = scene();
    assert.equal(await trip(), 1);
    world.now += TRUST_MS - 1;
    assert.equal(await trip(), 1);
    world.now += 1;
    assert.equal(await trip(), 2);
    assert.equal(await trip('b'), 3, 'each for itself');
  });

  it('is not made young by a clock that is set back', async () => {
    const { world, trip } = scene();
    await trip();
    world.now -= 60_000;
    assert.equal(await trip(), 2);
  });

  it('is asked for again at once after a write to any of its parts, and to no other', async () => {
    const { changes, trip } = scene();
    await trip();
    changes.note(['b']);
    assert.equal(await trip(), 1);
    changes.note(['grant']);
    assert.equal(await trip(), 2);
    changes.noteAll();
    assert.equal(await trip(), 3);
    changes.note(Array.from({ length: 20_000 }, (_, index) => `other ${index}`));
    assert.equal(await trip(), 4, 'too many to be kept: nothing is trusted wrongly');
  });

  it('is not trusted when it was written while the database was asked', async () => {
    const { world, changes, trip } = scene();
    world.meanwhile = () => changes.note(['a']);
    assert.equal(await trip(), 1);
    world.meanwhile = () => {};
    assert.equal(await trip(), 2);
    assert.equal(await trip(), 2);
  });

  it('is never that something does not exist', async () => {
    const { world, trip } = scene();
    world.exists = false;
    assert.equal(await trip(), undefined);
    world.exists = true;
    assert.equal(await trip(), 2);
  });
});

describe('a store whose writes are noted', () => {
  const scene = () => {
    const said: string[] = [];
    const changes = {
      note: (ids: readonly string[]) => void said.push(...ids),
      noteAll: () => void said.push('all'),
    };
    let fails = false;
    const answer = async () => {
      said.push('written');
      if (fails) throw new Error('broken off');
      return true;
    };
    const plain = { updateConnection: answer, revokeApiKey: answer } as unknown as Store;
    const store = {
      ...plain,
      transaction: async (work: (inside: Store) => Promise<unknown>) => {
        await work(plain);
        said.push('committed');
      },
    } as unknown as Store;
    const fail = () => {
      fails = true;
    };
    return { said, fail, store: notingWrites(store, changes) };
  };

  it('notes before the writer is told, and also what may have happened', async () => {
    const { said, fail, store } = scene();
    await store.revokeApiKey('wsp_1', 'key_1', 0).then(() => said.push('told'));
    fail();
    await assert.rejects(store.revokeApiKey('wsp_1', 'key_2', 0));
    assert.deepEqual(said, ['written', 'key_1', 'told', 'written', 'key_2']);
  });

  it('notes a transaction at its end, when others can see it', async () => {
    const { said, store } = scene();
    await store.transaction(async (inside) => {
      await inside.revokeApiKey('wsp_1', 'key_1', 0);
      await inside.revokeApiKey('wsp_1', 'key_2', 0);
    });
    assert.deepEqual(said, ['written', 'written', 'committed', 'key_1', 'key_2']);
  });
});

describe('two processes on one database', () => {
  const made = async (test: TestHouse) => {
    const { connectionId: id } = await connected(test, 'snapchat');
    const here = test.ctx;
    const there = contextIn(test.sibling(), test);
    const read = (ctx: Context) => getToken(ctx, { connectionId: id, minTtlSeconds: 0 });
    const first = await read(here);
    assert.deepEqual(await read(there), first);
    return { id, here, there, read, first };
  };

  it('ask the database nothing for a token that was read a moment ago', () =>
    withHouse(async (test) => {
      const { read } = await made(test);
      let trips = 0;
      const counting = <Args extends readonly unknown[], Result>(ask: (...args: Args) => Result) => {
        return (...args: Args): Result => {
          trips += 1;
          return ask(...args);
        };
      };
      const { store } = test.house;
      const connectionStamps = counting(store.connectionStamps);
      const getApps = counting(store.getApps);
      const { ctx } = variant(test, { store: { ...store, connectionStamps, getApps } });
      await read(ctx);
      assert.equal(trips, 2);
      test.clock.advance(TRUST_MS - 1);
      await read(ctx);
      assert.equal(trips, 2);
      test.clock.advance(1);
      await read(ctx);
      assert.equal(trips, 4);
    }));

  it('refuse the token of a disconnected connection: the one that did it at once, the other within the bound', () =>
    withHouse(async (test) => {
      const { id, here, there, read, first } = await made(test);
      await disconnect(here, id);
      await assert.rejects(read(here), { code: 'connection_disconnected' });
      assert.deepEqual(await read(there), first, 'the other has not looked yet');
      test.clock.advance(TRUST_MS);
      await assert.rejects(read(there), { code: 'connection_disconnected' });
    }));

  it('hand out the new token after a renewal: the one that renewed at once, the other within the bound', () =>
    withHouse(async (test) => {
      const { id, here, there, read, first } = await made(test);
      await renewConnection(here, id);
      const renewed = await read(here);
      assert.notEqual(renewed.access_token, first.access_token);
      test.clock.advance(TRUST_MS);
      assert.deepEqual(await read(there), renewed);
    }));

  it('refuse a revoked key: the one that revoked it at once, the other within the bound', () =>
    withHouse(async (test) => {
      const { ctx, house, clock } = test;
      const { id, key } = await createApiKey(ctx, { name: 'Reader', scopes: ['read'] });
      const asked = (of: House) => {
        const server = createServer(of);
        const headers = { authorization: `Bearer ${key}` };
        return async () => (await server.inject({ url: '/v1/clients', headers })).statusCode;
      };
      const [here, there] = [asked(house), asked(test.sibling())];
      assert.deepEqual([await here(), await there()], [200, 200]);
      await revokeApiKey(ctx, id);
      assert.equal(await here(), 401);
      clock.advance(TRUST_MS);
      assert.equal(await there(), 401);
    }));
});
