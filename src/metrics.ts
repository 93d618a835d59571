import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import type { Meter } from './app/context.ts';

const HELP = {
  renewals: 'Renewals sent to platforms, by platform and outcome.',
  probes: 'Probes sent to platforms, by platform and verdict.',
  token_reads: 'Access tokens handed out, by platform.',
  verdicts: 'What failed attempts meant, by platform and verdict.',
  platform_calls: 'Calls to platforms, by host and outcome.',
  spool_replays:
    'Spooled outcomes that left the spool: written, outdated, or set_aside for a person to look at; and those that stay, because they cannot be read (unread) or moved (unmoved).',
} as const;

const LABELS = {
  renewals: ['platform', 'outcome'],
  probes: ['platform', 'verdict'],
  token_reads: ['platform'],
  verdicts: ['platform', 'verdict'],
  platform_calls: ['host', 'outcome'],
  spool_replays: ['result'],
} as const;

/** Counters for Prometheus. Labels are platforms, hosts and outcomes: never an id, never a secret. */
export function createMetrics(): { readonly registry: Registry; readonly meter: Meter } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'evergrant_' });
  const names = Object.keys(HELP) as (keyof typeof HELP)[];
  const counters = new Map(
    names.map((name) => [
      name,
      new Counter({
        name: `evergrant_${name}_total`,
        help: HELP[name],
        labelNames: [...LABELS[name]],
        registers: [registry],
      }),
    ]),
  );
  return { registry, meter: { count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by) } };
}
