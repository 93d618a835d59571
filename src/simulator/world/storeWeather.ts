import { type Instant, toRfc3339 } from '../../core/instant.ts';
import { type Store, StoreUnavailableError } from '../../store/store.ts';
import type { Strikes } from './strikes.ts';

export interface WeatherParts {
  readonly now: () => Instant;
  readonly random: () => number;
  readonly tell: (words: string) => void;
  readonly strikes: Strikes;
}

/** What the store is like at the moment. */
export class StoreWeather {
  #goneUntil: Instant = Number.NEGATIVE_INFINITY;
  /** Share of writes whose answer is lost after they were committed. */
  loseAnswers = 0;
  readonly #parts: WeatherParts;
  #met = (): void => {};

  constructor(parts: WeatherParts) {
    this.#parts = parts;
  }

  goneUntil(moment: Instant): void {
    const { tell, strikes } = this.#parts;
    tell(`the database is away until ${toRfc3339(moment)}`);
    this.#met = strikes.lasting(['store_gone']);
    this.#goneUntil = Math.max(this.#goneUntil, moment);
  }

  get isGone(): boolean {
    return this.#goneUntil > this.#parts.now();
  }

  /** The store as processes reach it. Closing and migrating are not subject to weather. */
  over(store: Store): Store {
    const entries = Object.entries(store).map(([name, method]) => [name, this.#around(name, method)]);
    return {
      ...(Object.fromEntries(entries) as unknown as Store),
      migrate: store.migrate,
      close: store.close,
    };
  }

  #around(name: string, method: unknown) {
    const call = method as (...given: unknown[]) => Promise<unknown>;
    return async (...given: unknown[]) => {
      if (this.isGone) {
        this.#met();
        throw new StoreUnavailableError('The simulated database is away.');
      }
      const result = await call(...given);
      if (this.loseAnswers > 0 && isWrite(name) && this.#parts.random() < this.loseAnswers) {
        this.#parts.strikes.strike('store_answer_lost');
        throw new StoreUnavailableError('The simulated database committed, and its answer was lost.');
      }
      return result;
    };
  }
}

/**
 * What only looks, by its name, and what does so under another name. Whatever is not among these is a write, so that a new
 * method of the store cannot be forgotten.
 */
const LOOKS = /^(get|list|find|has|count|next|ping|verify|lock|hurriedly)(?=[A-Z]|$)/;
const OTHER_LOOKS: ReadonlySet<string> = new Set<keyof Store>([
  'connectionStamps',
  'dataKeysNotUnder',
  'wallProblem',
]);

/** Whether a method of the store changes what is stored, so that its answer can be lost after that. */
export function isWrite(method: string): boolean {
  return !LOOKS.test(method) && !OTHER_LOOKS.has(method);
}
