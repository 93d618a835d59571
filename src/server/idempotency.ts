import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context, House } from '../app/context.ts';
import { Problem } from '../app/errors.ts';
import { sha256Hex } from '../app/hash.ts';
import { realNow } from '../app/sandboxClock.ts';
import { MINUTE_MS } from '../core/instant.ts';
import type { IdempotencyRecord } from '../store/records.ts';
import type { IdempotentAttempt } from '../store/store.ts';
import { asProblem, sendProblem } from './errorHandler.ts';
import { PROBLEM_TYPE, problemDocument } from './problem.ts';
import type { Written } from './register.ts';

interface Attempt {
  readonly ctx: Context;
  readonly house: House;
  readonly key: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const KEY = /^[\x21-\x7e]{1,200}$/;
const OWNER = 'idempotency';

/** The request's `Idempotency-Key`; null: it has none. */
export function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new Problem('invalid_request', 'Idempotency-Key has to be 1 to 200 visible ASCII characters.');
}

/**
 * How long a key waits for an answer, in milliseconds: above the longest request, a disconnect that begins three times and
 * waits for the platform each time. Whose process was killed is tried again after that.
 */
export const LONGEST_REQUEST_MS = 10 * MINUTE_MS;

/** What this process is still working on, whatever the clock says: the machine may have slept meanwhile. */
const underWay = new WeakMap<House, Set<string>>();

/**
 * Does the work of one key once: whoever sends the same request again gets the first answer. An answer that blames us
 * (5xx) is not kept, so that the request can be tried again; nor can a process keep one that is killed, so that the work
 * is begun again for whoever comes {@link LONGEST_REQUEST_MS} later: the first may have been done.
 */
export async function once(attempt: Attempt, work: () => Promise<Written>): Promise<FastifyReply> {
  const { ctx, house, key } = attempt;
  const requestHash = hashOf(attempt.request);
  const vault = await house.vault.forWorkspace(ctx.workspaceId);
  const fresh = {
    workspaceId: ctx.workspaceId,
    key,
    // Sealed: a body may hold a password, which its hash alone would let anybody try out.
    requestHash: vault.seal(sealOf(key, 'request'), requestHash),
    status: null,
    body: null,
    // Real time, as the ten minutes and the day are that count from it: a sandbox's clock may leap over both at once, by this very request.
    createdAt: realNow(house),
  };
  const before = await house.store.beginIdempotent(fresh);
  if (before && !(await takesOver(attempt, requestHash, fresh, before))) return replay(attempt, before);
  const mine = underWay.get(house) ?? new Set();
  underWay.set(house, mine.add(nameOf(fresh)));
  try {
    return await answer(attempt, fresh, work);
  } finally {
    mine.delete(nameOf(fresh));
  }
}

const nameOf = ({ workspaceId, key }: IdempotentAttempt): string => `${workspaceId} ${key}`;

async function answer(
  attempt: Attempt,
  begun: IdempotentAttempt,
  work: () => Promise<Written>,
): Promise<FastifyReply> {
  const { house, reply } = attempt;
  try {
    const written = await work();
    await keep(attempt, begun, written);
    return reply.send(written.body);
  } catch (error) {
    const problem = asProblem(error, attempt.request, house);
    const body = JSON.stringify(problemDocument(problem));
    const { status } = problem;
    if (status < 500) await keep(attempt, begun, { status, location: null, body });
    else await forget(attempt, begun);
    return sendProblem(reply, problem);
  }
}

/** Whether the same request was begun so long ago that nobody can be at work on it any more, and is now ours. */
async function takesOver(
  { ctx, house, key }: Attempt,
  requestHash: string,
  fresh: IdempotencyRecord,
  before: IdempotencyRecord,
): Promise<boolean> {
  const vault = await house.vault.forWorkspace(ctx.workspaceId);
  if (vault.open(sealOf(key, 'request'), before.requestHash) !== requestHash) {
    throw new Problem(
      'idempotency_conflict',
      'This Idempotency-Key was used for another request. Take a new one.',
    );
  }
  if (before.status !== null || underWay.get(house)?.has(nameOf(before))) return false;
  if (before.createdAt + LONGEST_REQUEST_MS > fresh.createdAt) return false;
  return house.store.takeOverIdempotent(fresh, before.createdAt);
}

function hashOf({ method, url, body }: FastifyRequest): string {
  return sha256Hex(`${method} ${url}\n${JSON.stringify(body ?? null)}`);
}

async function replay({ ctx, house, key, reply }: Attempt, before: IdempotencyRecord): Promise<FastifyReply> {
  if (before.status === null || before.body === null) {
    throw new Problem(
      'idempotency_conflict',
      'The request with this Idempotency-Key is still under way, or was broken off with its process. Ask again shortly: ten minutes after it began it is done anew, whether or not the first was done.',
    );
  }
  const vault = await house.vault.forWorkspace(ctx.workspaceId);
  const { location, body } = JSON.parse(vault.open(sealOf(key, 'answer'), before.body)) as Written;
  if (location !== null) reply.header('location', location);
  const type = before.status < 400 ? 'application/json; charset=utf-8' : PROBLEM_TYPE;
  return reply.code(before.status).type(type).header('idempotent-replayed', 'true').send(body);
}

/** The answer may hold a link or a key that is shown once, so it is sealed. */
async function keep(
  { ctx, house, key, request }: Attempt,
  begun: IdempotentAttempt,
  written: Written,
): Promise<void> {
  try {
    const vault = await house.vault.forWorkspace(ctx.workspaceId);
    const sealed = vault.seal(sealOf(key, 'answer'), JSON.stringify(written));
    await house.store.finishIdempotent(begun, written.status, sealed);
  } catch (error) {
    house.log.error(
      { request_id: request.id, err: error },
      'The answer to an idempotent request could not be kept',
    );
  }
}

async function forget({ house, request }: Attempt, begun: IdempotentAttempt): Promise<void> {
  try {
    await house.store.dropIdempotent(begun);
  } catch (error) {
    house.log.error({ request_id: request.id, err: error }, 'An idempotency key could not be freed');
  }
}

function sealOf(key: string, what: 'request' | 'answer') {
  return { owner: `${OWNER}_${what}`, field: key, version: 0 };
}
