import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Config } from '../../src/config.ts';
import { SIMULATORS } from '../../src/platforms/simulators.ts';
import { seededRandom } from '../../src/simulator/dice.ts';
import { type Sandbox, startSandbox } from '../../src/simulator/sandbox.ts';
import { freshPostgresUrl } from './database.ts';
import { Gate } from './gate.ts';
import { KEY, type Service, startChild } from './service.ts';
import type { ChildOrder } from './serviceChild.ts';

/** The name under which all the processes are known, as behind a load balancer. */
export const PUBLIC_URL = 'https://evergrant.example';
export const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** Service processes on one PostgreSQL, with the simulated platforms behind a gate, and one clock for all of them. */
export class Fleet {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly sandbox: Sandbox;
  readonly gate: Gate;
  readonly #database: pg.Client;
  readonly #nodes = new Set<Service>();
  readonly #clock: { aheadMs: number };

  private constructor(
    databaseUrl: string,
    database: pg.Client,
    sandbox: Sandbox,
    gate: Gate,
    clock: { aheadMs: number },
  ) {
    this.databaseUrl = databaseUrl;
    this.#database = database;
    this.sandbox = sandbox;
    this.gate = gate;
    this.#clock = clock;
    this.dataDir = mkdtempSync(join(tmpdir(), 'evergrant-fleet-'));
  }

  static async open(): Promise<Fleet> {
    const clock = { aheadMs: 0 };
    const now = () => Date.now() + clock.aheadMs;
    const sandbox = await startSandbox({ factories: SIMULATORS, now, random: seededRandom('fleet') });
    const gate = await Gate.open();
    gate.leadTo(sandbox.url);
    const databaseUrl = await freshPostgresUrl({ migrated: false });
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    return new Fleet(databaseUrl, database, sandbox, gate, clock);
  }

  /** Starts one more process. */
  async node(changes: Partial<Config> = {}): Promise<Service> {
    const config: Config = {
      port: 0,
      host: '127.0.0.1',
      publicUrl: PUBLIC_URL,
      databaseUrl: this.databaseUrl,
      dataDir: this.dataDir,
      masterKey: MASTER_KEY,
      bootstrapApiKey: KEY,
      sandbox: false,
      sandboxPort: 0,
      metricsToken: null,
      // Declared servers of the tests listen on this machine.
      privateHosts: ['127.0.0.1'],
      logLevel: 'error',
      ...changes,
    };
    const order: ChildOrder = { config, sandboxUrl: this.gate.url, aheadMs: this.#clock.aheadMs };
    const node = await startChild(order, PUBLIC_URL);
    this.#nodes.add(node);
    void node.child.ended.then(() => this.#nodes.delete(node));
    return node;
  }

  /** Moves the clock of every process and of the simulated platforms. */
  async advance(milliseconds: number): Promise<void> {
    this.#clock.aheadMs += milliseconds;
    await Promise.all([...this.#nodes].map((node) => node.setAhead(this.#clock.aheadMs)));
  }

  async sql(text: string, values: unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return (await this.#database.query(text, values)).rows;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes].map((node) => node.kill()));
    await this.gate.close();
    await this.sandbox.close();
    await this.#database.end();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** An app of a simulated platform, with the client id and secret that it knows. */
export async function simulatedApp(fleet: Fleet, node: Service, platform: string): Promise<string> {
  const simulator = fleet.sandbox.simulators.find((one) => one.platforms.includes(platform));
  const { clientId, clientSecret, settings } = simulator!.app(platform);
  const body = {
    platform,
    environment: 'sandbox',
    client_id: clientId,
    client_secret: clientSecret,
    settings,
  };
  return (await node.expect(201, 'POST', '/v1/apps', body)).id;
}

export interface Made {
  readonly connectionId: string;
  readonly grantId: string;
}

/** A connection made in the browser, at a simulated platform. */
export async function connectSimulated(node: Service, target: object, person?: string): Promise<Made> {
  const headers = { 'x-simulated-consent': 'allow', ...(person ? { 'x-simulated-person': person } : {}) };
  return connectThrough(node, target, async (url) => {
    const landed = await node.browser(headers).visit(`${url}/continue`);
    if (landed.status !== 200)
      throw new Error(`The sign-in ended with ${landed.status}: ${landed.text.slice(0, 300)}`);
  });
}

/** Opens a connect session, lets the person go through it, and reads what came of it. */
export async function connectThrough(
  node: Service,
  target: object,
  walk: (url: string) => Promise<void>,
): Promise<Made> {
  const session = await node.expect(201, 'POST', '/v1/connect-sessions', target);
  await walk(session.url);
  const { connection_id: connectionId } = await node.expect(200, 'GET', `/v1/connect-sessions/${session.id}`);
  const { grant_id: grantId } = await node.expect(200, 'GET', `/v1/connections/${connectionId}`);
  return { connectionId, grantId };
}
