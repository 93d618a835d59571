import type { FastifyInstance } from 'fastify';
import type { House } from '../../app/context.ts';
import { createServer } from '../../server/server.ts';
import { PUBLIC_URL } from './publicUrl.ts';

export interface Asked {
  readonly method: 'GET' | 'POST';
  /** A path of the service, or an address below its public one. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless it is a form. */
  readonly body?: object | URLSearchParams;
}

export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: string;
}

/** The HTTP face of one process: the real server, without sockets, for which virtual time would not wait. */
export class Front {
  readonly #server: FastifyInstance;

  constructor(house: House) {
    this.#server = createServer(house, { answersTogether: false });
  }

  async ask({ method, url, headers = {}, body }: Asked): Promise<Heard> {
    const form = body instanceof URLSearchParams;
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const answer = await this.#server.inject({
      method,
      url: url.startsWith(PUBLIC_URL) ? url.slice(PUBLIC_URL.length) : url,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { payload: form ? body.toString() : JSON.stringify(body) }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  }
}
