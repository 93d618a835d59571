import type { Connection, ConnectionDetail } from '../../sdk/src/index.ts';
import { STATE_WORDS } from '../core/grantState.ts';
import { command } from './command.ts';
import { every } from './every.ts';
import type { Output } from './output.ts';
import { wholeNumber } from './parse.ts';
import { knownState, STATE_STYLE, STATES_SHOWN } from './stateWords.ts';
import { type Column, printable } from './table.ts';
import { fromNow, HELD_WORDS, plain, when, whoWords } from './words.ts';

export const connectionsList = command({
  name: 'connections list',
  summary: 'list connections and how they are',
  options: {
    client: { value: 'ID', help: 'only those of one client' },
    platform: { value: 'PLATFORM', help: 'only those of one platform' },
    state: { value: 'STATE', help: `only those in a state, as the list shows it: ${STATES_SHOWN}` },
    limit: { value: 'N', help: 'at most so many (default: all)' },
  },
  examples: ['connections list', 'connections list --state broken --json'],
  run: async ({ values, out, evergrant, now }) => {
    const limit = wholeNumber('limit', values.limit, [1, 1_000_000]);
    const state = values.state === undefined ? undefined : knownState(values.state);
    const filter = { client_id: values.client, platform: values.platform, state };
    const rows = await every(
      evergrant().connections.list({ ...filter, limit: Math.min(limit ?? 200, 200) }),
      limit,
    );
    out.rows(rows, columns(now()), 'There are no such connections.');
    const broken = rows.filter((row) => row.state === 'expired').length;
    if (broken > 0) out.note(`\n${broken} of ${rows.length} broken. More: evergrant connections show ID`);
  },
});

const columns = (now: number): readonly Column<Connection>[] => [
  { title: 'ID', cell: (row) => row.id },
  { title: 'NAME', cell: (row) => row.name },
  { title: 'PLATFORM', cell: (row) => row.platform },
  {
    title: 'STATE',
    cell: (row) => STATE_WORDS[row.state].words,
    style: (row) => STATE_STYLE[row.state],
  },
  { title: 'SINCE', cell: (row) => fromNow(row.since, now) },
  { title: 'HELD UNTIL', cell: (row) => fromNow(row.held?.until ?? null, now) },
  { title: 'DEADLINE', cell: (row) => fromNow(row.deadline_at, now) },
  { title: 'WHY', cell: (row) => plain(row.cause) },
];

export const connectionsShow = command({
  name: 'connections show',
  summary: 'show a connection: state, cause, what to do, deadlines, accounts',
  args: [{ name: 'CONNECTION', help: 'the id of a connection' }],
  examples: ['connections show con_01kabc'],
  run: async ({ args: [id = ''], out, evergrant, now }) => {
    const connection = await evergrant().connections.get(id);
    out.show(connection, () => describe(connection, out, now()));
  },
});

export const connectionsRefresh = command({
  name: 'connections refresh',
  summary: 'read the ad accounts of a connection again now',
  about: `Shows what no renewal meets: accounts out of reach, closed or suspended. Changes no credential. Where the platform does
not list them, it says why.`,
  args: [{ name: 'CONNECTION', help: 'the id of a connection' }],
  examples: ['connections refresh con_01kabc'],
  run: async ({ args: [id = ''], out, evergrant, now }) => {
    const connection = await evergrant().connections.refresh(id, { timeoutSeconds: 60 });
    out.show(connection, () => describe(connection, out, now()));
  },
});

/** A connection in words. */
export function describe(connection: ConnectionDetail, out: Output, now: number): string {
  const { identity, evidence, state, held } = connection;
  const text = (value: string | null) => value && printable(value);
  return out.list([
    ['id', connection.id],
    ['name', text(connection.name)],
    ['client', connection.client_id],
    ['platform', `${connection.platform} (${connection.method}, ${connection.environment})`],
    [
      'authorized by',
      identity && printable([identity.name ?? identity.id, identity.email].filter(Boolean).join(', ')),
    ],
    ['state', out.paint(STATE_STYLE[state], `${STATE_WORDS[state].words} (${state})`)],
    ['since', when(connection.since, now)],
    ['why', text(connection.explanation)],
    ['the platform says', text([evidence?.code, evidence?.message].filter(Boolean).join(': '))],
    ['cannot be ruled out', evidence?.acceptable_others.map(plain).join(', ')],
    ['who acts', whoWords(connection.who)],
    ['what to do', text(connection.remedy)],
    ['reconnect here', connection.reconnect_url],
    ['missing permissions', text(connection.missing_scopes.join(', '))],
    ['missing ad accounts', text(connection.missing_accounts.join(', '))],
    ['no working token', connection.down_since && `since ${when(connection.down_since, now)}`],
    ['token ends', when(connection.access_expires_at, now)],
    ['next renewal', when(connection.next_renewal_at, now)],
    ['next look', when(connection.next_look_at, now)],
    ['held back', held && `until ${when(held.until, now)}: ${HELD_WORDS[held.reason]}`],
    ['last seen to work', when(connection.last_proof_at, now)],
    ...connection.deadlines.map((end) => ['deadline', `${plain(end.kind)}: ${when(end.at, now)}`] as const),
    ...connection.accounts.map(
      (account) => ['ad account', printable(`${account.id} ${account.name} (${account.status})`)] as const,
    ),
  ]);
}
