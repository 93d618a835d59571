import type { Deadline } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import { wholeNumber } from './parse.ts';
import type { Column } from './table.ts';
import { plain, timeOf } from './words.ts';

const columns: readonly Column<Deadline>[] = [
  {
    title: 'DAYS LEFT',
    cell: (row) => String(row.days_left),
    style: (row) => (row.days_left < 7 ? 'red' : row.days_left < 30 ? 'yellow' : undefined),
  },
  { title: 'AT', cell: (row) => timeOf(row.at) },
  { title: 'PLATFORM', cell: (row) => row.platform },
  { title: 'WHAT ENDS', cell: (row) => `${plain(row.kind)}${row.ends_grant ? '' : ' (a part)'}` },
  { title: 'AUTHORIZED BY', cell: (row) => row.identity?.name ?? row.identity?.id ?? '' },
  { title: 'CONNECTIONS', cell: (row) => row.connection_ids.join(', ') },
];

export const deadlines = command({
  name: 'deadlines',
  summary: 'list what only a person can put off, soonest first',
  options: { within: { value: 'DAYS', help: 'how far to look (default 60)' } },
  examples: ['deadlines --within 30'],
  run: async ({ values, out, evergrant }) => {
    const within = wholeNumber('within', values.within, [1, 3650]) ?? 60;
    const rows = await every(evergrant().deadlines.list({ within_days: within }));
    out.rows(rows, columns, `Nothing ends within ${within} days.`);
  },
});
