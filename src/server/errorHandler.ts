import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { House } from '../app/context.ts';
import { Problem, type ProblemCode } from '../app/errors.ts';
import { PROBLEM_TYPE, problemDocument } from './problem.ts';

/** What the framework refuses before a route is reached, in our words. */
const REFUSALS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'Send the body as application/json, and say so in Content-Type.',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_request', 'The body is not valid JSON.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is larger than what is taken here.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid_request',
    'The body is not as long as Content-Length says it is.',
  ],
  FST_ERR_BAD_URL: ['invalid_request', 'The address is not well formed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing at this address.'],
};

/** Whatever was thrown, as something a caller may read. What is unknown is logged, and its text stays here. */
export function asProblem(error: unknown, request: FastifyRequest, house: House): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode, name } = error as Partial<FastifyError>;
  const refusal = code === undefined ? undefined : REFUSALS[code];
  if (refusal) return new Problem(...refusal);
  if (error instanceof SyntaxError && statusCode === 400)
    return new Problem('invalid_request', 'The body is not valid JSON.');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500 && code?.startsWith('FST_')) {
    return new Problem('invalid_request', 'The request is not well formed.');
  }
  if (name === 'StoreUnavailableError') {
    house.log.error({ request_id: request.id, err: error }, 'The database cannot be reached');
    return new Problem(
      'temporarily_unavailable',
      'The database cannot be reached at the moment. Try again shortly.',
    );
  }
  house.log.error(
    { request_id: request.id, route: routeOf(request), err: error },
    'A request failed by a fault of ours',
  );
  const detail = `This is a fault of this service. Its log says more under ${request.id}.`;
  return new Problem('internal', detail, { request_id: request.id });
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  const { retry_after_seconds: wait } = problem.extensions;
  if (typeof wait === 'number') reply.header('retry-after', String(wait));
  const document = JSON.stringify(problemDocument(problem));
  return reply.code(problem.status).type(PROBLEM_TYPE).header('cache-control', 'no-store').send(document);
}

/** The route's pattern, such as `GET /v1/apps/:id`: the address itself may hold a secret. */
export function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? '(none)'}`;
}
