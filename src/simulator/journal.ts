import { existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Instant } from '../core/instant.ts';
import type { SimDeed } from '../platforms/kit/simDeeds.ts';
import type { BreakTarget, SimRequest, Simulator, SimulatorFactory } from '../platforms/kit/simulator.ts';
import { seededRandom, simWorld } from './dice.ts';
import { LineFile } from './lineFile.ts';
import { remembering } from './remembering.ts';

/** What was done to a simulated platform. Done again in the same order, it makes the same platform again. */
type Entry = { readonly on: string; readonly at: Instant } & (
  | { readonly kept: string; readonly value: string }
  | { readonly request: Omit<SimRequest, 'query'> & { readonly query: string } }
  | { readonly break: string; readonly platform: string; readonly target: BreakTarget }
  | { readonly mend: string; readonly platform: string; readonly target: BreakTarget }
  | {
      readonly deed: string;
      readonly undone: boolean;
      readonly platform: string;
      readonly target: BreakTarget;
    }
  | { readonly fields: readonly [string, string, string | undefined] }
);

export interface JournalOptions {
  /** A file of JSON lines; made when it is absent. Holds invented credentials only. */
  readonly path: string;
  readonly now: () => Instant;
  readonly seed: string;
  /** Told in words where something of the file was lost. */
  readonly warn: (text: string) => void;
}

/**
 * Keeps simulated platforms across restarts: everything done to them is written down, and done again at the next start
 * with the same clock and dice. Without it a restarted sandbox would not know the tokens it once issued.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #file: LineFile;
  #past: readonly Entry[];
  readonly #simulators = new Map<string, Journaled>();

  constructor(options: JournalOptions) {
    this.#options = options;
    mkdirSync(dirname(options.path), { recursive: true });
    this.#past = readEntries(options.path, options.warn);
    this.#file = new LineFile(options.path);
  }

  /** The same simulators, written down. */
  wrap(factories: readonly SimulatorFactory[]): readonly SimulatorFactory[] {
    return factories.map((factory) => () => {
      const journaled = new Journaled(
        factory,
        factory.name,
        { ...this.#options, file: this.#file },
        this.#past,
      );
      this.#simulators.set(factory.name, journaled);
      return journaled.simulator;
    });
  }

  /** Does the past again. To be called once, before anything new is done. */
  async replay(): Promise<void> {
    // What was refused with an error then is refused again: it is part of the past, and no reason not to start.
    for (const entry of this.#past)
      await this.#simulators
        .get(entry.on)
        ?.redo(entry)
        .catch(() => undefined);
    this.#past = [];
    for (const simulator of this.#simulators.values()) simulator.begin();
  }
}

class Journaled {
  readonly simulator: Simulator;
  readonly #inner: Simulator;
  readonly #write: (entry: object) => void;
  #clock: () => Instant;
  readonly #now: () => Instant;
  /** Nobody reads the answers: they need no signatures. */
  #isPast = false;

  constructor(
    factory: SimulatorFactory,
    on: string,
    { file, now, seed }: Pick<JournalOptions, 'now' | 'seed'> & { readonly file: LineFile },
    past: readonly Entry[],
  ) {
    this.#now = now;
    const own = past.filter((entry) => entry.on === on);
    const beganAt = own[0]?.at;
    const kept = new Map(
      own.flatMap((entry) => ('kept' in entry ? [[entry.kept, entry.value] as const] : [])),
    );
    this.#clock = () => beganAt ?? now();
    this.#write = (entry) => file.append(JSON.stringify({ on, at: now(), ...entry }));
    const keep = (name: string, make: () => string): string => {
      const known = kept.get(name);
      if (known !== undefined) return known;
      const value = make();
      this.#write({ kept: name, value });
      return value;
    };
    const world = simWorld(() => this.#clock(), seededRandom(`${seed}:${on}`));
    const isPast = () => this.#isPast;
    const inWorld = {
      ...world,
      keep,
      get frugal() {
        return isPast();
      },
    };
    this.#inner = remembering(factory(inWorld), world.now);
    this.simulator = this.#written();
  }

  /** From now on the clock is the real one again. */
  begin(): void {
    this.#clock = this.#now;
    this.#isPast = false;
  }

  async redo(entry: Entry): Promise<void> {
    this.#clock = () => entry.at;
    this.#isPast = true;
    if ('request' in entry)
      await this.#inner.handle({ ...entry.request, query: new URLSearchParams(entry.request.query) });
    if ('break' in entry) this.#switch(entry.platform, entry.break)?.apply(entry.target);
    if ('mend' in entry) this.#switch(entry.platform, entry.mend)?.mend?.(entry.target);
    if ('deed' in entry) {
      const deed = this.#inner.deeds?.(entry.platform).find((one) => one.deed === entry.deed);
      deed?.[entry.undone ? 'undo' : 'apply']?.(entry.target);
    }
    if ('fields' in entry) this.#inner.fields(...entry.fields);
  }

  #switch(platform: string, how: string) {
    return this.#inner.breaks(platform).find((one) => one.how === how);
  }

  #written(): Simulator {
    const inner = this.#inner;
    return {
      platforms: inner.platforms,
      hosts: inner.hosts,
      people: inner.people,
      app: (platform) => inner.app(platform),
      clientIds: (platform) => inner.clientIds(platform),
      issued: (accessToken) => inner.issued(accessToken),
      rateLimited: (request) => inner.rateLimited(request),
      lives: (platform, method, secrets) => inner.lives(platform, method, secrets),
      takes: (platform, method, secrets) => inner.takes(platform, method, secrets),
      fields: (platform, method, person) => {
        this.#write({ fields: [platform, method, person] });
        return inner.fields(platform, method, person);
      },
      breaks: (platform) =>
        inner.breaks(platform).map((one) => ({
          ...one,
          apply: (target) => {
            this.#write({ break: one.how, platform, target });
            one.apply(target);
          },
          ...(one.mend === undefined
            ? {}
            : { mend: (target: BreakTarget) => this.#mend(platform, one.how, target) }),
        })),
      flips: (platform) => inner.flips?.(platform) ?? [],
      deeds: (platform) => (inner.deeds?.(platform) ?? []).map((one) => this.#writtenDeed(platform, one)),
      signals: (platform) => inner.signals?.(platform) ?? [],
      registeredReceiver: (platform, signal) => inner.registeredReceiver?.(platform, signal),
      handle: (request) => {
        this.#write({ request: { ...request, query: request.query.toString() } });
        return inner.handle(request);
      },
    };
  }

  #writtenDeed(platform: string, one: SimDeed): SimDeed {
    const written = (undone: boolean, act: (target: BreakTarget) => void) => (target: BreakTarget) => {
      this.#write({ deed: one.deed, undone, platform, target });
      act(target);
    };
    return {
      ...one,
      apply: written(false, one.apply),
      ...(one.undo === undefined ? {} : { undo: written(true, one.undo) }),
    };
  }

  #mend(platform: string, how: string, target: BreakTarget): void {
    this.#write({ mend: how, platform, target });
    this.#switch(platform, how)?.mend?.(target);
  }
}

/** A last line that was cut off by a kill is taken out of the file: what is written next would become part of it. */
function readEntries(path: string, warn: (text: string) => void): readonly Entry[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  const entries = bytes
    .toString('utf8', 0, end)
    .split('\n')
    .flatMap((line, index) => (line === '' ? [] : [readEntry(line, path, index + 1)]));
  if (end < bytes.length) {
    truncateSync(path, end);
    warn(
      `The last line of ${path} was cut off while it was written, and is taken out: the simulated platforms do not know that one call or change. Everything before it is there; if a connection is refused because of it, reconnect it.`,
    );
  }
  return entries;
}

function readEntry(line: string, path: string, number: number): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    throw new Error(
      `Line ${number} of ${path} is damaged. What was done at the simulated platforms is kept there, so without it they would not know the tokens they once issued. Put the file back, or delete the data folder (${dirname(path)}) to begin anew.`,
    );
  }
}

/** For a start where the platforms of an earlier one have lost their past. */
export const withoutJournal = (path: string): string =>
  `${path} is missing: the simulated platforms no longer know what they issued before, and refuse it. Put the file back, reconnect what is refused, or delete the data folder (${dirname(path)}) to begin anew.`;
