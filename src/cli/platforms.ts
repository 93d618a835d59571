import type { Platform } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import type { Output } from './output.ts';
import { type Column, printable } from './table.ts';
import { span } from './words.ts';

type Method = Platform['methods'][number];

const columns: readonly Column<Platform>[] = [
  { title: 'ID', cell: (row) => row.id },
  { title: 'NAME', cell: (row) => row.name },
  { title: 'METHODS', cell: (row) => row.methods.map((method) => method.id).join(', ') },
  {
    title: 'TOKEN LASTS',
    cell: (row) => eachOnce(row, (method) => lifetime(method.cadence.access_lifetime_seconds.value)),
  },
  {
    title: 'RENEWAL LASTS',
    cell: (row) => eachOnce(row, (method) => lifetime(method.cadence.renewal_lifetime_seconds.value)),
  },
];

function eachOnce(platform: Platform, of: (method: Method) => string): string {
  return [...new Set(platform.methods.map(of))].join(', ');
}

function lifetime(value: number | string): string {
  return typeof value === 'number' ? span(value) : value;
}

export const platforms = command({
  name: 'platforms',
  summary: 'list the platforms, or show one: how its credentials live and die, how to register an app',
  args: [{ name: 'PLATFORM', help: 'the id of a platform', optional: true }],
  examples: ['platforms', 'platforms PLATFORM --json'],
  run: async ({ args: [id], out, evergrant }) => {
    if (id === undefined) {
      out.rows(await every(evergrant().platforms.list()), columns, 'There are no platforms.');
      return;
    }
    const platform = await evergrant().platforms.get(id);
    out.show(platform, () => describe(platform, out));
  },
});

function describe(platform: Platform, out: Output): string {
  const head = out.list([
    ['id', platform.id],
    ['name', printable(platform.name)],
    ['also called', platform.aliases.join(', ')],
    ['redirect address', platform.redirect_uri],
  ]);
  const steps = platform.setup.map((step, index) => `  ${index + 1}. ${printable(step)}`).join('\n');
  const parts = [head, ...platform.methods.map((method) => describeMethod(method, out))];
  if (steps !== '') parts.push(`${out.paint('bold', 'Registering an app')}\n${steps}`);
  return parts.join('\n\n');
}

function describeMethod({ id, name, cadence, scopes }: Method, out: Output): string {
  const {
    access_lifetime_seconds: access,
    renewal_lifetime_seconds: renewal,
    person_needed_when: person,
  } = cadence;
  const from = (fact: { readonly source: string; readonly checked: string }) =>
    out.paint('dim', ` (${fact.source}, ${fact.checked})`);
  const facts = out.list([
    ['token lasts', lifetime(access.value) + from(access)],
    ['renewal', cadence.mechanism.value.replaceAll('_', ' ')],
    ['renewal lasts', lifetime(renewal.value) + from(renewal)],
    ['a person is needed', printable(person.value)],
    ['permissions', scopes.map((scope) => scope.id).join(', ')],
  ]);
  return `${out.paint('bold', `${printable(name)} (${id})`)}\n${facts}`;
}
