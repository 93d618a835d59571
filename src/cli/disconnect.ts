import { command } from './command.ts';

const AT_PLATFORM_WORDS = {
  revoked: 'The platform was told, and has ended the authorization.',
  // For these two the notice of the service says it, and what the person may do.
  still_used: null,
  not_offered: null,
  refused: 'The platform was told, but did not accept it.',
} as const;

export const disconnect = command({
  name: 'disconnect',
  summary: 'end a connection on purpose',
  about:
    'The authorization ends with its last connection, at the platform too where it has a way. History stays. Where the platform would end other connections with it, they are named and nothing is done, unless --yes is given.',
  args: [{ name: 'CONNECTION', help: 'the id of a connection' }],
  options: { yes: { help: 'also where other connections end with it' } },
  examples: ['disconnect con_01kabc', 'disconnect con_01kabc --yes'],
  run: async ({ args: [id = ''], values, out, evergrant }) => {
    const result = await evergrant().connections.disconnect(id, { confirm: values.yes });
    out.show(result, () =>
      ['Disconnected.', AT_PLATFORM_WORDS[result.at_platform], result.notice].filter(Boolean).join(' '),
    );
  },
});
