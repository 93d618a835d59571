import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { bootstrap, isLivingKey } from './app/bootstrap.ts';
import type { House, Meter } from './app/context.ts';
import { createHouse } from './app/house.ts';
import { type Config, readConfig } from './config.ts';
import type { Instant } from './core/instant.ts';
import { greeting } from './greeting.ts';
import { runKeeper } from './keeper/run.ts';
import { createMetrics } from './metrics.ts';
import { type HeldPort, holdAll, refuseSecond, SANDBOX_HOST } from './obstacles.ts';
import { PLATFORMS } from './platforms/index.ts';
import { createRegistry } from './platforms/registry.ts';
import { SIMULATORS } from './platforms/simulators.ts';
import { givenKey, keepSandboxKey, sandboxKeyPath } from './sandboxKey.ts';
import { createServer } from './server/server.ts';
import { fillExampleWorkspace } from './simulator/exampleWorkspace.ts';
import { Journal, withoutJournal } from './simulator/journal.ts';
import { clockPath, openClock } from './simulator/openClock.ts';
import { refuseFuture } from './simulator/refuseFuture.ts';
import { type Sandbox, startSandbox } from './simulator/sandbox.ts';
import type { SharedClock } from './simulator/sharedClock.ts';
import { tellAddress } from './store/directoryLock.ts';
import { hasDatabase } from './store/embedded.ts';
import { openStore, type StoreOptions } from './store/open.ts';
import { openSpool } from './store/spool.ts';
import type { Store } from './store/store.ts';
import { WITHOUT_WALL } from './store/wall.ts';
import { openKeyFile } from './vault/keyFile.ts';
import { type Keyring, keyringFromText } from './vault/keyring.ts';
import { openVault } from './vault/open.ts';
import { createSender } from './wire/send.ts';

/** As in package.json; a test compares them. */
export const VERSION = '0.1.0';

/** A service that is up. */
export interface Running {
  /** As people and platforms reach it. */
  readonly url: string;
  /** Where it listens. */
  readonly port: number;
  readonly sandboxUrl: string | null;
  /** A key to be shown now; null: one was given, or made at an earlier start. */
  readonly apiKey: string | null;
  /** The key above was given, and works no more. */
  readonly apiKeyIsRevoked: boolean;
  readonly close: () => Promise<void>;
}

export { WITHOUT_WALL };

const RANDOM_BLOCK_BYTES = 8_192;
let block = new Uint8Array();

/** Random bytes, drawn from the system a block at a time: each seal needs twelve. What was given out leaves the block. */
export function strongBytes(count: number): Uint8Array {
  if (count > RANDOM_BLOCK_BYTES) return randomBytes(count);
  if (block.length < count) block = randomBytes(RANDOM_BLOCK_BYTES);
  const taken = Uint8Array.from(block.subarray(0, count));
  block.fill(0, 0, count);
  block = block.subarray(count);
  return taken;
}

/** The time at the simulated platforms, and the page where it is moved; null: nowhere. */
export interface SandboxTime {
  readonly now: () => number;
  readonly page: string | null;
  /** Says on the log what whoever runs it should know. */
  readonly warn: (text: string) => void;
}

/** What the service takes from the world around it. */
export interface World {
  readonly now: () => number;
  /** Waits; an abort ends the waiting, not the program. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** The simulated platforms, on the clock of the service; null: none. */
  readonly openSandbox: (config: Config, clock: SandboxTime) => Promise<Sandbox | null>;
  /** Where to look for the template of a new embedded database. Absent: where `npm ci` leaves one; null: nowhere. */
  readonly templatesFolder?: string | null;
}

/** The world as it is. */
export const REAL_WORLD: World = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  },
  openSandbox: async (config, time) => (config.sandbox ? openSandbox(config, time) : null),
};

/**
 * Opens the database and the keys. A wrong key is refused before anything is written. `nowOf` gives the time of what is in
 * the data folder, and is asked once that is locked. Default: the real time.
 */
export async function openStoreAndVault(
  config: Config,
  {
    nowOf,
    templatesFolder,
    tellOfWall,
  }: Pick<World & StoreOptions, 'templatesFolder' | 'tellOfWall'> & { readonly nowOf: () => World['now'] } = {
    nowOf: () => REAL_WORLD.now,
  },
) {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const { databaseUrl, dataDir } = config;
  const place = databaseUrl === null ? { dataDir, templatesFolder } : { databaseUrl };
  const store = await openStore({ ...place, tellOfWall });
  try {
    const now = nowOf();
    const { keyring, note } = await openKeyring(config, store);
    const vault = await openVault({ store, keyring, randomBytes: strongBytes, now });
    return { store, vault, keyring, keyNote: note };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** For commands that work on what is there: an embedded database is made by a start or a migration, never by them. */
export function requireDatabase({ databaseUrl, dataDir }: Config): void {
  if (databaseUrl !== null || hasDatabase(dataDir)) return;
  throw new Error(
    `There is no database in ${resolve(dataDir)}, so nothing was done. Set EVERGRANT_DATA_DIR to the data folder of the service, or DATABASE_URL where it works on PostgreSQL.`,
  );
}

/** The keys from the environment, else from the file, which is made only for a database that has never had one. */
async function openKeyring(
  config: Config,
  store: Store,
): Promise<{ readonly keyring: Keyring; readonly note: string | null }> {
  if (config.masterKey !== null) return { keyring: keyringFromText(config.masterKey), note: null };
  const used = (await store.getMasterKeyCheck()) !== null;
  return openKeyFile(keyFilePath(config), { create: used ? null : strongBytes });
}

export const keyFilePath = (config: Config): string => join(config.dataDir, 'master.key');

/** Starts everything that the configuration asks for. */
export async function startEvergrant(config: Config, world: World = REAL_WORLD): Promise<Running> {
  refuseSecond(config);
  const held = await holdAll(config);
  try {
    return await startAt(held, config, world);
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function startAt(held: HeldPort, config: Config, world: World): Promise<Running> {
  const log = pino({
    level: config.logLevel,
    redact: ['*.access_token', '*.refresh_token', '*.client_secret', '*.authorization'],
  });
  const { clock, store, vault } = await openData(config, world, log);
  const { sleep } = world;
  const now = clock?.now ?? world.now;
  const { registry: metrics, meter } = createMetrics();
  const publicUrl = publicUrlOf(config, held.port);
  const page = clock === null ? null : `${publicUrl}/clock`;
  const sandbox = await world.openSandbox(config, { now, page, warn: (text) => log.warn(text) });
  const wire = createSender({
    sandboxBaseUrl: sandbox?.url ?? null,
    privateHosts: config.privateHosts,
    now,
    log: (line) => meter.count('platform_calls', { host: line.host, outcome: String(line.outcome) }),
  });
  const spool = openSpool(join(config.dataDir, 'spool'));
  const house: House = createHouse({
    store,
    vault,
    wire,
    spool,
    registry: createRegistry(store, { privateHosts: config.privateHosts }),
    now,
    clock,
    sleep,
    randomBytes: strongBytes,
    log,
    meter: clock === null ? meter : countingOnTheWay(meter, clock),
    publicUrl,
    nodeId: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
  });
  const given = givenKey(config);
  const workspaceName = config.sandbox ? 'Example agency' : 'Default';
  const { ctx, fresh, freshKey, givenKeyIsRevoked } = await bootstrap(house, given, workspaceName);
  const works = (key: string) => isLivingKey(store, key);
  await keepSandboxKey(config, { freshKey, givenKeyIsRevoked, works });
  if (fresh && config.sandbox && sandbox) {
    const example = { ctx, platforms: PLATFORMS, simulators: sandbox.simulators, browse };
    await store.hurriedly(() => fillExampleWorkspace(example));
  }
  const server = createServer(house, {
    version: VERSION,
    metrics: () => metrics.metrics(),
    metricsToken: config.metricsToken,
    openDashboardWorkspaceId: config.sandbox ? ctx.workspaceId : null,
    platformsUrl: sandbox?.url ?? null,
  });
  await held.release();
  await server.listen({ port: held.port, host: config.host });
  if (config.databaseUrl === null) tellAddress(config.dataDir, publicUrl);
  const stop = new AbortController();
  const keeper = runKeeper(house, spool, stop.signal, clock === null ? {} : { repeat: clock.repeat });
  return {
    url: house.publicUrl,
    port: held.port,
    sandboxUrl: sandbox?.url ?? null,
    apiKey: freshKey ?? given,
    apiKeyIsRevoked: givenKeyIsRevoked,
    close: once(() => close({ server, stop, keeper, house, wire, sandbox, store, log })),
  };
}

/** What lies in the data folder, the clock that it is dated by included, ready to be worked with. */
async function openData(config: Config, world: World, log: Logger) {
  const warn = (said: string) => log.warn(said);
  const fault = (error: unknown) => log.error({ err: error }, 'A move of the clock failed');
  let clock = null as SharedClock | null;
  const nowOf = () => {
    clock = openClock(config, world, fault);
    return clock?.now ?? world.now;
  };
  const { templatesFolder } = world;
  const options = { templatesFolder, nowOf, tellOfWall: warn };
  const { store, vault, keyNote } = await openStoreAndVault(config, options);
  if (keyNote !== null) warn(keyNote);
  try {
    await makeReady(config, store, clock?.now() ?? world.now(), warn);
    return { store, vault, clock };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function makeReady(config: Config, store: Store, now: Instant, warn: (text: string) => void) {
  await store.migrate();
  const wallProblem = await store.wallProblem();
  if (wallProblem !== null) warn(`${WITHOUT_WALL} ${wallProblem}`);
  // Processes that share a PostgreSQL have a clock each, and none of them is ever moved.
  if (config.databaseUrl !== null) return;
  await refuseFuture({ store, now, path: clockPath(config), warn });
  // The data folder is locked: whoever holds a lease there is a process that died.
  await store.endLeases(now);
}

function publicUrlOf({ publicUrl, host }: Config, port: number): string {
  return publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function countingOnTheWay(meter: Meter, clock: SharedClock): Meter {
  return {
    count: (name, labels, by) => {
      if (name === 'renewals') clock.noteRenewal(labels.outcome === 'ok');
      meter.count(name, labels, by);
    },
  };
}

interface Parts {
  readonly server: FastifyInstance;
  readonly stop: AbortController;
  readonly keeper: Promise<void>;
  readonly house: House;
  readonly wire: { readonly close: () => Promise<void> };
  readonly sandbox: Sandbox | null;
  readonly store: Store;
  readonly log: Logger;
}

/** Takes no new work, finishes what is under way, writes down what was counted. */
async function close({ server, stop, keeper, house, wire, sandbox, store, log }: Parts): Promise<void> {
  await server.close();
  stop.abort();
  await keeper;
  await house.flights.land();
  await house.readLog
    .flush()
    .catch((error) => log.warn({ err: error }, 'Some token reads could not be logged'));
  await wire.close();
  await sandbox?.close();
  await store.close();
}

async function openSandbox(config: Config, { now, page, warn }: SandboxTime): Promise<Sandbox> {
  const seedPath = join(config.dataDir, 'sandbox.seed');
  const path = join(config.dataDir, 'sandbox.journal');
  if (!existsSync(seedPath)) writeFileSync(seedPath, randomUUID(), { mode: 0o600 });
  else if (!existsSync(path)) warn(withoutJournal(path));
  const seed = readFileSync(seedPath, 'utf8');
  const journal = new Journal({ path, now, seed, warn });
  const factories = journal.wrap(SIMULATORS);
  const sandbox = await startSandbox({
    factories,
    now,
    clockPage: page,
    random: Math.random,
    host: SANDBOX_HOST,
    port: config.sandboxPort,
  });
  await journal.replay();
  return sandbox;
}

async function browse(url: string, headers: Readonly<Record<string, string>>) {
  const answer = await fetch(url, { headers: { ...headers }, redirect: 'manual' });
  await answer.text();
  return { location: answer.headers.get('location') };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

/** The last resort. A promise that nobody awaited is on record and stops nobody else; after an exception nothing is certain. */
function catchTheRest(): void {
  process.on('unhandledRejection', (error) =>
    console.error('Evergrant: a fault of ours, nobody else is disturbed.', placeOf(error)),
  );
  process.on('uncaughtException', (error) => {
    console.error('Evergrant: a fault of ours; the process ends.', placeOf(error));
    process.exit(1);
  });
}

/** Kind and place of an error. Its message and its fields may quote anything. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return [error.name, ...(error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))].join('\n');
}

/** Starts from the process's environment and runs until it is told to stop. Exit code 1: it could not start. */
export async function serve(environment: NodeJS.ProcessEnv): Promise<void> {
  catchTheRest();
  const reading = readConfig(environment);
  if (!reading.ok) {
    console.error(
      `Evergrant cannot start. Correct the environment:\n${reading.problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    process.exit(1);
  }
  try {
    const running = await startEvergrant(reading.config);
    console.log(greeting(running, reading.config, sandboxKeyPath(reading.config)));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void running.close().then(() => process.exit(0)));
    }
  } catch (error) {
    console.error(`Evergrant cannot start. ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.env);
