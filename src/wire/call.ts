import type { Dispatcher } from 'undici';
import type { Endpoint, NoAnswerReason, PlatformAnswer } from '../core/answer.ts';
import { AddressRefused } from './publicAddress.ts';

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

export interface CallLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * One request on the wire, from queue to verdict. It settles exactly once; afterwards whatever the connection
 * still does is ignored. undici calls `onRequestStart` right before the first byte is written: from then on the
 * platform may have acted.
 */
export class Call implements Dispatcher.DispatchHandler {
  readonly #endpoint: Endpoint;
  readonly #limits: CallLimits;
  readonly #settle: (answer: PlatformAnswer) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Controller | undefined;
  #settled = false;
  #size = 0;
  #status = 0;
  #headers: Record<string, string> = {};

  constructor(endpoint: Endpoint, limits: CallLimits, settle: (answer: PlatformAnswer) => void) {
    this.#endpoint = endpoint;
    this.#limits = limits;
    this.#settle = settle;
    this.#timer = setTimeout(() => this.#give('timeout', `${limits.timeoutMs} ms`), limits.timeoutMs);
  }

  /** Bytes of the body received so far. */
  get size(): number {
    return this.#size;
  }

  onRequestStart(controller: Controller): void {
    // Given up while it waited for a connection, or about to be written a second time: either way, do not write.
    if (this.#settled || this.#controller !== undefined) controller.abort(new Dropped());
    else this.#controller = controller;
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = joined(headers);
    const { location, 'content-length': length } = this.#headers;
    if (status >= 300 && status <= 399) this.#give('redirect_refused', `${status} to ${hostOf(location)}`);
    else if (Number(length ?? 0) > this.#limits.maxAnswerBytes) this.#tooLarge();
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#settled) return;
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxAnswerBytes) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = lenientText(this.#chunks);
    this.#finish({
      kind: 'answer',
      endpoint: this.#endpoint,
      status: this.#status,
      headers: this.#headers,
      body,
    });
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (error instanceof AddressRefused) {
      this.#give('host_refused', error.message);
      return;
    }
    const code = codeOf(error);
    const lost = /_(HEADERS|BODY)_TIMEOUT$/.test(code) ? 'timeout' : 'connection_lost';
    this.#give(this.#controller === undefined ? 'connection_failed' : lost, code);
  }

  #tooLarge(): void {
    this.#give('answer_too_large', `${this.#status}, more than ${this.#limits.maxAnswerBytes} bytes`);
  }

  /** Settles without an answer and drops the connection. */
  #give(reason: NoAnswerReason, detail: string): void {
    this.#finish({
      kind: 'no_answer',
      endpoint: this.#endpoint,
      reason,
      sent: this.#controller !== undefined,
      detail,
    });
    this.#controller?.abort(new Dropped());
  }

  #finish(answer: PlatformAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#chunks.length = 0;
    this.#settle(answer);
  }
}

/** Why a connection was cut from this side. */
class Dropped extends Error {}

function joined(headers: Headers): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      result[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return result;
}

/** UTF-8; what is none becomes U+FFFD, a byte order mark goes. */
function lenientText(chunks: readonly Buffer[]): string {
  const text = Buffer.concat(chunks).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The host of a redirect alone: the rest of the address may carry secrets. */
function hostOf(location: string | undefined): string {
  const url = URL.parse(location ?? '');
  return url === null || url.host === '' ? 'an address without host' : url.host;
}

/** The error's code, never its message: messages may quote what was sent. */
function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
