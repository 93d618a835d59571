import type { Spool } from '../../app/committer.ts';
import type { House, Log, Wire } from '../../app/context.ts';
import { createHouse } from '../../app/house.ts';
import { type Instant, MINUTE_MS, SECOND_MS } from '../../core/instant.ts';
import { runKeeper } from '../../keeper/run.ts';
import type { PlatformRegistry } from '../../platforms/registry.ts';
import type { Store } from '../../store/store.ts';
import type { Keyring } from '../../vault/keyring.ts';
import { openVault } from '../../vault/open.ts';
import { Front } from './front.ts';
import { Life } from './life.ts';
import { memorySpool } from './memorySpool.ts';
import { PUBLIC_URL } from './publicUrl.ts';
import type { VirtualClock } from './virtualClock.ts';

/** In a simulated year a keeper that looks every few seconds would do little else. */
const PACE = {
  longestSleepMs: 10 * MINUTE_MS,
  shortestSleepMs: 20 * SECOND_MS,
  flushEveryMs: 60 * MINUTE_MS,
};

export interface ProcessParts {
  readonly name: string;
  readonly clock: VirtualClock;
  /** As processes reach it. */
  readonly store: Store;
  readonly keyring: Keyring;
  readonly registry: PlatformRegistry;
  readonly wireOf: (name: string, life: Life) => Wire;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly tell: (words: string) => void;
}

/** One Evergrant process, the real code, on a machine with a clock and a disk of its own. It can be killed and started again. */
export class SimProcess {
  readonly name: string;
  /** How far this machine's clock is ahead. */
  skewMs = 0;
  readonly #parts: ProcessParts;
  readonly #spool: Spool = memorySpool();
  #life: Life | null = null;
  #house: House | null = null;
  #front: Front | null = null;
  #starts = 0;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.name = parts.name;
  }

  /** Null: it does not run at the moment. */
  get house(): House | null {
    return this.#house;
  }

  /** Its HTTP face, made when somebody first asks; null: it does not run at the moment. */
  get front(): Front | null {
    if (this.#house !== null) this.#front ??= new Front(this.#house);
    return this.#front;
  }

  readonly now = (): Instant => this.#parts.clock.now() + this.skewMs;

  /** Starts it, and tries again every minute where it cannot be started yet. */
  start(): void {
    this.#starts += 1;
    const life = new Life(this.#parts.clock);
    this.#life = life;
    void this.#run(life).catch(() => {
      if (!life.isOver) this.restartAfter(MINUTE_MS);
    });
  }

  /** Nothing that it awaits comes any more. */
  kill(): void {
    if (this.#life !== null) this.#parts.tell(`${this.name} is killed`);
    this.#life?.end();
    this.#life = null;
    this.#house = null;
    this.#front = null;
  }

  restartAfter(milliseconds: number): void {
    this.kill();
    const { clock } = this.#parts;
    clock.at(clock.now() + milliseconds, () => {
      if (this.#life === null) this.start();
    });
  }

  pauseFor(milliseconds: number): void {
    this.#parts.tell(`${this.name} stands still for ${Math.round(milliseconds / SECOND_MS)} s`);
    this.#life?.pauseUntil(this.#parts.clock.now() + milliseconds);
  }

  async #run(life: Life): Promise<void> {
    const { clock, keyring, registry, randomBytes, log } = this.#parts;
    const store = life.guard(this.#parts.store);
    const { now } = this;
    const house = createHouse({
      store,
      vault: await openVault({ store, keyring, randomBytes, now }),
      wire: this.#parts.wireOf(this.name, life),
      spool: life.guard(this.#spool),
      registry,
      now,
      sleep: (milliseconds, signal) => life.live(() => clock.sleep(milliseconds, signal)),
      randomBytes,
      log,
      meter: { count: () => {} },
      publicUrl: PUBLIC_URL,
      nodeId: `${this.name}-${this.#starts}`,
    });
    this.#house = house;
    await runKeeper(house, life.guard(this.#spool), new AbortController().signal, PACE);
  }
}
