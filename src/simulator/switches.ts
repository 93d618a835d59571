import type { BreakTarget, SimBreak } from '../platforms/kit/simulator.ts';
import { type Order, Refusal } from './order.ts';
import { personOf, type Served } from './served.ts';

export function describeBreak({ how, title, truth, shows, methods, mend }: SimBreak) {
  return { how, title, truth, shows, methods: methods ?? null, can_be_mended: mend !== undefined };
}

/** Flips a switch, for the person, the app or the token that is named; else for all. */
export function flip(order: Order, which: 'break' | 'mend') {
  const switches = order.served.simulator
    .breaks(order.platform)
    .filter((one) => which === 'break' || one.mend);
  const { how } = order.values;
  const found = switches.find((one) => one.how === how);
  if (!found) {
    const message =
      how === undefined ? '“how” says which switch.' : `${order.platform} has no switch ${how} to ${which}.`;
    throw new Refusal(
      how === undefined ? 400 : 404,
      'unknown_switch',
      message,
      switches.map((one) => one.how),
    );
  }
  const target = targetOf(order);
  if (which === 'break') found.apply(target);
  else found.mend?.(target);
  return {
    platform: order.platform,
    [which === 'break' ? 'broken' : 'mended']: describeBreak(found),
    target,
  };
}

export function targetOf({ served, values }: Order): BreakTarget {
  return {
    ...(values.identity === undefined ? {} : { identity: personIdOf(served, values.identity) }),
    ...(values.client_id === undefined ? {} : { clientId: values.client_id }),
    ...(values.access_token === undefined ? {} : { accessToken: values.access_token }),
  };
}

export function personIdOf({ simulator }: Served, idOrEmail: string): string {
  const person = personOf(simulator, idOrEmail);
  if (person) return person.id;
  throw new Refusal(
    404,
    'unknown_person',
    `Nobody is called ${idOrEmail} there.`,
    simulator.people.map(({ id }) => id),
  );
}
