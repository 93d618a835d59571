import type { Context, House, Log, Wire } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
import { createHouse } from '../../app/house.ts';
import { storeApiKey } from '../../app/manageApiKeys.ts';
import type { Meaning } from '../../core/diagnosis.ts';
import { DAY_MS, type Instant, MINUTE_MS, SECOND_MS } from '../../core/instant.ts';
import type { SimPerson } from '../../platforms/kit/simulator.ts';
import { createRegistry } from '../../platforms/registry.ts';
import { SIMULATORS } from '../../platforms/simulators.ts';
import type { GrantRecord } from '../../store/records.ts';
import { type ConnectionView, type Store, StoreUnavailableError } from '../../store/store.ts';
import { keyringOf } from '../../vault/keyring.ts';
import { masterKeyFrom } from '../../vault/masterKey.ts';
import { openVault } from '../../vault/open.ts';
import { seededRandom, simWorld } from '../dice.ts';
import { bytesOf } from './bytesOf.ts';
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
import { Strikes } from './strikes.ts';
import { emptyTally } from './tally.ts';
import { registryOfTowns, Town } from './town.ts';
import { Trace } from './trace.ts';
import { Truths } from './truths.ts';
import { judgeVerdict } from './verdicts.ts';
import { VirtualClock } from './virtualClock.ts';
import { TurnedAway } from './visit.ts';
import { without } from './without.ts';
import { worldLog } from './worldLog.ts';

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

/** The whole of it: clock, dice, towns with their platforms and people, processes, store, network, and those who watch. */
export class World {
  readonly options: WorldOptions;
  readonly drawn: Drawn;
  readonly rest = new Rest();
  readonly clock: VirtualClock;
  readonly hindrances = new Hindrances();
  /** As `hindrances`, each as long as it truly lasted. */
  readonly outages = new Hindrances();
  readonly towns: readonly Town[];
  readonly processes: SimProcess[] = [];
  readonly violations: Violation[] = [];
  readonly trace = new Trace();
  readonly tally = emptyTally();
  readonly strikes = new Strikes();
  readonly truths = new Truths();
  /** Where a wrong secret was put in, and what those say who are spared for it. */
  readonly wrongSecrets = new Map<Liar, () => void>();
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
    this.weather = new StoreWeather({
      now: this.clock.now,
      random: seededRandom(`${seed} weather`),
      tell: this.tell,
      strikes: this.strikes,
    });
    this.towns = Array.from({ length: options.towns }, (_, number) => {
      const world = simWorld(this.clock.now, seededRandom(`${seed} town ${number}`));
      return new Town(number, SIMULATORS, { ...world, frugal: true });
    });
    this.#townByWorkspace = new Map(this.towns.map((town) => [town.workspaceId, town]));
    for (const simulator of this.towns.flatMap((town) => town.simulators))
      simulator.onLie = () => this.strikes.strike('lie_told');
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
    const store = observed(base, {
      now: this.clock.now,
      tell: (write) => this.#written(write),
      fenced: () => this.strikes.strike('write_fenced'),
    });
    const keyring = keyringOf([masterKeyFrom(bytesOf(seededRandom(`${seed} master key`))(32))]);
    const registry = registryOfTowns(createRegistry(store), this.towns);
    const randomBytes = bytesOf(seededRandom(`${seed} bytes`));
    const log = worldLog(this);
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

  /** Lets the checkers look at everything there is. */
  async audit(): Promise<void> {
    const grants = await this.grants();
    const connections = await this.connections();
    for (const checker of this.checkers) checker.onAudit?.(grants, connections);
  }

  async connections(): Promise<ConnectionView[]> {
    const page = { limit: 10_000, after: null };
    const lists = this.towns.map(({ workspaceId }) => this.god.store.listConnections(workspaceId, {}, page));
    return (await Promise.all(lists)).flat();
  }

  async grants(): Promise<SeenGrant[]> {
    return (await Promise.all(this.towns.map((town) => this.grantsIn(town)))).flat();
  }

  async grantsIn({ workspaceId }: Town): Promise<SeenGrant[]> {
    const seen: SeenGrant[] = [];
    for (const grant of await this.god.store.listGrants(workspaceId, {}, { limit: 10_000, after: null }))
      seen.push(await this.see(grant));
    return seen;
  }

  inTheWayOf = (simulator: Liar): readonly unknown[] => [EVERYBODY, simulator];

  inTheWayOfLooks = (simulator: Liar): readonly unknown[] => [EVERYBODY, simulator, simulator.veil];

  /** For the traces of those about whom something is wrong. */
  tell = (words: string): void => this.trace.world(this.clock.now(), words);

  paused(process: SimProcess, milliseconds: number): void {
    process.pauseFor(milliseconds);
    // What it held waits for its lease to run out.
    this.hinder(EVERYBODY, milliseconds, 5 * MINUTE_MS);
  }

  killed(process: SimProcess): void {
    if (process.house === null) return;
    this.tally.kills += 1;
    this.strikes.strike('killed');
  }

  /** One more of those that befell somebody. */
  befell(kind: string): void {
    this.tally.mishaps[kind] = (this.tally.mishaps[kind] ?? 0) + 1;
  }

  /**
   * Something stands in the way for a while. After that it may take some time until all is as before: of `afterMs` those
   * checkers know that ask for what was kept from being done in time, not those that ask for what was done afterwards.
   */
  hinder(what: unknown, milliseconds: number, afterMs = 0): void {
    const now = this.clock.now();
    this.outages.add(what, now, now + milliseconds);
    this.hindrances.add(what, now, now + milliseconds + afterMs);
  }

  /** What a failure at this platform, or of this person there, means for a while. */
  means(meaning: Meaning, simulator: Liar, milliseconds: number, person?: SimPerson): void {
    const now = this.clock.now();
    this.truths.add(meaning, simulator, now, now + milliseconds, person);
  }

  #watch(factory: CheckerFactory): Checker {
    const checker = factory({
      now: this.clock.now,
      hindrances: this.hindrances,
      outages: this.outages,
      truths: this.truths,
      inTheWayOf: this.inTheWayOf,
      inTheWayOfLooks: this.inTheWayOfLooks,
      report: (text, subject) => this.report(checker.id, text, subject),
      judged: () => {
        this.tally.judged[checker.id] = (this.tally.judged[checker.id] ?? 0) + 1;
      },
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
      strikes: this.strikes,
      kill: (name) => this.#killed(name),
      pause: (name, milliseconds) => {
        const process = this.processes.find((one) => one.name === name);
        if (process !== undefined) this.paused(process, milliseconds);
      },
    });
  }

  #killed(name: string): void {
    const process = this.processes.find((one) => one.name === name);
    if (process?.house == null) return;
    this.killed(process);
    process.restartAfter(5_000 + Math.floor(this.random() * 60_000));
  }

  #called(call: SeenCall): void {
    const { simulator, request, said, delivered, sent } = call;
    this.tally.calls += 1;
    this.trace.call(call);
    if (!delivered) {
      this.tally.callsLost += 1;
      this.hinder(simulator.losses, LOSS_MS);
      // What changes nothing is merely asked again.
      if (said === null || request.endpoint !== 'token') this.means('transient', simulator, LOSS_MS);
      if (sent) this.means('unknown_outcome', simulator, LOSS_MS);
    }
    for (const checker of this.checkers) checker.onCall?.(call);
  }

  #written(write: Omit<SeenWrite, 'simulator'>): void {
    const { before, after, activity } = write;
    const town = this.#townByWorkspace.get(after.workspaceId)!;
    const seenWrite = { ...write, simulator: town.simulatorOf(after.platform) };
    this.trace.write(seenWrite);
    this.tally.reminders += activity.filter(({ action }) => action === 'deadline.reminded').length;
    if (before === null) this.#townOf.set(after.id, town.name);
    if (before !== null && after.credentialVersion > before.credentialVersion) this.tally.renewals += 1;
    if (after.failures > (before?.failures ?? 0) && after.evidence?.cause)
      this.tally.failures[after.evidence.cause] = (this.tally.failures[after.evidence.cause] ?? 0) + 1;
    for (const checker of this.checkers) checker.onWrite?.(seenWrite);
    const dies = after.state === 'expired' && before !== null && before.state !== 'expired';
    const failed = activity.some(({ action }) => FAILED.has(action));
    if (before !== null && (dies || failed))
      void this.rest.during(async () => this.#judge(seenWrite, await this.see(before), dies));
  }

  #judge(write: SeenWrite, seen: SeenGrant, dies: boolean): void {
    if (dies) this.tally.deaths += 1;
    if (dies && !seen.lives) this.tally.trueDeaths += 1;
    if (write.activity.some(({ action }) => action === 'grant.spared'))
      this.wrongSecrets.get(write.simulator)?.();
    judgeVerdict(this.tally.verdicts, this.truths, write, seen);
    for (const checker of this.checkers) checker.onVerdict?.(write, seen);
  }
}

export const AUDIT_EVERY_MS = DAY_MS / 8;
/** How long a call that was lost keeps what it was made for from being done: the timeout, and the first retry. */
const LOSS_MS = 90 * SECOND_MS;
/** What an attempt leaves in the activity log that failed. */
const FAILED: ReadonlySet<string> = new Set(['grant.attempt_failed', 'grant.spared']);
