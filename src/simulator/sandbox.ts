import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Instant } from '../core/instant.ts';
import type { SimAnswer, SimRequest, Simulator, SimulatorFactory } from '../platforms/kit/simulator.ts';
import type { MovableClock } from './clock.ts';
import { CONTROL, control } from './control.ts';
import { deliver } from './deliver.ts';
import { simWorld } from './dice.ts';
import { applyFault, type Fault } from './faults.ts';
import { type Cut, cutUrl, jsonReply, MOST_BODY_BYTES, Replier, readBody } from './http.ts';
import { inReach } from './inReach.ts';
import { Misbehaviour } from './misbehaviour.ts';
import { overviewPage } from './overviewPage.ts';
import { type Index, type Served, serveAll } from './served.ts';

const LONGEST_HANG_MS = 60_000;

export interface SandboxOptions {
  readonly factories: readonly SimulatorFactory[];
  readonly now: () => Instant;
  /** Seeded, in [0, 1): tokens come from it. Another seed for each start, where tokens of an earlier one may be kept. */
  readonly random: () => number;
  /** Share of calls that are slow, fail or are lost, from 0 to 1. Default 0. The control API changes it. */
  readonly misbehaviour?: { readonly rate: number; readonly random: () => number };
  /** A clock that the control API may move; `now` is then its `now`. Absent: it may not. */
  readonly clock?: MovableClock;
  /** Where somebody else's clock is moved, for the overview to say. Default: nowhere. */
  readonly clockPage?: string | null;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

export interface Sandbox {
  /** Without trailing slash: `{url}/{host}{path}` stands for `https://{host}{path}`. */
  readonly url: string;
  readonly simulators: readonly Simulator[];
  readonly close: () => Promise<void>;
}

/** Serves the simulated platforms over HTTP, with `/_control` to break and mend them. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { rate, random } = options.misbehaviour ?? { rate: 0, random: options.random };
  const index = serveAll(options.factories, {
    world: simWorld(options.now, options.random),
    misbehaviour: new Misbehaviour(rate, random),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    clockPage: options.clockPage ?? null,
  });
  const host = new SandboxHost(index, options.now);
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (request, response) => {
    host.take(request, response);
  });
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    simulators: index.all.map((served) => served.simulator),
    close: () => close(server),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

class SandboxHost {
  readonly #index: Index;
  readonly #replier: Replier;

  constructor(index: Index, now: () => Instant) {
    this.#index = index;
    this.#replier = new Replier(now);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const cut = cutUrl(request.url ?? '/');
    const served = this.#index.byHost.get(cut.first);
    readBody(request, (body) => {
      if (body === null) this.#refuseBody(request, response);
      else if (served) this.#platform(served, cut, body, request, response);
      else this.#answer(this.#own(cut, body, request), request.headers.host ?? '', response);
    });
  }

  #refuseBody(request: IncomingMessage, response: ServerResponse): void {
    response.shouldKeepAlive = false;
    response.once('finish', () => request.destroy());
    const message = `A body may have ${MOST_BODY_BYTES} bytes here.`;
    this.#replier.reply(response, jsonReply(413, { error: 'body_too_large', message }));
  }

  #own(cut: Cut, body: string, request: IncomingMessage): SimAnswer | Promise<SimAnswer> {
    if (cut.first === CONTROL) return control(this.#index, request, cut, body);
    if (cut.first === '' && cut.rest === '/') {
      const note = this.#index.notes.find(new URLSearchParams(cut.query).get('note'));
      return overviewPage(this.#index, note);
    }
    const message = `Nobody serves ${cut.first} here. Addresses are /{host}/{path}; the platforms and their switches are at /.`;
    return jsonReply(404, { error: 'unknown_host', message, known: [...this.#index.byHost.keys()] });
  }

  #platform(
    served: Served,
    cut: Cut,
    body: string,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): void {
    const reachedAt = incoming.headers.host ?? '';
    const request = simRequest(cut, body, incoming);
    served.calls.count(cut.rest);
    try {
      const mishap = this.#index.misbehaviour.draw(request);
      const fault =
        served.faults.take(cut.first, cut.rest) ?? served.answers.askedBy(request) ?? mishap?.fault;
      if (fault !== undefined) {
        this.#withFault(fault, served, request, reachedAt, response);
        return;
      }
      const answer = acted(served, request);
      if (mishap === undefined) this.#answer(answer, reachedAt, response);
      else setTimeout(() => this.#answer(answer, reachedAt, response), mishap.slowMs);
    } catch (error) {
      this.#bug(error, response);
    }
  }

  #withFault(
    what: Fault['what'],
    served: Served,
    request: SimRequest,
    reachedAt: string,
    response: ServerResponse,
  ): void {
    const done = applyFault(what, {
      request,
      act: () => acted(served, request),
      rateLimited: (refused) => served.simulator.rateLimited(refused),
      reply: (answer) => this.#reply(answer, reachedAt, response),
      cut: () => response.destroy(),
      hang: () => hang(response),
    });
    if (done instanceof Promise) done.catch((error: unknown) => this.#bug(error, response));
  }

  #answer(answer: SimAnswer | Promise<SimAnswer>, reachedAt: string, response: ServerResponse): void {
    if (!(answer instanceof Promise)) this.#reply(answer, reachedAt, response);
    else {
      answer
        .then((came) => this.#reply(came, reachedAt, response))
        .catch((error: unknown) => this.#bug(error, response));
    }
  }

  #reply(answer: SimAnswer, reachedAt: string, response: ServerResponse): void {
    const location = answer.headers?.location;
    if (location !== undefined) this.#replier.reply(response, this.#redirected(answer, location, reachedAt));
    else this.#replier.reply(response, answer.isDiscovery ? this.#discovered(answer, reachedAt) : answer);
  }

  /** The issuer stays the platform's, because it is what ID tokens say. */
  #discovered(answer: SimAnswer, reachedAt: string): SimAnswer {
    // As text: a fault may have cut the document in half.
    const body = answer.body.replace(/("\w+_(?:endpoint|uri)":")([^"]*)/g, (whole, name, address) => {
      const led = this.#inSandbox(address, reachedAt);
      return led === undefined ? whole : `${name}${led}`;
    });
    return { ...answer, body };
  }

  /** Where an address of a platform is served here; undefined where nobody serves it. */
  #inSandbox(address: string, reachedAt: string): string | undefined {
    const url = URL.parse(address);
    if (url === null || !this.#index.byHost.has(url.host)) return undefined;
    return `http://${reachedAt}/${url.host}${url.pathname}${url.search}${url.hash}`;
  }

  /** A redirect within a platform stays within the sandbox; one back to the app goes where it says. */
  #redirected(answer: SimAnswer, location: string, reachedAt: string): SimAnswer {
    const inSandbox = this.#inSandbox(location, reachedAt);
    return inSandbox === undefined
      ? answer
      : { ...answer, headers: { ...answer.headers, location: inSandbox } };
  }

  #bug(error: unknown, response: ServerResponse): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#replier.reply(response, jsonReply(500, { error: 'simulator_bug', message }));
  }
}

/** The platform acts, and pushes what it pushes because of it, whether the answer is heard or not. */
function acted({ simulator }: Served, request: SimRequest): SimAnswer | Promise<SimAnswer> {
  const answer = simulator.handle(request);
  if (answer instanceof Promise)
    answer.then(pushAll).catch(() => undefined); // said where the answer is awaited
  else if (answer.pushes) pushAll(answer);
  return answer;
}

function pushAll({ pushes = [] }: SimAnswer): void {
  for (const { to, message } of pushes) {
    const reached = inReach(to);
    if (reached !== undefined) void deliver(reached, message);
  }
}

function simRequest(cut: Cut, body: string, incoming: IncomingMessage): SimRequest {
  // A platform sees its own name as the host.
  const headers = incoming.headers as Record<string, string>;
  headers.host = cut.first;
  const query = new URLSearchParams(cut.query);
  return { method: incoming.method ?? 'GET', host: cut.first, path: cut.rest, query, headers, body };
}

function hang(response: ServerResponse): void {
  const timer = setTimeout(() => response.destroy(), LONGEST_HANG_MS);
  response.once('close', () => clearTimeout(timer));
}
