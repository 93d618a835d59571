import type { ApiKey } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import { UsageError } from './exitCodes.ts';
import { oneOf } from './parse.ts';
import type { Column } from './table.ts';
import { timeOf } from './words.ts';

const SCOPES = ['admin', 'write', 'read', 'token'] as const;
const SCOPES_SHOWN = SCOPES.join(', ');

const columns: readonly Column<ApiKey>[] = [
  { title: 'ID', cell: (key) => key.id },
  { title: 'NAME', cell: (key) => key.name },
  { title: 'SCOPES', cell: (key) => key.scopes.join(', ') },
  { title: 'CREATED', cell: (key) => timeOf(key.created_at) },
  {
    title: 'STATE',
    cell: (key) => (key.revoked_at === null ? 'works' : `revoked ${timeOf(key.revoked_at)}`),
  },
];

export const apiKeysList = command({
  name: 'api-keys list',
  summary: 'list API keys, revoked ones too',
  examples: ['api-keys list'],
  run: async ({ out, evergrant }) => {
    out.rows(await every(evergrant().apiKeys.list()), columns, 'There are no API keys.');
  },
});

export const apiKeysCreate = command({
  name: 'api-keys create',
  summary: 'create an API key',
  about: `Prints the key and nothing else. It is shown this once: only its hash is kept.
Scopes: admin may do everything; write changes connections and clients, and reads; read looks; token reads tokens.`,
  options: {
    name: { value: 'NAME', help: 'what it is for' },
    scope: {
      value: 'SCOPE',
      many: true,
      help: `what it may: ${SCOPES_SHOWN}`,
    },
  },
  examples: ['api-keys create --name "reporting service" --scope token --scope read'],
  run: async ({ values: { name, scope = [] }, out, evergrant }) => {
    if (!name) throw new UsageError('--name is missing, what the key is for.');
    if (scope.length === 0) throw new UsageError(`--scope is missing, what the key may: ${SCOPES_SHOWN}.`);
    const created = await evergrant().apiKeys.create({
      name,
      scopes: scope.map((one) => oneOf('scope', one, SCOPES)),
    });
    out.show(created, () => created.key);
    out.note(`This is the key ${created.id}. It is shown this once.`);
  },
});

export const apiKeysRevoke = command({
  name: 'api-keys revoke',
  summary: 'revoke an API key; it stops working at once',
  args: [{ name: 'KEY', help: 'the id of a key, not the key itself' }],
  examples: ['api-keys revoke key_01kabc'],
  run: async ({ args: [id = ''], out, evergrant }) => {
    if (id.startsWith('evg_')) throw new UsageError('KEY is the id of a key (key_…), not the key itself.');
    await evergrant().apiKeys.revoke(id);
    out.show({ id, revoked: true }, () => `Revoked: ${id}`);
  },
});
