import type { Activity } from '../../sdk/src/index.ts';
import { ACTIONS, type Action } from '../core/action.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import { EXIT, UsageError } from './exitCodes.ts';
import { wholeNumber } from './parse.ts';
import type { Column } from './table.ts';
import { plain, timeOf } from './words.ts';

const columns: readonly Column<Activity>[] = [
  { title: 'NO', cell: (row) => String(row.seq) },
  { title: 'AT', cell: (row) => timeOf(row.at) },
  { title: 'WHO', cell: (row) => row.actor },
  { title: 'ACTION', cell: (row) => row.action },
  { title: 'SUBJECTS', cell: (row) => row.subjects.join(' ') },
  { title: 'MORE', cell: (row) => brief(row.detail) },
];

const MOST_SHOWN = 80;

/** The cause where there is one, else as much as fits; all of it is in the JSON. */
function brief(detail: Activity['detail']): string {
  if (typeof detail.cause === 'string') return plain(detail.cause);
  const text = Object.keys(detail).length === 0 ? '' : JSON.stringify(detail);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** Throws {@link UsageError}. */
function knownAction(text: string): Action {
  const found = ACTIONS.find((action) => action === text.trim());
  if (found !== undefined) return found;
  throw new UsageError(`There is no action “${text}”. There is: ${ACTIONS.join(', ')}.`);
}

export const activity = command({
  name: 'activity',
  summary: 'read the activity log, newest first',
  about: 'With --verify it is checked that no row was changed or taken out; exit code 1 where one was.',
  options: {
    subject: { value: 'ID', help: 'only rows about this connection, grant, app, client …' },
    action: { value: 'ACTION', help: 'only rows of this kind, such as grant.renewed' },
    limit: { value: 'N', help: 'at most so many (default 50)' },
    verify: { help: 'check that the log is unbroken' },
  },
  examples: ['activity --subject con_01kabc', 'activity --verify'],
  run: async ({ values, out, evergrant }) => {
    const { subject, verify } = values;
    const action = values.action === undefined ? undefined : knownAction(values.action);
    if (verify) {
      if (subject !== undefined || action !== undefined || values.limit !== undefined)
        throw new UsageError('--verify checks the whole log: leave out --subject, --action and --limit.');
      const verified = await evergrant().activity.verify({ timeoutSeconds: 300 });
      out.show(verified, () =>
        verified.intact
          ? 'The log is unbroken.'
          : `The log was changed: row ${verified.first_broken_seq} does not follow from the one before.`,
      );
      return verified.intact ? EXIT.ok : EXIT.failure;
    }
    const limit = wholeNumber('limit', values.limit, [1, 1_000_000]) ?? 50;
    const rows = await every(
      evergrant().activity.list({ subject, action, limit: Math.min(limit, 200) }),
      limit,
    );
    out.rows(rows, columns, 'There is nothing.');
    return EXIT.ok;
  },
});
