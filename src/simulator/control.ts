import type { IncomingMessage } from 'node:http';
import {
  type BreakTarget,
  redirectAnswer,
  type SimAnswer,
  type SimBreak,
} from '../platforms/kit/simulator.ts';
import { FAULTS, type Fault, isFaultKind } from './faults.ts';
import { jsonReply } from './http.ts';
import { type Index, personOf, type Served } from './served.ts';

/** The first part of the control API's paths. */
export const CONTROL = '_control';

/** A control request that cannot be done; the answer lists what exists. */
class Refusal extends Error {
  readonly status: number;
  readonly error: string;
  readonly known: readonly string[];

  constructor(status: number, error: string, message: string, known: readonly string[] = []) {
    super(message);
    this.status = status;
    this.error = error;
    this.known = known;
  }
}

/** What a verb needs: the platform it is for, and the values that came along. Absent and empty are the same. */
interface Order {
  readonly platform: string;
  readonly served: Served;
  readonly values: Readonly<Record<string, string | undefined>>;
}

const VERBS: Readonly<Record<string, (order: Order) => unknown>> = {
  'GET ': ({ platform, served }) => describePlatform(platform, served),
  'POST break': (order) => flip(order, 'break'),
  'POST mend': (order) => flip(order, 'mend'),
  'POST fault': setFault,
  'DELETE fault': endFaults,
  // For forms, which cannot say DELETE.
  'POST end-faults': endFaults,
  'POST fields': fields,
  'GET calls': ({ served }) => served.calls.summary,
  'DELETE calls': ({ served }) => {
    served.calls.reset();
    return served.calls.summary;
  },
};

/** Answers `/_control…`. `path` is what follows, beginning with a slash. A form of the overview page is led back to it. */
export function control(index: Index, request: IncomingMessage, path: string, body: string): SimAnswer {
  const called = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const isForm = called && !body.trimStart().startsWith('{'); // what curl -d sends is called a form, whatever it is
  try {
    const result = perform(
      index,
      request.method ?? 'GET',
      path,
      isForm ? formValues(body) : jsonValues(body),
    );
    return isForm ? { ...redirectAnswer('../../'), status: 303 } : jsonReply(200, result);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return jsonReply(error.status, { error: error.error, message: error.message, known: error.known });
  }
}

function perform(index: Index, method: string, path: string, values: Order['values']): unknown {
  const [platform = '', verb = '', ...rest] = path.slice(1).split('/');
  if (platform === '' && method === 'GET') return describeAll(index);
  const served = index.byPlatform.get(platform);
  if (!served)
    throw new Refusal(404, 'unknown_platform', `There is no platform ${platform}.`, [
      ...index.byPlatform.keys(),
    ]);
  const key = `${method} ${verb}`;
  const act = rest.length === 0 && Object.hasOwn(VERBS, key) ? VERBS[key] : undefined;
  if (act) return act({ platform, served, values });
  const known = Object.keys(VERBS).map((name) => name.trim());
  throw new Refusal(404, 'unknown_verb', `There is no ${key} for a platform.`, known);
}

function describeAll(index: Index) {
  const platforms = [...index.byPlatform].map(([platform, served]) => describePlatform(platform, served));
  return { platforms, faults: Object.entries(FAULTS).map(([kind, effect]) => ({ kind, effect })) };
}

function describePlatform(platform: string, { simulator, faults }: Served) {
  const app = simulator.app(platform);
  return {
    id: platform,
    hosts: simulator.hosts,
    /** Platforms whose faults and counters are the same, because they are one behind the scenes. */
    shares_with: simulator.platforms.filter((other) => other !== platform),
    app: { client_id: app.clientId, client_secret: app.clientSecret, settings: app.settings },
    people: simulator.people,
    breaks: simulator.breaks(platform).map(describeBreak),
    faults: Object.keys(FAULTS),
    active_faults: faults.active,
  };
}

function describeBreak({ how, title, truth, shows, methods, mend }: SimBreak) {
  return { how, title, truth, shows, methods: methods ?? null, can_be_mended: mend !== undefined };
}

function flip(order: Order, which: 'break' | 'mend') {
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

function targetOf({ served, values }: Order): BreakTarget {
  return {
    ...(values.identity === undefined ? {} : { identity: personIdOf(served, values.identity) }),
    ...(values.client_id === undefined ? {} : { clientId: values.client_id }),
    ...(values.access_token === undefined ? {} : { accessToken: values.access_token }),
  };
}

function personIdOf({ simulator }: Served, idOrEmail: string): string {
  const person = personOf(simulator, idOrEmail);
  if (person) return person.id;
  throw new Refusal(
    404,
    'unknown_person',
    `Nobody is called ${idOrEmail} there.`,
    simulator.people.map(({ id }) => id),
  );
}

function setFault({ served, values }: Order) {
  const { kind, times, path = null, host = null } = values;
  if (!isFaultKind(kind)) {
    throw new Refusal(
      400,
      'unknown_fault',
      `There is no fault ${kind ?? 'without “kind”'}.`,
      Object.keys(FAULTS),
    );
  }
  if (times !== undefined && !/^[1-9]\d*$/.test(times))
    throw new Refusal(400, 'bad_times', '“times” is a number from 1.');
  if (host !== null && !served.simulator.hosts.includes(host)) {
    throw new Refusal(404, 'unknown_host', `The platform does not serve ${host}.`, served.simulator.hosts);
  }
  const fault: Fault = { kind, times: times === undefined ? null : Number(times), path, host };
  served.faults.add(fault);
  return { active_faults: served.faults.active };
}

function endFaults({ served }: Order) {
  served.faults.clear();
  return { active_faults: served.faults.active };
}

function fields({ platform, served, values }: Order) {
  const { method, person } = values;
  const { simulator } = served;
  const methods = [...new Set(simulator.breaks(platform).flatMap((one) => one.methods ?? []))];
  if (method === undefined) throw new Refusal(400, 'no_method', '“method” says which auth method.', methods);
  const id = person === undefined ? undefined : personIdOf(served, person);
  try {
    return simulator.fields(platform, method, id);
  } catch (error) {
    throw new Refusal(400, 'no_fields', error instanceof Error ? error.message : String(error), methods);
  }
}

function formValues(body: string): Order['values'] {
  return present(Object.fromEntries(new URLSearchParams(body)));
}

function jsonValues(body: string): Order['values'] {
  if (body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return present(value);
  } catch {
    // Said below: not an object is as wrong as not JSON.
  }
  throw new Refusal(400, 'bad_json', 'The body is a JSON object.');
}

function present(values: object): Order['values'] {
  const given = Object.entries(values).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
