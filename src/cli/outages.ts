import type { Outage } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import { wholeNumber } from './parse.ts';
import type { Column } from './table.ts';
import { plain, span, timeOf } from './words.ts';

const columns = (now: number): readonly Column<Outage>[] => [
  { title: 'CONNECTION', cell: (row) => row.connection_id },
  { title: 'BEGAN', cell: (row) => timeOf(row.started_at) },
  {
    title: 'ENDED',
    cell: (row) => (row.ended_at === null ? 'open' : timeOf(row.ended_at)),
    style: (row) => (row.ended_at === null ? 'red' : undefined),
  },
  {
    title: 'LASTED',
    cell: (row) =>
      span(((row.ended_at === null ? now : Date.parse(row.ended_at)) - Date.parse(row.started_at)) / 1000),
  },
  { title: 'WHY', cell: (row) => plain(row.cause) },
];

export const outages = command({
  name: 'outages',
  summary: 'list the times for which connections could not work, newest first',
  options: {
    connection: { value: 'ID', help: 'only those of one connection' },
    open: { help: 'only those that have not ended' },
    limit: { value: 'N', help: 'at most so many (default 50)' },
  },
  examples: ['outages --open'],
  run: async ({ values, out, evergrant, now }) => {
    const limit = wholeNumber('limit', values.limit, [1, 1_000_000]) ?? 50;
    const filter = { connection_id: values.connection, open: values.open ? ('true' as const) : undefined };
    const rows = await every(evergrant().outages.list({ ...filter, limit: Math.min(limit, 200) }), limit);
    out.rows(rows, columns(now()), 'There are none.');
  },
});
