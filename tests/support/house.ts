import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginAuthorization } from '../../src/app/beginAuthorization.ts';
import { bootstrap } from '../../src/app/bootstrap.ts';
import type { Spool } from '../../src/app/committer.ts';
import { type CompletedConnect, completeConnect } from '../../src/app/completeConnect.ts';
import { submitFields } from '../../src/app/connectFields.ts';
import type { Context, House } from '../../src/app/context.ts';
import { createHouse } from '../../src/app/house.ts';
import { createApp } from '../../src/app/manageApps.ts';
import { createClient } from '../../src/app/manageClients.ts';
import { type StartConnectInput, startConnect } from '../../src/app/startConnect.ts';
import { Keeper } from '../../src/keeper/keeper.ts';
import type { Simulator } from '../../src/platforms/kit/simulator.ts';
import { createRegistry } from '../../src/platforms/registry.ts';
import { openSpool } from '../../src/store/spool.ts';
import type { Store } from '../../src/store/store.ts';
import { keyringOf } from '../../src/vault/keyring.ts';
import { masterKeyFrom } from '../../src/vault/masterKey.ts';
import { openVault } from '../../src/vault/open.ts';
import { createSender } from '../../src/wire/send.ts';
import { sandboxForTest, type TestSandbox } from './sandbox.ts';

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export interface TestHouse {
  readonly house: House;
  readonly ctx: Context;
  readonly clock: TestSandbox['clock'];
  readonly sandboxUrl: string;
  readonly spool: Spool;
  readonly keeper: Keeper;
  readonly logged: LogLine[];
  /** Asks the sandbox's control API. */
  readonly control: TestSandbox['control'];
  /** Lets the keeper do everything that is due now. */
  readonly keep: () => Promise<void>;
  /** The simulated platforms behind the sandbox, for what only they know. */
  readonly simulators: readonly Simulator[];
  /** A second process on the same database: other memory, same world. */
  readonly sibling: (nodeId?: string) => House;
  readonly close: () => Promise<void>;
}

export interface TestHouseOptions {
  readonly nodeId?: string;
  readonly timeoutMs?: number;
  /** Hosts on this machine that a workspace may declare. */
  readonly privateHosts?: readonly string[];
}

/** A complete house over a store: real vault, real wire, the simulated platforms over real HTTP, a clock to be moved. */
export async function openTestHouse(store: Store, options: TestHouseOptions = {}): Promise<TestHouse> {
  const sandbox = await sandboxForTest();
  const { clock } = sandbox;
  const directory = mkdtempSync(join(tmpdir(), 'evergrant-test-'));
  const wire = createSender({
    sandboxBaseUrl: sandbox.url,
    now: clock.now,
    timeoutMs: options.timeoutMs ?? 5_000,
    privateHosts: options.privateHosts ?? [],
  });
  const strong = (count: number): Uint8Array => randomBytes(count);
  const keyring = keyringOf([masterKeyFrom(new Uint8Array(32).fill(7))]);
  const vault = await openVault({ store, keyring, randomBytes: strong, now: clock.now });
  const spool = openSpool(join(directory, 'spool'));
  const logged: LogLine[] = [];
  const log = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields, message });
  };
  const build = (nodeId: string): House =>
    createHouse({
      store,
      vault,
      wire,
      spool,
      registry: createRegistry(store, { privateHosts: options.privateHosts ?? [] }),
      now: clock.now,
      sleep: (milliseconds, signal) => realSleep(Math.min(milliseconds, 15_000), signal),
      randomBytes: strong,
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      meter: { count: () => undefined },
      publicUrl: 'http://127.0.0.1:7070',
      nodeId,
    });
  const house = build(options.nodeId ?? 'node-1');
  const { ctx } = await bootstrap(house, null, 'Test agency');
  const keeper = new Keeper(house);
  return {
    house,
    ctx,
    clock,
    sandboxUrl: sandbox.url,
    spool,
    keeper,
    logged,
    control: sandbox.control,
    simulators: sandbox.simulators,
    keep: async () => {
      for (let round = 0; round < 50; round += 1) {
        const { claimed } = await keeper.tick();
        await keeper.settled();
        if (claimed === 0) return;
      }
    },
    sibling: (nodeId = 'node-2') => build(nodeId),
    close: async () => {
      await house.flights.land();
      await wire.close();
      await sandbox.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function realSleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export interface Person {
  readonly person?: string;
  readonly consent?: 'allow' | 'deny';
  readonly scopes?: readonly string[];
  /** The ad accounts that are ticked, where the platform asks for them. Absent: all. */
  readonly accounts?: readonly string[];
}

/** An app of a platform in the sandbox, with the client id and secret that the simulated platform knows. */
export async function sandboxApp(test: TestHouse, platform: string, settings: Record<string, unknown> = {}) {
  const known = await test.control('GET');
  const { app } = known.platforms.find((one: { id: string }) => one.id === platform);
  return createApp(test.ctx, {
    platform,
    environment: 'sandbox',
    clientId: app.client_id,
    clientSecret: app.client_secret,
    settings: { ...app.settings, ...settings },
  });
}

/** A connection made as a person makes it: link, consent page or fields, callback. */
export async function connectOne(
  test: TestHouse,
  input: Omit<StartConnectInput, 'clientId'> & { readonly clientId?: string },
  person: Person = {},
): Promise<CompletedConnect> {
  const clientId = input.connectionId
    ? undefined
    : (input.clientId ?? (await createClient(test.ctx, { name: 'Client' })).id);
  const session = await startConnect(test.ctx, { ...input, clientId });
  const token = session.url.slice(session.url.lastIndexOf('/') + 1);
  const record = await test.house.store.getConnectSession(test.ctx.workspaceId, session.id);
  const platform = await test.house.registry.find(test.ctx.workspaceId, record!.platform);
  const method = platform?.profile.methods.find((one) => one.id === record!.method);
  if (method?.kind === 'fields') {
    const given = await test.control('POST', `${record!.platform}/fields`, {
      method: method.id,
      person: person.person,
    });
    return submitFields(test.house, token, given.fields ?? given);
  }
  return signIn(test, token, record!.platform, person);
}

/** The person at the platform's consent page, and back. */
export async function signIn(
  test: TestHouse,
  token: string,
  platformId: string,
  person: Person = {},
): Promise<CompletedConnect> {
  const begun = await beginAuthorization(test.house, token, null);
  const answer = await fetch(begun.url, {
    redirect: 'manual',
    headers: {
      'x-simulated-consent': person.consent ?? 'allow',
      ...(person.person ? { 'x-simulated-person': person.person } : {}),
      ...(person.scopes ? { 'x-simulated-scopes': person.scopes.join(' ') } : {}),
      ...(person.accounts ? { 'x-simulated-accounts': person.accounts.join(' ') } : {}),
    },
  });
  const location = answer.headers.get('location');
  if (!location)
    throw new Error(
      `No redirect from the consent page: ${answer.status} ${(await answer.text()).slice(0, 200)}`,
    );
  const query = new URL(location).searchParams;
  return completeConnect(test.house, {
    platformId,
    query,
    browserSecret: begun.browserSecret,
    keptState: begun.state,
  });
}
