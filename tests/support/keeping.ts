import assert from 'node:assert/strict';
import type { Context, House, Wire } from '../../src/app/context.ts';
import { createHouse, type HouseParts } from '../../src/app/house.ts';
import { newId } from '../../src/app/ids.ts';
import { openAppOnce, openGrant, sealSecrets } from '../../src/app/openGrant.ts';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import { Keeper, type KeeperOptions } from '../../src/keeper/keeper.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';
import { openStore } from '../../src/store/open.ts';
import type { ConnectionRecord, GrantRecord } from '../../src/store/records.ts';
import { type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { freshPostgresUrl } from './database.ts';
import { connectOne, openTestHouse, sandboxApp, type TestHouse, type TestHouseOptions } from './house.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A house on a PostgreSQL database of its own. */
export async function withHouse(
  work: (test: TestHouse) => Promise<void>,
  options: TestHouseOptions = {},
): Promise<void> {
  const store = await openStore({ databaseUrl: await freshPostgresUrl() });
  const test = await openTestHouse(store, options);
  try {
    await work(variant(test, { nodeId: 'node-1' }));
  } finally {
    await test.close();
    await store.close();
  }
}

/** The same test with another part in its house: another store, another wire. Its keeper is its own. */
export function variant(test: TestHouse, parts: Partial<HouseParts>, options: KeeperOptions = {}): TestHouse {
  const house = createHouse({ ...test.house, spool: test.spool, nodeId: 'node-3', ...parts });
  const keeper = new Keeper(house, options);
  const keep = async () => {
    for (let round = 0; round < 50; round += 1) {
      const { claimed } = await keeper.tick();
      await keeper.settled();
      if (claimed === 0) return;
    }
    assert.fail('The keeper finds something due again and again.');
  };
  return { ...test, house, ctx: { ...test.ctx, house }, keeper, keep };
}

export type Intercept = (
  request: PlatformRequest,
  pass: () => Promise<PlatformAnswer>,
) => PlatformAnswer | Promise<PlatformAnswer>;

/** A wire on which somebody listens, and may answer instead of the platform. */
export function tapped(wire: Wire, intercept: Intercept): Wire {
  return {
    ...wire,
    senderFor: (target) => {
      const send = wire.senderFor(target);
      return async (request) => intercept(request, () => send(request));
    },
  };
}

/** A store whose outcomes cannot be written while `isAway`. */
export function failing(store: Store, isAway: () => boolean): Store {
  return {
    ...store,
    applyOutcomes: (outcomes) =>
      isAway()
        ? Promise.reject(new StoreUnavailableError('The database is away.'))
        : store.applyOutcomes(outcomes),
  };
}

/** An app and one connection on it. */
export async function connected(
  test: TestHouse,
  platform: string,
  method?: string,
  settings: Record<string, unknown> = {},
) {
  const app = await sandboxApp(test, platform, settings);
  const made = await connectOne(test, { appId: app.id, ...(method ? { method } : {}) });
  return { app, connectionId: made.connection.id, grantId: made.grant.id, made };
}

export async function grantOf(test: TestHouse, id: string): Promise<GrantRecord> {
  const grant = await test.house.store.getGrant(test.ctx.workspaceId, id);
  assert.ok(grant);
  return grant;
}

export async function secretsOf(test: TestHouse, id: string): Promise<Readonly<Record<string, string>>> {
  const grant = await grantOf(test, id);
  const app = await test.house.store.getApp(grant.workspaceId, grant.appId);
  return (await openGrant(test.house, await openAppOnce(test.house, app!, grant.method), grant)).held.secrets;
}

/** How often a simulated platform was called since it was last asked to forget: in all, and where the path says “token”. */
export async function callsOf(test: TestHouse, platform: string): Promise<number> {
  return (await test.control('GET', `${platform}/calls`)).total;
}

export async function forgetCalls(test: TestHouse, platform: string): Promise<void> {
  await test.control('DELETE', `${platform}/calls`);
}

/** Grants like the one that was connected, each under its own id with secrets sealed for it, and a connection on each. */
export async function copiesOf(
  test: TestHouse,
  grantId: string,
  count: number,
): Promise<readonly { grantId: string; connectionId: string }[]> {
  const model = await grantOf(test, grantId);
  const secrets = await secretsOf(test, grantId);
  const [view] = await test.house.store.listConnections(
    model.workspaceId,
    { grantId },
    { limit: 1, after: null },
  );
  const made: { grantId: string; connectionId: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = newId(test.house, 'grt');
    const sealed = await sealSecrets(
      test.house,
      { workspaceId: model.workspaceId, id },
      secrets,
      model.credentialVersion,
    );
    await test.house.store.insertGrant({ ...model, id, secrets: sealed });
    const connection: ConnectionRecord = { ...view!.connection, id: newId(test.house, 'con'), grantId: id };
    await test.house.store.insertConnection(connection);
    made.push({ grantId: id, connectionId: connection.id });
  }
  return made;
}

/** Moves the clock to when something is due, again and again, until `until` is reached. */
export async function liveUntil(test: TestHouse, until: number, shortestStepMs = 0): Promise<void> {
  for (;;) {
    const dueAt = (await test.house.store.nextDueAt()) ?? until;
    const next = Math.min(until, Math.max(dueAt, test.clock.now() + shortestStepMs));
    test.clock.advance(Math.max(0, next - test.clock.now()));
    await test.keep();
    if (next >= until) return;
  }
}

export async function statesOf(test: TestHouse): Promise<readonly string[]> {
  const grants = await test.house.store.listGrants(test.ctx.workspaceId, {}, { limit: 1_000, after: null });
  return grants.map((grant) => grant.state);
}

export async function actionsOf(test: TestHouse, subject?: string): Promise<readonly string[]> {
  const filter = subject ? { subject } : {};
  const rows = await test.house.store.listActivity(test.ctx.workspaceId, filter, {
    limit: 1_000,
    beforeSeq: null,
  });
  return rows.map((row) => row.action);
}

/** Another process's view of the same test. */
export function contextIn(house: House, { ctx }: TestHouse): Context {
  return { ...ctx, house };
}
