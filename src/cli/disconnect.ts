import { command } from './command.ts';

const AT_PLATFORM_WORDS = {
  revoked: 'The platform was told, and has ended the authorization.',
  still_used: 'The authorization itself stays: other connections rest on it.',
  not_offered: 'The platform has no way to be told.',
  refused: 'The platform was told, but did not accept it.',
} as const;

export const disconnect = command({
  name: 'disconnect',
  summary: 'end a connection on purpose',
  about:
    'The authorization ends with its last connection, at the platform too where it has a way. History stays.',
  args: [{ name: 'CONNECTION', help: 'the id of a connection' }],
  examples: ['disconnect con_01kabc'],
  run: async ({ args: [id = ''], out, evergrant }) => {
    const result = await evergrant().connections.disconnect(id);
    out.show(result, () =>
      ['Disconnected.', AT_PLATFORM_WORDS[result.at_platform], result.notice].filter(Boolean).join(' '),
    );
  },
});
