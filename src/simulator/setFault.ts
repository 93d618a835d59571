import { FAULTS, type Fault, isFaultKind } from './faults.ts';
import { type Order, Refusal } from './order.ts';

/** Sets a fault: `kind`, and how often (`times`) and where (`path`, `host`) it hits. */
export function setFault(order: Order) {
  const { kind } = order.values;
  if (!isFaultKind(kind)) {
    throw new Refusal(
      400,
      'unknown_fault',
      `There is no fault ${kind ?? 'without “kind”'}.`,
      Object.keys(FAULTS),
    );
  }
  return add(order, kind);
}

/** Has the platform give a documented answer: `answer`, and how often and where, as for a fault. */
export function setAnswer(order: Order) {
  const { platform, served, values } = order;
  const known = served.answers.of(platform);
  const found = known.find(({ id }) => id === values.answer);
  if (found) return add(order, found);
  const message = `There is no documented answer ${values.answer ?? 'without “answer”'}.`;
  throw new Refusal(
    values.answer === undefined ? 400 : 404,
    'unknown_answer',
    message,
    known.map(({ id }) => id),
  );
}

function add({ served, values }: Order, what: Fault['what']) {
  const { times, path = null, host = null } = values;
  if (times !== undefined && !/^[1-9]\d*$/.test(times))
    throw new Refusal(400, 'bad_times', '“times” is a number from 1.');
  if (host !== null && !served.simulator.hosts.includes(host)) {
    throw new Refusal(404, 'unknown_host', `The platform does not serve ${host}.`, served.simulator.hosts);
  }
  served.faults.add({ what, times: times === undefined ? null : Number(times), path, host });
  return { active_faults: served.faults.active.map(describeFault) };
}

/** Ends every fault and every documented answer that was set. */
export function endFaults({ served }: Order) {
  served.faults.clear();
  return { active_faults: [] };
}

export function describeFault({ what, times, path, host }: Fault) {
  const kind = typeof what === 'string' ? { kind: what } : { kind: 'answer', answer: what.id };
  return { ...kind, times, path, host };
}
