import { LEASE_MS } from '../../app/attempt.ts';
import type { Wire } from '../../app/context.ts';
import type { PlatformAnswer } from '../../core/answer.ts';
import { DAY_MS, type Instant, MINUTE_MS, SECOND_MS, toRfc3339 } from '../../core/instant.ts';
import type { PlatformRequest } from '../../platforms/kit/request.ts';
import type { SimAnswer, SimRequest } from '../../platforms/kit/simulator.ts';
import type { Liar } from './liar.ts';
import type { Life } from './life.ts';
import type { StrikeKind, Strikes } from './strikes.ts';
import type { Town } from './town.ts';
import type { VirtualClock } from './virtualClock.ts';

const TIMEOUT_MS = 30 * SECOND_MS;
const LONGEST_PAUSE_MS = 10 * MINUTE_MS;
const LEAST_LATENCY_MS = 40;
const MOST_LATENCY_MS = 400;

/** Shares of calls, from 0 to 1, that go wrong in each way. */
export interface CallFaults {
  /** 503, the platform does not act. */
  readonly refused: number;
  /** Silence; the platform never heard of it. */
  readonly lostBefore: number;
  /** Silence; the platform has acted. */
  readonly lostAfter: number;
  /** The process is killed between the answer and its write. */
  readonly killed: number;
  /** The process stands still between the answer and its write, for longer than its claim lasts. */
  readonly paused: number;
}

export const NO_CALL_FAULTS: CallFaults = { refused: 0, lostBefore: 0, lostAfter: 0, killed: 0, paused: 0 };

/** One call as it really was, for the checkers. */
export interface SeenCall {
  readonly at: Instant;
  readonly town: Town;
  readonly simulator: Liar;
  readonly node: string;
  readonly request: PlatformRequest;
  /** What the platform said; null: it never heard of the call. */
  readonly said: SimAnswer | null;
  /** Whether the process got to hear it. */
  readonly delivered: boolean;
  /** Whether the process may take it that the platform heard the call. */
  readonly sent: boolean;
}

export interface NetworkParts {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly towns: ReadonlyMap<string, Town>;
  readonly faults: CallFaults;
  readonly tell: (words: string) => void;
  readonly seen: (call: SeenCall) => void;
  readonly kill: (node: string) => void;
  readonly pause: (node: string, milliseconds: number) => void;
  readonly strikes: Strikes;
}

interface Sending {
  readonly node: string;
  readonly life: Life;
  readonly town: Town;
  readonly request: PlatformRequest;
  readonly hosts: readonly string[];
}

/** Carries calls to the simulated platforms in virtual time, and loses some. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #downUntil = new Map<Liar, Instant>();
  readonly #metDown = new Map<Liar, () => void>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** Until then nobody reaches this platform. */
  takeDown(simulator: Liar, until: Instant): void {
    const { clock, strikes, tell } = this.#parts;
    const forDays = until - clock.now() >= DAY_MS;
    this.#metDown.set(
      simulator,
      strikes.lasting(forDays ? ['platform_down', 'platform_down_for_days'] : ['platform_down']),
    );
    tell(`${simulator.platforms.join(', ')} cannot be reached until ${toRfc3339(until)}`);
    this.#downUntil.set(simulator, Math.max(until, this.#downUntil.get(simulator) ?? 0));
  }

  isDown(simulator: Liar): boolean {
    return (this.#downUntil.get(simulator) ?? 0) > this.#parts.clock.now();
  }

  /** The wire of one process. A town is told by the host that only its own platforms may call. */
  wireOf(node: string, life: Life): Wire {
    return {
      senderFor: ({ hosts }) => {
        const town = hosts.map((host) => this.#parts.towns.get(host)).find((found) => found !== undefined);
        if (town === undefined) throw new Error('A call that belongs to no town.');
        return (request) => this.#carry({ node, life, town, request, hosts });
      },
      browserUrl: (_environment, url) => url,
      longestCallMs: TIMEOUT_MS,
    };
  }

  async #carry(sending: Sending): Promise<PlatformAnswer> {
    const { clock, strikes } = this.#parts;
    let arrivedAt = clock.now();
    const answer = await sending.life.live(async () => {
      const arrived = await this.#send(sending);
      arrivedAt = clock.now();
      return arrived;
    });
    if (clock.now() - arrivedAt > LEASE_MS) strikes.strike('paused_beyond_lease');
    return answer;
  }

  async #send({ node, life, town, request, hosts }: Sending): Promise<PlatformAnswer> {
    const { clock, random, faults, strikes } = this.#parts;
    const url = new URL(request.url);
    const simulator = town.simulatorAt(url.host);
    if (simulator === undefined || !hosts.includes(url.host)) return silence(request, 'host_refused', false);
    const latencyMs = LEAST_LATENCY_MS + random() ** 3 * MOST_LATENCY_MS;
    const tell = (said: SimAnswer | null, delivered: boolean, sent: boolean): void =>
      this.#parts.seen({ at: clock.now(), town, simulator, node, request, said, delivered, sent });
    if (this.isDown(simulator)) {
      this.#metDown.get(simulator)?.();
      tell(null, false, false);
      await clock.sleep(latencyMs);
      return random() < 0.5 ? silence(request, 'connection_failed', false) : unavailable(request);
    }
    const fate = fateOf(random(), faults);
    const struck = fate && STRUCK[fate];
    if (struck) strikes.strike(struck);
    if (fate === 'refused' || fate === 'lostBefore') {
      tell(null, false, fate === 'lostBefore');
      await clock.sleep(fate === 'refused' ? latencyMs : TIMEOUT_MS);
      return fate === 'refused' ? unavailable(request) : silence(request, 'timeout', true);
    }
    const said = await simulator.handle(simRequest(request, url));
    if (fate === 'killed') this.#parts.kill(node);
    if (fate === 'paused') this.#parts.pause(node, LEASE_MS + latencyMs + random() * LONGEST_PAUSE_MS);
    if (fate === 'lostAfter') {
      tell(said, false, true);
      await clock.sleep(TIMEOUT_MS);
      return silence(request, 'timeout', true);
    }
    await clock.sleep(latencyMs);
    // Whoever was killed while it was on its way has not heard it.
    if (life.isOver) strikes.strike('killed_before_write');
    tell(said, !life.isOver, true);
    return answered(request, said);
  }
}

type Fate = keyof CallFaults | null;

/** What strikes with each fate; what follows from the others shows later. */
const STRUCK: Readonly<Partial<Record<keyof CallFaults, StrikeKind>>> = {
  refused: 'call_refused',
  lostBefore: 'lost_before_acting',
  lostAfter: 'lost_after_acting',
};

function fateOf(drawn: number, faults: CallFaults): Fate {
  let left = drawn;
  for (const fate of ['refused', 'lostBefore', 'lostAfter', 'killed', 'paused'] as const) {
    left -= faults[fate];
    if (left < 0) return fate;
  }
  return null;
}

export function simRequest(
  { method, headers, body }: Pick<PlatformRequest, 'method' | 'headers' | 'body'>,
  url: URL,
): SimRequest {
  const lower: Record<string, string> = { host: url.host };
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return {
    method,
    host: url.host,
    path: url.pathname,
    query: url.searchParams,
    headers: lower,
    body: body ?? '',
  };
}

function answered({ endpoint }: PlatformRequest, { status, headers = {}, body }: SimAnswer): PlatformAnswer {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { kind: 'answer', endpoint, status, headers: lower, body };
}

function unavailable(request: PlatformRequest): PlatformAnswer {
  return answered(request, {
    status: 503,
    headers: { 'content-type': 'text/plain' },
    body: 'Service Unavailable',
  });
}

function silence(
  { endpoint }: PlatformRequest,
  reason: 'host_refused' | 'connection_failed' | 'timeout',
  sent: boolean,
): PlatformAnswer {
  return { kind: 'no_answer', endpoint, reason, sent, detail: reason };
}
