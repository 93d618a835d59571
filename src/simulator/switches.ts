import type { BreakTarget, SimBreak, SimFlip } from '../platforms/kit/simulator.ts';
import { type Order, Refusal } from './order.ts';
import { personOf, type Served } from './served.ts';
import { sideOf } from './sides.ts';

export function describeBreak(one: SimBreak) {
  const { how, title, truth, shows, methods, mend } = one;
  const by = sideOf(one);
  return { how, title, truth, by, shows, methods: methods ?? null, can_be_mended: mend !== undefined };
}

/** A switch that was flipped, for whom and when. */
export function describeFlip({ how, target, at }: SimFlip) {
  const { identity = null, clientId = null, accessToken = null } = target;
  return { how, identity, client_id: clientId, access_token: accessToken, at: new Date(at).toISOString() };
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

/** Whom it is meant for. Throws {@link Refusal} for a person, an app or a token that is not there: nobody would be hit, or all. */
export function targetOf(order: Order): BreakTarget {
  const { identity, client_id: clientId, access_token: accessToken } = order.values;
  return {
    ...(identity === undefined ? {} : { identity: personIdOf(order.served, identity) }),
    ...(clientId === undefined ? {} : { clientId: knownClient(order, clientId) }),
    ...(accessToken === undefined ? {} : { accessToken: issuedToken(order, accessToken) }),
  };
}

function knownClient({ platform, served }: Order, clientId: string): string {
  const known = served.simulator.clientIds(platform);
  if (known.includes(clientId)) return clientId;
  const message = `${platform} has no app with the client_id ${clientId}. Nothing was done.`;
  throw new Refusal(404, 'unknown_client', message, known);
}

function issuedToken({ platform, served }: Order, accessToken: string): string {
  if (served.simulator.issued(accessToken)) return accessToken;
  const message = `${platform} has not issued that access_token, or has long forgotten it. Nothing was done.`;
  throw new Refusal(404, 'unknown_token', message);
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
