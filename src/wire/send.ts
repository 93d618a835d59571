import { Agent, type Dispatcher } from 'undici';
import type { Endpoint, NoAnswerReason, PlatformAnswer } from '../core/answer.ts';
import type { Instant } from '../core/instant.ts';
import type { PlatformRequest } from '../platforms/kit/request.ts';
import { type AddressRules, type Environment, sandboxAddress, targetOf } from './address.ts';
import { Call } from './call.ts';
import { publicConnector, type SystemLookup } from './publicAddress.ts';

/** What is told about a call. Never a query, a header or a body: secrets travel there. */
export interface WireLogLine {
  readonly environment: Environment;
  readonly endpoint: Endpoint;
  readonly method: string;
  /** The real platform's host, also in the sandbox. */
  readonly host: string;
  readonly path: string;
  /** The status that came, or why none did. */
  readonly outcome: number | NoAnswerReason;
  readonly durationMs: number;
  readonly answerBytes: number;
}

export interface SenderOptions {
  /** Where the simulated platforms listen (`http://127.0.0.1:7071`); null or absent: sandbox calls are refused. */
  readonly sandboxBaseUrl?: string | null;
  readonly now: () => Instant;
  readonly log?: (line: WireLogLine) => void;
  /** Hosts that may be in a private network, as `host` or `host:port`. Default none: what is not public is not called. */
  readonly privateHosts?: readonly string[];
  /** How names become addresses. Default: as the system does it. */
  readonly lookup?: SystemLookup;
  /** Used instead of own connection pools; closing it is then the caller's. */
  readonly dispatcher?: Dispatcher;
  /**
   * Milliseconds from asking to the last byte of the answer, waiting for a connection included. Default 30,000.
   * Token calls wait as long as others: giving up early on one leaves a grant whose fate is unknown.
   */
  readonly timeoutMs?: number;
  /** Other timeouts for some endpoints. */
  readonly timeoutMsOf?: Partial<Record<Endpoint, number>>;
  /** Milliseconds until TCP and TLS stand. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** The largest body that is read. Default 2 MB (2,000,000 bytes). */
  readonly maxAnswerBytes?: number;
  /** Connections to one host at a time; further calls wait, which counts into their timeout. Default 128. */
  readonly connectionsPerHost?: number;
}

export interface SenderFor {
  /** Every host that may be called, exactly, with its port where it is not the scheme's own. */
  readonly hosts: readonly string[];
  readonly environment: Environment;
  /** The operator declared a server on this machine without TLS. Default false. */
  readonly declaredInsecureLoopback?: boolean;
}

const TIMEOUT_MS = 30_000;

export type Send = (request: PlatformRequest) => Promise<PlatformAnswer>;

export interface Sender {
  /** A way to call the given hosts and no others. It never throws: silence is an answer too. */
  readonly senderFor: (whereto: SenderFor) => Send;
  /** The address to which a person is sent: in the sandbox, the simulated platform's page. */
  readonly browserUrl: (environment: Environment, url: string) => string;
  /** The longest timeout of all endpoints, in milliseconds. */
  readonly longestCallMs: number;
  /** Lets calls under way end, then closes the connections. */
  readonly close: () => Promise<void>;
}

/** The one door through which requests leave for a platform: timeout, size limit, no redirects, allow-listed hosts at public addresses. */
export function createSender(options: SenderOptions): Sender {
  const sandboxBaseUrl = options.sandboxBaseUrl?.replace(/\/+$/, '') ?? null;
  // Two pools, so that no live call can ever take a connection that was opened to the sandbox unchecked.
  const live =
    options.dispatcher ??
    ownAgent(
      options,
      publicConnector({
        timeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        privateHosts: options.privateHosts ?? [],
        ...(options.lookup && { lookup: options.lookup }),
      }),
    );
  const sandbox =
    options.dispatcher ?? ownAgent(options, { timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS });
  return {
    senderFor: ({ hosts, environment, declaredInsecureLoopback = false }) => {
      const allowed = new Set(hosts.map((host) => host.toLowerCase()));
      const rules = {
        hosts: allowed,
        environment,
        sandboxBaseUrl,
        insecureLoopback: declaredInsecureLoopback,
      };
      const dispatcher = environment === 'live' ? live : sandbox;
      return (request) => send(request, rules, options, dispatcher);
    },
    browserUrl: (environment, url) => {
      if (environment === 'live') return url;
      if (sandboxBaseUrl === null)
        throw new Error('The sandbox does not run: it has no pages to send people to.');
      return sandboxAddress(sandboxBaseUrl, new URL(url));
    },
    longestCallMs: Math.max(options.timeoutMs ?? TIMEOUT_MS, ...Object.values(options.timeoutMsOf ?? {})),
    close: async () => {
      if (options.dispatcher === undefined) await Promise.all([live.close(), sandbox.close()]);
    },
  };
}

const CONNECT_TIMEOUT_MS = 10_000;

function ownAgent(options: SenderOptions, connect: NonNullable<Agent.Options['connect']>): Agent {
  return new Agent({
    connections: options.connectionsPerHost ?? 128,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
    // The call's own timer covers these.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect,
  });
}

async function send(
  request: PlatformRequest,
  rules: AddressRules,
  options: SenderOptions,
  dispatcher: Dispatcher,
): Promise<PlatformAnswer> {
  const startedAt = options.now();
  const { endpoint, method } = request;
  const target = targetOf(request.url, rules);
  const { host, path } = target;
  const tell = (answer: PlatformAnswer, answerBytes: number): PlatformAnswer => {
    const outcome = answer.kind === 'answer' ? answer.status : answer.reason;
    const durationMs = options.now() - startedAt;
    const line = {
      environment: rules.environment,
      endpoint,
      method,
      host,
      path,
      outcome,
      durationMs,
      answerBytes,
    };
    try {
      options.log?.(line);
    } catch {
      // A log that fails must not cost an answer that may carry the only copy of a credential.
    }
    return answer;
  };
  if (!target.ok) {
    return tell(
      { kind: 'no_answer', endpoint, reason: 'host_refused', sent: false, detail: target.detail },
      0,
    );
  }
  const limits = {
    timeoutMs: options.timeoutMsOf?.[endpoint] ?? options.timeoutMs ?? TIMEOUT_MS,
    maxAnswerBytes: options.maxAnswerBytes ?? 2_000_000,
  };
  return new Promise((resolve) => {
    const call = new Call(endpoint, limits, (answer) => resolve(tell(answer, call.size)));
    const { origin, pathAndQuery } = target;
    const headers = headersOf(request);
    try {
      dispatcher.dispatch({ origin, path: pathAndQuery, method, headers, body: request.body ?? null }, call);
    } catch (error) {
      call.onResponseError(undefined, error as Error);
    }
  });
}

/** The connection's own headers are not the caller's: another `host` would reach a site that is not on the list. */
const OF_THE_CONNECTION = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'te',
  'expect',
]);

/**
 * As the adapter wrote them, in lower case. Bodies are asked for as they are: without `accept-encoding`, a server
 * may choose any coding (RFC 9110 12.5.3).
 */
function headersOf(request: PlatformRequest): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'evergrant' };
  for (const [given, value] of Object.entries(request.headers)) {
    const name = given.toLowerCase();
    if (!OF_THE_CONNECTION.has(name)) headers[name] = value;
  }
  headers['accept-encoding'] = 'identity';
  return headers;
}
