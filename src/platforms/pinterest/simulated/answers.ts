import { jsonAnswer, type SimAnswer, type SimWorld } from '../../kit/simulator.ts';

/** Writes this platform's answers, each with the headers that tell of its limits. */
export class Answers {
  readonly #world: SimWorld;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  ok(body: unknown): SimAnswer {
    return jsonAnswer(200, body, this.#headers('1000', '997', '34'));
  }

  error(status: number, code: number, message: string, more: Record<string, unknown> = {}): SimAnswer {
    return jsonAnswer(status, { code, message, ...more }, this.#headers('1000', '997', '34'));
  }

  limited(resetSeconds: number): SimAnswer {
    const message =
      'This request exceeded a rate limit. This can happen if the client exceeds one\nof the published rate limits within a short time window.';
    return jsonAnswer(429, { code: 8, message }, this.#headers('1000', '0', String(resetSeconds)));
  }

  #headers(limit: string, remaining: string, reset: string): Record<string, string> {
    return {
      'x-ratelimit-limit': limit,
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': reset,
      'x-pinterest-rid': this.#world.token(16),
    };
  }
}
