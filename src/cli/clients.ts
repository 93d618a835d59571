import type { Client } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import type { Column } from './table.ts';
import { timeOf } from './words.ts';

const columns: readonly Column<Client>[] = [
  { title: 'ID', cell: (client) => client.id },
  { title: 'NAME', cell: (client) => client.name },
  { title: 'EXTERNAL ID', cell: (client) => client.external_id ?? '' },
  { title: 'CREATED', cell: (client) => timeOf(client.created_at) },
];

export const clientsList = command({
  name: 'clients list',
  summary: 'list clients',
  examples: ['clients list'],
  run: async ({ out, evergrant }) => {
    const rows = await every(evergrant().clients.list({ limit: 200 }));
    out.rows(rows, columns, 'There are no clients yet. Make one with: evergrant clients create NAME');
  },
});

export const clientsCreate = command({
  name: 'clients create',
  summary: 'create a client: the folder for the connections of a customer or brand',
  about: 'Prints the id of the new client.',
  args: [{ name: 'NAME', help: 'how people know it' }],
  options: { 'external-id': { value: 'ID', help: 'your own id for it; unique' } },
  examples: ['clients create "Summer Shoes" --external-id crm-4711'],
  run: async ({ args: [name = ''], values, out, evergrant }) => {
    const created = await evergrant().clients.create({ name, external_id: values['external-id'] });
    out.show(created, () => created.id);
  },
});
