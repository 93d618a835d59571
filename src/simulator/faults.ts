import type { SimAnswer, SimRequest } from '../platforms/kit/simulator.ts';
import { type DocumentedAnswer, writeAnswer } from './documentedAnswers.ts';

/** What can go wrong at any platform, whatever it speaks: kind and what it does. */
export const FAULTS = {
  outage: 'Answers 503; the platform does not act.',
  rate_limit: 'Refuses with the platform’s own words for too many calls.',
  html: 'Answers 200 with an HTML page; the platform does not act.',
  empty: 'Answers 200 with an empty body; the platform does not act.',
  half_json: 'The platform acts; its answer is cut in half.',
  huge: 'Answers 200 with 10 MB; the platform does not act.',
  hang: 'Takes the request and stays silent until the client leaves, at most 60 s.',
  redirect: 'Answers 302 to somewhere else; the platform does not act.',
  lose_answer: 'The platform acts; then the connection is cut without an answer.',
  drop_before: 'The connection is cut before the platform acts.',
} as const;

export type FaultKind = keyof typeof FAULTS;

export interface Fault {
  /** A fault, or a documented answer in the place of the platform's own; then the platform does not act. */
  readonly what: FaultKind | DocumentedAnswer;
  /** How many requests it still hits; null: until it is ended. */
  readonly times: number | null;
  /** Hits only paths that begin so. */
  readonly path: string | null;
  /** Hits only this host. */
  readonly host: string | null;
}

export function isFaultKind(kind: unknown): kind is FaultKind {
  return typeof kind === 'string' && Object.hasOwn(FAULTS, kind);
}

/** The faults set on one simulated platform. The one set first wins. */
export class Faults {
  #faults: Fault[] = [];

  get active(): readonly Fault[] {
    return this.#faults;
  }

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that hits this request, if any; counts it as used. */
  take(host: string, path: string): Fault['what'] | undefined {
    if (this.#faults.length === 0) return undefined;
    const hits = (fault: Fault) => (fault.host ?? host) === host && path.startsWith(fault.path ?? '');
    const index = this.#faults.findIndex(hits);
    const fault = this.#faults[index];
    if (fault === undefined) return undefined;
    if (fault.times === 1) this.#faults.splice(index, 1);
    else if (fault.times !== null) this.#faults[index] = { ...fault, times: fault.times - 1 };
    return fault.what;
  }
}

/** One request on its way through a fault: the platform may act or not, the client may hear of it or not. */
export interface Exchange {
  readonly request: SimRequest;
  readonly act: () => SimAnswer | Promise<SimAnswer>;
  readonly rateLimited: (request: SimRequest) => SimAnswer;
  readonly reply: (answer: SimAnswer) => void;
  readonly cut: () => void;
  readonly hang: () => void;
}

const HTML =
  '<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>We will be right back</h1></body></html>';
const HUGE_BYTES = 10_000_000;

const html = { 'content-type': 'text/html' };
const text = { 'content-type': 'text/plain' };
const json = { 'content-type': 'application/json' };

const EFFECTS: Readonly<Record<FaultKind, (exchange: Exchange) => void | Promise<void>>> = {
  outage: ({ reply }) => reply({ status: 503, headers: text, body: 'Service Unavailable' }),
  rate_limit: ({ reply, rateLimited, request }) => reply(rateLimited(request)),
  html: ({ reply }) => reply({ status: 200, headers: html, body: HTML }),
  empty: ({ reply }) => reply({ status: 200, headers: json, body: '' }),
  half_json: async ({ reply, act }) => {
    const answer = await act();
    reply({ ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) });
  },
  huge: ({ reply }) => reply({ status: 200, headers: json, body: `"${'x'.repeat(HUGE_BYTES)}"` }),
  hang: ({ hang }) => hang(),
  redirect: ({ reply }) =>
    reply({ status: 302, headers: { location: 'https://elsewhere.example/sorry' }, body: '' }),
  lose_answer: async ({ act, cut }) => {
    await act();
    cut();
  },
  drop_before: ({ cut }) => cut(),
};

export function applyFault(what: Fault['what'], exchange: Exchange): void | Promise<void> {
  if (typeof what === 'string') return EFFECTS[what](exchange);
  exchange.reply(writeAnswer(what, exchange.request));
}
