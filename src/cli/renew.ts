import { command } from './command.ts';
import { EXIT } from './exitCodes.ts';
import { HELD_WORDS, when } from './words.ts';

const OUTCOME_WORDS = {
  renewed: 'Renewed.',
  proven: 'There is nothing to renew. The platform was asked, and it works.',
  nothing: 'Nothing was to be done.',
  failed: 'It failed.',
  held: 'Not tried just now.',
  waiting: 'Still under way. Look again shortly.',
} as const;

export const renew = command({
  name: 'renew',
  summary: 'renew the credential of a connection now',
  about: `Never needed: renewals happen by themselves. Where there is nothing to renew, the platform is asked whether the credential works.
Exit code 6: the platform was not asked just now, or could not answer.`,
  args: [{ name: 'CONNECTION', help: 'the id of a connection' }],
  examples: ['renew con_01kabc'],
  run: async ({ args: [id = ''], out, evergrant, now }) => {
    const renewal = await evergrant().connections.renew(id, { timeoutSeconds: 60 });
    const { outcome, diagnosis, connection } = renewal;
    out.show(renewal, () => {
      const why = diagnosis && `${diagnosis.explanation} ${diagnosis.remedy}`;
      const end = when(connection.access_expires_at, now());
      const held = when(renewal.held_until, now());
      return [
        OUTCOME_WORDS[outcome],
        renewal.held_reason && HELD_WORDS[renewal.held_reason],
        held && `It can be tried again ${held}.`,
        why,
        end && `The token ends ${end}.`,
      ]
        .filter(Boolean)
        .join('\n');
    });
    if (outcome === 'held' || outcome === 'waiting') return EXIT.unavailable;
    if (outcome !== 'failed') return EXIT.ok;
    return diagnosis?.permanent ? EXIT.failure : EXIT.unavailable;
  },
});
