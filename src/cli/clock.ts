import type { Clock, Evergrant, Schemas } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exitCodes.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';
import { span, clock as timeOf, when } from './words.ts';

const ASK_EVERY_MS = 500;
const SPAN = /^\d{1,6}[smhdw]$/;

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
  summary: 'move the time of a sandbox forward; what is due in between happens in order',
  about:
    'Shows how far it is, and ends when it has arrived. A frozen clock stays frozen. 400 days at a time at most.',
  options: {
    by: { value: 'SPAN', help: 'such as 30s, 15m, 36h, 1d, 2w' },
    to: { value: 'MOMENT', help: 'next-renewal, next-deadline, or a moment such as 2027-01-31T12:00:00Z' },
  },
  examples: ['clock forward --by 1d', 'clock forward --to next-renewal', 'clock forward --to next-deadline'],
  run: async ({ values, out, evergrant, terminal }) => {
    const service = evergrant();
    const begun = await service.clock.forward(whereTo(values));
    return show(await arrived(service, begun, out, terminal), out);
  },
});

export const clockStop = command({
  name: 'clock stop',
  summary: 'end the move under way where it is',
  examples: ['clock stop'],
  run: async ({ out, evergrant }) => show(await evergrant().clock.stop(), out),
});

function whereTo({ by, to }: { readonly by?: string; readonly to?: string }): Schemas['ForwardClock'] {
  if ((by === undefined) === (to === undefined))
    throw new UsageError('Give --by SPAN (such as 1d) or --to MOMENT (such as next-renewal), one of both.');
  if (by !== undefined) {
    if (SPAN.test(by)) return { by };
    throw new UsageError('--by has to be a span such as 30s, 15m, 36h, 1d or 2w.');
  }
  if (to === 'next-renewal' || to === 'next-deadline')
    return { to: to === 'next-renewal' ? 'next_renewal' : 'next_deadline' };
  if (Number.isNaN(Date.parse(to!)))
    throw new UsageError(
      '--to has to be next-renewal, next-deadline, or a moment such as 2027-01-31T12:00:00Z.',
    );
  return { to: new Date(to!).toISOString() };
}

/** The clock when the move is over. */
async function arrived(service: Evergrant, begun: Clock, out: Output, terminal: Terminal): Promise<Clock> {
  let clock = begun;
  while (clock.move?.state === 'under_way') {
    if (!out.json) out.note(`${Math.floor(clock.move.share * 100)} %: ${timeOf(clock.move.at)}`);
    await terminal.sleep(ASK_EVERY_MS);
    clock = await service.clock.get();
  }
  return clock;
}

function show(clock: Clock, out: Output): ExitCode {
  const { move } = clock;
  const now = Date.parse(clock.now);
  out.show(clock, () =>
    out.list([
      ['Now', `${timeOf(clock.now)}, ${clock.state === 'frozen' ? 'standing still' : 'running'}`],
      ['Ahead of real time', clock.ahead_seconds > 0 ? span(clock.ahead_seconds) : null],
      ['Behind real time', clock.ahead_seconds < 0 ? span(-clock.ahead_seconds) : null],
      ['Next renewal', when(clock.next_renewal?.at ?? null, now)],
      ['Next deadline', when(clock.next_deadline?.at ?? null, now)],
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
