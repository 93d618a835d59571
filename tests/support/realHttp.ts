import { randomBytes } from 'node:crypto';
import type { NoAnswerReason, PlatformAnswer } from '../../src/core/answer.ts';
import type { Io } from '../../src/platforms/kit/adapter.ts';
import type { PlatformRequest } from '../../src/platforms/kit/request.ts';

const TIMEOUT_MS = 10_000;

/** An edge on the real network: no redirects, a time limit, no throwing. */
export function realIo(): Io & { readonly sent: PlatformRequest[] } {
  const sent: PlatformRequest[] = [];
  const send = (request: PlatformRequest) => {
    sent.push(request);
    return sendOverHttp(request);
  };
  return { sent, send, now: () => Date.now(), randomBytes: (count) => randomBytes(count) };
}

async function sendOverHttp({
  endpoint,
  method,
  url,
  headers,
  body,
}: PlatformRequest): Promise<PlatformAnswer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method, headers, body: body ?? null, redirect: 'manual', signal });
    const received: Record<string, string> = {};
    response.headers.forEach((value, name) => {
      received[name] = value;
    });
    return {
      kind: 'answer',
      endpoint,
      status: response.status,
      headers: received,
      body: await response.text(),
    };
  } catch (error) {
    const reason = reasonOf(error);
    return { kind: 'no_answer', endpoint, reason, sent: reason !== 'connection_failed' };
  }
}

function reasonOf(error: unknown): NoAnswerReason {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  const code = (error as { cause?: { code?: string } }).cause?.code;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' ? 'connection_failed' : 'connection_lost';
}
