import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instant } from '../core/instant.ts';
import type { SimAnswer } from '../platforms/kit/simulator.ts';

export const MOST_BODY_BYTES = 1_000_000;

/** `/{first}{rest}?{query}`, cut by hand: this runs for every request of a benchmark. */
export interface Cut {
  readonly first: string;
  /** Begins with a slash. */
  readonly rest: string;
  readonly query: string;
}

export function cutUrl(url: string): Cut {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark + 1);
  const slash = path.indexOf('/', 1);
  return slash === -1
    ? { first: path.slice(1), rest: '/', query }
    : { first: path.slice(1, slash), rest: path.slice(slash), query };
}

/** Hands over the body as text, or null when it is too large. Does nothing when the client leaves before its end. */
export function readBody(request: IncomingMessage, then: (body: string | null) => void): void {
  const { headers } = request;
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) {
    then('');
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let done = false;
  const finish = (body: string | null) => {
    if (!done) then(body);
    done = true;
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) finish(null);
    else chunks.push(chunk);
  });
  request.on('end', () => finish(Buffer.concat(chunks).toString('utf8')));
}

/** Writes answers whose `Date` follows the simulated clock: a platform's clock is its own. */
export class Replier {
  readonly #now: () => Instant;
  #second = Number.NaN;
  #date = '';

  constructor(now: () => Instant) {
    this.#now = now;
  }

  reply(response: ServerResponse, answer: SimAnswer): void {
    if (response.headersSent || response.destroyed) return;
    const encoding = answer.isFile ? 'latin1' : 'utf8';
    const length = Buffer.byteLength(answer.body, encoding);
    response.writeHead(answer.status, { date: this.#dateNow(), ...answer.headers, 'content-length': length });
    response.end(answer.body, encoding);
  }

  #dateNow(): string {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    return this.#date;
  }
}

export function jsonReply(status: number, value: unknown): SimAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}
