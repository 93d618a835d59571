import { command } from './command.ts';
import { every } from './every.ts';
import { clock } from './words.ts';

export const clientsList = command({
  name: 'clients list',
  summary: 'list clients',
  examples: ['clients list'],
  run: async ({ out, evergrant }) => {
    const rows = await every(evergrant().clients.list({ limit: 200 }));
    const columns = [
      { title: 'ID', cell: (row: (typeof rows)[0]) => row.id },
      { title: 'NAME', cell: (row: (typeof rows)[0]) => row.name },
      { title: 'YOUR ID', cell: (row: (typeof rows)[0]) => row.external_id ?? '' },
      { title: 'CREATED', cell: (row: (typeof rows)[0]) => clock(row.created_at) },
    ];
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
