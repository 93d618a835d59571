import type { App } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import type { Output } from './output.ts';
import { type Column, printable } from './table.ts';
import { fromNow, plain, when, whoWords } from './words.ts';

const columns = (now: number): readonly Column<App>[] => [
  { title: 'ID', cell: (app) => app.id },
  { title: 'NAME', cell: (app) => app.name },
  { title: 'PLATFORM', cell: (app) => app.platform },
  { title: 'ENVIRONMENT', cell: (app) => app.environment },
  {
    title: 'STATE',
    cell: (app) => (app.failing ? 'refused' : 'works'),
    style: (app) => (app.failing ? 'red' : 'green'),
  },
  { title: 'SINCE', cell: (app) => fromNow(app.failing?.since ?? null, now) },
  { title: 'WHY', cell: (app) => plain(app.failing?.cause ?? null) },
  { title: 'WHAT TO DO', cell: (app) => app.failing?.remedy ?? '' },
];

export const appsList = command({
  name: 'apps list',
  summary: 'list apps (OAuth clients), and which of them their platform refuses',
  examples: ['apps list', 'apps list --json'],
  run: async ({ out, evergrant, now }) => {
    const rows = await every(evergrant().apps.list({ limit: 200 }));
    out.rows(rows, columns(now()), 'There are no apps yet.');
  },
});

export const appsShow = command({
  name: 'apps show',
  summary: 'show an app: whether its platform accepts it, why not, what to do',
  args: [{ name: 'APP', help: 'the id of an app' }],
  examples: ['apps show app_01kabc'],
  run: async ({ args: [id = ''], out, evergrant, now }) => {
    const app = await evergrant().apps.get(id);
    out.show(app, () => describe(app, out, now()));
  },
});

function describe(app: App, out: Output, now: number): string {
  const { failing } = app;
  return out.list([
    ['id', app.id],
    ['name', printable(app.name)],
    ['platform', `${app.platform} (${app.environment})`],
    ['client id', printable(app.client_id)],
    ['secret', app.has_secret ? 'kept' : 'none'],
    ['state', failing ? out.paint('red', 'refused by the platform') : out.paint('green', 'works')],
    ['since', failing && when(failing.since, now)],
    ['why', failing && `${failing.explanation} (${failing.cause})`],
    ['who acts', failing && whoWords(failing.who)],
    ['what to do', failing?.remedy],
    ['left alone until', failing && when(failing.retry_at, now)],
  ]);
}
