import type { Clock, Evergrant, Schemas } from '../../sdk/src/index.ts';
import { LONGEST_MOVE_DAYS } from '../app/sandboxClock.ts';
import { readSpan } from '../app/span.ts';
import { command } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exitCodes.ts';
import type { Output } from './output.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { nearestSpan, span, timeOf, when } from './words.ts';

const ASK_EVERY_MS = 500;
const DAY_SECONDS = 86_400;
/** Seconds that a day of the example takes: on a machine of its own (2026-11-22), and on one with much else to do. */
const SECONDS_A_DAY = [6, 16] as const;

export const clockShow = command({
  name: 'clock',
  summary: 'show the clock of a sandbox, and what comes next',
  about: `A sandbox and its simulated platforms share one clock. “clock freeze” lets the time stand still, “clock forward” moves it, and
everything due in between happens in order; it never goes back. Outside of a sandbox, with a PostgreSQL, or with a live app: refused.`,
  examples: ['clock', 'clock --json'],
  run: async ({ out, evergrant }) => show(await evergrant().clock.get(), out),
});

export const clockFreeze = command({
  name: 'clock freeze',
  summary: 'let the time of a sandbox stand still',
  examples: ['clock freeze'],
  run: async ({ out, evergrant }) => show(await evergrant().clock.freeze(), out),
});

export const clockResume = command({
  name: 'clock resume',
  summary: 'let the time of a sandbox run on from where it stands',
  examples: ['clock resume'],
  run: async ({ out, evergrant }) => show(await evergrant().clock.resume(), out),
});

export const clockForward = command({
  name: 'clock forward',
  summary: 'move the time of a sandbox forward, never back; what is due in between happens in order',
  about:
    'Shows how far it is, and ends when it has arrived. A frozen clock stays frozen. 400 days at a time at most.',
  options: {
    by: {
      value: 'SPAN',
      help: 'so far: seconds, minutes, hours, days or weeks, such as 30s, 15m, 36h, 1d, 2w',
    },
    to: {
      value: 'MOMENT',
      help: 'until then: next-renewal, next-deadline, or a moment such as 2027-01-31T12:00:00Z',
    },
  },
  examples: ['clock forward --by 1d', 'clock forward --to next-renewal', 'clock forward --to next-deadline'],
  run: async ({ values, out, evergrant, terminal }) => {
    const service = evergrant();
    const where = whereTo(values);
    const estimate = estimateOf(await service.clock.get(), where);
    if (estimate !== null) out.note(estimate);
    return whileInterruptible(out, async () => {
      const begun = await service.clock.forward(where);
      return show(await arrived(service, begun, out, terminal), out);
    });
  },
});

export const clockStop = command({
  name: 'clock stop',
  summary: 'end the move under way where it is',
  examples: ['clock stop'],
  run: async ({ out, evergrant }) => {
    const service = evergrant();
    const wasMoving = (await service.clock.get()).move?.state === 'under_way';
    const stopped = await service.clock.stop();
    if (!wasMoving) out.note('No move was under way: there was nothing to stop.');
    return show(stopped, out);
  },
});

function whereTo({ by, to }: { readonly by?: string; readonly to?: string }): Schemas['ForwardClock'] {
  if ((by === undefined) === (to === undefined))
    throw new UsageError('Give --by SPAN (such as 1d) or --to MOMENT (such as next-renewal), one of both.');
  if (by !== undefined) {
    if (readSpan(by) !== undefined) return { by };
    throw new UsageError(
      `--by has to be a span above 0, such as 30s, 15m, 36h, 1d or 2w, not “${by}”: the clock only goes forward.`,
    );
  }
  // The API writes them with an underscore; whoever comes from there is understood.
  const next = to?.replace('-', '_');
  if (next === 'next_renewal' || next === 'next_deadline') return { to: next };
  if (Number.isNaN(Date.parse(to!)))
    throw new UsageError(
      `--to has to be next-renewal, next-deadline, or a moment such as 2027-01-31T12:00:00Z, not “${to}”.`,
    );
  return { to: new Date(to!).toISOString() };
}

/** How long a long move takes, in words; null: not worth a word, or the service will refuse it and say why. */
function estimateOf(clock: Clock, { by, to = '' }: Schemas['ForwardClock']): string | null {
  if (clock.fixed_reason !== null || clock.move?.state === 'under_way') return null;
  const next = { next_renewal: clock.next_renewal, next_deadline: clock.next_deadline };
  const target = to in next ? next[to as keyof typeof next]?.at : to;
  const seconds =
    by === undefined
      ? (Date.parse(target ?? '') - Date.parse(clock.now)) / 1_000
      : (readSpan(by) ?? 0) / 1_000;
  const days = seconds / DAY_SECONDS;
  if (!(days >= 2 && days <= LONGEST_MOVE_DAYS)) return null;
  const [least, most] = SECONDS_A_DAY.map((each) => span(each * days));
  return `${Math.round(days)} days take about ${least} to ${most} with the example, longer with more connections. End it earlier with: evergrant clock stop`;
}

/** Whoever breaks off the command does not end the move, and is told so. */
async function whileInterruptible<T>(out: Output, work: () => Promise<T>): Promise<T> {
  const tell = () => {
    out.log('\nThe move goes on; stop it with: evergrant clock stop');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', tell);
  try {
    return await work();
  } finally {
    process.off('SIGINT', tell);
  }
}

/** The clock when the move is over. On a terminal one line is written over; elsewhere there is one for each tenth. */
async function arrived(service: Evergrant, begun: Clock, out: Output, terminal: Terminal): Promise<Clock> {
  const progress = new Progress(terminal.stderr);
  let told = -1;
  let clock = begun;
  while (clock.move?.state === 'under_way') {
    const { share, at } = clock.move;
    const words = `${Math.floor(share * 100)} %: ${timeOf(at)}`;
    const tenth = Math.floor(share * 10);
    if (terminal.stderr.isTTY) progress.line(words);
    else if (tenth > told) out.note(words);
    told = tenth;
    await terminal.sleep(ASK_EVERY_MS);
    clock = await service.clock.get();
  }
  progress.end();
  return clock;
}

function show(clock: Clock, out: Output): ExitCode {
  const { move } = clock;
  const now = Date.parse(clock.now);
  out.show(clock, () =>
    out.list([
      ['Now', `${timeOf(clock.now)}, ${clock.state === 'frozen' ? 'standing still' : 'running'}`],
      ['Ahead of real time', clock.ahead_seconds > 0 ? nearestSpan(clock.ahead_seconds) : null],
      ['Behind real time', clock.ahead_seconds < 0 ? nearestSpan(-clock.ahead_seconds) : null],
      ['Next renewal', when(clock.next_renewal?.at ?? null, now)],
      ['Next deadline', when(clock.next_deadline?.at ?? null, now)],
      ['Cannot be moved', clock.fixed_reason],
      ['Last move', move && movedWords(move)],
    ]),
  );
  return move?.state === 'failed' ? EXIT.failure : EXIT.ok;
}

function movedWords({ from, at, to, state, renewals, failures }: NonNullable<Clock['move']>): string {
  const way = `${timeOf(from)} to ${timeOf(at)}: ${renewals} renewed, ${failures} refused`;
  if (state === 'done') return way;
  if (state === 'under_way') return `${way}, on the way to ${timeOf(to)}`;
  return `${way}, ${state === 'stopped' ? 'stopped' : 'broken off by a fault (see the log of the service)'}`;
}
