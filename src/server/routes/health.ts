import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { House } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
import { sha256Hex } from '../../app/hash.ts';
import { cameFromThisMachine, isLocalName } from '../loopback.ts';
import type { ServerOptions } from '../options.ts';
import type { PlainSpec } from '../plain.ts';
import { healthy } from '../schemas/health.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const OK = JSON.stringify({ status: 'ok' });

export function healthRoutes(house: House, options: ServerOptions): readonly PlainSpec[] {
  return [
    {
      name: 'healthz',
      path: '/healthz',
      summary: 'Whether the process is up',
      contentType: JSON_TYPE,
      answer: healthy,
      head: true,
      handle: async () => OK,
    },
    {
      name: 'readyz',
      path: '/readyz',
      summary: 'Whether it can do its work: the database answers',
      contentType: JSON_TYPE,
      answer: healthy,
      head: true,
      problems: ['temporarily_unavailable'],
      handle: async () => {
        await requireDatabase(house);
        const reason = (await options.readiness?.()) ?? null;
        if (reason !== null) throw new Problem('temporarily_unavailable', reason);
        return OK;
      },
    },
    {
      name: 'metrics',
      path: '/metrics',
      summary: 'Metrics in the text form of Prometheus',
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      problems: ['not_found', 'unauthorized'],
      handle: async (request) => {
        if (!options.metrics) throw new Problem('not_found', 'This process keeps no metrics.');
        requireScraper(request, house, options.metricsToken ?? null);
        return options.metrics();
      },
    },
  ];
}

/**
 * Metrics count over all workspaces and name the hosts that they declared: they are the operator's. A caller on this
 * machine counts as the operator only where the service is known by this machine's name: else it may be a proxy.
 */
function requireScraper(request: FastifyRequest, house: House, token: string | null): void {
  const sent = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const local = isLocalName(new URL(house.publicUrl).host) && cameFromThisMachine(request, house.publicUrl);
  const known =
    token === null ? local : timingSafeEqual(Buffer.from(sha256Hex(sent)), Buffer.from(sha256Hex(token)));
  if (known) return;
  throw new Problem(
    'unauthorized',
    'Metrics are the operator’s. Set EVERGRANT_METRICS_TOKEN, and send it as “Authorization: Bearer …”.',
  );
}

async function requireDatabase(house: House): Promise<void> {
  try {
    await house.store.ping();
  } catch (error) {
    house.log.warn({ err: error }, 'Not ready: the database does not answer');
    throw new Problem('temporarily_unavailable', 'The database does not answer.');
  }
}
