import { createHash } from 'node:crypto';
import type { PlatformAnswer } from '../../src/core/answer.ts';
import type { GrantFacts } from '../../src/core/grantFacts.ts';
import type { AppConfig, Held, Io, Issued } from '../../src/platforms/kit/adapter.ts';
import type { Platform } from '../../src/platforms/kit/platform.ts';
import type { AuthMethod } from '../../src/platforms/kit/profile.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';
import type {
  SimAnswer,
  SimBreak,
  Simulator,
  SimulatorFactory,
  SimWorld,
} from '../../src/platforms/kit/simulator.ts';
import { SIMULATORS } from '../../src/platforms/simulators.ts';

/** A clock that tests move by hand. */
export function movableClock(startAt = Date.parse('2026-11-22T09:00:00Z')) {
  let at = startAt;
  return {
    now: () => at,
    advance: (milliseconds: number) => {
      at += milliseconds;
    },
  };
}

/** The same sequence for the same seed, in [0, 1). */
export function seededRandom(seed: string): () => number {
  let counter = 0;
  return () => {
    counter += 1;
    return createHash('sha256').update(`${seed}:${counter}`).digest().readUInt32BE(0) / 2 ** 32;
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export function seededWorld(now: () => number, seed = 'world'): SimWorld {
  const random = seededRandom(seed);
  const letter = () => LETTERS[Math.floor(random() * LETTERS.length)];
  return { now, random, token: (length) => Array.from({ length }, letter).join('') };
}

/** The simulator of a platform, to see what it offers before anything is started. */
export function simulatorOf(platform: Platform): Simulator {
  const simulators = SIMULATORS.map((factory) => factory(seededWorld(() => 0)));
  const simulator = simulators.find((one) => one.platforms.includes(platform.profile.id));
  if (!simulator) throw new Error(`No simulator serves ${platform.profile.id}.`);
  return simulator;
}

/** The breaks that can happen to a method, each of which gets a test of its own. */
export function breaksOf(platform: Platform, method: AuthMethod): readonly SimBreak[] {
  const breaks = simulatorOf(platform).breaks(platform.profile.id);
  return breaks.filter((one) => !one.methods || one.methods.includes(method.id));
}

export interface Bench {
  readonly clock: ReturnType<typeof movableClock>;
  readonly simulator: Simulator;
  readonly app: AppConfig;
  readonly io: Io;
  readonly sent: PlatformRequest[];
}

/** A platform's adapter wired to its simulator in process, with a clock that can be moved. */
export function benchFor(platform: Platform, factories: readonly SimulatorFactory[]): Bench {
  const clock = movableClock();
  const simulators = factories.map((factory) => factory(seededWorld(clock.now)));
  const simulator = simulators.find((candidate) => candidate.platforms.includes(platform.profile.id));
  if (!simulator) throw new Error(`No simulator serves ${platform.profile.id}.`);
  const sent: PlatformRequest[] = [];
  const random = seededRandom('io');
  const io: Io = {
    now: clock.now,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
    send: (request) => {
      sent.push(request);
      return sendTo(platform, simulator, request);
    },
  };
  return { clock, simulator, app: sandboxApp(platform, simulator), io, sent };
}

export function sandboxApp(platform: Platform, simulator: Simulator): AppConfig {
  const app = simulator.app(platform.profile.id);
  return { id: 'app_test', platform: platform.profile.id, environment: 'sandbox', ...app };
}

async function sendTo(
  platform: Platform,
  simulator: Simulator,
  request: PlatformRequest,
): Promise<PlatformAnswer> {
  const url = new URL(request.url);
  if (!platform.profile.hosts.includes(url.host))
    throw new Error(`${url.host} is not among the platform's hosts.`);
  const answer = await simulator.handle({
    method: request.method,
    host: url.host,
    path: url.pathname,
    query: url.searchParams,
    headers: lowerCase(request.headers),
    body: request.body ?? '',
  });
  return received(request, answer);
}

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function received(request: PlatformRequest, answer: SimAnswer): PlatformAnswer {
  const headers = lowerCase(answer.headers ?? {});
  return { kind: 'answer', endpoint: request.endpoint, status: answer.status, headers, body: answer.body };
}

/** The person at the consent page: follows the authorize address, decides, returns the callback's query. */
export async function consent(
  bench: Bench,
  url: string,
  headers: Record<string, string> = {},
): Promise<URLSearchParams> {
  const at = new URL(url);
  const answer = await bench.simulator.handle({
    method: 'GET',
    host: at.host,
    path: at.pathname,
    query: at.searchParams,
    headers: { 'x-simulated-consent': 'allow', ...headers },
    body: '',
  });
  const location = answer.headers?.location;
  if (!location)
    throw new Error(`No redirect from the consent page: ${answer.status} ${answer.body.slice(0, 200)}`);
  return new URL(location).searchParams;
}

/** Facts of a grant as they stand right after it was issued. */
export function factsOf(
  platform: Platform,
  method: AuthMethod,
  issued: Issued,
  scopes: readonly string[],
): GrantFacts {
  return {
    platform: platform.profile.id,
    method: method.id,
    appPublishing: 'production',
    consentedAt: issued.issuedAt,
    issuedAt: issued.issuedAt,
    accessExpiresAt: issued.accessExpiresAt,
    accessExpiryAssumed: issued.accessExpiryAssumed,
    renewalExpiresAt: issued.renewalExpiresAt ?? null,
    renewable: true,
    scopesRequested: scopes,
    scopesGranted: issued.scopesGranted ?? scopes,
    hardEnds: issued.hardEnds ?? [],
    lastProofAt: issued.issuedAt,
    accessDeadAt: null,
    unknownOutcomeAt: null,
    newerGrantsOfIdentity: 0,
    consentCount: 1,
    extra: issued.extra ?? {},
  };
}

/** The grant after another answer of the platform: what it did not bring stays as it was. */
export function heldAfter(held: Held, issued: Issued): Held {
  const { facts } = held;
  return {
    secrets: { ...held.secrets, ...issued.secrets },
    identity: issued.identity ?? held.identity,
    facts: {
      ...facts,
      issuedAt: issued.issuedAt,
      accessExpiresAt: issued.accessExpiresAt,
      renewalExpiresAt:
        issued.renewalExpiresAt === undefined ? facts.renewalExpiresAt : issued.renewalExpiresAt,
      scopesGranted: issued.scopesGranted ?? facts.scopesGranted,
      hardEnds: issued.hardEnds ?? facts.hardEnds,
      extra: { ...facts.extra, ...issued.extra },
      lastProofAt: issued.issuedAt,
    },
  };
}
