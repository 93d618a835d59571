import { LONGEST_MOVE_DAYS } from '../app/sandboxClock.ts';
import { readSpan } from '../app/span.ts';
import { DAY_MS } from '../core/instant.ts';
import type { MovableClock } from './clock.ts';
import { Refusal, type Values } from './order.ts';
import type { Index } from './served.ts';

const LONGEST_MOVE_MS = LONGEST_MOVE_DAYS * DAY_MS;
const MOST_DAYS = `${LONGEST_MOVE_DAYS} days`;

/** The time at the platforms, and whether it stands still. */
export function describeClock(index: Index) {
  const clock = clockOf(index);
  return { now: new Date(clock.now()).toISOString(), frozen: clock.frozen };
}

/** Moves the clock by a span (`by`: `90d`, `36h`, `15m`) or to an instant (`to`), stops it or lets it run (`state`). */
export function setClock(index: Index, { by, to, state }: Values) {
  const clock = clockOf(index);
  if (by === undefined && to === undefined && state === undefined)
    throw new Refusal(400, 'nothing_said', 'Say “by” or “to” where it goes, or “state”. It was not moved.');
  if (by !== undefined && to !== undefined)
    throw new Refusal(400, 'both_said', 'Say either “by” or “to”, not both. It was not moved.');
  const span = by === undefined ? 0 : readSpan(by);
  if (span === undefined || span > LONGEST_MOVE_MS)
    throw new Refusal(
      400,
      'bad_span',
      `“by” is a span such as 30s, 15m, 36h, 90d or 2w, of ${MOST_DAYS} at most.`,
    );
  if (state !== undefined && state !== 'frozen' && state !== 'running')
    throw new Refusal(400, 'bad_state', '“state” is one of these.', ['frozen', 'running']);
  const until = to === undefined ? 0 : untilInstant(clock, to);
  if (state === 'frozen') clock.freeze();
  if (state === 'running') clock.run();
  clock.advance(span + until);
  return describeClock(index);
}

function untilInstant(clock: MovableClock, to: string): number {
  const left = Date.parse(to) - clock.now();
  if (left > LONGEST_MOVE_MS)
    throw new Refusal(400, 'bad_instant', `“to” is ${MOST_DAYS} away at most. Go on from there once more.`);
  if (left >= 0) return left;
  throw new Refusal(
    400,
    'bad_instant',
    '“to” is an instant such as 2027-01-31T12:00:00Z that is still to come: the clock never goes back.',
  );
}

function clockOf({ clock, clockPage }: Index): MovableClock {
  if (clock) return clock;
  if (clockPage !== null)
    throw new Refusal(
      409,
      'clock_not_ours',
      `The service and its platforms share one clock. It is moved at ${clockPage}, by POST /v1/clock/forward of the service, or with “evergrant clock forward”.`,
    );
  throw new Refusal(
    409,
    'clock_not_ours',
    'The clock of these platforms is the service’s. `evergrant sandbox` serves platforms with a clock that can be moved here.',
  );
}
