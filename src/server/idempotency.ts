import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context, House } from '../app/context.ts';
import { Problem } from '../app/errors.ts';
import { sha256Hex } from '../app/hash.ts';
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
 * Does the work of one key once: whoever sends the same request again gets the first answer. An answer that blames us
 * (5xx) is not kept, so that the request can be tried again.
 */
export async function once(attempt: Attempt, work: () => Promise<Written>): Promise<FastifyReply> {
  const { ctx, house, key, reply } = attempt;
  const requestHash = hashOf(attempt.request);
  const vault = await house.vault.forWorkspace(ctx.workspaceId);
  const fresh = {
    workspaceId: ctx.workspaceId,
    key,
    // Sealed: a body may hold a password, which its hash alone would let anybody try out.
    requestHash: vault.seal(sealOf(key, 'request'), requestHash),
    status: null,
    body: null,
    createdAt: house.now(),
  };
  const before = await house.store.beginIdempotent(fresh);
  if (before) return replay(attempt, requestHash, before);
  try {
    const written = await work();
    await keep(attempt, written);
    return reply.send(written.body);
  } catch (error) {
    const problem = asProblem(error, attempt.request, house);
    const body = JSON.stringify(problemDocument(problem));
    if (problem.status < 500) await keep(attempt, { status: problem.status, location: null, body });
    else await forget(attempt);
    return sendProblem(reply, problem);
  }
}

function hashOf({ method, url, body }: FastifyRequest): string {
  return sha256Hex(`${method} ${url}\n${JSON.stringify(body ?? null)}`);
}

async function replay(
  { ctx, house, key, reply }: Attempt,
  requestHash: string,
  before: Kept,
): Promise<FastifyReply> {
  const vault = await house.vault.forWorkspace(ctx.workspaceId);
  if (vault.open(sealOf(key, 'request'), before.requestHash) !== requestHash) {
    throw new Problem(
      'idempotency_conflict',
      'This Idempotency-Key was used for another request. Take a new one.',
    );
  }
  if (before.status === null || before.body === null) {
    throw new Problem(
      'idempotency_conflict',
      'The request with this Idempotency-Key is still under way. Ask again shortly.',
    );
  }
  const { location, body } = JSON.parse(vault.open(sealOf(key, 'answer'), before.body)) as Written;
  if (location !== null) reply.header('location', location);
  const type = before.status < 400 ? 'application/json; charset=utf-8' : PROBLEM_TYPE;
  return reply.code(before.status).type(type).header('idempotent-replayed', 'true').send(body);
}

type Kept = NonNullable<Awaited<ReturnType<House['store']['beginIdempotent']>>>;

/** The answer may hold a link or a key that is shown once, so it is sealed. */
async function keep({ ctx, house, key, request }: Attempt, written: Written): Promise<void> {
  try {
    const vault = await house.vault.forWorkspace(ctx.workspaceId);
    const sealed = vault.seal(sealOf(key, 'answer'), JSON.stringify(written));
    await house.store.finishIdempotent(ctx.workspaceId, key, written.status, sealed);
  } catch (error) {
    house.log.error(
      { request_id: request.id, err: error },
      'The answer to an idempotent request could not be kept',
    );
  }
}

async function forget({ ctx, house, key, request }: Attempt): Promise<void> {
  try {
    await house.store.dropIdempotent(ctx.workspaceId, key);
  } catch (error) {
    house.log.error({ request_id: request.id, err: error }, 'An idempotency key could not be freed');
  }
}

function sealOf(key: string, what: 'request' | 'answer') {
  return { owner: `${OWNER}_${what}`, field: key, version: 0 };
}
