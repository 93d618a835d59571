import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A renewal as it came to the gate. */
export interface SeenRenewal {
  readonly refreshToken: string;
  /** What the platform answered; null: it never got the call. */
  status: number | null;
}

export interface Hold {
  /** Resolves when as many renewals stand here as were waited for. */
  readonly arrived: Promise<void>;
  /** Lets them go on; those whose sender is gone never were. */
  readonly release: () => void;
}

interface Holding {
  readonly where: 'before' | 'after';
  readonly released: Promise<void>;
  readonly arrive: () => void;
}

/** Stands in front of a platform, counts the renewals, and can hold them before the platform acts or afterwards. */
export class Gate {
  readonly url: string;
  readonly renewals: SeenRenewal[] = [];
  readonly close: () => Promise<void>;
  #upstream = '';
  #holding: Holding | null = null;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  static async open(): Promise<Gate> {
    let gate: Gate | undefined;
    const server = createServer((request, response) => void gate?.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    gate = new Gate(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, close);
    return gate;
  }

  leadTo(upstream: string): void {
    this.#upstream = upstream;
  }

  /** Holds every renewal from now on, until it is released. */
  hold(where: 'before' | 'after', count = 1): Hold {
    let left = count;
    let arrive = (): void => undefined;
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = () => {
        left -= 1;
        if (left === 0) resolve();
      };
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding: Holding = { where, released, arrive };
    this.#holding = holding;
    return {
      arrived,
      release: () => {
        if (this.#holding === holding) this.#holding = null;
        release();
      },
    };
  }

  /** How often the platform got a refresh token. */
  presented(refreshToken: string): number {
    const got = this.renewals.filter((one) => one.status !== null);
    return got.filter((one) => one.refreshToken === refreshToken).length;
  }

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(body.toString('utf8'));
    const isRenewal = request.method === 'POST' && form.get('grant_type') === 'refresh_token';
    const seen: SeenRenewal = { refreshToken: form.get('refresh_token') ?? '', status: null };
    if (isRenewal) this.renewals.push(seen);
    const holding = isRenewal ? this.#holding : null;
    if (holding?.where === 'before') await stand(holding);
    if (response.destroyed) return;
    const answer = await this.#forward(request, body);
    seen.status = answer.status;
    if (holding?.where === 'after') await stand(holding);
    if (response.destroyed) return;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #forward({ method, url, headers }: IncomingMessage, body: Buffer) {
    return new Promise<{ status: number; headers: string[]; body: Buffer }>((resolve, reject) => {
      const call = ask(`${this.#upstream}${url}`, { method, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 502,
            headers: answer.rawHeaders,
            body: Buffer.concat(chunks),
          }),
        );
      });
      call.once('error', reject).end(body);
    });
  }
}

function stand({ arrive, released }: Holding): Promise<void> {
  arrive();
  return released;
}
