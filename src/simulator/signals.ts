import type { SimSignal } from '../platforms/kit/simDeeds.ts';
import type { BreakTarget } from '../platforms/kit/simulator.ts';
import { deliver } from './deliver.ts';
import { inReach } from './inReach.ts';
import { type Order, Refusal } from './order.ts';
import { targetOf } from './switches.ts';

export const signalsOf = ({ platform, served }: Order): readonly SimSignal[] =>
  served.simulator.signals?.(platform) ?? [];

export function describeSignal(order: Order, { signal, title, source, after }: SimSignal) {
  return { signal, title, source, after, goes_to: receiverOf(order, signal) ?? null };
}

/** Where the platform pushes this: what was set here goes before what was registered at the platform itself. */
function receiverOf({ platform, served }: Order, signal: string): string | undefined {
  const registered = served.simulator.registeredReceiver?.(platform, signal);
  return served.receivers.get(platform) ?? (registered && inReach(registered));
}

/** Sets where the platform pushes to: `to`, an http address of this machine. */
export function setReceiver({ platform, served, values }: Order) {
  if (values.to === undefined)
    throw new Refusal(400, 'no_receiver', 'Say “to” where. DELETE …/receiver has it push nowhere.');
  served.receivers.set(platform, checked(values.to));
  return { receiver: served.receivers.get(platform) ?? null };
}

/** From now on the platform pushes nowhere. */
export function endReceiver({ platform, served }: Order) {
  served.receivers.delete(platform);
  return { receiver: null };
}

/** Sends a signal now: `signal`, for whom (`identity`, `client_id`), and `to`, or where the platform pushes it. */
export async function sendSignal(order: Order) {
  const all = signalsOf(order);
  const found = all.find((one) => one.signal === order.values.signal);
  const known = all.map((one) => one.signal);
  if (!found)
    throw new Refusal(
      404,
      'unknown_signal',
      known.length === 0 ? `${order.platform} pushes nothing.` : `${order.platform} pushes these.`,
      known,
    );
  const { to } = order.values;
  const receiver = to === undefined ? receiverOf(order, found.signal) : checked(to);
  if (receiver === undefined)
    throw new Refusal(400, 'no_receiver', 'Say “to” where, or set a receiver (POST …/receiver) first.');
  return { signal: found.signal, deliveries: await sendAll(found, targetOf(order), receiver) };
}

/** What the platform pushes by itself after a switch was flipped. Nothing where it pushes nowhere. */
export async function sendAfter(order: Order): Promise<readonly object[]> {
  const due = signalsOf(order).filter((one) => one.after.includes(order.values.how ?? ''));
  const sent = due.flatMap((one) => {
    const receiver = receiverOf(order, one.signal);
    return receiver === undefined ? [] : [sendOne(one, targetOf(order), receiver)];
  });
  return Promise.all(sent);
}

async function sendOne(one: SimSignal, target: BreakTarget, receiver: string) {
  return { signal: one.signal, deliveries: await sendAll(one, target, receiver) };
}

function sendAll(signal: SimSignal, target: BreakTarget, receiver: string) {
  return Promise.all(signal.messages(target).map((message) => deliver(receiver, message)));
}

/** A sandbox reaches nobody but programs of this machine. */
function checked(to: string): string {
  const reached = to.startsWith('http:') ? inReach(to) : undefined;
  if (reached !== undefined) return reached;
  throw new Refusal(400, 'bad_receiver', '“to” is an http address of this machine (127.0.0.1).');
}
