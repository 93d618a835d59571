import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { APART_MS, briefly, DEPARTS_MS, TRUST_MS, WANTED_AGAIN_MS } from '../src/app/briefly.ts';
import { Changes } from '../src/app/changes.ts';
import type { Context, House } from '../src/app/context.ts';
import { disconnect } from '../src/app/disconnect.ts';
import { getToken } from '../src/app/getToken.ts';
import { createApiKey, revokeApiKey } from '../src/app/manageApiKeys.ts';
import { updateApp } from '../src/app/manageApps.ts';
import { notingWrites } from '../src/app/notingWrites.ts';
import { OPENED_FOR_MS } from '../src/app/openToken.ts';
import { renewConnection } from '../src/app/renewConnection.ts';
import { runKeeper } from '../src/keeper/run.ts';
import { createServer } from '../src/server/server.ts';
import type { Store } from '../src/store/store.ts';
import { connectOne, type TestHouse } from './support/house.ts';
import { connected, contextIn, MINUTE, SECOND, variant, withHouse } from './support/keeping.ts';

describe('what is remembered briefly', () => {
  const scene = () => {
    const world = { now: 1_000_000, trips: 0, exists: true, isAway: false, meanwhile: () => {} };
    const changes = new Changes();
    const look = briefly(
      async (keys: readonly string[]) => {
        const found = keys.map((key) => ({ key, trip: ++world.trips }));
        await Promise.resolve();
        world.meanwhile();
        if (world.isAway) throw new Error('away');
        return world.exists ? found : [];
      },
      {
        idOf: (key) => key,
        idOfValue: ({ key }) => key,
        partsOf: ({ key }) => [key, 'grant'],
        changes,
        now: () => world.now,
      },
    );
    return { world, changes, trip: async (key = 'a') => (await look(key))?.trip };
  };
  /** What was asked for in the background is answered. */
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('is taken from memory within the bound, and never after it', async () => {
    const { world, trip } = scene();
    assert.equal(await trip(), 1);
    world.now += TRUST_MS - 1;
    assert.equal(await trip(), 1);
    assert.equal(await trip('b'), 3, 'each for itself');
    world.isAway = true;
    world.now += TRUST_MS;
    await assert.rejects(trip(), 'what is too old is handed out to nobody');
    world.isAway = false;
    assert.equal(await trip(), 5);
  });

  it('is asked for again before its time is over where it goes on being read, and taken from memory meanwhile', async () => {
    const { world, trip } = scene();
    assert.equal(await trip(), 1);
    world.now += WANTED_AGAIN_MS - 1;
    assert.equal(await trip(), 1);
    world.now += 1;
    assert.equal(await trip(), 1);
    await settled();
    assert.equal(world.trips, 1, 'it waits for others to go with');
    world.now += DEPARTS_MS - WANTED_AGAIN_MS;
    assert.equal(await trip(), 1);
    await settled();
    assert.equal(world.trips, 2);
    world.now += TRUST_MS - 1;
    assert.equal(await trip(), 2, 'its time is counted from the second question');
  });

  it('goes along once where others must be asked for anyway', async () => {
    const { world, trip } = scene();
    assert.deepEqual([await trip('a'), await trip('b'), await trip('unread')], [1, 2, 3]);
    world.now += WANTED_AGAIN_MS;
    assert.deepEqual([await trip('a'), await trip('a'), await trip('b')], [1, 1, 2]);
    await trip('c');
    await settled();
    assert.equal(world.trips, 6);
    world.now += WANTED_AGAIN_MS - 1;
    assert.deepEqual([await trip('a'), await trip('b'), await trip('c')], [4, 5, 6]);
    await settled();
    assert.equal(world.trips, 6);
  });

  it('waits a moment for others to go with, unless its time ends', async () => {
    const { world, trip } = scene();
    for (const key of ['a', 'b', 'c']) await trip(key);
    world.now += DEPARTS_MS;
    await trip('a');
    await settled();
    assert.equal(world.trips, 4);
    world.now += APART_MS - 1;
    assert.deepEqual([await trip('b'), await trip('c')], [2, 3]);
    await settled();
    assert.equal(world.trips, 4);
    world.now += 1;
    await trip('c');
    await settled();
    assert.equal(world.trips, 6, 'both');
    assert.deepEqual([await trip('b'), await trip('c')], [5, 6]);
  });

  it('is asked for again by whoever reads it next where that failed, who is told', async () => {
    const { world, trip } = scene();
    await trip();
    world.isAway = true;
    world.now += DEPARTS_MS;
    assert.equal(await trip(), 1);
    await settled();
    assert.equal(await trip(), 1, 'it is as good as it was, for as long as it was');
    assert.equal(world.trips, 2, 'and asked for no more until then');
    world.now += TRUST_MS - DEPARTS_MS;
    await assert.rejects(trip());
  });

  it('goes with a trip once where slow answers had it wanted twice', async () => {
    const asked: string[][] = [];
    const answers: (() => void)[] = [];
    const world = { now: 1_000_000 };
    const look = briefly(
      async (keys: readonly string[]) => {
        asked.push([...keys]);
        await new Promise<void>((resolve) => answers.push(resolve));
        return keys.map((key) => ({ key }));
      },
      {
        idOf: (key) => key,
        idOfValue: ({ key }) => key,
        partsOf: () => [],
        changes: new Changes(),
        now: () => world.now,
      },
    );
    const first = look('a');
    await settled();
    world.now += 1;
    const second = look('a');
    await settled();
    world.now += WANTED_AGAIN_MS;
    answers[0]!();
    await first;
    look('a');
    answers[1]!();
    await second;
    look('a');
    world.now += DEPARTS_MS - WANTED_AGAIN_MS;
    look('a');
    assert.deepEqual(asked, [['a'], ['a'], ['a']]);
  });

  it('is forgotten at once where it is gone when it is asked for again', async () => {
    const { world, trip } = scene();
    await trip();
    world.exists = false;
    world.now += DEPARTS_MS;
    assert.equal(await trip(), 1);
    await settled();
    assert.equal(await trip(), undefined);
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
      test.clock.advance(WANTED_AGAIN_MS - 1);
      await read(ctx);
      await ctx.house.store.getConnections([]);
      assert.equal(trips, 2);
      test.clock.advance(TRUST_MS);
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

describe('reads over HTTP', () => {
  it('that arrive together are worked on before the first of them is answered', () =>
    withHouse(async (test) => {
      const { connectionId } = await connected(test, 'snapchat');
      const { key } = await createApiKey(test.ctx, { name: 'Reader', scopes: ['token'] });
      const steps: string[] = [];
      const connections: House['connections'] = (...asked) => {
        steps.push('worked on');
        return test.house.connections(...asked);
      };
      const server = createServer({ ...test.house, connections });
      server.addHook('onSend', (_request, _reply, _payload, done) => {
        steps.push('answered');
        done();
      });
      await server.listen({ host: '127.0.0.1', port: 0 });
      const { port } = server.server.address() as AddressInfo;
      const callers = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
      const askAll = () => {
        const head = `Host: localhost\r\nAuthorization: Bearer ${key}\r\n`;
        for (const caller of callers)
          caller.write(`GET /v1/connections/${connectionId}/token HTTP/1.1\r\n${head}\r\n`);
        return Promise.all(callers.map(async (caller) => String(await once(caller, 'data'))));
      };
      await askAll();
      steps.length = 0;
      for (const answer of await askAll()) assert.match(answer, /^HTTP\/1.1 200 /);
      for (const caller of callers) caller.destroy();
      await server.close();
      assert.deepEqual(steps, [...Array(3).fill('worked on'), ...Array(3).fill('answered')]);
    }));
});

describe('an opened access token', () => {
  const scene = async (test: TestHouse, platform = 'snapchat') => {
    const { connectionId: id, app, grantId } = await connected(test, platform);
    const opened: string[] = [];
    const { forWorkspace } = test.house.vault;
    const vault = {
      forWorkspace: async (workspaceId: string) => {
        const inner = await forWorkspace(workspaceId);
        const open: typeof inner.open = (context, sealed) => {
          opened.push(context.field);
          return inner.open(context, sealed);
        };
        return { ...inner, open };
      },
    };
    const here = variant(test, { vault });
    const read = (minTtlSeconds = 0) => getToken(here.ctx, { connectionId: id, minTtlSeconds });
    await read();
    opened.length = 0;
    return { id, grantId, app, here, read, opened };
  };

  it('is remembered while its record is, for ten seconds, and nothing but it is opened for a read', () =>
    withHouse(async (test) => {
      const { read, opened } = await scene(test);
      // The app's own secret is opened whenever its record was read anew.
      const openedOfGrant = () => opened.filter((field) => field !== 'client_secret');
      const first = await read();
      test.clock.advance(TRUST_MS);
      assert.deepEqual(await read(), first, 'the same record was found unchanged');
      assert.deepEqual(openedOfGrant(), []);
      test.clock.advance(OPENED_FOR_MS);
      assert.deepEqual(await read(), first);
      assert.deepEqual(openedOfGrant(), ['access_token']);
    }));

  it('is forgotten after ten seconds also where nobody reads any more', () =>
    withHouse(async (test) => {
      const { here, read, id, opened } = await scene(test);
      const view = await here.house.connections(test.ctx.workspaceId, id);
      const readAt = test.clock.now();
      const known = () => here.house.openedTokens.find(view!.grant, readAt)?.token;
      assert.deepEqual(known(), await read());
      assert.deepEqual(opened, []);
      const stop = new AbortController();
      const sleep = async () => stop.abort();
      test.clock.advance(OPENED_FOR_MS);
      await runKeeper({ ...here.house, sleep }, test.spool, stop.signal);
      assert.equal(known(), undefined);
    }));

  it('ends with its credential: renewed here or elsewhere, nobody is given the old one beyond the bound', () =>
    withHouse(async (test) => {
      const { id, here, read } = await scene(test);
      const first = await read();
      await renewConnection(here.ctx, id);
      const second = await read();
      assert.notEqual(second.access_token, first.access_token);
      test.clock.advance(2 * MINUTE);
      await read();
      await renewConnection(contextIn(test.sibling(), test), id);
      test.clock.advance(TRUST_MS);
      const third = await read();
      assert.notEqual(third.access_token, second.access_token);
      assert.equal(third.headers.authorization, `Bearer ${third.access_token}`);
    }));

  it('goes with its grant: where the connection moved to another, that one’s token is handed out', () =>
    withHouse(async (test) => {
      const { id, app, here, read } = await scene(test);
      const first = await read();
      const other = await connectOne(test, { appId: app.id }, { person: 'second' });
      const mine = async () => (await here.house.store.getConnection(test.ctx.workspaceId, id))!.connection;
      const back = await mine();
      await here.house.store.updateConnection({ ...back, grantId: other.grant.id });
      const moved = await read();
      assert.notEqual(moved.access_token, first.access_token);
      await test.sibling().store.updateConnection(back);
      test.clock.advance(TRUST_MS);
      assert.deepEqual(await read(), first);
    }));

  it('is handed out no longer than it works, nor with less than was asked for', () =>
    withHouse(async (test) => {
      const { read } = await scene(test);
      const { expires_at: expiresAt, access_token: token } = await read();
      test.clock.advance(Date.parse(expiresAt!) - test.clock.now() - 2 * SECOND);
      await test.control('POST', 'snapchat/fault', { kind: 'outage' });
      assert.equal((await read(1)).access_token, token);
      test.clock.advance(2 * SECOND);
      await assert.rejects(read(), { code: 'temporarily_unavailable' });
    }));

  it('is called with the headers and at the address of the app as it is now', () =>
    withHouse(async (test) => {
      const { app, here, read } = await scene(test, 'linkedin');
      const before = (await read()).headers['linkedin-version'];
      await updateApp(here.ctx, app.id, { settings: { api_version: '202599' } });
      assert.notEqual(before, '202599');
      assert.equal((await read()).headers['linkedin-version'], '202599');
    }));

  it('is refused at once where its connection was disconnected here', () =>
    withHouse(async (test) => {
      const { id, here, read } = await scene(test);
      await disconnect(here.ctx, id);
      await assert.rejects(read(), { code: 'connection_disconnected' });
    }));
});
