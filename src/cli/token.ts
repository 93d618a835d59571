import { command } from './command.ts';
import { wholeNumber } from './parse.ts';

export const token = command({
  name: 'token',
  summary: 'print a working access token of a connection',
  about:
    'Prints the token and nothing else. With --json also its end, and the headers and address with which to call the platform.',
  args: [{ name: 'CONNECTION', help: 'the id of a connection' }],
  options: {
    'min-ttl': {
      value: 'SECONDS',
      help: 'renewed first when less is left of its life (default 300); the freshest is printed, which may live shorter',
    },
  },
  examples: ['token con_01kabc', 'token con_01kabc --min-ttl 3600 --json'],
  run: async ({ args: [id = ''], values, out, evergrant }) => {
    const minTtlSeconds = wholeNumber('min-ttl', values['min-ttl'], [0, 86_400]);
    const answer = await evergrant().connections.token(id, { minTtlSeconds });
    out.show(answer, () => answer.access_token);
  },
});
