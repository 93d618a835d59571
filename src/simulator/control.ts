import type { IncomingMessage } from 'node:http';
import { redirectAnswer, type SimAnswer } from '../platforms/kit/simulator.ts';
import { describeDeed, doDeed } from './deeds.ts';
import { DONE, DONE_FOR_ALL } from './done.ts';
import { FAULTS } from './faults.ts';
import { type Cut, jsonReply } from './http.ts';
import { formValues, jsonValues, type Order, Refusal, type Schema, taking, type Values } from './order.ts';
import { refuseForeignPage } from './refuseForeignPage.ts';
import type { Index } from './served.ts';
import { describeClock, setClock } from './setClock.ts';
import { describeFault, endFaults, setAnswer, setFault } from './setFault.ts';
import { describeSignal, endReceiver, sendAfter, sendSignal, setReceiver, signalsOf } from './signals.ts';
import { describeBreak, describeFlip, flip, personIdOf } from './switches.ts';

/** The first part of the control API's paths. */
export const CONTROL = '_control';

interface Call<Act> {
  readonly takes: Schema;
  readonly act: Act;
}

const call = <Act>(act: Act, ...names: readonly string[]): Call<Act> => ({ takes: taking(...names), act });

const TARGET = ['identity', 'client_id', 'access_token'] as const;
const HITS = ['times', 'path', 'host'] as const;

const VERBS: Readonly<Record<string, Call<(order: Order) => unknown>>> = {
  'GET ': call(describePlatform),
  'POST break': call(breakAndPush, 'how', ...TARGET),
  'POST mend': call((order) => flip(order, 'mend'), 'how', ...TARGET),
  'POST do': call((order) => doDeed(order, 'apply'), 'deed', ...TARGET),
  'POST undo': call((order) => doDeed(order, 'undo'), 'deed', ...TARGET),
  'POST receiver': call(setReceiver, 'to'),
  'DELETE receiver': call(endReceiver),
  'POST signal': call(sendSignal, 'signal', 'to', ...TARGET),
  'POST fault': call(setFault, 'kind', ...HITS),
  'DELETE fault': call(endFaults),
  'GET answers': call(({ platform, served }) => ({ answers: served.answers.of(platform) })),
  'POST answer': call(setAnswer, 'answer', ...HITS),
  'DELETE answer': call(endFaults),
  // For forms, which cannot say DELETE: the button stands beside those of a new fault, whose inputs come along.
  'POST end-faults': call(endFaults, 'kind', ...HITS),
  'POST fields': call(fields, 'method', 'person'),
  'GET calls': call(({ served }) => served.calls.summary),
  'DELETE calls': call(({ served }) => {
    served.calls.reset();
    return served.calls.summary;
  }),
};

/** What is set for all platforms at once. */
const COMMON: Readonly<Record<string, Call<(index: Index, values: Values) => unknown>>> = {
  'GET clock': call(describeClock),
  'POST clock': call(setClock, 'by', 'to', 'state'),
  'GET misbehaviour': call(describeMisbehaviour),
  'POST misbehaviour': call(setMisbehaviour, 'rate'),
};

async function breakAndPush(order: Order) {
  const done = flip(order, 'break');
  const pushed = await sendAfter(order);
  return pushed.length === 0 ? done : { ...done, pushed };
}

/** Answers `/_control…`. `path` is what follows, beginning with a slash. A form of the overview page is led back to it. */
export async function control(
  index: Index,
  request: IncomingMessage,
  { rest: path, query }: Cut,
  body: string,
): Promise<SimAnswer> {
  const called = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const isForm = called && !body.trimStart().startsWith('{'); // what curl -d sends is called a form, whatever it is
  try {
    refuseForeignPage(request);
    if (query !== '')
      throw new Refusal(400, 'no_query', 'Values go into the body, as JSON. Nothing was done.');
    const read = (schema: Schema) => (isForm ? formValues(body, schema) : jsonValues(body, schema));
    const { result, done } = await perform(index, request.method ?? 'GET', path, read);
    return isForm ? backToPage(index, path, true, done) : jsonReply(200, result);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (isForm && error.error !== 'foreign_page' && request.headers.accept?.includes('text/html'))
      return backToPage(index, path, false, [error.message, error.known.join(', ')].join(' '));
    return jsonReply(error.status, { error: error.error, message: error.message, known: error.known });
  }
}

/** To the part of the page from which the form came, with a word on what became of it. */
function backToPage(index: Index, path: string, done: boolean, text: string): SimAnswer {
  const [about = '', verb] = path.slice(1).split('/');
  const note = index.notes.add({ about, done, text });
  const up = verb === undefined ? '../' : '../../';
  return { ...redirectAnswer(`${up}?note=${note}#${encodeURIComponent(about)}`), status: 303 };
}

interface Performed {
  readonly result: unknown;
  /** As a sentence, for people. */
  readonly done: string;
}

async function perform(
  index: Index,
  method: string,
  path: string,
  read: (schema: Schema) => Values,
): Promise<Performed> {
  const [platform = '', verb = '', ...rest] = path.slice(1).split('/');
  if (platform === '' && method === 'GET') return { result: describeAll(index), done: '' };
  const common = verb === '' ? COMMON[`${method} ${platform}`] : undefined;
  if (common) {
    const result = common.act(index, read(common.takes));
    return { result, done: DONE_FOR_ALL[platform]?.(index) ?? 'as asked for.' };
  }
  const served = index.byPlatform.get(platform);
  if (!served)
    throw new Refusal(404, 'unknown_platform', `There is no platform ${platform}.`, [
      ...index.byPlatform.keys(),
    ]);
  const key = `${method} ${verb}`;
  const known = rest.length === 0 && Object.hasOwn(VERBS, key) ? VERBS[key] : undefined;
  if (known) {
    const order = { platform, served, values: read(known.takes) };
    const result = await known.act(order);
    return { result, done: DONE[verb]?.(order, result) ?? 'as asked for.' };
  }
  const all = Object.keys(VERBS).map((name) => name.trim());
  throw new Refusal(404, 'unknown_verb', `There is no ${key} for a platform.`, all);
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
    flips: (simulator.flips?.(platform) ?? []).map(describeFlip),
    deeds: (simulator.deeds?.(platform) ?? []).map(describeDeed),
    signals: signalsOf(order).map((one) => describeSignal(order, one)),
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
  if (methods.length > 0 && !methods.includes(method))
    throw new Refusal(404, 'unknown_method', `${platform} has no auth method ${method}.`, methods);
  const id = person === undefined ? undefined : personIdOf(served, person);
  const given = simulator.fields(platform, method, id);
  if (Object.keys(given).length > 0) return given;
  throw new Refusal(404, 'unknown_method', `Nothing is copied from pages of ${platform} for ${method}.`);
}
