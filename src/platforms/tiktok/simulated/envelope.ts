import { jsonAnswer, type SimAnswer, type SimWorld, textAnswer } from '../../kit/simulator.ts';

/** Writes this platform's answers: HTTP 200, `code`, `message`, `request_id`, `data`. */
export class Envelope {
  readonly #world: SimWorld;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  ok(data: unknown): SimAnswer {
    return jsonAnswer(200, { code: 0, message: 'OK', request_id: this.#requestId(), data });
  }

  error(code: number, message: string): SimAnswer {
    return jsonAnswer(200, { code, message, request_id: this.#requestId(), data: {} });
  }

  noSuchPath(): SimAnswer {
    return textAnswer(404, '404 page not found');
  }

  #requestId(): string {
    const time = new Date(this.#world.now()).toISOString().replace(/\D/g, '').slice(0, 14);
    return `${time}${this.#world.token(18).toUpperCase()}`;
  }
}

/** A text or number of a request's body, as text. */
export function textIn(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = body[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
