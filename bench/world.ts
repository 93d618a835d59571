import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beginAuthorization } from '../src/app/beginAuthorization.ts';
import { bootstrap } from '../src/app/bootstrap.ts';
import { completeConnect } from '../src/app/completeConnect.ts';
import type { Context, House } from '../src/app/context.ts';
import { createHouse } from '../src/app/house.ts';
import { createApp } from '../src/app/manageApps.ts';
import { createClient } from '../src/app/manageClients.ts';
import { startConnect } from '../src/app/startConnect.ts';
import { strongBytes } from '../src/main.ts';
import { createMetrics } from '../src/metrics.ts';
import { createRegistry } from '../src/platforms/registry.ts';
import { openStore } from '../src/store/open.ts';
import { openSpool } from '../src/store/spool.ts';
import type { ConnectionView } from '../src/store/store.ts';
import { keyringOf } from '../src/vault/keyring.ts';
import { masterKeyFrom } from '../src/vault/masterKey.ts';
import { openVault } from '../src/vault/open.ts';
import { createSender } from '../src/wire/send.ts';
import { startPostgres } from '../tests/support/postgres.ts';
import { startChild } from './child.ts';
import type { Cleanup } from './cleanup.ts';

/** The platform whose token endpoint is measured: one refresh token that stays, so that many grants may share it. */
export const PLATFORM = 'snapchat';
export const TOKEN_PATH = '/accounts.snapchat.com/login/oauth2/access_token';
export const API_KEY = 'evg_bench_key_for_this_run_only';

/** The house as `main.ts` builds it, on PostgreSQL as it is by default (every commit on disk), beside the simulated platforms. */
export interface BenchWorld {
  readonly house: House;
  readonly ctx: Context;
  readonly databaseUrl: string;
  readonly platformsUrl: string;
  readonly platformsPid: number;
  /** One connection, made as a person makes it; the model of all others. */
  readonly model: ConnectionView;
  readonly app: { readonly clientId: string; readonly clientSecret: string };
}

const now = (): number => Date.now();
const sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
};
const loud = (fields: object, message: string): void => console.error(message, fields);

export async function startWorld(cleanup: Cleanup): Promise<BenchWorld> {
  const postgres = await startPostgres([]);
  cleanup.add(postgres.stop);
  const { child, ready } = await startChild('./platformsChild.ts', cleanup);
  const platformsUrl = (ready as { url: string }).url;
  const house = await openHouse(postgres.url, platformsUrl, cleanup);
  const { ctx } = await bootstrap(house, API_KEY, 'Bench');
  const app = await appAt(platformsUrl);
  const model = await connectOne(ctx, app);
  const platformsPid = child.process.pid!;
  return { house, ctx, databaseUrl: postgres.url, platformsUrl, platformsPid, model, app };
}

async function openHouse(databaseUrl: string, sandboxBaseUrl: string, cleanup: Cleanup): Promise<House> {
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-bench-'));
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  const store = await openStore({ databaseUrl });
  cleanup.add(store.close);
  const vault = await openVault({
    store,
    keyring: keyringOf([masterKeyFrom(strongBytes(32))]),
    randomBytes: strongBytes,
    now,
  });
  await store.migrate();
  const { meter } = createMetrics();
  const wire = createSender({
    sandboxBaseUrl,
    now,
    log: (line) => meter.count('platform_calls', { host: line.host, outcome: String(line.outcome) }),
  });
  cleanup.add(wire.close);
  return createHouse({
    store,
    vault,
    wire,
    spool: openSpool(join(directory, 'spool')),
    registry: createRegistry(store),
    now,
    sleep,
    randomBytes: strongBytes,
    log: { info: () => undefined, warn: loud, error: loud },
    meter,
    publicUrl: 'http://127.0.0.1:7070',
    nodeId: 'bench',
  });
}

async function appAt(platformsUrl: string): Promise<BenchWorld['app']> {
  const known = (await (await fetch(`${platformsUrl}/_control`)).json()) as {
    platforms: { id: string; app: { client_id: string; client_secret: string } }[];
  };
  const { app } = known.platforms.find((one) => one.id === PLATFORM)!;
  return { clientId: app.client_id, clientSecret: app.client_secret };
}

async function connectOne(ctx: Context, app: BenchWorld['app']): Promise<ConnectionView> {
  const settings = { renewals_per_minute: 1_000_000_000 };
  const { id: appId } = await createApp(ctx, {
    platform: PLATFORM,
    environment: 'sandbox',
    ...app,
    settings,
  });
  const client = await createClient(ctx, { name: 'Bench' });
  const session = await startConnect(ctx, { clientId: client.id, appId });
  const begun = await beginAuthorization(
    ctx.house,
    session.url.slice(session.url.lastIndexOf('/') + 1),
    null,
  );
  const answer = await fetch(begun.url, { redirect: 'manual', headers: { 'x-simulated-consent': 'allow' } });
  const query = new URL(answer.headers.get('location') ?? '').searchParams;
  const { browserSecret, state } = begun;
  const made = await completeConnect(ctx.house, {
    platformId: PLATFORM,
    query,
    browserSecret,
    keptState: state,
  });
  const [view] = await ctx.house.store.listConnections(
    ctx.workspaceId,
    { grantId: made.grant.id },
    { limit: 1, after: null },
  );
  return view!;
}
