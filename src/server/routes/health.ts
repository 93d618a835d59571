import type { House } from '../../app/context.ts';
import { Problem } from '../../app/errors.ts';
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
      problems: ['not_found'],
      handle: async () => {
        if (!options.metrics) throw new Problem('not_found', 'This process keeps no metrics.');
        return options.metrics();
      },
    },
  ];
}

async function requireDatabase(house: House): Promise<void> {
  try {
    await house.store.ping();
  } catch (error) {
    house.log.warn({ err: error }, 'Not ready: the database does not answer');
    throw new Problem('temporarily_unavailable', 'The database does not answer.');
  }
}
