import type { Token } from './types.ts';

/** How long a token that does not end is kept before it is asked for again, so that a disconnect is noticed. */
const ENDLESS_KEPT_MS = 60_000;
/** The same for tokens that last for weeks: the server renews and ends them long before their end. */
const LONGEST_KEPT_MS = 3_600_000;

interface Kept {
  readonly token: Token;
  /** When it ends; infinite: never. */
  readonly endsAt: number;
  /** When it is asked for again whatever is left of it. */
  readonly staleAt: number;
}

/**
 * Keeps tokens in memory, one a connection, and asks again when less is left than the caller needs. Calls that come
 * together share one request. What failed is not remembered.
 */
export class TokenCache {
  readonly #ask: (connectionId: string, minTtlSeconds: number) => Promise<Token>;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Map<number, Promise<Token>>>();

  constructor(ask: (connectionId: string, minTtlSeconds: number) => Promise<Token>, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  async get(connectionId: string, minTtlSeconds: number, signal?: AbortSignal): Promise<Token> {
    signal?.throwIfAborted();
    const kept = this.#kept.get(connectionId);
    const now = this.#now();
    if (kept && now < kept.staleAt && kept.endsAt - now >= minTtlSeconds * 1000) return kept.token;
    return untilAborted(this.#join(connectionId, minTtlSeconds), signal);
  }

  /** The next call asks the server, also where a request is under way now. */
  forget(connectionId: string): void {
    this.#kept.delete(connectionId);
    this.#underWay.delete(connectionId);
  }

  #join(connectionId: string, minTtlSeconds: number): Promise<Token> {
    const flights = this.#underWay.get(connectionId) ?? new Map<number, Promise<Token>>();
    this.#underWay.set(connectionId, flights);
    const joined = flights.get(minTtlSeconds);
    if (joined) return joined;
    const flight = this.#fly(connectionId, minTtlSeconds, flights);
    flights.set(minTtlSeconds, flight);
    return flight;
  }

  async #fly(
    connectionId: string,
    minTtlSeconds: number,
    flights: Map<number, Promise<Token>>,
  ): Promise<Token> {
    try {
      const token = await this.#ask(connectionId, minTtlSeconds);
      if (this.#underWay.get(connectionId) === flights) this.#keep(connectionId, token);
      return token;
    } finally {
      flights.delete(minTtlSeconds);
      if (flights.size === 0 && this.#underWay.get(connectionId) === flights)
        this.#underWay.delete(connectionId);
    }
  }

  #keep(connectionId: string, token: Token): void {
    const now = this.#now();
    const endsAt = token.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(token.expires_at);
    const keptMs = token.expires_at === null ? ENDLESS_KEPT_MS : LONGEST_KEPT_MS;
    this.#kept.set(connectionId, { token, endsAt, staleAt: now + keptMs });
  }
}

/** One caller who gives up does not take the shared request from the others. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
