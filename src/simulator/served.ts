import type { Instant } from '../core/instant.ts';
import type { SimPerson, Simulator, SimulatorFactory, SimWorld } from '../platforms/kit/simulator.ts';
import type { MovableClock } from './clock.ts';
import { AnswerBook, readDocumentedAnswers } from './documentedAnswers.ts';
import { Faults } from './faults.ts';
import { Misbehaviour } from './misbehaviour.ts';
import { Notes } from './notes.ts';
import { remembering } from './remembering.ts';

const MOST_PATHS = 10_000;

/** How often a simulated platform was called, for tests. */
export class Calls {
  #total = 0;
  readonly #byPath = new Map<string, number>();

  count(path: string): void {
    this.#total += 1;
    const before = this.#byPath.get(path);
    if (before !== undefined || this.#byPath.size < MOST_PATHS) this.#byPath.set(path, (before ?? 0) + 1);
  }

  reset(): void {
    this.#total = 0;
    this.#byPath.clear();
  }

  get summary() {
    return { total: this.#total, by_path: Object.fromEntries(this.#byPath) };
  }
}

/** A simulator that is being served. Platforms that share a sign-in share its faults and counters too. */
export interface Served {
  readonly simulator: Simulator;
  readonly faults: Faults;
  readonly calls: Calls;
  readonly answers: AnswerBook;
  /** Where each platform pushes to. */
  readonly receivers: Map<string, string>;
}

export interface Index {
  readonly notes: Notes;
  readonly misbehaviour: Misbehaviour;
  /** Absent: the clock is somebody else’s. */
  readonly clock: MovableClock | undefined;
  readonly now: () => Instant;
  /** Where somebody else's clock is moved; null: nowhere. */
  readonly clockPage: string | null;
  readonly all: readonly Served[];
  readonly byHost: ReadonlyMap<string, Served>;
  readonly byPlatform: ReadonlyMap<string, Served>;
}

export interface IndexOptions {
  readonly world: SimWorld;
  readonly misbehaviour?: Misbehaviour;
  readonly clock?: MovableClock;
  /** Default null. */
  readonly clockPage?: string | null;
}

/** Builds the simulators and finds them by host and platform. Two that claim the same are an error. */
export function serveAll(factories: readonly SimulatorFactory[], options: IndexOptions): Index {
  const { world, clock } = options;
  const all = factories.map((factory) => {
    const made = factory(world);
    // One that is kept over restarts remembers further back than this process.
    const simulator = made.flips ? made : remembering(made, world.now);
    const answers = new AnswerBook(simulator.platforms, readDocumentedAnswers);
    return { simulator, faults: new Faults(), calls: new Calls(), answers, receivers: new Map() };
  });
  const byHost = indexBy(all, (simulator) => simulator.hosts, 'host');
  const byPlatform = indexBy(all, (simulator) => simulator.platforms, 'platform');
  const misbehaviour = options.misbehaviour ?? new Misbehaviour(0, world.random);
  return {
    notes: new Notes(),
    all,
    byHost,
    byPlatform,
    misbehaviour,
    clock,
    now: world.now,
    clockPage: options.clockPage ?? null,
  };
}

function indexBy(all: readonly Served[], keysOf: (simulator: Simulator) => readonly string[], what: string) {
  const found = new Map<string, Served>();
  const twice = new Set<string>();
  for (const served of all) {
    for (const key of new Set(keysOf(served.simulator))) {
      if (found.has(key)) twice.add(key);
      else found.set(key, served);
    }
  }
  if (twice.size > 0) throw new Error(`More than one simulator serves the ${what} ${[...twice].join(', ')}.`);
  return found;
}

/** A person by id, by what their grant is known as, or by mail address where that is easier to remember. */
export function personOf(simulator: Simulator, name: string): SimPerson | undefined {
  return simulator.people.find(
    ({ id, email, knownAs }) => id === name || email === name || knownAs?.includes(name),
  );
}
