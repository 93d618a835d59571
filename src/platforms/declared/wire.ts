import { allowInsecureRequests, type CustomFetchOptions, customFetch } from 'oauth4webapi';
import type { Endpoint, PlatformAnswer, ReceivedAnswer } from '../../core/answer.ts';
import type { Io } from '../kit/adapter.ts';
import { refusal } from './refusal.ts';

type Fetch = (
  url: string,
  options: CustomFetchOptions<'GET' | 'POST', URLSearchParams | undefined>,
) => Promise<Response>;

/** What oauth4webapi is given in place of its own network. */
export interface WireOptions {
  readonly [customFetch]: Fetch;
  readonly [allowInsecureRequests]: true;
}

/** oauth4webapi's requests carried by `io.send`; the last answer is kept as the house knows it. */
export interface Wire {
  readonly options: WireOptions;
  readonly answer: () => PlatformAnswer | undefined;
}

/** Plain http is not refused here: addresses were checked when they were declared or discovered (`address.ts`). */
export function wire(io: Io, endpoint: Endpoint): Wire {
  let answer: PlatformAnswer | undefined;
  const send: Fetch = async (url, { method, headers, body }) => {
    const { 'user-agent': _libraryName, ...ours } = headers;
    answer = await io.send({
      endpoint,
      method,
      url,
      headers: ours,
      ...(body === undefined ? {} : { body: body.toString() }),
    });
    if (answer.kind === 'no_answer') throw new Error(`No answer: ${answer.reason}`);
    return toResponse(answer);
  };
  return { options: { [customFetch]: send, [allowInsecureRequests]: true }, answer: () => answer };
}

/** Sends one request that oauth4webapi builds. What it throws is an answer again: the silence it met, or our refusal. */
export async function ask(
  io: Io,
  endpoint: Endpoint,
  build: (options: WireOptions) => Promise<Response>,
): Promise<PlatformAnswer> {
  const { options, answer } = wire(io, endpoint);
  try {
    await build(options);
  } catch (error) {
    return answer() ?? notBuilt(endpoint, error);
  }
  return answer() ?? notBuilt(endpoint, undefined);
}

/** The app's client key cannot be used. The message never holds a part of the key. */
export class UnreadableClientKey extends Error {}

function notBuilt(endpoint: Endpoint, error: unknown): ReceivedAnswer {
  if (error instanceof UnreadableClientKey) return refusal(endpoint, 'client_key_unreadable', error.message);
  return refusal(
    endpoint,
    'request_not_built',
    'The request could not be built: the client id or secret is missing.',
  );
}

/** An answer as the Response that oauth4webapi reads, with the one header it needs. Codes that a Response cannot have become the nearest it can. */
export function toResponse(answer: ReceivedAnswer): Response {
  const status = answer.status >= 200 && answer.status <= 599 ? answer.status : 599;
  const type = answer.headers['content-type'];
  const bodiless = [204, 205, 304].includes(status);
  return new Response(bodiless ? null : answer.body, {
    status,
    headers: type === undefined ? {} : { 'content-type': type },
  });
}
