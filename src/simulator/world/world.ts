import type { Context, House, Log, Wire } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
import { createHouse } from '../../app/house.ts';
import { storeApiKey } from '../../app/manageApiKeys.ts';
import { DAY_MS, type Instant } from '../../core/instant.ts';
import { createRegistry } from '../../platforms/registry.ts';
import { SIMULATORS } from '../../platforms/simulators.ts';
import type { GrantRecord } from '../../store/records.ts';
import { type Store, StoreUnavailableError } from '../../store/store.ts';
import { keyringOf } from '../../vault/keyring.ts';
import { masterKeyFrom } from '../../vault/masterKey.ts';
import { openVault } from '../../vault/open.ts';
import { seededRandom, simWorld } from '../dice.ts';
import { Callers } from './callers.ts';
import type { Checker, CheckerFactory, SeenGrant, SeenWrite } from './checker.ts';
import { type Drawn, draw, type FaultLevel } from './drawn.ts';
import { EVERYBODY, Hindrances } from './hindrances.ts';
import type { Liar } from './liar.ts';
import { memorySpool } from './memorySpool.ts';
import { Network, NO_CALL_FAULTS, type SeenCall } from './network.ts';
import { observed } from './observed.ts';
import { OpenedSecrets } from './openedSecrets.ts';
import { type ProcessParts, SimProcess } from './process.ts';
import { PUBLIC_URL } from './publicUrl.ts';
import { Rest } from './rest.ts';
import { StoreWeather } from './storeWeather.ts';
import { registryOfTowns, Town } from './town.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtualClock.ts';
import { TurnedAway } from './visit.ts';
import { without } from './without.ts';

/** All worlds begin at this moment, so that the same seed gives the same run on every day. */
export const WORLD_BEGINS_AT: Instant = Date.parse('2026-01-05T08:00:00Z');

/** What processes get in the place of the real thing. */
export interface Planted {
  readonly store?: (store: Store) => Store;
  readonly wire?: (wire: Wire, log: Log) => Wire;
  /** Done once things may go wrong: what befalls people, without being drawn. */
  readonly befalls?: (world: World) => void;
}

export interface WorldOptions {
  readonly seed: string;
  readonly faults: FaultLevel;
  /** Kinds of faults that are left out. Default: none. */
  readonly without?: readonly string[];
  readonly towns: number;
  readonly checkers: readonly CheckerFactory[];
  /** Faults of our own, put in on purpose: to see that the checkers catch them. */
  readonly planted?: Planted;
  /** Made without weather: the world adds its own. */
  readonly openStore: (rest: Rest) => Promise<Store>;
}

export interface Violation {
  readonly checker: string;
  readonly at: Instant;
  readonly subject: string;
  readonly text: string;
  /** What happened to the subject before, the latest last. */
  readonly trace: readonly string[];
}

export interface Tally {
  calls: number;
  callsLost: number;
  renewals: number;
  failures: Record<string, number>;
  deaths: number;
  trueDeaths: number;
  reconnects: number;
  /** Of deadlines. */
  reminders: number;
  reads: number;
  readsRefused: number;
  /** Reads for which a platform had to be called. */
  readsThatRenewed: number;
  kills: number;
  /** Requests to the HTTP servers of the service. */
  httpRequests: number;
  /** What befell people, operators and platforms, by kind. */
  mishaps: Record<string, number>;
}

/** The whole of it: clock, dice, towns with their platforms and people, processes, store, network, and those who watch. */
export class World {
  readonly options: WorldOptions;
  readonly drawn: Drawn;
  readonly rest = new Rest();
  readonly clock: VirtualClock;
  readonly hindrances = new Hindrances();
  readonly towns: readonly Town[];
  readonly processes: SimProcess[] = [];
  readonly violations: Violation[] = [];
  readonly trace = new Trace();
  readonly tally: Tally = {
    calls: 0,
    callsLost: 0,
    renewals: 0,
    failures: {},
    deaths: 0,
    trueDeaths: 0,
    reconnects: 0,
    reminders: 0,
    reads: 0,
    readsRefused: 0,
    readsThatRenewed: 0,
    kills: 0,
    httpRequests: 0,
    mishaps: {},
  };
  /** Chance for what happens to the world; the processes and the platforms have their own. */
  readonly random: () => number;
  readonly weather: StoreWeather;
  readonly callers: Callers;
  readonly checkers: readonly Checker[];
  network: Network;
  /** Until then no clock jumps. */
  clocksStandUntil: Instant = WORLD_BEGINS_AT;
  readonly #townByWorkspace: ReadonlyMap<string, Town>;
  /** Town by grant. */
  readonly #townOf = new Map<string, string>();
  readonly #opened = new OpenedSecrets();
  #god: House | null = null;

  constructor(options: WorldOptions) {
    const { seed } = options;
    this.options = options;
    this.drawn = without(draw(seededRandom(`${seed} options`), options.faults), options.without ?? []);
    this.clock = new VirtualClock(WORLD_BEGINS_AT, this.rest.atRest);
    this.random = seededRandom(`${seed} world`);
    this.weather = new StoreWeather(this.clock.now, seededRandom(`${seed} weather`), this.tell);
    this.towns = Array.from({ length: options.towns }, (_, number) => {
      const world = simWorld(this.clock.now, seededRandom(`${seed} town ${number}`));
      return new Town(number, SIMULATORS, { ...world, frugal: true });
    });
    this.#townByWorkspace = new Map(this.towns.map((town) => [town.workspaceId, town]));
    this.callers = new Callers(this);
    this.network = this.#networkWith(NO_CALL_FAULTS);
    this.checkers = options.checkers.map((factory) => this.#watch(factory));
  }

  /** The unguarded house: for those who set the world up, and for those who know everything. */
  get god(): House {
    if (this.#god === null) throw new Error('The world is not open yet.');
    return this.#god;
  }

  /** Opens the store, makes the towns' workspaces and starts the processes. */
  async open(): Promise<void> {
    const { seed } = this.options;
    const base = await this.options.openStore(this.rest);
    await base.migrate();
    const store = observed(base, (write) => this.#written(write), this.clock.now);
    const keyring = keyringOf([masterKeyFrom(bytesOf(seededRandom(`${seed} master key`))(32))]);
    const registry = registryOfTowns(createRegistry(store), this.towns);
    const randomBytes = bytesOf(seededRandom(`${seed} bytes`));
    const log = this.#log();
    const { clock } = this;
    this.#god = createHouse({
      store,
      vault: await openVault({ store, keyring, randomBytes, now: clock.now }),
      wire: {
        senderFor: () => () => Promise.reject(new Error('A god calls nobody.')),
        browserUrl: (_, url) => url,
        longestCallMs: 0,
      },
      spool: memorySpool(),
      registry,
      now: clock.now,
      sleep: clock.sleep,
      randomBytes,
      log,
      meter: { count: () => {} },
      publicUrl: PUBLIC_URL,
      nodeId: 'god',
    });
    for (const town of this.towns) {
      await store.insertWorkspace({ id: town.workspaceId, name: town.name, createdAt: clock.now() });
      await storeApiKey(this.contextIn(this.#god, town), town.apiKey, { name: 'Callers', scopes: ['admin'] });
    }
    const { planted = {} } = this.options;
    const weathered = this.weather.over(planted.store?.(store) ?? store);
    for (let number = 1; number <= this.drawn.processes; number += 1) {
      const parts = {
        name: `node-${number}`,
        clock,
        store: weathered,
        keyring,
        registry,
        randomBytes,
        log,
        tell: this.tell,
      };
      const wireOf: ProcessParts['wireOf'] = (name, life) => {
        const wire = this.network.wireOf(name, life);
        return planted.wire?.(wire, log) ?? wire;
      };
      this.processes.push(new SimProcess({ ...parts, wireOf }));
    }
    for (const process of this.processes) process.start();
    await this.rest.atRest();
  }

  /** From here on calls go wrong as often as was drawn. */
  letLoose(): void {
    this.network = this.#networkWith(this.drawn.calls);
    this.weather.loseAnswers = this.drawn.storeLosesAnswers;
    for (const process of this.processes) process.restartAfter(0);
  }

  /** A process that runs, or null. */
  someProcess(): SimProcess | null {
    const running = this.processes.filter(({ house }) => house !== null);
    return running[Math.floor(this.random() * running.length)] ?? null;
  }

  contextIn(house: House, town: Town): Context {
    return { house, workspaceId: town.workspaceId, actor: 'api_key:simulated' };
  }

  /** Whether this is how things may end in a world; anything else is a fault of the program, and is reported as one. */
  isLife(error: unknown): boolean {
    const expected =
      error instanceof Problem || error instanceof TurnedAway || error instanceof StoreUnavailableError;
    if (!expected)
      this.report(
        'FAULT',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
        'program',
      );
    return expected;
  }

  report(checker: string, text: string, subject: string): void {
    const town = this.#townOf.get(subject) ?? subject;
    const trace = this.trace.of([subject, town]);
    this.violations.push({ checker, at: this.clock.now(), subject, text, trace });
  }

  /** A grant with what only a god knows. */
  async see(grant: GrantRecord): Promise<SeenGrant> {
    const { god } = this;
    const town = this.#townByWorkspace.get(grant.workspaceId)!;
    const platform = await god.registry.find(grant.workspaceId, grant.platform);
    const method = platform!.profile.methods.find(({ id }) => id === grant.method)!;
    const secrets = await this.#opened.of(god, grant);
    const simulator = town.simulatorOf(grant.platform);
    const lives = simulator.lives(grant.platform, grant.method, secrets);
    const takes = simulator.takes(grant.platform, grant.method, secrets);
    return { grant, town, simulator, method, secrets, lives, takes };
  }

  async grants(): Promise<SeenGrant[]> {
    const seen: SeenGrant[] = [];
    for (const { workspaceId } of this.towns) {
      const page = { limit: 10_000, after: null };
      for (const grant of await this.god.store.listGrants(workspaceId, {}, page))
        seen.push(await this.see(grant));
    }
    return seen;
  }

  inTheWayOf = (simulator: Liar): readonly unknown[] => [EVERYBODY, simulator];

  inTheWayOfLooks = (simulator: Liar): readonly unknown[] => [EVERYBODY, simulator, simulator.veil];

  /** For the traces of those about whom something is wrong. */
  tell = (words: string): void => this.trace.world(this.clock.now(), words);

  /** One more of those that befell somebody. */
  befell(kind: string): void {
    this.tally.mishaps[kind] = (this.tally.mishaps[kind] ?? 0) + 1;
  }

  /** Something stands in the way for a while. */
  hinder(what: unknown, milliseconds: number): void {
    this.hindrances.add(what, this.clock.now(), this.clock.now() + milliseconds);
  }

  #watch(factory: CheckerFactory): Checker {
    const checker = factory({
      now: this.clock.now,
      hindrances: this.hindrances,
      inTheWayOf: this.inTheWayOf,
      inTheWayOfLooks: this.inTheWayOfLooks,
      report: (text, subject) => this.report(checker.id, text, subject),
    });
    return checker;
  }

  #networkWith(faults: typeof NO_CALL_FAULTS): Network {
    const before = this.network as Network | undefined;
    return new Network({
      clock: this.clock,
      random: seededRandom(`${this.options.seed} network ${before === undefined ? 'calm' : 'loose'}`),
      towns: new Map(this.towns.map((town) => [town.mark, town])),
      faults,
      tell: this.tell,
      seen: (call) => this.#called(call),
      kill: (name) => this.#killed(name),
    });
  }

  #killed(name: string): void {
    const process = this.processes.find((one) => one.name === name);
    if (process?.house == null) return;
    this.tally.kills += 1;
    process.restartAfter(5_000 + Math.floor(this.random() * 60_000));
  }

  #called(call: SeenCall): void {
    this.tally.calls += 1;
    this.trace.call(call);
    if (!call.delivered) this.tally.callsLost += 1;
    for (const checker of this.checkers) checker.onCall?.(call);
  }

  #written(write: SeenWrite): void {
    const { before, after, activity } = write;
    this.trace.write(write);
    this.tally.reminders += activity.filter(({ action }) => action === 'deadline.reminded').length;
    if (before === null) this.#townOf.set(after.id, this.#townByWorkspace.get(after.workspaceId)?.name ?? '');
    if (before !== null && after.credentialVersion > before.credentialVersion) this.tally.renewals += 1;
    if (after.failures > (before?.failures ?? 0) && after.evidence?.cause)
      this.tally.failures[after.evidence.cause] = (this.tally.failures[after.evidence.cause] ?? 0) + 1;
    const dies = after.state === 'expired' && before !== null && before.state !== 'expired';
    if (dies && before !== null) {
      this.tally.deaths += 1;
      void this.rest.during(async () => {
        const seen = await this.see(before);
        if (!seen.lives) this.tally.trueDeaths += 1;
        for (const checker of this.checkers) checker.onWrite?.(write, seen);
      });
    } else for (const checker of this.checkers) checker.onWrite?.(write, null);
  }

  #log(): Log {
    const line = (fields: object, message: string): void => {
      const text = `${message} ${describe(fields)}`;
      for (const checker of this.checkers) checker.onLine?.(text);
    };
    const fault = (fields: object, message: string): void => {
      line(fields, message);
      const { err } = fields as { err?: unknown };
      if (err !== undefined && !this.isLife(err)) this.trace.world(this.clock.now(), message);
    };
    return { info: line, warn: line, error: fault };
  }
}

function describe(fields: object): string {
  return JSON.stringify(fields, (_key, value) =>
    value instanceof Error ? `${value.name}: ${value.message}` : value,
  );
}

/** Bytes from dice: only for worlds in which nothing is worth guarding. */
function bytesOf(random: () => number): (count: number) => Uint8Array {
  return (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}

export const AUDIT_EVERY_MS = DAY_MS / 8;
