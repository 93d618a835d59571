import { type PlatformAnswer, parseJson } from '../core/answer.ts';
import type { Cadence } from '../core/cadence.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { type Instant, SECOND_MS } from '../core/instant.ts';
import type { Io } from '../platforms/kit/adapter.ts';
import type { GrantRecord } from '../store/records.ts';
import type { House } from './context.ts';

/** What one attempt has sent so far. */
export interface Traffic {
  /** Whether a request to the token endpoint may have been written: only then can a refresh token be spent. */
  mayHaveRenewed: boolean;
}

/** What of a claim's time is left for the write. */
const WRITE_MS = 15 * SECOND_MS;

/** Until when a call may begin that is over, and its outcome written, before the claim is. */
export function lastCallUnder(
  { leaseUntil }: Pick<GrantRecord, 'leaseUntil'>,
  { now, wire }: Pick<House, 'now' | 'wire'>,
): Instant {
  return (leaseUntil ?? now()) - wire.longestCallMs - WRITE_MS;
}

/**
 * The wire of one attempt: remembers what may have been written, and begins no call after `lastCallAt`, so that a chain
 * of slow calls is over before its claim is.
 */
export function watched(io: Io, traffic: Traffic, lastCallAt: Instant): Io {
  return {
    ...io,
    send: async (request) => {
      const { endpoint } = request;
      if (io.now() > lastCallAt) {
        const detail = 'not sent: the calls before it took all the time that the claim has';
        return { kind: 'no_answer', endpoint, reason: 'timeout', sent: false, detail };
      }
      const before = traffic.mayHaveRenewed;
      traffic.mayHaveRenewed ||= endpoint === 'token';
      const answer = await io.send(request);
      if (answer.kind === 'no_answer' && !answer.sent) traffic.mayHaveRenewed = before;
      return answer;
    },
  };
}

/** The diagnosis of a failed renewal, where the answer leaves open whether the platform acted: an unknown outcome. */
export function withDoubt(diagnosis: Diagnosis, answer: PlatformAnswer, cadence: Cadence): Diagnosis {
  if (answer.kind !== 'answer' || diagnosis.meaning !== 'transient') return diagnosis;
  const doubtful = isUnread(answer.status, answer.body) || isOfGateway(answer.status, cadence);
  return doubtful ? { ...diagnosis, meaning: 'unknown_outcome' } : diagnosis;
}

/** A success that cannot be read: cut off, or a page of somebody in between. */
function isUnread(status: number, body: string): boolean {
  return status >= 200 && status <= 299 && parseJson(body) === undefined;
}

/**
 * 502 and 504 are a gateway's words about an origin whose answer it did not get, or could not use (RFC 9110 15.6.3,
 * 15.6.5): the origin may have acted. That matters where a refresh token is spent by being used, or may be; a 503 is the
 * server's own refusal (15.6.4).
 */
function isOfGateway(status: number, cadence: Cadence): boolean {
  return (status === 502 || status === 504) && cadence.singleUseRenewal.value !== false;
}
