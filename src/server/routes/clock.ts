import type { z } from 'zod';
import {
  type Forward,
  forwardClock,
  freezeClock,
  readClock,
  resumeClock,
  stopClock,
} from '../../app/manageClock.ts';
import { LONGEST_MOVE_DAYS } from '../../app/sandboxClock.ts';
import { readSpan } from '../../app/span.ts';
import { route } from '../route.ts';
import { clock, forwardClockBody } from '../schemas/clock.ts';

const tag = 'Clock of a sandbox';
const scope = 'admin';

export const clockRoutes = [
  route({
    name: 'readClock',
    method: 'GET',
    path: '/v1/clock',
    scope: 'read',
    tag,
    summary: 'Read the clock, and what comes next',
    description:
      'A sandbox and its simulated platforms share one clock. Elsewhere there is none that could be moved: 409 `clock_fixed`.',
    answer: clock,
    problems: ['clock_fixed'],
    handle: ({ ctx }) => readClock(ctx),
  }),
  route({
    name: 'freezeClock',
    method: 'POST',
    path: '/v1/clock/freeze',
    scope,
    tag,
    summary: 'Let the time stand still',
    answer: clock,
    problems: ['clock_fixed', 'clock_moving'],
    handle: ({ ctx }) => freezeClock(ctx),
  }),
  route({
    name: 'resumeClock',
    method: 'POST',
    path: '/v1/clock/resume',
    scope,
    tag,
    summary: 'Let the time run on from where it stands',
    answer: clock,
    problems: ['clock_fixed', 'clock_moving'],
    handle: ({ ctx }) => resumeClock(ctx),
  }),
  route({
    name: 'forwardClock',
    method: 'POST',
    path: '/v1/clock/forward',
    scope,
    tag,
    summary: 'Move the time forward; what is due in between happens in order',
    description: `By ${LONGEST_MOVE_DAYS} days at most. Answers when it has arrived, or after ten seconds with \`move.state\` “under_way”: then ask \`GET /v1/clock\` until it is over. Never back.`,
    body: forwardClockBody,
    answer: clock,
    problems: ['clock_fixed', 'clock_moving'],
    handle: ({ ctx, body }) => forwardClock(ctx, forwardOf(body)),
  }),
  route({
    name: 'stopClock',
    method: 'POST',
    path: '/v1/clock/stop',
    scope,
    tag,
    summary: 'End the move under way where it is',
    answer: clock,
    problems: ['clock_fixed'],
    handle: ({ ctx }) => stopClock(ctx),
  }),
];

/** The schema has seen to it that one of both is given. */
function forwardOf({ by, to = '' }: z.output<typeof forwardClockBody>): Forward {
  if (by !== undefined) return { byMs: readSpan(by) ?? 0 };
  if (to === 'next_renewal') return { next: 'renewal' };
  return to === 'next_deadline' ? { next: 'deadline' } : { to: Date.parse(to) };
}
