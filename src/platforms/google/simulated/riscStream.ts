import {
  bearerOf,
  jsonAnswer,
  jsonOf,
  type SimAnswer,
  type SimRequest,
  type SimWorld,
} from '../../kit/simulator.ts';
import { forbidden, invalidArgument, notFound, REFUSALS, type RpcError, rpcError } from './apiErrors.ts';
import type { GoogleApps } from './apps.ts';
import type { Grants } from './grants.ts';
import type { Keys } from './keys.ts';
import { STREAM_ADMINS } from './people.ts';
import { RISC } from './scopes.ts';
import type { ServiceAccounts } from './serviceAccounts.ts';
import { EVENT_TYPES, eventToken } from './signals.ts';

export const RISC_HOST = 'risc.googleapis.com';
const AUDIENCE = `https://${RISC_HOST}/google.identity.risc.v1beta.RiscManagementService`;
const PUSH = 'https://schemas.openid.net/secevent/risc/delivery-method/push';
/** The authorized domains of the simulated project: this machine, as a sandbox reaches nobody else. */
const DOMAINS = ['127.0.0.1', '[::1]', 'localhost'];

interface Stream {
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
}

interface Parts {
  readonly world: SimWorld;
  readonly apps: GoogleApps;
  readonly grants: Grants;
  readonly keys: Keys;
  readonly serviceAccounts: ServiceAccounts;
}

type Act = (request: SimRequest) => SimAnswer;

/**
 * The one stream of security events that a Cloud project has, and its configuration:
 * https://developers.google.com/identity/protocols/risc with its table of errors (looked up 2026-11-22).
 */
export class RiscStream {
  readonly #parts: Parts;
  readonly #calls: Readonly<Record<string, readonly [scopes: readonly string[], act: Act]>>;
  #stream: Stream | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const [configuration, status] = [RISC.configuration, RISC.status];
    this.#calls = {
      'GET /v1beta/stream': [configuration, () => this.#configuration()],
      'POST /v1beta/stream:update': [configuration.slice(-1), (request) => this.#update(request)],
      'GET /v1beta/stream/status': [status, () => this.#status()],
      'POST /v1beta/stream/status:update': [status.slice(-1), (request) => this.#updateStatus(request)],
      'POST /v1beta/stream:verify': [RISC.verify, (request) => this.#verify(request)],
    };
  }

  /** Where events of this signal go; undefined: nowhere. */
  receiverOf(signal: string): string | undefined {
    const stream = this.#stream;
    return stream?.enabled && stream.events.includes(EVENT_TYPES[signal] ?? '') ? stream.url : undefined;
  }

  handle(request: SimRequest): SimAnswer {
    const call = this.#calls[`${request.method} ${request.path}`];
    if (!call) return rpcError(notFound);
    const [scopes, act] = call;
    const refused = this.#refuses(request, scopes);
    return refused ? rpcError(refused) : act(request);
  }

  /** Either a token signed by the service account itself, or an access token with the scope. */
  #refuses(request: SimRequest, scopes: readonly string[]): RpcError | undefined {
    const { grants, serviceAccounts } = this.#parts;
    const token = bearerOf(request);
    const account = serviceAccounts.selfSigned(token ?? '', AUDIENCE);
    if (account) return refusesAccount(account.email);
    const found = grants.access(token);
    if (found?.state !== 'live') return { ...REFUSALS.invalid, message: 'Unauthorized.' };
    const { grant } = found;
    if (grant.kind !== 'service')
      return forbidden('Stream management APIs should only be called by a service account.');
    return grant.scopes.some((scope) => scopes.includes(scope))
      ? refusesAccount(grant.identity)
      : REFUSALS.scope;
  }

  #configuration(): SimAnswer {
    if (!this.#stream) return rpcError(NO_CONFIGURATION);
    const { url, events } = this.#stream;
    return jsonAnswer(200, { delivery: { delivery_method: PUSH, url }, events_requested: events });
  }

  #update(request: SimRequest): SimAnswer {
    const { delivery, events_requested: events } = jsonOf(request);
    const { delivery_method: method, url } = { ...(delivery as Record<string, unknown> | undefined) };
    const fields = { delivery, delivery_method: method, url, events_requested: events };
    const missing = Object.entries(fields).find(([, value]) => value === undefined);
    if (missing) return rpcError(invalidArgument(`Stream configuration must contain ${missing[0]} field.`));
    if (method !== PUSH) return rpcError(invalidArgument('Unsupported delivery_method.'));
    const refused = refusesEndpoint(String(url));
    if (refused) return rpcError(refused);
    const wanted = Array.isArray(events) ? events.map(String) : [];
    this.#stream = { url: String(url), events: wanted, enabled: this.#stream?.enabled ?? true };
    return jsonAnswer(200, {});
  }

  #status(): SimAnswer {
    if (!this.#stream) return rpcError(NO_CONFIGURATION);
    return jsonAnswer(200, { status: this.#stream.enabled ? 'enabled' : 'disabled' });
  }

  #updateStatus(request: SimRequest): SimAnswer {
    const { status } = jsonOf(request);
    if (status !== 'enabled' && status !== 'disabled') return rpcError(forbidden('Invalid status.'));
    if (!this.#stream)
      return rpcError({
        ...notFound,
        message: 'Project has no existing RISC configuration, cannot update status.',
      });
    this.#stream = { ...this.#stream, enabled: status === 'enabled' };
    return jsonAnswer(200, {});
  }

  /** Without the event type in the configuration nothing is sent. */
  #verify(request: SimRequest): SimAnswer {
    if (!this.#stream) return rpcError(NO_CONFIGURATION);
    const to = this.receiverOf('verification');
    if (to === undefined) return jsonAnswer(200, {});
    const events = { [EVENT_TYPES.verification!]: { state: String(jsonOf(request).state ?? '') } };
    const message = eventToken(this.#parts, this.#parts.apps.all()[0]!.clientId, events);
    return { ...jsonAnswer(200, {}), pushes: [{ to, message }] };
  }
}

const NO_CONFIGURATION: RpcError = { ...notFound, message: 'Project has no RISC configuration.' };

function refusesAccount(email: string): RpcError | undefined {
  return STREAM_ADMINS.includes(email)
    ? undefined
    : forbidden('Service account needs permission to access your RISC configuration');
}

function refusesEndpoint(url: string): RpcError | undefined {
  const endpoint = URL.parse(url);
  if (endpoint?.protocol !== 'https:') return forbidden('The delivery endpoint must be an HTTPS URL.');
  return DOMAINS.includes(endpoint.hostname)
    ? undefined
    : forbidden("The delivery endpoint does not belong to any of your project's domains.");
}
