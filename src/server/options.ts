import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify';
import type { House } from '../app/context.ts';
import type { Places } from './pages/navigation.ts';

export interface ServerOptions {
  /** As shown in the OpenAPI document. Default `0.0.0`. */
  readonly version?: string;
  /** The metrics in the text form of Prometheus, served at `/metrics`; absent: 404. */
  readonly metrics?: () => Promise<string>;
  /** What a caller of `/metrics` has to send as a bearer token. Absent or null: callers on this machine need none, others are refused. */
  readonly metricsToken?: string | null;
  /** Beside the database: why the process is not ready, as a sentence; null: it is. */
  readonly readiness?: () => Promise<string | null>;
  /** Which proxies may say who called (`X-Forwarded-For`). Default: none. */
  readonly trustProxy?: FastifyServerOptions['trustProxy'];
  /** For Fastify's own messages. Requests are never logged by it: their addresses may carry secrets. */
  readonly logger?: FastifyBaseLogger;
  /** Sandbox only: callers on this machine see this workspace's page at `/` without a key, until it has a live app. */
  readonly openDashboardWorkspaceId?: string | null;
  /** Sandbox only: where the page of the simulated platforms is, for the pages here to lead there. Default: nowhere. */
  readonly platformsUrl?: string | null;
  /** Whether answers leave together, as `endOfTurn` says. Default true; where time does not pass by itself, it would pass before the answer. */
  readonly answersTogether?: boolean;
  /** The largest request body. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

/** Where the operator's pages lead. */
export function placesOf({ clock }: House, { platformsUrl = null }: ServerOptions): Places {
  return { hasClock: clock !== null, platformsUrl };
}
