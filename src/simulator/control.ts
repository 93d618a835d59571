import type { IncomingMessage } from 'node:http';
import { redirectAnswer, type SimAnswer } from '../platforms/kit/simulator.ts';
import { describeDeed, doDeed } from './deeds.ts';
import { FAULTS } from './faults.ts';
import { jsonReply } from './http.ts';
import { formValues, jsonValues, type Order, Refusal, type Values } from './order.ts';
import { refuseForeignPage } from './refuseForeignPage.ts';
import type { Index } from './served.ts';
import { describeClock, setClock } from './setClock.ts';
import { describeFault, endFaults, setAnswer, setFault } from './setFault.ts';
import { describeSignal, sendAfter, sendSignal, setReceiver, signalsOf } from './signals.ts';
import { describeBreak, flip, personIdOf } from './switches.ts';

/** The first part of the control API's paths. */
export const CONTROL = '_control';

const VERBS: Readonly<Record<string, (order: Order) => unknown>> = {
  'GET ': describePlatform,
  'POST break': async (order) => {
    const done = flip(order, 'break');
    const pushed = await sendAfter(order);
    return pushed.length === 0 ? done : { ...done, pushed };
  },
  'POST mend': (order) => flip(order, 'mend'),
  'POST do': (order) => doDeed(order, 'apply'),
  'POST undo': (order) => doDeed(order, 'undo'),
  'POST receiver': setReceiver,
  'POST signal': sendSignal,
  'POST fault': setFault,
  'DELETE fault': endFaults,
  'GET answers': ({ platform, served }) => ({ answers: served.answers.of(platform) }),
  'POST answer': setAnswer,
  'DELETE answer': endFaults,
  // For forms, which cannot say DELETE.
  'POST end-faults': endFaults,
  'POST fields': fields,
  'GET calls': ({ served }) => served.calls.summary,
  'DELETE calls': ({ served }) => {
    served.calls.reset();
    return served.calls.summary;
  },
};

/** What is set for all platforms at once. */
const COMMON: Readonly<Record<string, (index: Index, values: Values) => unknown>> = {
  'GET clock': describeClock,
  'POST clock': setClock,
  'GET misbehaviour': describeMisbehaviour,
  'POST misbehaviour': setMisbehaviour,
};

/** Answers `/_control…`. `path` is what follows, beginning with a slash. A form of the overview page is led back to it. */
export async function control(
  index: Index,
  request: IncomingMessage,
  path: string,
  body: string,
): Promise<SimAnswer> {
  const called = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const isForm = called && !body.trimStart().startsWith('{'); // what curl -d sends is called a form, whatever it is
  try {
    refuseForeignPage(request);
    const result = await perform(
      index,
      request.method ?? 'GET',
      path,
      isForm ? formValues(body) : jsonValues(body),
    );
    return isForm
      ? { ...redirectAnswer(path.indexOf('/', 1) === -1 ? '../' : '../../'), status: 303 }
      : jsonReply(200, result);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return jsonReply(error.status, { error: error.error, message: error.message, known: error.known });
  }
}

function perform(index: Index, method: string, path: string, values: Values): unknown {
  const [platform = '', verb = '', ...rest] = path.slice(1).split('/');
  if (platform === '' && method === 'GET') return describeAll(index);
  const common = verb === '' ? COMMON[`${method} ${platform}`] : undefined;
  if (common) return common(index, values);
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

function describeMisbehaviour({ misbehaviour }: Index) {
  return { rate: misbehaviour.rate };
}

function setMisbehaviour(index: Index, { rate }: Values) {
  const number = Number(rate ?? Number.NaN);
  if (!(number >= 0 && number <= 1))
    throw new Refusal(400, 'bad_rate', '“rate” is a number from 0 (never) to 1 (always).');
  index.misbehaviour.rate = number;
  return describeMisbehaviour(index);
}

function describeAll(index: Index) {
  const platforms = [...index.byPlatform].map(([platform, served]) =>
    describePlatform({ platform, served, values: {} }),
  );
  const { clock } = index;
  const common = {
    clock: clock === undefined ? null : describeClock(index),
    misbehaviour: describeMisbehaviour(index),
  };
  return { ...common, platforms, faults: Object.entries(FAULTS).map(([kind, effect]) => ({ kind, effect })) };
}

function describePlatform(order: Order) {
  const { platform, served } = order;
  const { simulator, faults } = served;
  const app = simulator.app(platform);
  return {
    id: platform,
    hosts: simulator.hosts,
    /** Platforms whose faults and counters are the same, because they are one behind the scenes. */
    shares_with: simulator.platforms.filter((other) => other !== platform),
    app: { client_id: app.clientId, client_secret: app.clientSecret, settings: app.settings },
    people: simulator.people.map(({ id, name, email, knownAs }) => ({
      id,
      name,
      email,
      ...(knownAs ? { known_as: knownAs } : {}),
    })),
    breaks: simulator.breaks(platform).map(describeBreak),
    deeds: (simulator.deeds?.(platform) ?? []).map(describeDeed),
    signals: signalsOf(order).map(describeSignal),
    receiver: served.receivers.get(platform) ?? null,
    faults: Object.keys(FAULTS),
    active_faults: faults.active.map(describeFault),
  };
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
