import type { Order } from './order.ts';
import type { Index } from './served.ts';
import { targetOf } from './switches.ts';
import { whomOf } from './whom.ts';

/** What a form of the page has brought about, as a sentence: the order that was carried out, and what it answered. */
export const DONE: Readonly<Record<string, (order: Order, result: unknown) => string>> = {
  break: (order, result) => `broken for ${whom(order)}: ${switchOf(order)}.${pushedAfter(result)}`,
  mend: (order) => `mended for ${whom(order)}: ${switchOf(order)}.`,
  do: (order) => `${deedOf(order)}, for ${whom(order)}.`,
  undo: (order) => `undone, for ${whom(order)}: ${deedOf(order)}.`,
  fault: (order) => `${hits(order)}: fault ${order.values.kind}.`,
  answer: (order) => `${hits(order)}: answered with “${answerOf(order)}”.`,
  'end-faults': () => 'no fault and no documented answer is set any more.',
  signal: ({ values }, result) => `pushed ${values.signal}: ${outcomes((result as Pushed).deliveries)}.`,
};

/** The same for what is set for all platforms at once. */
export const DONE_FOR_ALL: Readonly<Record<string, (index: Index) => string>> = {
  clock: ({ clock, now }) =>
    `it is ${new Date(now()).toISOString()}, and the clock ${clock?.frozen ? 'stands still' : 'runs'}.`,
  misbehaviour: ({ misbehaviour }) =>
    `${Math.round(misbehaviour.rate * 1_000) / 10} % of the calls are slow, fail or are lost.`,
};

interface Pushed {
  readonly deliveries: readonly { readonly status: number | null }[];
}

const whom = (order: Order): string => whomOf(order.served, targetOf(order));

function switchOf({ platform, served, values }: Order): string {
  const found = served.simulator.breaks(platform).find((one) => one.how === values.how);
  return `${found?.title} (${values.how})`;
}

function deedOf({ platform, served, values }: Order): string {
  const found = served.simulator.deeds?.(platform).find((one) => one.deed === values.deed);
  return `${found?.title} (${values.deed})`;
}

function answerOf({ platform, served, values }: Order): string | undefined {
  return served.answers.of(platform).find(({ id }) => id === values.answer)?.name;
}

function hits({ values: { times, path, host } }: Order): string {
  const calls =
    times === undefined ? 'all calls' : times === '1' ? 'the next call' : `the next ${times} calls`;
  const where = `${host ?? ''}${path ?? ''}`;
  return where === '' ? calls : `${calls} at ${where}`;
}

function pushedAfter(result: unknown): string {
  const { pushed = [] } = result as { pushed?: readonly (Pushed & { readonly signal: string })[] };
  return pushed.map(({ signal, deliveries }) => ` Pushed ${signal}: ${outcomes(deliveries)}.`).join('');
}

function outcomes(deliveries: Pushed['deliveries']): string {
  if (deliveries.length === 0) return 'there was nobody to tell of';
  return deliveries.map(({ status }) => (status === null ? 'no answer' : `answered ${status}`)).join(', ');
}
